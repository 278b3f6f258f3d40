"""Where contacts live: towns and postcodes that fit, streets, and numbers that reach nobody.

Telephone numbers come from the ranges that the regulators keep free for film and fiction (Berlin,
Frankfurt, Hamburg, Cologne, Munich; France; the United Kingdom; 555-01xx in North America).
"""

from __future__ import annotations

from dataclasses import dataclass

from fadeout.demo.dice import loaded

FICTION_ABROAD = ("+1 202 555 01##", "+1 212 555 01##", "+1 604 555 01##")
GERMAN_LINES = (
    "+49 30 23125 ###",
    "+49 69 90009 ###",
    "+49 40 66969 ###",
    "+49 221 4710 ###",
    "+49 89 99998 ###",
)
FRENCH_LINES = ("+33 1 99 00 ## ##",)
FRENCH_MOBILES = ("+33 6 39 98 ## ##",)
BRITISH_LINES = ("+44 20 7946 0###",)
BRITISH_MOBILES = ("+44 7700 900###",)

HOME = {"german": 80, "turkish": 4, "polish": 3, "italian": 2, "ukrainian": 3, "arabic": 2}
ABROAD = {"vietnamese": 1, "greek": 1, "spanish": 1, "czech": 1, "hungarian": 1, "persian": 1}
GERMAN_STREETS = (
    "Lindenweg|Seestraße|Am Rebhang|Kirchgasse|Gartenstraße|Mühlenweg|Bahnhofstraße|Hafenstraße|"
    "Schulweg|Obere Gasse|Birkenallee|Zum Steg|Ährenweg|Brunnenplatz|Fischergasse|Schilfweg"
)


@dataclass(frozen=True)
class Country:
    """A country: how its people are called, where they live, what they speak."""

    code: str
    languages: tuple[str, ...]
    cultures: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    street_first: bool
    lines: tuple[str, ...]
    mobiles: tuple[str, ...]


def country(  # noqa: PLR0913 - the columns of the table below
    code: str,
    languages: str,
    cultures: dict[str, int],
    towns: str,
    streets: str,
    *,
    street_first: bool = True,
    lines: tuple[str, ...] = (),
    mobiles: tuple[str, ...] = FICTION_ABROAD,
) -> Country:
    """A country from its lists; a postcode stands before the first double space of a town."""
    return Country(
        code,
        tuple(languages.split()),
        loaded(cultures),
        tuple((town.split("  ")[0], town.split("  ")[1]) for town in towns.split("|")),
        tuple(streets.split("|")),
        street_first,
        lines,
        mobiles,
    )


COUNTRIES = loaded(
    {
        country(
            "DE",
            "de de de de de de de de-DE en tr uk",
            HOME | ABROAD | {"chinese": 1, "hebrew": 1, "nordic": 1},
            "78462  Konstanz|78464  Konstanz|78465  Konstanz|78224  Singen|88045  Friedrichshafen|"
            "88131  Lindau|88212  Ravensburg|88662  Überlingen|78315  Radolfzell|78333  Stockach|"
            "88250  Weingarten|78050  Villingen-Schwenningen|79098  Freiburg|70173  Stuttgart|"
            "89073  Ulm|80331  München|10115  Berlin|20095  Hamburg|50667  Köln|01067  Dresden",
            GERMAN_STREETS,
            lines=GERMAN_LINES,
        ): 110,
        country(
            "CH",
            "de-CH de-CH de-CH de-CH fr-CH it-CH en",
            HOME | ABROAD | {"french": 8, "italian": 6, "portuguese": 3, "albanian": 3},
            "8280  Kreuzlingen|9000  St. Gallen|8500  Frauenfeld|9320  Arbon|8590  Romanshorn|"
            "8200  Schaffhausen|8400  Winterthur|8001  Zürich|8260  Stein am Rhein|3011  Bern|"
            "4051  Basel|1003  Lausanne|6900  Lugano|9400  Rorschach",
            "Seestrasse|Hauptstrasse|Im Rank|Rebbergweg|Dorfplatz|Bahnhofstrasse|Haldenweg|"
            "Rue du Port|Via dei Tigli|Unterdorf|Wiesenweg",
        ): 46,
        country(
            "AT",
            "de-AT de-AT de-AT de-AT de en",
            HOME | ABROAD | {"hungarian": 3, "croatian": 3},
            "6900  Bregenz|6850  Dornbirn|6800  Feldkirch|6700  Bludenz|6890  Lustenau|"
            "6971  Hard|6911  Lochau|6020  Innsbruck|5020  Salzburg|1010  Wien",
            GERMAN_STREETS,
        ): 26,
        country(
            "FR",
            "fr fr fr fr-FR en",
            {"french": 84, "arabic": 6, "portuguese": 4, "vietnamese": 3, "armenian": 3},
            "67000  Strasbourg|68000  Colmar|68100  Mulhouse|75011  Paris|69003  Lyon|25000  Besançon",
            "Rue des Tilleuls|Quai du Moulin|Allée des Érables|Impasse de l'Étang|Place du Marché",
            street_first=False,
            lines=FRENCH_LINES,
            mobiles=FRENCH_MOBILES,
        ): 8,
        country(
            "IT",
            "it it it de",
            {"italian": 92, "albanian": 4, "arabic": 4},
            "20121  Milano|39100  Bolzano|38122  Trento|10121  Torino|37121  Verona",
            "Via dei Mulini|Piazza del Lago|Via Sant'Anna|Corso dei Platani",
        ): 4,
        country(
            "LI",
            "de de-LI",
            HOME,
            "9490  Vaduz|9494  Schaan|9495  Triesen",
            "Landstrasse|Im Bretscha|Feldkircher Strasse",
        ): 1,
        country(
            "GB",
            "en-GB en-GB en",
            {"english": 85, "hindi": 6, "polish": 5, "greek": 4},
            "EH1 1BE  Edinburgh|M1 1AE  Manchester|SW1A 2AA  London|BS1 4DJ  Bristol|CF10 1EP  Cardiff",
            "Mill Lane|Orchard Road|The Green|St. Anne's Terrace|Harbour View",
            street_first=False,
            lines=BRITISH_LINES,
            mobiles=BRITISH_MOBILES,
        ): 4,
        country(
            "US",
            "en en-US es-US",
            {"english": 70, "spanish": 18, "chinese": 5, "korean": 4, "hebrew": 3},
            "60601  Chicago|02108  Boston|97205  Portland|87501  Santa Fe",
            "Maple Avenue|Lakeview Drive|2nd Street|Orchard Court",
            street_first=False,
            lines=FICTION_ABROAD,
        ): 1,
        country(
            "NL",
            "nl nl en",
            {"dutch": 95, "turkish": 5},
            "1012 AB  Amsterdam|3511 LN  Utrecht|9711 LM  Groningen",
            "Molenweg|Kerkstraat|Lindelaan",
        ): 1,
        country(
            "PL",
            "pl pl en",
            {"polish": 95, "ukrainian": 5},
            "00-001  Warszawa|31-001  Kraków|50-001  Wrocław|80-001  Gdańsk",
            "ul. Lipowa|ul. Młyńska|ul. Żurawia",
        ): 1,
        country(
            "GR",
            "el el en",
            {"greek": 1},
            "105 57  Αθήνα|546 24  Θεσσαλονίκη|262 21  Πάτρα",
            "Οδός Ελαιών|Οδός Λιμανιού|Οδός Αμυγδάλων",
        ): 1,
        country("UA", "uk uk en", {"ukrainian": 1}, "01001  Київ|79000  Львів", "вул. Липова"): 1,
        country(
            "IL", "he he en", {"hebrew": 8, "arabic": 2}, "61000  תל אביב|31000  חיפה", "רחוב הזית"
        ): 1,
        country(
            "EG", "ar ar fr", {"arabic": 1}, "11511  القاهرة|21500  الإسكندرية", "شارع النخيل"
        ): 1,
        country("GE", "ka ka en", {"georgian": 1}, "0105  თბილისი|6000  ბათუმი", "ცაცხვის ქუჩა"): 1,
        country("AM", "hy hy fr", {"armenian": 1}, "0010  Երևան|3101  Գյումրի", "Ծիրանի փողոց"): 1,
        country(
            "CN", "zh-Hans zh-Hans en", {"chinese": 1}, "200001  上海市|100010  北京市", "柳树路"
        ): 1,
        country(
            "JP", "ja ja en", {"japanese": 1}, "150-0001  東京都|600-8001  京都市", "桜通り"
        ): 1,
        country(
            "KR", "ko ko en", {"korean": 1}, "04524  서울특별시|48058  부산광역시", "은행나무길"
        ): 1,
        country("TH", "th th en", {"thai": 1}, "10200  กรุงเทพมหานคร|50200  เชียงใหม่", "ถนนริมน้ำ"): 1,
    }
)
