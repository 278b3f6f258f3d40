"""Where pages of other rooms are: in one place."""

from __future__ import annotations


def plan_path(number: int) -> str:
    return f"/plans/{number}/"


def run_path(number: int) -> str:
    return f"/runs/{number}/"
