"""Clicks of contacts on tracked links."""

from __future__ import annotations

from django.db import models

from fadeout.contacts.models import Contact


class Click(models.Model):
    """One click; an automated one (mail scanner, prefetch) is kept apart and never counts."""

    click_number = models.TextField(db_collation="C")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="clicks")
    link = models.TextField()
    clicked_at = models.DateTimeField()
    automated = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["click_number"], name="click_number_once"),
        ]
