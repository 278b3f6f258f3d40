"""Pages of the settings: the house, its policy version by version, its organisations, its operators."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts import operations
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.institution import operations as institution
from fadeout.institution import queries
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.ledger.models import Entry, Kind
from tests import support
from tests.console.visitors import PASSWORD, proved, signed_in, somebody, visitor
from tests.ledger.book import findings
from tests.mail_server import Box
from tests.residue.house import house


@pytest.fixture
def chief(database: str) -> User:
    support.founded()
    return somebody(Role.ADMINISTRATOR)


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def place(user: User, action: str = "") -> str:
    return f"/settings/operators/{user.operator.public_id}/{action}"


def values(**changed: Any) -> dict[str, Any]:
    """The policy as it is, with changes, as a form sends it."""
    now = queries.policy_values(queries.policy_in_force()) | changed
    sent = {name: str(now[name]) for name in queries.POLICY_FIELDS if name != "two_people"}
    return sent | ({"two_people": "on"} if now["two_people"] else {})


def test_the_settings_tell_house_policy_and_organisations(chief: User, tmp_path: Path) -> None:
    client = signed_in(somebody(Role.SUPPORT, name="Eve"))
    assert "nothing has been imported" in page(client.get("/settings/"))
    support.import_folder(house().write_csv(tmp_path / "in"))
    institution.change_policy(
        changes={"months": 24, "two_people": True}, by=chief.operator, now=support.NOW
    )
    shown = page(client.get("/settings/"))
    for said in (
        "<h1>Theatre</h1>", "Europe/Zurich", "CHF", "version 3", "24 months", "100 % of all contacts",
        "somebody else than its author", "the set-up", "<td>yes</td>", "<code>opera</code>",
        "2 people sign in",
    ):  # fmt: skip
        assert said in shown, said
    assert "Change the policy" not in shown
    assert "Change the policy" in page(signed_in(chief).get("/settings/"))


def test_what_a_policy_would_change_is_shown_first_and_changes_nothing(chief: User) -> None:
    client = signed_in(chief)
    asked = values(months=24, backup_months=6, two_people=True) | {"look": "1"}
    shown = page(client.get("/settings/policy/", asked))
    for said in (
        "Version 3 holds as soon as you confirm. It changes 3 things.", "<strong>24 months</strong>",
        "<strong>6 months</strong>", "an older file would bring them back", "simulate again",
    ):  # fmt: skip
        assert said in shown, said
    assert PolicyVersion.objects.count() == 2
    longer = page(client.get("/settings/policy/", values(backup_months=24) | {"look": "1"}))
    assert "It changes 1 thing." in longer
    assert "would bring them back" not in longer
    same = page(client.get("/settings/policy/", values() | {"look": "1"}))
    assert "The policy says that already" in same
    assert "final-step" not in same


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"months": "0"}, "greater than or equal to 1"),
        ({"largest_share": "101"}, "less than or equal to 100"),
        ({"largest_growth": "x"}, "whole number"),
        ({"plan_days": ""}, "required"),
        ({"backup_months": "9999999999999999999"}, "less than or equal to"),
    ],
)
def test_a_policy_that_cannot_be_is_told_at_its_field(
    chief: User, changed: dict[str, str], said: str
) -> None:
    client = proved(chief)
    for answer in (
        client.get("/settings/policy/", values() | changed | {"look": "1"}),
        client.post("/settings/policy/", values() | changed | {"seen": "2"}),
    ):
        assert (answer.status_code, said in page(answer)) == (422, True)
        assert "final-step" not in page(answer)
    assert PolicyVersion.objects.count() == 2


def test_a_policy_is_changed_once_and_only_as_it_was_seen(chief: User) -> None:
    client = proved(chief)
    sent = values(months=24) | {"seen": "2"}
    assert client.post("/settings/policy/", sent)["Location"] == "/settings/"
    assert "Version 3 of the policy holds" in page(client.get("/settings/"))
    recorded = Entry.objects.filter(kind=Kind.POLICY).latest("number")
    assert (recorded.facts["policy"]["months"], recorded.actor) == (24, chief.operator.public_id)
    assert client.post("/settings/policy/", sent)["Location"] == "/settings/"
    assert "Nothing was changed" in page(client.get("/settings/"))
    answer = client.post("/settings/policy/", values(months=60) | {"seen": "2"})
    assert answer.status_code == 409
    assert "version 3 is in force now. Nothing of yours was saved" in page(answer)
    assert "<strong>60 months</strong>" in page(answer)
    assert queries.policy_in_force().months == 24


def test_it_is_asked_again_who_it_is_before_anything_about_policy_or_operators(chief: User) -> None:
    bo = somebody(Role.DPO, name="Bo")
    client = signed_in(chief)
    for where in (
        "/settings/policy/", "/settings/operators/new/", place(bo, "role/"), place(bo, "invite/"),
        place(bo, "go/"),
    ):  # fmt: skip
        answer = client.post(where, values(months=24))
        assert answer["Location"].startswith("/account/reauthenticate/"), where
    assert (PolicyVersion.objects.count(), User.objects.count()) == (2, 2)


def test_operators_are_listed_with_what_matters(chief: User) -> None:
    TOTP.activate(somebody(Role.DPO, name="Bo", language="fr"), generate_totp_secret())
    operations.add(name="Eve", email="eve@example.org", role=Role.SUPPORT, by=None, now=support.NOW)
    client = signed_in(chief)
    shown = page(client.get("/settings/operators/"))
    for said in (
        "3 people sign in", "Français", "data protection officer", "invited, no password yet",
        '<span class="tag good">yes</span>', "bo@example.org", "Add an operator",
    ):  # fmt: skip
        assert said in shown, said
    assert shown.count('<span class="tag good">yes</span>') == 1
    looking = page(signed_in(somebody(Role.SUPPORT, name="Sam")).get("/settings/operators/"))
    assert "Add an operator" not in looking
    assert place(chief) not in looking


def test_an_operator_is_added_and_the_invitation_stands_there_once(chief: User) -> None:
    client = signed_in(chief)
    sent = {"name": "Eve Stone", "email": "eve@example.org", "role": "support", "language": "de"}
    asked = client.post("/settings/operators/new/", sent)
    answer = client.post(asked["Location"], {"password": PASSWORD})
    eve = User.objects.get(email="eve@example.org")
    assert (answer["Location"], eve.language, eve.role) == (place(eve), "de", "support")
    first, again = client.get(place(eve)), client.get(place(eve))
    link = page(first).split("<code>")[1].split("</code>")[0]
    assert link.startswith("http://localhost/account/password/reset/key/")
    assert "hand it over yourself" in page(first)
    assert "/password/reset/key/" not in page(again)
    choosing = visitor().get(link.removeprefix("http://localhost"), follow=True)
    assert "password1" in page(choosing)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "required"), ({"name": "Ada"}, "signs in already"),
        ({"email": "ADA@example.org"}, "Another operator signs in with this address"),
        ({"email": "none"}, "valid email address"), ({"role": "king"}, "not one of the available"),
        ({"role": ""}, "required"), ({"language": "xx"}, "not one of the available"),
    ],
)  # fmt: skip
def test_an_operator_who_cannot_be_added_is_told_why(
    chief: User, changed: dict[str, str], said: str
) -> None:
    sent = {"name": "Eve", "email": "eve@example.org", "role": "dpo", "language": ""} | changed
    answer = proved(chief).post("/settings/operators/new/", sent)
    assert (answer.status_code, said in page(answer)) == (422, True)
    assert User.objects.count() == 1


def test_an_invitation_is_mailed_and_it_is_told_if_that_failed(chief: User, box: Box) -> None:
    bo = somebody(Role.DPO, name="Bo")
    client = proved(chief)
    assert client.post(place(bo, "invite/")).status_code == 302
    shown = page(client.get(place(bo)))
    link = shown.split("<code>")[1].split("</code>")[0]
    [mail] = box.mails
    assert (mail["to"], mail["from"]) == ("bo@example.org", "fadeout@theatre.example")
    assert link in mail.get_content()
    assert "Theatre" in mail.get_content()
    assert "The mail server took a mail" in shown
    recorded = Entry.objects.filter(kind=Kind.OPERATOR).latest("number")
    assert (recorded.facts["invited"], recorded.actor) == (True, chief.operator.public_id)
    assert link.rsplit("/", 2)[1] not in str(list(Entry.objects.values()))
    box.answer = "550 no"
    client.post(place(bo, "invite/"))
    assert "did not take the mail" in page(client.get(place(bo)))


def test_a_role_is_changed_and_only_as_it_was_seen(chief: User) -> None:
    bo = somebody(Role.DPO, name="Bo")
    client = proved(chief)
    answer = client.post(place(bo, "role/"), {"role": "support", "seen": "dpo"})
    assert answer["Location"] == place(bo)
    bo.refresh_from_db()
    assert bo.role == Role.SUPPORT
    again = client.post(place(bo, "role/"), {"role": "support", "seen": "dpo"})
    assert "They have that role already" in page(client.get(again["Location"]))
    late = client.post(place(bo, "role/"), {"role": "operator", "seen": "dpo"})
    assert (late.status_code, "Somebody changed the role meanwhile" in page(late)) == (409, True)
    wrong = client.post(place(bo, "role/"), {"role": "king", "seen": "support"})
    assert wrong.status_code == 422
    bo.refresh_from_db()
    assert bo.role == Role.SUPPORT


def test_the_last_administrator_stays_also_by_their_own_hand(chief: User) -> None:
    client = proved(chief)
    assert "This is you" in page(client.get(place(chief)))
    answer = client.post(place(chief, "role/"), {"role": "dpo", "seen": "administrator"})
    assert (answer.status_code, "Nobody else is administrator" in page(answer)) == (409, True)
    gone = client.post(place(chief, "go/"))
    assert (gone.status_code, "Nobody lets themselves go" in page(gone)) == (409, True)
    assert "final-step" not in page(client.get(place(chief, "go/")))
    somebody(Role.ADMINISTRATOR, name="Bo")
    stepped_down = client.post(place(chief, "role/"), {"role": "dpo", "seen": "administrator"})
    assert stepped_down["Location"] == "/"
    assert client.get(place(chief)).status_code == 403


def test_somebody_is_let_go_and_their_name_is_emptied_everywhere(chief: User) -> None:
    leaving = somebody(Role.ADMINISTRATOR, name="Zacharias")
    batch = batches.create(
        schedule="0 3 1 * *", told=[chief.operator], by=leaving.operator, now=support.NOW
    )
    batches.switch(batch, to_real=True, by=leaving.operator, now=support.NOW)
    client, theirs = proved(chief), signed_in(leaving)
    assert theirs.get("/settings/").status_code == 200
    shown = page(client.get(place(leaving, "go/")))
    for said in ("that name is emptied everywhere", "1 batch runs for real in their name", "final"):
        assert said in shown, said
    assert User.objects.count() == 2
    assert client.post(place(leaving, "go/"))["Location"] == "/settings/operators/"
    assert "emptied everywhere" in page(client.get("/settings/operators/"))
    assert Operator.objects.get(pk=leaving.operator_id).name is None
    assert theirs.get("/settings/").status_code == 302
    for where in ("/settings/operators/", f"/batches/{batch.public_id}/", "/settings/"):
        assert "Zacharias" not in page(client.get(where)), where
    assert findings() == []
    for action in ("go/", "role/", "invite/"):
        answer = client.post(place(leaving, action))
        assert answer["Location"] == "/settings/operators/"
    assert "has left already" in page(client.get("/settings/operators/"))
    assert client.get(place(leaving)).status_code == 404
    assert client.get(f"/settings/operators/{uuid4()}/").status_code == 404


def asked(client: Client, where: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


def test_lists_ask_the_database_as_often_for_many_as_for_one(chief: User) -> None:
    client = signed_in(chief)
    few = [asked(client, where) for where in ("/settings/", "/settings/operators/")]
    for n in range(4):
        somebody(Role.SUPPORT, name=f"Eve{n}")
        institution.change_policy(changes={"months": 12 + n}, by=chief.operator, now=support.NOW)
    assert [asked(client, where) for where in ("/settings/", "/settings/operators/")] == few
    assert few == [10, 9]
