"""What a campaign still lacks before it can be sent; looked at on its page, and again before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fadeout.campaigns import merge, texts
from fadeout.campaigns.models import Campaign, CampaignText
from fadeout.campaigns.refusals import Refused
from fadeout.core import mail

if TYPE_CHECKING:
    from django.utils.functional import Promise


class Lack(StrEnum):
    """What is missing."""

    NO_TEXT = "no_text"
    NO_PLAIN = "no_plain"
    BROKEN = "broken_text"
    NO_UNSUBSCRIBE = "no_unsubscribe"
    NO_LINK = "no_such_link"
    UNUSED_LINK = "unused_link"
    LINK_RETIRED = "link_retired"
    NO_SERVER = "no_mail_server"
    NO_URL = "no_public_address"


SENTENCES: Mapping[Lack, Promise | str] = {
    Lack.NO_TEXT: _("There is no text in the language of the campaign yet."),
    Lack.NO_PLAIN: _("A text has no plain part: some people read nothing else."),
    Lack.BROKEN: _("A text cannot be made into a mail any more. Open it and save it again."),
    Lack.NO_UNSUBSCRIBE: _(
        "A text does not say how to unsubscribe: put {{ unsubscribe }} into its MJML and its plain part."
    ),
    Lack.NO_LINK: _("A text has the tag of a tracked link that the campaign does not have."),
    Lack.UNUSED_LINK: _(
        "A tracked link of the campaign stands in no text: put {{ link }} where it leads on."
    ),
    Lack.LINK_RETIRED: _("A tracked link of the campaign was retired."),
    Lack.NO_SERVER: _(
        "This house sends no mail yet: whoever looks after Fadeout sets a mail server."
    ),
    Lack.NO_URL: _(
        "It is not known where people reach this house: whoever looks after Fadeout sets FADEOUT_URL."
    ),
}


@dataclass(frozen=True)
class Missing:
    """One thing; ``language`` of the text that it is about."""

    lack: Lack
    language: str = ""

    def __str__(self) -> str:
        about = f" ({self.language})" if self.language else ""
        return f"{SENTENCES[self.lack]}{about}"


def missing(campaign: Campaign) -> list[Missing]:
    """All that is missing; nothing where the campaign can be sent."""
    found = list(campaign.texts.order_by("language"))
    lacks = [lack for text in found for lack in _of_text(campaign, text)]
    if all(text.language != campaign.language for text in found):
        lacks.append(Missing(Lack.NO_TEXT, campaign.language))
    if campaign.links.filter(retired_at__isnull=False).exists():
        lacks.append(Missing(Lack.LINK_RETIRED))
    if not mail.is_set_up():
        lacks.append(Missing(Lack.NO_SERVER))
    if not settings.PUBLIC_URL:
        lacks.append(Missing(Lack.NO_URL))
    return lacks


def _of_text(campaign: Campaign, text: CampaignText) -> list[Missing]:
    try:
        known = texts.compiled(text)
    except Refused:
        return [Missing(Lack.BROKEN, text.language)]
    lacks = [] if text.plain.strip() else [Lack.NO_PLAIN]
    links = {placed.tag for placed in campaign.placed.all()}
    used = {tag.name for tag in known.tags() if merge.LINK.match(tag.name)}
    if used - links:
        lacks.append(Lack.NO_LINK)
    if links - used:
        lacks.append(Lack.UNUSED_LINK)
    if campaign.is_marketing and not all(map(_has_way_out, (known.html, known.plain))):
        lacks.append(Lack.NO_UNSUBSCRIBE)
    return [Missing(lack, text.language) for lack in lacks]


def _has_way_out(text: merge.Text) -> bool:
    return any(tag.name == merge.UNSUBSCRIBE for tag in merge.tags(text))
