"""Conditions of a target as options of a command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fadeout.core.errors import BadInput
from fadeout.targets import queries


class Asked:
    """Collects conditions; all of them must hold. What is wrong about them the domain says."""

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []

    def value(self, on: str, test: str, value: str | None) -> None:
        """One condition, if a value was given."""
        if value is not None:
            self.parts.append({"on": on, "test": test, "value": value})

    def authorisation(self, given: str) -> None:
        """``PURPOSE/CHANNEL``, or ``PURPOSE/CHANNEL=ANSWER``."""
        named, _, answer = given.partition("=")
        purpose, slash, channel = named.partition("/")
        if not slash:
            raise BadInput("--authorisation is written as PURPOSE/CHANNEL=ANSWER.")
        self.parts.append({
            "on": "authorisation", "test": "is", "purpose": purpose, "channel": channel,
            "value": answer or "yes",
        })  # fmt: skip

    def criterion(self, given: str) -> None:
        """``NAME``, or ``NAME=VALUE``."""
        name, is_so, value = given.partition("=")
        if is_so:
            self.parts.append({"on": "criterion", "test": "is", "name": name, "value": value})
        else:
            self.parts.append({"on": "criterion", "test": "set", "name": name})

    def postcode(self, given: str | None) -> None:
        """One, the beginning of some with a star behind, or a range."""
        if given is None:
            return
        first, dash, last = given.partition("-")
        if given.endswith("*"):
            self.value("postcode", "begins", given[:-1])
        elif dash and len(first) == len(last):
            self.parts.append({"on": "postcode", "test": "between", "value": first, "until": last})
        else:
            self.value("postcode", "is", given)

    def targets(self, within: Iterable[str], without: Iterable[str]) -> None:
        """Other targets by their names."""
        self.parts += [_in_target(name) for name in within]
        if others := [_in_target(name) for name in without]:
            self.parts.append({"none": others})

    def with_file(self, data: Any) -> Any:
        """The conditions of a file, and what was given besides."""
        if data is None:
            return {"all": self.parts}
        named = _with_ids(data)
        return {"all": [named, *self.parts]} if self.parts else named


def _in_target(name: str) -> dict[str, Any]:
    return {"on": "target", "test": "is", "value": str(queries.by_name(name).public_id)}


def _with_ids(data: Any) -> Any:
    """Files name other targets; what is kept has their ids, so that a name can change."""
    if isinstance(data, list):
        return [_with_ids(part) for part in data]
    if not isinstance(data, dict):
        return data
    if data.get("on") == "target" and isinstance(data.get("value"), str):
        known = {target.name: str(target.public_id) for target in queries.all_targets()}
        return {**data, "value": known.get(data["value"], data["value"])}
    return {name: _with_ids(part) for name, part in data.items()}
