"""The four organisations and what they put on, season after season. The works are long free."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Organisation:
    """A selling unit; its order numbers begin with the prefix."""

    code: str
    name: str
    currency: str
    prefix: str


@dataclass(frozen=True)
class Bill:
    """What an organisation puts on in a season, and when."""

    organisation: Organisation
    works: tuple[str, ...]
    tariffs: dict[str, tuple[int, ...]]
    productions: int
    performances: int
    opens: tuple[int, int]
    premiere_every: int
    days_between: int
    clocks: tuple[str, ...]
    minutes: int


def titles(works: str) -> tuple[str, ...]:
    """The works of an organisation, in the order in which they take turns."""
    return tuple(works.split("|"))


OPERA = Organisation("opera", "Lakeside Opera", "EUR", "OP")
PLAYHOUSE = Organisation("playhouse", "Playhouse on the Quay", "EUR", "PH")
MUSEUM = Organisation("museum", "Museum and Shop", "EUR", "MU")
FESTIVAL = Organisation("festival", "Festival of the Far Shore", "CHF", "FE")
ORGANISATIONS = (OPERA, PLAYHOUSE, MUSEUM, FESTIVAL)

BILLS = (
    Bill(
        OPERA,
        titles(
            "La traviata|Die Zauberflöte|Carmen|Jenůfa|Fidelio|L'elisir d'amore|Rusalka|Tosca|"
            "Hänsel und Gretel|Eugene Onegin|Alcina|Der Freischütz|Falstaff|Così fan tutte|"
            "Les contes d'Hoffmann|La bohème|Orfeo ed Euridice"
        ),
        {
            "full": (8900, 6400, 3900),
            "reduced": (4400, 2900),
            "child": (1500,),
            "school": (900,),
            "subscriber": (0,),
            "voucher": (0,),
            "invitation": (0,),
        },
        productions=7,
        performances=7,
        opens=(9, 14),
        premiere_every=38,
        days_between=6,
        clocks=("19:30", "19:30", "18:00", "15:00"),
        minutes=165,
    ),
    Bill(
        PLAYHOUSE,
        titles(
            "Hamlet|Woyzeck|Antigone|Tartuffe|The Cherry Orchard|Nathan der Weise|Peer Gynt|Medea|"
            "Der zerbrochne Krug|Much Ado About Nothing|A Doll's House|Cyrano de Bergerac|Faust|"
            "Three Sisters|The Government Inspector|Frühlings Erwachen|Lysistrata"
        ),
        {
            "full": (4200, 2900, 1900),
            "reduced": (2100, 1400),
            "child": (1000,),
            "school": (700,),
            "subscriber": (0,),
            "voucher": (0,),
            "invitation": (0,),
        },
        productions=8,
        performances=8,
        opens=(9, 6),
        premiere_every=35,
        days_between=5,
        clocks=("20:00", "20:00", "19:00", "21:45"),
        minutes=140,
    ),
    Bill(
        FESTIVAL,
        titles(
            "Lake Concert|Brass on the Pier|Silent Film with Organ|Dance under the Plane Trees|"
            "Night of the Lamps|Choirs at Dusk|Requiem by Torchlight"
        ),
        {
            "full": (7500, 5500),
            "reduced": (3800,),
            "child": (1200,),
            "voucher": (0,),
            "invitation": (0,),
        },
        productions=6,
        performances=4,
        opens=(6, 12),
        premiere_every=6,
        days_between=3,
        clocks=("21:30", "20:30", "22:00"),
        minutes=160,
    ),
    Bill(
        MUSEUM,
        titles(
            "Fishermen and Ferries|Glass of the Lake|The Lost Village|Maps and Monsters|"
            "Winter Quarters|Clockmakers"
        ),
        {"full": (1200,), "reduced": (800,), "child": (400,), "school": (300,), "voucher": (0,)},
        productions=4,
        performances=10,
        opens=(9, 10),
        premiere_every=80,
        days_between=8,
        clocks=("14:00", "11:00"),
        minutes=75,
    ),
)
OPEN_REHEARSALS = Bill(
    OPERA,
    titles("Open rehearsal"),
    {"free": (0,)},
    productions=1,
    performances=16,
    opens=(9, 4),
    premiere_every=1,
    days_between=19,
    clocks=("10:00",),
    minutes=90,
)
FREE_SUNDAYS = Bill(
    MUSEUM,
    titles("Free Sunday"),
    {"free": (0,)},
    productions=1,
    performances=51,
    opens=(9, 3),
    premiere_every=1,
    days_between=7,
    clocks=("10:00",),
    minutes=480,
)
PASSES = {OPERA: 29_000, PLAYHOUSE: 16_000, FESTIVAL: 21_000}
ARTICLES = {
    OPERA: {"Gift card": 5000, "Voucher": 3000, "Programme book": 600, "Open ticket": 4500},
    PLAYHOUSE: {"Gift card": 2500, "Voucher": 2000, "Programme book": 400, "Open ticket": 2500},
    MUSEUM: {
        "Catalogue": 3400,
        "Postcards, set of ten": 900,
        'Poster "The Lake"': 1500,
        "Mug": 1290,
    },
    FESTIVAL: {"Gift card": 6000, "Cushion": 1850, "Open ticket": 5000},
}
