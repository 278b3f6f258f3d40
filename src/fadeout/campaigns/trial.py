"""Looks at a campaign before it goes: as a contact would see it, and as a mail to whoever tries it out.

What could go wrong: somebody tries a link of a test, and a contact counts as active or unsubscribed by it. So
links of previews and tests are of nobody: they lead where the tracked link leads, and the way out says that
it is a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from fadeout.campaigns import compose, merge, readiness, texts
from fadeout.campaigns.compose import Letter, Ways
from fadeout.campaigns.models import Campaign, CampaignText
from fadeout.campaigns.refusals import Refused, Why
from fadeout.contacts.models import Contact
from fadeout.contacts.records import ON_FILE
from fadeout.core import mail
from fadeout.core.mail import Verdict

TEST = "test"
NOBODY: Mapping[str, Any] = {}
AS_READ = ("language", *merge.OF_A_CONTACT)


@dataclass(frozen=True)
class Preview:
    """A mail as it would look; ``language`` is that of the text which was taken."""

    language: str
    subject: str
    plain: str
    html: str


def preview(
    campaign: Campaign, *, house: str, language: str = "", contact: Mapping[str, Any] = NOBODY,
    text: CampaignText | None = None,
) -> Preview:  # fmt: skip
    """What somebody would read.

    Args:
        campaign: which.
        house: what the house is called.
        language: which text; that of the contact, or of the campaign, if left out.
        contact: as whom, from :func:`as_contact`; nobody shows the fallbacks.
        text: what is being written, instead of what was saved.

    Raises:
        Refused: a text cannot be used; UNKNOWN if there is none.
    """
    letter = _letter(campaign, house, text)
    read = dict(contact)
    if wanted := language or (text.language if text else ""):
        read["language"] = wanted
    ways = _ways(campaign)
    chosen = letter.text(read.get("language"))
    values = letter.values(read, ways)
    return Preview(
        language=chosen.language,
        subject=merge.one_line(merge.plain(chosen.subject, values)),
        plain=merge.plain(chosen.plain, values),
        html=compose.html(letter, read, ways),
    )


def send_test(
    campaign: Campaign, *, to: str, house: str, language: str = "", contact: Mapping[str, Any] = NOBODY
) -> Verdict:  # fmt: skip
    """Send a mail, marked as a test, to an address that somebody typed; it is kept nowhere.

    Raises:
        Refused: NOT_AN_ADDRESS, or a text cannot be used.
    """
    address = to.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(Why.NOT_AN_ADDRESS, field="to", what="to") from error
    letter = _letter(campaign, house, None)
    read = {**contact, **({"language": language} if language else {})}
    made = compose.mail(letter, read, _ways(campaign), to=address, message=None)
    made.subject = f"[Test] {made.subject}"
    with mail.mailing() as mailer:
        return mailer.send(made)


def as_contact(public_id: UUID) -> Mapping[str, Any] | None:
    """What a mail needs of a contact on file."""
    return _read(ON_FILE.filter(public_id=public_id).first())


def as_numbered(contact_number: str) -> Mapping[str, Any] | None:
    """Likewise by contact number."""
    return _read(ON_FILE.filter(contact_number=contact_number).first())


def _read(contact: Contact | None) -> Mapping[str, Any] | None:
    return None if contact is None else {name: getattr(contact, name) for name in AS_READ}


def _letter(campaign: Campaign, house: str, text: CampaignText | None) -> Letter:
    if text is not None:
        return Letter(campaign, house, {
            campaign.language: texts.compiled(text), text.language: texts.compiled(text),
        })  # fmt: skip
    letter = compose.letter(campaign, house)
    if campaign.language not in letter.texts:
        raise Refused(Why.NOT_READY, what=str(readiness.SENTENCES[readiness.Lack.NO_TEXT]))
    return letter


def _ways(campaign: Campaign) -> Ways:
    way_out = compose.unsubscribe_address(TEST) if campaign.is_marketing else ""
    links = {
        placed.tag: placed.link.destination for placed in campaign.placed.select_related("link")
    }
    return Ways(links, way_out, f"{settings.PUBLIC_URL}/u/{TEST}")
