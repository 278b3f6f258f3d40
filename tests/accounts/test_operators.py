"""Who can sign in, by the command and by the domain calls behind it."""

from __future__ import annotations

import json

import pytest

from fadeout.accounts import operations, queries
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.ledger.models import Entry, Kind
from tests import support
from tests.conftest import Fadeout
from tests.console.visitors import PASSWORD, somebody
from tests.ledger.book import findings


def test_an_operator_is_added_changed_and_removed(database: str, fadeout: Fadeout) -> None:
    support.founded()
    somebody(Role.ADMINISTRATOR, name="Bo")
    added = fadeout(
        "operator", "add", "eve@example.org", "--name", "Eve Stone", "--role", "dpo",
        "--language", "fr",
    )  # fmt: skip
    assert (added.returncode, "/account/password/reset/key/" in added.stdout) == (0, True)
    listed = json.loads(fadeout("operator", "list", "--json").stdout)["operators"]
    assert [(o["name"], o["role"]) for o in listed] == [
        ("Bo", "administrator"), ("Eve Stone", "dpo"),
    ]  # fmt: skip
    assert fadeout("operator", "role", "EVE@example.org", "--role", "support").returncode == 0
    operator = User.objects.get(email="eve@example.org").operator
    assert queries.by_public_id(operator.public_id).operator == operator
    assert queries.address_of(operator) == ("eve@example.org", "fr")
    recorded = Entry.objects.filter(kind=Kind.OPERATOR).order_by("number")
    assert [entry.facts["role"] for entry in recorded] == ["administrator", "dpo", "support"]
    assert "Eve" not in str(list(recorded.values()))
    invited = fadeout("operator", "invite", "eve@example.org", "--by", "Bo")
    assert (invited.returncode, "/password/reset/key/" in invited.stdout) == (0, True)
    last = Entry.objects.filter(kind=Kind.OPERATOR).latest("number")
    assert (last.facts["invited"], last.actor) == (True, Operator.objects.get(name="Bo").public_id)
    unasked = fadeout("operator", "remove", "eve@example.org")
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    assert queries.address_of(operator) is not None
    assert fadeout("operator", "remove", "eve@example.org", "--yes").returncode == 0
    operator = Operator.objects.get(pk=operator.pk)
    assert (operator.name, queries.address_of(operator)) == (None, None)
    assert findings() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "no address"}, "not an e-mail address"),
        ({"role": "king"}, "The role is one of"),
        ({"language": "xx"}, "The language is one of"),
        ({"password": "short"}, "at least 12"),
        ({"password": "123456789012345"}, "numeric"),
        ({"name": "Ada"}, "signs in already"),
        ({"name": " "}, "needs a name"),
        ({"email": "ADA@example.org"}, "Another operator signs in"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    changed: dict[str, str], said: str, database: str
) -> None:
    support.founded()
    somebody(Role.ADMINISTRATOR)
    given = {
        "name": "Eve", "email": "eve@example.org", "role": "dpo", "password": PASSWORD,
    } | changed  # fmt: skip
    with pytest.raises(BadInput, match=said):
        operations.add(**given, by=None, now=support.NOW)
    assert User.objects.count() == 1
    assert not Operator.objects.filter(name="Eve").exists()


def test_the_last_administrator_stays(database: str) -> None:
    support.founded()
    only = somebody(Role.ADMINISTRATOR)
    by = support.operator("Ruth")
    with pytest.raises(BadInput, match="Nobody else is administrator"):
        operations.change_role(user=only, role="dpo", by=by, now=support.NOW)
    with pytest.raises(BadInput, match="Nobody else is administrator"):
        operations.let_go(user=only, by=by, now=support.NOW)
    assert queries.by_email("ada@example.org").role == Role.ADMINISTRATOR
    somebody(Role.ADMINISTRATOR, name="Bo")
    operations.let_go(user=only, by=by, now=support.NOW)
    with pytest.raises(BadInput, match="No operator"):
        queries.by_email("ada@example.org")


def test_a_role_that_changed_meanwhile_is_told(database: str) -> None:
    support.founded()
    by = somebody(Role.ADMINISTRATOR).operator
    bo = somebody(Role.SUPPORT, name="Bo")
    operations.change_role(user=bo, role="dpo", by=by, now=support.NOW, seen="support")
    with pytest.raises(operations.AccountRefused) as refused:
        operations.change_role(user=bo, role="operator", by=by, now=support.NOW, seen="support")
    assert refused.value.code is operations.Refusal.CHANGED_MEANWHILE
    assert queries.by_email("bo@example.org").role == Role.DPO
