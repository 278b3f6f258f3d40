"""Puts the mail of one contact together: headers, plain text, HTML.

What could go wrong, and what prevents it:

- A name begins another header: values are one line, and the library refuses what is not.
- A mail cannot be got rid of: every one that needs a *yes* carries ``List-Unsubscribe`` with one click
  (RFC 8058), beside the link that people see.
- A bounce tells nobody what bounced: it comes back to an address, and quotes an id, that name the message.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from fadeout.campaigns import merge, texts
from fadeout.campaigns.merge import one_line
from fadeout.campaigns.models import Campaign
from fadeout.campaigns.texts import Compiled
from fadeout.core import mail as transport

OF_ID = "fadeout."


@dataclass(frozen=True)
class Ways:
    """Where the links of one mail lead: by tag, and the way out."""

    links: Mapping[str, str]
    unsubscribe: str = ""
    preferences: str = ""


@dataclass(frozen=True)
class Letter:
    """A campaign ready to be put together for many contacts."""

    campaign: Campaign
    house: str
    texts: Mapping[str, Compiled]

    def text(self, language: str | None) -> Compiled:
        """The text in the contact's language; in the campaign's where there is none."""
        wanted = (language or "").replace("_", "-").partition("-")[0].lower()
        return self.texts.get(wanted) or self.texts[self.campaign.language]

    def values(self, contact: Mapping[str, Any], ways: Ways) -> dict[str, str]:
        """What stands in place of the tags."""
        return {
            **{name: contact.get(name) or "" for name in merge.OF_A_CONTACT},
            **ways.links,
            "house": self.house,
            "unsubscribe": ways.unsubscribe,
            "preferences": ways.preferences or ways.unsubscribe,
        }


def letter(campaign: Campaign, house: str) -> Letter:
    """Take the texts of a campaign apart.

    Raises:
        Refused: one of them cannot be used.
    """
    known = {text.language: texts.compiled(text) for text in campaign.texts.all()}
    return Letter(campaign, house, known)


def mail(
    letter: Letter, contact: Mapping[str, Any], ways: Ways, *, to: str, message: UUID | None
) -> EmailMultiAlternatives:
    """The mail to one contact.

    Args:
        letter: the campaign.
        contact: language, title and names.
        ways: where its links lead.
        to: the address.
        message: what it is known by; None for a test.
    """
    campaign, text = letter.campaign, letter.text(contact.get("language"))
    values = letter.values(contact, ways)
    sender = formataddr((one_line(campaign.sender_name), campaign.sender_address))
    headers = {}
    return_path = _return_path(message)
    if return_path:
        headers["From"] = sender
    if message is not None:
        headers["Message-ID"] = f"<{OF_ID}{message.hex}@{_domain(campaign.sender_address)}>"
        headers["Auto-Submitted"] = "auto-generated"
    if ways.unsubscribe:
        headers["List-Unsubscribe"] = f"<{ways.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["Precedence"] = "bulk"
    made = EmailMultiAlternatives(
        subject=one_line(merge.plain(text.subject, values)),
        body=merge.plain(text.plain, values),
        from_email=return_path or sender,
        to=[to],
        reply_to=[campaign.reply_to] if campaign.reply_to else None,
        headers=headers,
    )
    made.attach_alternative(html(letter, contact, ways), "text/html")
    return made


def html(letter: Letter, contact: Mapping[str, Any], ways: Ways) -> str:
    """What one contact sees."""
    text = letter.text(contact.get("language"))
    body = merge.html(text.html, letter.values(contact, ways))
    return body.replace('lang="und"', f'lang="{text.language}"')


def unsubscribe_address(token: str) -> str:
    """Where one click unsubscribes."""
    return f"{settings.PUBLIC_URL}/u/{token}"


def preferences_address(token: str) -> str:
    """Where the contact of a mail sees and changes what they allow."""
    return f"{settings.PUBLIC_URL}/p/{token}"


def _return_path(message: UUID | None) -> str:
    """Where a bounce goes: names the message, where the house has an address for bounces.

    Providers have a return path of their own, and tell of bounces otherwise.
    """
    bounces = os.environ.get("FADEOUT_BOUNCE_ADDRESS", "").strip()
    if not bounces or message is None or transport.provider():
        return ""
    box, _, domain = bounces.partition("@")
    return f"{box}+{message.hex}@{domain}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
