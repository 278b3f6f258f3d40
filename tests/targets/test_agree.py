"""Queries and a plain reading of the conditions find the same people, whatever the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fadeout.contacts.models import Contact
from fadeout.targets import explaining, operations, queries
from fadeout.targets.conditions import DEEPEST
from tests import support
from tests.targets import town
from tests.targets.model import Asking

DAYS = st.sampled_from(["2023-05-31", "2023-06-01", "2023-06-02", "2020-09-05", "2024-01-01"])


def _one(on: str, test: str, **values: Any) -> st.SearchStrategy[dict[str, Any]]:
    strategies = {
        k: v if isinstance(v, st.SearchStrategy) else st.sampled_from(v) for k, v in values.items()
    }
    return st.fixed_dictionaries({"on": st.just(on), "test": st.just(test), **strategies})


def _is_set(on: str, **values: Any) -> tuple[st.SearchStrategy[dict[str, Any]], ...]:
    return (_one(on, "set", **values), _one(on, "not_set", **values))


POSTCODES = ("1200", "1205", "12050", "9999")
CONDITIONS = st.one_of(
    _one("recency", "before", value=DAYS), _one("recency", "from", value=DAYS),
    _one("recency", "due_within", value=("0", "1", "13", "40")), _one("recency", "never"),
    _one("criterion", "is", name=town.CRITERIA, value=("jazz", "opera")),
    *_is_set("criterion", name=town.CRITERIA),
    _one("authorisation", "is", purpose=town.PURPOSES, channel=town.CHANNELS, value=town.ANSWERS),
    _one("kind", "is", value=town.KINDS),
    _one("language", "is", value=("fr", "de", "de-CH")), *_is_set("language"),
    _one("country", "is", value=("CH", "FR")), *_is_set("country"),
    _one("postcode", "is", value=POSTCODES), _one("postcode", "begins", value=("12", "1", "SW1A")),
    _one("postcode", "between", value=("1200",), until=("1204", "1205", "9999")), *_is_set("postcode"),
    _one("organisation", "is", value=town.ORGANISATIONS), _one("product", "is", value=town.PRODUCTS),
    _one("product", "dated"), _one("product", "undated"),
    _one("created", "before", value=DAYS), _one("created", "from", value=DAYS), *_is_set("email"),
    _one("target", "is", value=("speaks French", "active", "frozen")),
)  # fmt: skip
GROUPS = st.recursive(
    CONDITIONS,
    lambda parts: st.builds(
        lambda how, found: {how: found},
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
TREES = st.builds(lambda how, parts: {how: parts}, st.sampled_from(["all", "any", "none"]),
                  st.lists(GROUPS, min_size=1, max_size=3))  # fmt: skip


@pytest.fixture(params=[1, 2])
def asking(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Asking:
    people = town.town(request.param)
    support.imported(people, tmp_path / "in")
    by = support.operator()
    asked: dict[str, Any] = {
        "speaks French": {"all": [{"on": "language", "test": "is", "value": "fr"}]},
        "active": {"none": [{"on": "recency", "test": "never"}]},
    }
    made = {
        name: operations.add(name=name, conditions=tree, by=by, now=support.NOW)
        for name, tree in asked.items()
    }
    frozen = operations.freeze(
        made["active"], name="frozen", by=by, now=support.NOW, time_zone=support.TIME_ZONE
    )
    targets: dict[str, Any] = {str(made[name].public_id): tree for name, tree in asked.items()}
    asking = Asking(people, support.AS_OF, 36, support.TIME_ZONE, targets)
    targets[str(frozen.public_id)] = asking.members(asked["active"])
    return asking


@settings(
    max_examples=120, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(tree=TREES)
def test_the_query_finds_whom_the_model_finds(asking: Asking, tree: Any) -> None:
    assume(_depth(tree) <= DEEPEST)
    tree = _with_ids(tree)
    checked = operations.check(tree)
    assert operations.check(checked.data()) == checked
    found = queries.asked(checked, support.NOW, support.TIME_ZONE)
    members = asking.members(tree)
    assert sorted(found.values_list("contact_number", flat=True)) == sorted(members)
    assert queries.count(found) == len(members)


def test_every_reason_agrees_with_the_model(asking: Asking) -> None:
    tree = _with_ids({"any": [
        {"on": "authorisation", "test": "is", "purpose": "institution", "channel": "email", "value": "yes"},
        {"none": [{"on": "criterion", "test": "set", "name": "likes"},
                  {"on": "target", "test": "is", "value": "speaks French"}]},
    ]})  # fmt: skip
    target = operations.add(name="asked", conditions=tree, by=support.operator(), now=support.NOW)
    seen = set()
    for person in asking.house.contacts:
        contact = Contact.objects.get(contact_number=person.contact_number)
        root = explaining.why(target, contact, support.NOW, support.TIME_ZONE)
        assert root is not None
        [whole] = root.parts
        [authorisation, neither] = whole.parts
        told = (whole.holds, authorisation.holds, neither.holds, *(p.holds for p in neither.parts))
        assert told == tuple(
            asking.holds(part, person)
            for part in (tree, tree["any"][0], tree["any"][1], *tree["any"][1]["none"])
        )
        assert authorisation.found.removeprefix("not ") in ("yes", "no", "answered")
        seen.add(told)
    assert len(seen) > 3


def _with_ids(tree: Any) -> Any:
    """Targets by their ids instead of their names."""
    if isinstance(tree, list):
        return [_with_ids(part) for part in tree]
    if tree.get("on") == "target":
        return tree | {"value": str(queries.by_name(tree["value"]).public_id)}
    return tree if "on" in tree else {how: _with_ids(parts) for how, parts in tree.items()}


def _depth(tree: Any) -> int:
    return 1 + max(
        (_depth(p) for parts in tree.values() if isinstance(parts, list) for p in parts), default=0
    )
