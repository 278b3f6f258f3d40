"""Filters that every template has."""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.template import defaultfilters

from fadeout.console.frame.words import HOLDS
from fadeout.contacts.words import CHANNELS, PURPOSES
from fadeout.core import dates

register = template.Library()


@register.filter(expects_localtime=True)
def date(value: Any, named: str | None = None) -> str:
    """Django's own, and days as people write them in its named formats."""
    text = str(defaultfilters.date(value, named))
    return (
        dates.with_ordinal(text)
        if isinstance(value, datetime.date) and (named or "").isupper()
        else text
    )


@register.filter
def purpose(code: str) -> str:
    """What an authorisation is for; a purpose of the house's own is called as the house does."""
    return str(PURPOSES.get(code, code))


@register.filter
def channel(code: str) -> str:
    """By what an authorisation lets somebody write or call."""
    return str(CHANNELS.get(code, code))


@register.filter
def hold_reason(text: str) -> str:
    """Why a hold is there: one of the two that data protection has, or what somebody typed."""
    return str(HOLDS.get(text, text))
