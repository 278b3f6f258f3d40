"""The ledger: entries that are only ever added, and the texts of people beside them."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q


class Kind(StrEnum):
    """What an entry records."""

    HOUSE = "house"
    POLICY = "policy"
    PLAN = "plan"
    APPROVAL = "approval"
    OVERRIDE = "override"
    RUN_STARTED = "run_started"
    STOP_ASKED = "stop_asked"
    RUN_STOPPED = "run_stopped"
    RUN_ENDED = "run_ended"
    RESIDUE = "residue"
    VAULT_SET_UP = "vault_set_up"
    VAULT_KEY = "vault_key"
    RECOVERY = "recovery"
    EXPIRY = "expiry"
    RESTORE = "restore"
    EMPTIED = "emptied"
    BATCH = "batch"
    HOLD = "hold"
    OPERATOR = "operator"
    OFFERING = "offering"
    REQUEST = "request"
    CAMPAIGN = "campaign"
    TARGET = "target"


#: The text that holds what an operator is called, at the first entry that names them.
NAME = "name"


class Entry(models.Model):
    """One thing that was done. Written once, in the transaction that does it.

    ``actor`` is the public id of an operator and no key: the entry outlives the row. ``facts`` hold no
    personal data; what people typed stands in :class:`Text`, and here its salted hash alone.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.TextField()
    actor = models.UUIDField(null=True)
    facts = models.JSONField()
    text_digests = models.JSONField()
    previous = models.TextField()
    hash = models.TextField()
    mac = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["kind", "number"], name="ledger_entry_kind")]


class Text(models.Model):
    """What somebody typed for an entry. It can be emptied, and the chain stays whole."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="texts", db_index=False)
    name = models.TextField()
    salt = models.TextField(null=True)
    text = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="ledger_text_once"),
            models.CheckConstraint(
                condition=Q(salt__isnull=True, text__isnull=True)
                | Q(salt__isnull=False, text__isnull=False),
                name="ledger_text_empties_with_its_salt",
            ),
        ]
