"""Nobody in the house exists, and nothing in it reaches anybody."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address, ip_network
from pathlib import Path

from tests.demo.contract import House

DOMAIN = re.compile(r"[a-z]+\.\d+@((mail|post|web)\.)?example\.(org|com|net)")
ANY_EMAIL = re.compile(r"[^\s,|;\"]+@[^\s,|;\"]+")
ANY_IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
ANY_IPV6 = re.compile(r"\b[0-9a-f]{1,4}:[0-9a-f:]*::[0-9a-f]*\b")
DOCUMENTATION = [
    ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
FICTION = re.compile(
    r"\+49 30 23125 \d{3}|\+49 69 90009 \d{3}|\+49 40 66969 \d{3}|\+49 221 4710 \d{3}|"
    r"\+49 89 99998 \d{3}|\+33 1 99 00 \d\d \d\d|\+33 6 39 98 \d\d \d\d|\+44 20 7946 0\d{3}|"
    r"\+44 7700 900\d{3}|\+1 (202|212|604) 555 01\d\d"
)
ALPHABETS = {
    "LATIN",
    "GREEK",
    "CYRILLIC",
    "ARABIC",
    "HEBREW",
    "CJK",
    "HANGUL",
    "THAI",
    "GEORGIAN",
    "ARMENIAN",
}


def everything(folder: Path) -> str:
    """All the text of the folder."""
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.csv")))


def test_mail_goes_to_reserved_domains_only(folder: Path, house: House) -> None:
    emails = [row["email"] for row in house.tables["contacts"] if row["email"]]
    typed = [row["beneficiary_email"] for row in house.tables["order_lines"]]
    assert len(emails) > 1_000
    assert any(typed)
    found = set(ANY_EMAIL.findall(everything(folder)))
    assert found >= {*emails}
    assert [email for email in found if not DOMAIN.fullmatch(email)] == []


def test_internet_addresses_are_documentation_only(folder: Path, house: House) -> None:
    known = {row["ip_address"] for row in house.tables["orders"]} - {""}
    assert len(known) > 500
    assert any(":" in address for address in known)
    text = everything(folder)
    found = known | set(ANY_IPV4.findall(text)) | set(ANY_IPV6.findall(text))
    outside = [
        address
        for address in found
        if not any(ip_address(address) in block for block in DOCUMENTATION)
    ]
    assert outside == []


def test_telephone_numbers_are_fiction(house: House) -> None:
    numbers = [row[column] for row in house.tables["contacts"] for column in ("phone", "mobile")]
    given = [number for number in numbers if number]
    assert len(given) > 500
    assert [number for number in given if not FICTION.fullmatch(number)] == []


def test_names_come_from_many_alphabets(house: House) -> None:
    letters = {
        letter
        for row in house.tables["contacts"]
        for letter in row["first_name"] + row["last_name"]
        if letter.isalpha()
    }
    assert {unicodedata.name(letter).split()[0] for letter in letters} >= ALPHABETS
    assert letters >= set("äößéłşřőÁ")
    assert all(unicodedata.is_normalized("NFC", letter) for letter in letters)


def test_towns_fit_their_countries(house: House) -> None:
    towns: dict[str, set[str]] = {}
    for row in house.tables["contacts"]:
        assert bool(row["town"]) == bool(row["postcode"]) == bool(row["country"])
        towns.setdefault(row["country"], set()).add(f"{row['postcode']} {row['town']}")
    assert "78462 Konstanz" in towns["DE"]
    assert "8280 Kreuzlingen" in towns["CH"]
    assert len(towns) > 15
    codes = sorted(code for code in towns if code)
    for code in codes:
        shared = [other for other in codes if other != code and towns[other] & towns[code]]
        assert shared == []


def test_contact_and_order_numbers_tell_nothing(house: House) -> None:
    numbers = [row["contact_number"] for row in house.tables["contacts"]]
    assert all(re.fullmatch(r"\d{8}", number) for number in numbers)
    assert numbers != sorted(numbers)
    orders = house.tables["orders"]
    assert all(re.fullmatch(r"[A-Z]{2}-[A-Z2-9]{6}", row["order_number"]) for row in orders)


def test_free_text_has_commas_quotes_and_lines(house: House) -> None:
    texts = [row["remark"] for row in house.tables["contacts"] + house.tables["orders"]]
    texts += [row["text"] for row in house.tables["notes"]]
    for sign in (",", '"', "\n"):
        assert any(sign in text for text in texts)
