"""``make bench-mails``: how many mails a second a campaign sends, against the bare library.

A campaign to an invented audience goes to a mail server of this machine (aiosmtpd, in a process of its
own, which takes everything and keeps nothing): claim, authorisation read again, mail put together, sent,
recorded; each mail is on disk before the next. Beside it, within the same run, as many of the very same mails
are sent by ``smtplib`` over one connection, put together beforehand.

``FADEOUT_BENCH_MAILS`` changes the number (3,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps the table as
``docs/benchmarks-mails.md``. Nothing but this machine is ever written to.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"

import django

django.setup()

from aiosmtpd.controller import Controller
from django.conf import settings
from tests.campaigns import house

from fadeout.campaigns import compose, sending, totals
from fadeout.campaigns.compose import Ways
from fadeout.campaigns.models import Campaign, CampaignType
from fadeout.campaigns.sending import Means
from fadeout.contacts.models import Authorisation, Contact
from fadeout.core import clock, database, paths, sql, tables
from fadeout.institution import operations as institution
from fadeout.institution import queries

REPORT = Path("docs/benchmarks-mails.md")
ROUNDS = 3
AIM = 300
ABOUT = """# Benchmarks of mails

Made by `make bench-mails` (`FADEOUT_BENCH_WRITE=1` writes this page): campaigns of {mails:,} mails each to
a mail server of the same machine (aiosmtpd, in a process of its own), in two lanes. Each mail is
claimed and committed, its contact's authorisation, address and holds are read again, it is put together with
links of its own, sent, recorded and committed. "Bare" are the very same mails, put together beforehand,
handed to the same server by Python's `smtplib` over one connection. The aim is {aim} mails a second.
"Processor" is what a mail costs the process that sends, which others who share the machine change little.

{cores} cores, wanted by {waiting:.1f} processes on average.

| round | campaign, mails/s | bare, mails/s | ratio | processor, ms |
|---:|---:|---:|---:|---:|
"""


class Taker:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return "250 OK"


class AtAnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def main() -> None:
    """Make an audience; send it campaigns; print, and keep if asked for."""
    mails = int(os.environ.get("FADEOUT_BENCH_MAILS", "3000"))
    lines, rates, ratios = [], [], []
    with _server() as port, _house(mails):
        os.environ["FADEOUT_SMTP_URL"] = f"smtp://127.0.0.1:{port}"
        os.environ["FADEOUT_MAIL_FROM"] = "news@theatre.example"
        for number in range(1, ROUNDS + 1):
            spent = time.process_time()
            rate = _campaign(number, mails)
            spent = (time.process_time() - spent) / mails * 1000
            bare = _bare(port, mails)
            rates.append(rate)
            ratios.append(rate / bare)
            lines.append(
                f"| {number} | {rate:,.0f} | {bare:,.0f} | {rate / bare:.2f} | {spent:.2f} |"
            )
            print(lines[-1], flush=True)
    about = ABOUT.format(mails=mails, aim=AIM, cores=os.cpu_count(), waiting=os.getloadavg()[0])
    ending = (
        f"\nThe median is {statistics.median(rates):,.0f} mails a second, "
        f"{statistics.median(ratios):.2f} of what the bare library sends.\n"
    )
    report = about + "\n".join(lines) + "\n" + ending
    print(ending)
    if os.environ.get("FADEOUT_BENCH_WRITE"):
        REPORT.write_text(report, encoding="utf-8")


def _campaign(number: int, mails: int) -> float:
    campaign = house.let_go(
        house.draft(f"Spring {number}", type=CampaignType.RENEWAL), now=clock.now()
    )
    means = Means(house=queries.current(), keys=paths.keys())
    began = time.perf_counter()
    again = sending.go_on(campaign.pk, means)
    took = time.perf_counter() - began
    found = totals.standing(campaign)
    assert (again, found.sent) == (None, mails), found
    return mails / took


def _bare(port: int, mails: int) -> float:
    """The same mails by the library alone: put together beforehand, one connection."""
    letter = compose.letter(Campaign.objects.latest("pk"), "Theatre")
    people = Contact.objects.values("email", "language", "title", "first_name", "last_name")[:mails]
    made = [
        compose.mail(
            letter, one, Ways({"link": f"{house.URL}/r/{'x' * 28}"}, f"{house.URL}/u/{'x' * 44}"),
            to=one["email"], message=uuid4(),
        ).message().as_bytes(linesep="\r\n")
        for one in people
    ]  # fmt: skip
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for mail in made:
            connection.sendmail("news@theatre.example", ["a@example.org"], mail)
    return mails / (time.perf_counter() - began)


@contextmanager
def _server() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("enough")
        process.join(timeout=10)


def _serve(pipe: Any) -> None:
    controller = AtAnyPort(Taker(), hostname="127.0.0.1", port=0)
    controller.start()
    pipe.send(controller.port)
    pipe.recv()
    controller.stop()


@contextmanager
def _house(mails: int) -> Iterator[None]:
    settings.PUBLIC_URL = house.URL
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FADEOUT_HOME"] = f"{folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{folder}/keys"
        with database.opened():
            tables.migrate(verbosity=0)
            institution.found(
                name="Theatre", time_zone="Europe/Zurich", currency="CHF", now=clock.now()
            )
            contacts = Contact.objects.bulk_create(
                Contact(
                    contact_number=str(n), kind="individual", created_at=house.LONG_AGO,
                    first_name=f"First {n}", last_name=f"Last {n}", email=f"{n}@example.org",
                )
                for n in range(mails)
            )  # fmt: skip
            Authorisation.objects.bulk_create(
                Authorisation(
                    contact=contact, purpose="institution", channel="email", value="yes",
                    changed_at=house.LONG_AGO, origin="operator",
                )
                for contact in contacts
            )  # fmt: skip
            sql.execute("ANALYZE")
            yield


if __name__ == "__main__":
    main()
