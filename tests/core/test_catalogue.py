"""The personal-data catalogue cannot lie: it is complete, or the build stops."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from fadeout.core.catalogue import checks, declaration, texts
from fadeout.core.catalogue.declaration import Action, DataClass, DeclarationError


def test_every_column_of_every_table_is_classified() -> None:
    assert run_checks() == []
    assert len(declaration.tables()) > 15


@isolate_apps("fadeout.contacts")
def test_a_new_model_that_nobody_declared_is_an_error() -> None:
    class Nickname(models.Model):
        nickname = models.TextField()

        class Meta:
            app_label = "contacts"

    [message] = checks._compare_table(Nickname, None)
    assert message.id == "fadeout.E002"
    assert "contacts_nickname" in message.msg
    assert "contacts/personal_data.toml" in str(message.hint)


@isolate_apps("fadeout.contacts")
def test_a_new_column_that_nobody_classified_is_an_error() -> None:
    class Role(models.Model):
        contact = models.ForeignKey("self", models.PROTECT)
        role = models.TextField()
        nickname = models.TextField()

        class Meta:
            app_label = "contacts"
            db_table = "contacts_role"

    [message] = checks._compare_table(Role, declaration.tables()["contacts_role"])
    assert message.id == "fadeout.E003"
    assert "contacts_role.nickname" in message.msg


@isolate_apps("fadeout.contacts")
def test_free_text_that_cannot_be_searched_is_an_error() -> None:
    class Role(models.Model):
        role = models.BinaryField()

        class Meta:
            app_label = "contacts"
            db_table = "contacts_role"

    body = {"about": "", "columns": {"id": {"class": "technical"}, "role": {"class": "free text"}}}
    [message] = checks._compare_table(Role, declaration._table("contacts", "contacts_role", body))
    assert message.id == "fadeout.E007"
    identifier = {"class": "contact", "why": "x", "identifier": "email"}
    body["columns"]["role"] = identifier | {"identifier_if": {"x": "y"}}
    [message] = checks._doubts({"t": declaration._table("contacts", "contacts_role", body)})
    assert message.id == "fadeout.E008"
    body["columns"]["role"] = {"class": "free text", "why": "x", "searched_unless": {"x": "y"}}
    [message] = checks._doubts({"t": declaration._table("contacts", "contacts_role", body)})
    assert message.id == "fadeout.E008"


def test_all_free_text_and_all_json_is_searched_in_a_fixed_order() -> None:
    searched = [(table.name, column.name) for table in texts.searched() for column in table.columns]
    declared = [
        (table.name, column.name)
        for table in declaration.tables().values()
        for column in table.columns.values()
    ]
    free = {
        (table, column)
        for table, column in declared
        if declaration.tables()[table].columns[column].data_class is DataClass.FREE_TEXT
    }
    json = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.JSONField)
    }
    left_out = {
        ("ledger_entry", "facts"), ("ledger_entry", "text_digests"),
        ("plans_plan", "totals"), ("plans_outlook", "figures"),
        ("runs_run", "figures_before"), ("runs_run", "audits"),
        ("runs_run", "earlier_audits"), ("runs_override", "brakes"),
        ("runs_chunk", "digest"), ("runs_chunk", "removed"), ("runs_chunk", "sealed"),
        ("links_tracked_link", "destination"), ("contacts_offeringversion", "content"),
        ("batches_batchstart", "held"), ("mfa_authenticator", "data"),
        ("socialaccount_socialapp", "settings"), ("socialaccount_socialaccount", "extra_data"),
    }  # fmt: skip
    assert set(searched) == ((free | json) & set(declared)) - left_out
    assert all(declaration.tables()[t].columns[c].why for t, c in left_out)
    assert json <= set(declared)
    assert searched == [place for place in declared if place in set(searched)]


PROGRAM = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
import django
django.setup()
import fadeout.contacts.models as m
from django.db import models
class Nickname(models.Model):
    nickname = models.TextField()
    class Meta:
        app_label = "contacts"
import sys
from fadeout.cli.main import main
sys.argv = ["fadeout", "check"]
main()
"""


def test_fadeout_check_fails_with_a_new_unclassified_model() -> None:
    """The command that the build runs, with a model more: it names table and place, and exits 1."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "contacts_nickname" in ended.stderr


def test_a_declaration_that_cannot_be_understood_names_its_place() -> None:
    with pytest.raises(DeclarationError, match="table t, column c: unknown entry colour"):
        declaration._table("room", "t", {"about": "", "columns": {"c": {"colour": "red"}}})
    with pytest.raises(DeclarationError, match="column c: 'identty'"):
        declaration._table("room", "t", {"about": "", "columns": {"c": {"class": "identty"}}})


def test_what_stays_of_personal_data_has_its_reason() -> None:
    kept = [
        (table.name, column)
        for table in declaration.tables().values()
        for column in table.columns.values()
        if column.data_class.is_personal and checks._stays(table, column)
    ]
    assert len(kept) > 10
    assert all(column.why for _, column in kept)


def test_the_anonymous_contact_keeps_what_the_rule_book_says_and_nothing_else() -> None:
    columns = declaration.tables()["contacts_contact"].columns.values()
    kept = {c.name for c in columns if c.anonymisation is Action.KEEP and c.data_class.is_personal}
    assert kept == {"kind", "country", "town", "postcode"}


def test_no_path_leads_to_a_table_without_personal_data_file(tmp_path: Path) -> None:
    assert declaration.is_personal("contacts_contact", "email")
    assert not declaration.is_personal("sales_product", "name")
    with pytest.raises(KeyError):
        declaration.is_personal("contacts_contact", "shoe_size")
