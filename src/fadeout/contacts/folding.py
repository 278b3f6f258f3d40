"""What contacts are searched by, as SQL: defined here once, for the indexes and for the queries on them.

What could go wrong: index and query disagree by a word, and a search reads a million rows. So both take
their expressions from here. A text cannot be too long for an index: it is folded and cut by
``contacts_fold`` (``sql/create_fold.sql``), and what looks alike after 200 characters is told apart by id.
"""

from __future__ import annotations

from fadeout.core import phones

#: Only these are ever looked at; the indexes hold no others, so that nobody anonymised is in one.
ON_FILE = "anonymised_on IS NULL"


def folded(expression: str) -> str:
    """An expression of SQL, folded; compared byte by byte."""
    return f'contacts_fold({expression}) COLLATE "C"'


LAST_NAME = folded("coalesce(last_name, '')")
FIRST_NAME = folded("coalesce(first_name, '')")
NUMBER = folded("contact_number")
EMAIL = folded("email")
#: Between words: all ASCII that is neither letter nor digit, and what people write for it.
BETWEEN_WORDS = (
    "".join(character for code in range(32, 127) if not (character := chr(code)).isalnum())
    + "’‘ʼ–—‐‑·"
)
#: As a literal that can stand in a statement with parameters, too.
_ESCAPED = BETWEEN_WORDS.replace("\\", r"\\").replace("'", "''").replace("%", r"\0025")
_BETWEEN = f"U&'{_ESCAPED}'"
_BLANKS = f"repeat(' ', {len(BETWEEN_WORDS)})"


def words(expression: str) -> str:
    """The words of a folded expression, as an array."""
    spaced = f"translate({expression}, {_BETWEEN}, {_BLANKS})"
    return f"array_remove(string_to_array({spaced}, ' '), '')"


#: The words of both names.
NAMES = "contacts_fold(coalesce(last_name, '') || ' ' || coalesce(first_name, ''))"
NAME_WORDS = f"array_to_tsvector({words(NAMES)})"


def phone_key(column: str) -> str:
    """The last digits of a phone number, in which its national and its international writing agree."""
    digits = f"regexp_replace(replace({column}, '{phones.TRUNK}', ''), '[^0-9]', '', 'g')"
    return f"right({digits}, {phones.SAME_AT_THE_END})"


PHONES = {column: phone_key(column) for column in ("phone", "mobile")}

#: Name -> what the index of contacts on file stands on.
INDEXES = {
    "contact_by_name": f"({LAST_NAME}, {FIRST_NAME}, id)",
    "contact_by_words": f"USING gin (({NAME_WORDS}) tsvector_ops) WITH (fastupdate = off)",
    "contact_by_number": f"({NUMBER}, id)",
    "contact_by_email": f"({EMAIL}, id)",
    "contact_by_phone": f"(({PHONES['phone']}))",
    "contact_by_mobile": f"(({PHONES['mobile']}))",
    "contact_by_country": "(country)",
    "contact_by_language": "(language)",
    "contact_by_kind": f"(kind, {LAST_NAME}, {FIRST_NAME}, id)",
}
#: Where a column is empty, or says what nearly all say, there is nothing to find by it.
ONLY_IF = {
    "contact_by_email": "email IS NOT NULL",
    "contact_by_phone": "phone IS NOT NULL",
    "contact_by_mobile": "mobile IS NOT NULL",
    "contact_by_country": "country IS NOT NULL",
    "contact_by_language": "language IS NOT NULL",
    "contact_by_kind": "kind <> 'individual'",
}


def index_statements() -> list[str]:
    """Makes all of them."""
    return [
        f"CREATE INDEX {name} ON contacts_contact {stands_on} WHERE "
        + " AND ".join(filter(None, (ON_FILE, ONLY_IF.get(name))))
        for name, stands_on in INDEXES.items()
    ]
