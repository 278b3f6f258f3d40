"""The list of a plan on its page: filtered, sorted, searched, downloaded; and what changed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.core import sql
from fadeout.plans.models import Plan
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.plans.test_listing import plan

__all__ = ["plan"]


@pytest.fixture
def client(plan: Plan) -> Client:
    return signed_in(somebody(Role.DPO, name="Bo"))


def page(client: Client, plan: Plan, under: str = "contacts/", **query: str) -> str:
    answer = client.get(f"/plans/{plan.pk}/{under}", query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_smoke(client: Client, plan: Plan) -> None:
    shown = page(client, plan)
    assert "c01" in shown
