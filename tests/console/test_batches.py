"""Pages of batches: set up, changed, switched to real and back, deleted; and what came of each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts import operations as accounts
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import carrying, operations
from fadeout.batches.carrying import Means
from fadeout.batches.models import Batch, Mode, Notice, Outcome
from fadeout.batches.schedule import Fault
from fadeout.console.batches import words
from fadeout.core import clock
from fadeout.institution import queries as institution
from tests import support
from tests.console.visitors import proved, signed_in, somebody
from tests.plans.house import contact, house


@pytest.fixture
def chief(database: str) -> User:
    support.founded()
    return somebody(Role.ADMINISTRATOR)


def made(user: User, now: datetime | None = None, **more: Any) -> Batch:
    known = {"schedule": "0 3 1 * *", "told": [user.operator], "by": user.operator}
    return operations.create(**known | more, now=now or clock.now())


def typed(user: User, **more: Any) -> dict[str, Any]:
    return {
        "schedule": "0 3 1 * *", "months": "36", "told": [str(user.operator.public_id)],
        "enabled": "on", "key": str(uuid4()),
    } | more  # fmt: skip


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def hidden(client: Client, place: str, name: str) -> str:
    """What a hidden field of a form holds."""
    shown = client.get(place).content.decode()
    return shown.split(f'name="{name}" value="')[1].split('"')[0]


def test_a_house_without_batches_says_so(chief: User) -> None:
    client = signed_in(chief)
    assert "Nothing happens by itself in this house" in page(client.get("/batches/"))
    assert "Set up a batch" in page(client.get("/batches/"))
    watching = signed_in(somebody(Role.MARKETER, name="Mia"))
    assert "Set up a batch" not in page(watching.get("/batches/"))


def test_a_batch_is_set_up_and_shown_in_words_with_its_next_times(chief: User) -> None:
    client = signed_in(chief)
    assert "<strong>At 03:00, on day 1 of the month</strong>" in page(client.get("/batches/new/"))
    answer = client.post("/batches/new/", typed(chief, schedule=" 30  2 * * 1-5", months="24"))
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/batches/{batch.public_id}/")
    assert (batch.schedule, batch.months, batch.mode) == ("30 2 * * 1-5", 24, Mode.SIMULATION)
    shown = page(client.get(answer["Location"]))
    assert "<h1>At 02:30, Monday through Friday</h1>" in shown
    assert shown.count(", 02:30</time></li>") == 5
    for said in (
        "24 months",
        "Europe/Zurich",
        "It was not due yet",
        "It simulates.",
        "no mail is sent yet",
    ):
        assert said in shown, said
    listed = page(client.get("/batches/"))
    assert "1 batch looks for inactive contacts by itself" in listed
    assert "never yet" in listed


def test_words_follow_the_language(chief: User) -> None:
    batch = made(chief, schedule="0 3 * * 1")
    client = signed_in(somebody(Role.DPO, name="Bo", language="fr"))
    assert "lundi" in page(client.get(f"/batches/{batch.public_id}/"))
    assert "lundi" in page(client.get("/batches/schedule/", {"schedule": "0 3 * * 1"}))


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 3 1", "A schedule has five fields"), ("99 3 1 * *", "The first field is the minute"),
        ("0 24 1 * *", "The second field is the hour"), ("0 3 32 * *", "The third field is the day"),
        ("0 3 1 13 *", "The fourth field is the month"), ("0 3 * * 9", "The fifth field is the day"),
        ("0 3 31 2 *", "That day never comes"), ("*/15 * * * *", "That is more than once an hour"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_schedule_is_told_at_its_field(
    chief: User, cron: str, said: str
) -> None:
    client = signed_in(chief)
    answer = client.post("/batches/new/", typed(chief, schedule=cron))
    assert (answer.status_code, Batch.objects.count()) == (422, 0)
    shown = page(answer)
    assert f'id="id_schedule_error"><li>{said}' in shown
    assert f'value="{cron}"' in shown  # nothing that was typed is lost
    while_typing = page(client.get("/batches/schedule/", {"schedule": cron}))
    assert said in while_typing
    assert "<html" not in while_typing


def test_without_scripts_a_button_shows_the_schedule_and_saves_nothing(chief: User) -> None:
    answer = signed_in(chief).post(
        "/batches/new/", typed(chief, schedule="0 6 * * 1", show="1", months="18")
    )
    assert (answer.status_code, Batch.objects.count()) == (200, 0)
    assert "At 06:00, only on Monday" in page(answer)
    assert 'value="18"' in page(answer)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"told": []}, "Choose at least one person"),
        ({"told": [str(uuid4())]}, "not one of the available choices"),
        ({"months": "0"}, "greater than or equal to 1"),
        ({"months": "1201"}, "less than or equal to 1200"),
        ({"months": "long"}, "whole number"),
        ({"schedule": "x" * 300}, "at most 200"),
        ({"key": "x"}, "Enter a valid UUID"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_kept(
    chief: User, changed: dict[str, Any], said: str
) -> None:
    answer = signed_in(chief).post("/batches/new/", typed(chief, **changed))
    assert (answer.status_code, Batch.objects.count()) == (422, 0)
    assert said in page(answer).replace("1,200", "1200")


def test_what_is_sent_twice_makes_one_batch(chief: User) -> None:
    client = signed_in(chief)
    sent = typed(chief)
    first, again = client.post("/batches/new/", sent), client.post("/batches/new/", sent)
    assert first["Location"] == again["Location"]
    assert Batch.objects.count() == 1
    assert "made already" in page(client.get(again["Location"]))


def test_a_change_switches_a_real_batch_back(chief: User) -> None:
    batch = made(chief)
    operations.switch(batch, to_real=True, by=chief.operator, now=clock.now())
    client = signed_in(chief)
    place = f"/batches/{batch.public_id}/change/"
    assert "Any change lets it simulate again" in page(client.get(place))
    seen = hidden(client, place, "seen")
    unchanged = client.post(place, typed(chief, seen=seen))
    assert unchanged.status_code == 302
    assert Batch.objects.get().mode == Mode.REAL
    assert "Nothing was changed" in page(client.get(unchanged["Location"]))
    assert client.post(place, typed(chief, seen=seen, months="48")).status_code == 302
    batch.refresh_from_db()
    assert (batch.months, batch.mode) == (48, Mode.SIMULATION)


def test_two_who_change_one_batch_do_not_overwrite_each_other(chief: User) -> None:
    batch = made(chief)
    other = signed_in(somebody(Role.DPO, name="Bo"))
    client = signed_in(chief)
    place = f"/batches/{batch.public_id}/change/"
    seen = hidden(client, place, "seen")
    assert other.post(place, typed(chief, seen=seen, months="24")).status_code == 302
    answer = client.post(place, typed(chief, seen=seen, months="60"))
    assert answer.status_code == 409
    shown = page(answer)
    assert "Somebody changed this batch while you had it open" in shown
    assert "24 months" in shown  # as it is
    assert 'value="60"' in shown  # and as they typed it
    assert Batch.objects.get().months == 24
    fresh = answer.content.decode().split('name="seen" value="')[1].split('"')[0]
    assert client.post(place, typed(chief, seen=fresh, months="60")).status_code == 302
    assert Batch.objects.get().months == 60


def test_letting_it_run_for_real_says_what_will_happen_and_asks_for_the_period(chief: User) -> None:
    batch = made(chief)
    client = proved(chief)
    place = f"/batches/{batch.public_id}/real/"
    shown = page(client.get(place))
    for said in (
        "in your name", "inactive for 36 months", "How to stop it", "Back to simulation",
        "More than 100 per cent", "It has not simulated yet", "Ada",
    ):  # fmt: skip
        assert said in shown, said
    seen = hidden(client, place, "seen")
    for wrong in ("", "35", "many"):
        assert client.post(place, {"seen": seen, "typed": wrong}).status_code == 422
        assert Batch.objects.get().mode == Mode.SIMULATION
    right = {"seen": seen, "typed": "36"}
    answer = client.post(place, right)
    assert (answer.status_code, answer["Location"]) == (302, f"/batches/{batch.public_id}/")
    batch.refresh_from_db()
    assert (batch.mode, batch.switched_by) == (Mode.REAL, chief.operator)
    assert "in the name of Ada" in page(client.get(answer["Location"]))
    again = client.post(place, right)
    assert "runs for real already" in page(client.get(again["Location"]))
    back = client.post(f"/batches/{batch.public_id}/simulate/")
    assert Batch.objects.get().mode == Mode.SIMULATION
    assert "simulates again" in page(client.get(back["Location"]))
    back = client.post(f"/batches/{batch.public_id}/simulate/")
    assert "simulates already" in page(client.get(back["Location"]))


def test_a_batch_that_changed_since_it_was_looked_at_is_not_let_run_for_real(chief: User) -> None:
    batch = made(chief)
    client = proved(chief)
    place = f"/batches/{batch.public_id}/real/"
    seen = hidden(client, place, "seen")
    operations.change(batch, changes={"schedule": "5 6 * * *"}, by=chief.operator, now=clock.now())
    answer = client.post(place, {"seen": seen, "typed": "36"})
    assert answer.status_code == 409
    assert "Somebody changed this batch meanwhile. Nothing was switched" in page(answer)
    assert "At 06:05" in page(answer)
    assert Batch.objects.get().mode == Mode.SIMULATION


def test_it_is_asked_again_who_it_is_before_it_runs_for_real(chief: User) -> None:
    batch = made(chief)
    client = signed_in(chief)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    answer = client.post(f"/batches/{batch.public_id}/real/", {"typed": "36"})
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert Batch.objects.get().mode == Mode.SIMULATION
    operations.switch(batch, to_real=True, by=chief.operator, now=clock.now())
    assert client.post(f"/batches/{batch.public_id}/simulate/").status_code == 302  # at once
    assert Batch.objects.get().mode == Mode.SIMULATION


def test_a_batch_that_is_off_is_not_let_run_for_real(chief: User) -> None:
    batch = made(chief, enabled=False)
    client = proved(chief)
    answer = client.post(f"/batches/{batch.public_id}/real/", {"typed": "36", "seen": batch.stamp})
    shown = page(client.get(answer["Location"]))
    assert "Turn it on before" in shown
    assert "None: the batch is off" in shown
    assert "Let it run for real" not in shown
    assert Batch.objects.get().mode == Mode.SIMULATION


def test_whoever_switched_it_and_left_is_told(chief: User) -> None:
    bo = somebody(Role.ADMINISTRATOR, name="Bo")
    batch = made(chief, told=[chief.operator, bo.operator])
    operations.switch(batch, to_real=True, by=bo.operator, now=clock.now())
    accounts.let_go(user=bo, by=chief.operator, now=clock.now())
    shown = page(signed_in(chief).get(f"/batches/{batch.public_id}/"))
    assert "nothing is run until an administrator switches it once more" in shown
    assert "1 who left" in shown
    assert "Bo" not in shown.replace("Box", "").replace("Body", "")


def test_deleting_asks_first_and_a_second_time_says_so(chief: User) -> None:
    batch = made(chief)
    client = proved(chief)
    place = f"/batches/{batch.public_id}/delete/"
    assert "Delete this batch?" in page(client.get(place))
    assert Batch.objects.count() == 1
    for said in ("The batch is deleted", "Somebody deleted this batch meanwhile"):
        answer = client.post(place)
        assert (answer.status_code, answer["Location"]) == (302, "/batches/")
        assert said in page(client.get("/batches/"))
    assert Batch.objects.count() == 0
    for gone in ("", "change/", "real/", "delete/"):
        assert client.get(f"/batches/{batch.public_id}/{gone}").status_code == 404
    for gone in ("change/", "real/", "simulate/"):
        answer = client.post(f"/batches/{batch.public_id}/{gone}", typed(chief))
        assert answer["Location"] == "/batches/"


def test_what_came_of_each_time_is_told(chief: User, tmp_path: Path) -> None:
    support.import_folder(
        house(*(contact(f"due {n}") for n in range(3))).write_csv(tmp_path / "in")
    )
    now = clock.now()
    hours = [now - timedelta(hours=n) for n in (60, 50, 40, 30)]
    batch = made(chief, schedule="0 * * * *", now=hours[0] - timedelta(minutes=90))
    means = Means(institution.current(), support.tokens(), support.keyring())

    def begun(at: datetime) -> Any:
        [start] = operations.begin_due(time_zone=support.TIME_ZONE, now=at)
        return start

    carrying.carry_out(begun(hours[0]), means=means, now=hours[0])
    failed = operations.end(
        begun(hours[1]), Outcome.FAILED, now=hours[1], failure="stalled_too_often"
    )
    operations.end(begun(hours[2]), Outcome.FAILED, now=hours[2], failure="os_ENOSPC")
    begun(hours[3])
    Notice.objects.filter(start=failed).update(failure="smtp_550")
    client = signed_in(chief)
    shown = page(client.get(f"/batches/{batch.public_id}/"))
    for said in (
        ">simulated<", ">failed<", ">under way<", "died over it several times",
        "could not be done (os_ENOSPC)", "9 times were missed just before", "1 mail not taken",
        "1 still to be told", "no worker has begun it",
    ):  # fmt: skip
        assert said in shown, said
    assert "under way" in page(client.get("/batches/"))
    final = page(client.get(f"/batches/{batch.public_id}/real/"))
    assert "named 3 contacts of 3" in final


def test_a_batch_that_is_held_says_by_what(chief: User) -> None:
    now = clock.now()
    batch = made(chief, schedule="0 * * * *", now=now - timedelta(hours=2))
    [start] = operations.begin_due(time_zone=support.TIME_ZONE, now=now)
    operations.end(start, Outcome.HELD, now=now, held=list(words.BRAKES))
    shown = page(signed_in(chief).get(f"/batches/{batch.public_id}/"))
    assert all(str(said) in shown for said in words.BRAKES.values())
    assert "no worker has begun it" not in shown


def test_every_code_has_its_words() -> None:
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.MODES) == set(Mode)
    assert len({str(said) for said in words.FAULTS.values()}) == len(words.FAULTS) == len(Fault)


def test_lists_ask_the_database_as_often_for_many_as_for_one(chief: User) -> None:
    client = signed_in(chief)
    now = clock.now()
    batch = made(chief, schedule="0 * * * *", now=now - timedelta(days=2))
    places = ("/batches/", f"/batches/{batch.public_id}/")

    def begun_hours_ago(hours: int) -> None:
        at = now - timedelta(hours=hours)
        [start] = operations.begin_due(time_zone=support.TIME_ZONE, now=at)
        operations.end(start, Outcome.DONE, now=now)

    def asked() -> list[int]:
        counts = []
        for place in places:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(place).status_code == 200
            counts.append(len(captured))
        return counts

    begun_hours_ago(10)
    few = asked()
    for n in range(4):
        made(chief, schedule=f"{n} 3 * * *", now=now)
        begun_hours_ago(9 - n)
    assert batch.starts.count() == 5
    assert asked() == few == [10, 15]
