"""People and structures: who they are, where they live, and their row in the contacts file."""

from __future__ import annotations

from dataclasses import dataclass, field

from fadeout.demo.dice import Dice
from fadeout.demo.files import Files, quoted
from fadeout.demo.names import CULTURES, Culture
from fadeout.demo.places import COUNTRIES, Country
from fadeout.demo.times import DAY, Times

NUMBERS = 90_000_000
STRIDE = 48_271_133
"""Has no divisor in common with NUMBERS: every contact number comes once, in no visible order."""

DOMAINS = (
    "example.org",
    "example.com",
    "example.net",
    "mail.example.org",
    "post.example.com",
    "web.example.net",
)
TITLES = {
    "de": ("Frau", "Herr"),
    "fr": ("Mme", "M."),
    "it": ("Sig.ra", "Sig."),
    "en": ("Ms", "Mr"),
    "nl": ("Mevr.", "Dhr."),
    "pl": ("Pani", "Pan"),
}
SECOND_LINES = tuple(
    quoted(text)
    for text in (
        "Hinterhaus",
        "2. Stock, links",
        "c/o Hausverwaltung am See",
        "Apartment 12",
        'Haus "Seeblick", Eingang B',
    )
)
REMARKS = tuple(
    quoted(text)
    for text in (
        "Wheelchair, needs a seat at the end of the row",
        "Prefers to be called in the afternoon",
        'Asked for seats "as far from the brass as possible"',
        "Hard of hearing: induction loop, row 3",
        "Former subscriber, moved away\nStill wants the Christmas letter",
        "Pays by bank transfer",
        "Allergic to nuts, says so before every reception",
        "Friend of the house since the old building",
    )
)
SCHOOLS = ("Seeufer", "Rebhang", "Lindenhof", "Altstadt", "Weiherwiesen", "Moosbach", "Sonnenhalde")
SCHOOL_TYPES = ("Gymnasium", "Realschule", "Grundschule", "Sekundarschule", "Berufskolleg")
COMPANY_NAMES = ("Ahornwerk", "Bodan Optik", "Felswand", "Hafenmühle", "Quittenhof", "Uferglas")
COMPANY_FORMS = ("GmbH", "AG", "& Söhne, KG", "Genossenschaft", "e. V.")
AROUND_THE_LAKE = tuple(country for country in COUNTRIES if country.code in ("DE", "CH", "AT"))
CLASSROOM = tuple(CULTURES[name] for name in AROUND_THE_LAKE[0].cultures)
ADULT, RETIRED, PUPIL = (19, 62), (60, 93), (4, 17)


@dataclass(slots=True)
class Person:
    """A contact while the house is being invented; texts are ready for a CSV field."""

    number: str
    kind: str
    first_name: str
    last_name: str
    latin: str
    born: str
    country: Country
    language: str
    address: str
    email: str
    culture: Culture | None = None
    title: str = ""
    structure: str = ""
    created_by: str = ""
    roles: str = ""
    login: bool = False
    is_child: bool = False
    first_seen: int = 0
    last_seen: int = 0
    own_ticket: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.own_ticket = f"{self.number},,,,,"

    def seen(self, minute: int) -> None:
        """Something happened: nobody is on file later than that."""
        if not self.first_seen or minute < self.first_seen:
            self.first_seen = minute
        self.last_seen = max(self.last_seen, minute)


class People:
    """Invents contacts and writes them."""

    def __init__(self, dice: Dice, times: Times, files: Files) -> None:
        self.dice = dice
        self.times = times
        self.contacts = files.contacts
        self.count = 0

    def person(self, ages: tuple[int, int] = ADULT) -> Person:
        """Somebody of any country, not yet written."""
        dice = self.dice
        country = dice.pick(COUNTRIES)
        culture = CULTURES[dice.pick(country.cultures)]
        first_name, title = self._given(culture, country)
        last_name, latin = dice.pick(culture.surnames)
        number = self._number()
        return Person(
            number,
            "individual",
            first_name,
            last_name,
            latin,
            self._birthday(ages),
            country,
            dice.pick(country.languages) if dice.chance(0.9) else culture.language,
            self._address(country),
            self._email(latin),
            culture=culture,
            title=title,
            login=dice.chance(0.4),
        )

    def relative(self, of: Person, ages: tuple[int, int]) -> Person:
        """Somebody of the same family, created by it, with its name and address."""
        one = self.person(ages)
        one.last_name, one.latin, one.country = of.last_name, of.latin, of.country
        one.address, one.language = of.address, of.language
        if of.culture:
            one.first_name, one.title = self._given(of.culture, of.country)
        one.created_by = of.number
        one.login = False
        if ages == PUPIL:
            one.is_child, one.title, one.email = True, "", ""
        elif self.dice.chance(0.3):
            one.email = of.email
        else:
            one.email = self._email(one.latin)
        return one

    def school(self) -> Person:
        """A structure that sends classes."""
        kind, name = self.dice.pick(SCHOOL_TYPES), self.dice.pick(SCHOOLS)
        return self._structure(f"{kind} {name} {self.dice.between(1, 40)}", "schule")

    def company(self) -> Person:
        """A structure that invites its customers."""
        name, form = self.dice.pick(COMPANY_NAMES), self.dice.pick(COMPANY_FORMS)
        return self._structure(f"{name} {self.dice.between(2, 99)} {form}", "office")

    def relay(self, structure: Person) -> Person:
        """Somebody who acts for the structure, at its address."""
        one = self.person((26, 64))
        one.kind, one.structure = "relay", structure.number
        one.country, one.address = structure.country, structure.address
        return one

    def typed(self, country: str = "") -> str:
        """A beneficiary who is only typed on a ticket, as the columns of a line."""
        dice = self.dice
        culture = CULTURES[dice.pick(dice.pick(COUNTRIES).cultures)]
        first_name = dice.pick(culture.women if dice.chance(0.5) else culture.men)
        last_name, latin = dice.pick(culture.surnames)
        luck = dice.random()
        email = f"{latin}.{int(luck * 9_000_000)}@{dice.pick(DOMAINS)}" if luck < 0.3 else ""
        born = self._birthday((3, 80)) if luck > 0.8 else ""
        return f",{first_name},{last_name},{email},{born},{country}"

    def pupil(self) -> str:
        """A child of a class, typed by the teacher: first and last name, as columns of a line."""
        culture = self.dice.pick(CLASSROOM)
        first_name = self.dice.pick(culture.women if self.dice.chance(0.5) else culture.men)
        return f",{first_name},{self.dice.pick(culture.surnames)[0]},,,"

    def write(self, one: Person) -> None:
        """The contact's row, once it is known since when the house knows it."""
        dice, times = self.dice, self.times
        created = min(one.first_seen or times.now, times.now)
        luck = dice.random()
        calls = 1 if one.is_child else luck
        phone = self._number_like(one.country.lines) if calls < 0.6 else ""
        mobile = self._number_like(one.country.mobiles) if 0.4 < calls < 0.75 else ""
        login = one.email if one.login else ""
        validated = times.stamp(min(created + int(luck * 3 * DAY), times.now)) if login else ""
        remark = dice.pick(REMARKS) if luck > 0.965 else ""
        self.contacts.append(
            f"{one.number},{one.kind},{one.structure},{one.title},{one.first_name},"
            f"{one.last_name},{one.born},{one.language},{one.email},{phone},{mobile},"
            f"{one.address},{login},{validated},{remark},{one.roles},"
            f"{times.stamp(created)},{one.created_by}\n"
        )

    def _number(self) -> str:
        self.count += 1
        return str(NUMBERS // 9 + self.count * STRIDE % NUMBERS)

    def _given(self, culture: Culture, country: Country) -> tuple[str, str]:
        woman = self.dice.chance(0.57)
        name = self.dice.pick(culture.women if woman else culture.men)
        luck = self.dice.random()
        if luck < 0.35:
            return name, ""
        if luck < 0.38:
            return name, "Dr."
        woman_or_man = TITLES.get(country.languages[0][:2])
        return name, woman_or_man[not woman] if woman_or_man else ""

    def _birthday(self, ages: tuple[int, int]) -> str:
        if self.dice.chance(0.35):
            return ""
        year = self.times.today.year - self.dice.between(*ages)
        return f"{year:04}-{self.dice.between(1, 12):02}-{self.dice.between(1, 28):02}"

    def _address(self, country: Country) -> str:
        """Street, second line, postcode, town and country; some gave only their country."""
        dice = self.dice
        luck = dice.random()
        if luck < 0.08:
            return ",,,,"
        postcode, town = dice.pick(country.towns)
        if luck < 0.14:
            return f",,{postcode},{town},{country.code}"
        street, house = dice.pick(country.streets), dice.between(1, 140)
        line = f"{street} {house}" if country.street_first else f"{house} {street}"
        second = dice.pick(SECOND_LINES) if luck > 0.95 else ""
        return f"{line},{second},{postcode},{town},{country.code}"

    def _email(self, latin: str) -> str:
        if self.dice.chance(0.06):
            return ""
        return f"{latin}.{self.count}@{self.dice.pick(DOMAINS)}"

    def _number_like(self, patterns: tuple[str, ...]) -> str:
        """A telephone number: every # of the pattern becomes a digit."""
        if not patterns:
            return ""
        digits = iter(f"{int(self.dice.random() * 10_000):04}")
        return "".join(next(digits) if sign == "#" else sign for sign in self.dice.pick(patterns))

    def _structure(self, name: str, mailbox: str) -> Person:
        country = self.dice.pick(AROUND_THE_LAKE)
        return Person(
            self._number(),
            "structure",
            "",
            quoted(name),
            mailbox,
            "",
            country,
            country.languages[0],
            self._address(country),
            self._email(mailbox),
        )
