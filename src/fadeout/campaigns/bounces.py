"""Takes in reports of mails that came back (RFC 3464), as a mail server forwards or collects them.

What could go wrong, and what prevents it:

- A report is about somebody else's mail, or made up: only an id of ours, drawn by lot, tells the message; a
  report without one changes nothing.
- A delay is taken for a failure: only what failed for good counts; the rest is counted apart.
- A mail is sent to nowhere again and again, and the house is taken for a sender of spam: an address that does
  not exist is kept, and left out from then on (:mod:`fadeout.campaigns.audience`). What came back for
  another reason may arrive the next time.
- A report quotes the mail, with names and addresses: nothing of it is kept or logged but its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import zip_longest
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery

from fadeout.campaigns import totals
from fadeout.campaigns.audience import normal
from fadeout.campaigns.compose import OF_ID
from fadeout.campaigns.models import Message, MessageState
from fadeout.contacts.models import Contact

#: In a Message-ID of ours, and in the address that bounces come back to.
OURS = re.compile(rb"<?" + re.escape(OF_ID.encode()) + rb"([0-9a-f]{32})@|\+([0-9a-f]{32})@")
#: Begins a mail of an mbox: whose, and when; a paragraph of a mail may begin with the same word.
FROM_LINE = re.compile(
    rb"(?:\A|\n\n|\r\n\r\n)From (?:\S+|\"[^\"\n]*\"\S*) +(?=[^\n]*\d\d:\d\d)[^\n]*\d{4}[^\n]*\n"
)
MBOX = b"From "
#: The address is wrong, or its mailbox is closed (RFC 3463); others tell of the mail, or of its sender.
NO_SUCH_ADDRESS = re.compile(r"bounce_5\.(?:1\.\d+|2\.1)")
STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")


@dataclass
class Taken:
    """What was found in a file: failed for good, delayed or passing, of no message of ours, no report."""

    bounced: int = 0
    known_already: int = 0
    passing: int = 0
    unknown: int = 0
    no_report: int = 0


def take_in(content: bytes) -> Taken:
    """Record every bounce of an mbox, or of one mail, at its message."""
    taken = Taken()
    for raw in _mails(content):
        what = _take_one(raw)
        setattr(taken, what, asdict(taken)[what] + 1)
    return taken


@transaction.atomic
def bounced(message: UUID, code: str) -> str:
    """Record that a message bounced for good; tells whether it is new, known, or of nobody."""
    found = Message.objects.select_for_update().filter(public_id=message).first()
    if found is None:
        return "unknown"
    if found.state == MessageState.BOUNCED:
        return "known_already"
    if found.state == MessageState.IN_DOUBT:  # it came back, so it went out
        totals.add(found.campaign_id, totals.IN_DOUBT, -1)
        totals.add(found.campaign_id, totals.SENT)
    elif found.state != MessageState.SENT:
        return "unknown"
    found.state, found.code = MessageState.BOUNCED, code
    found.save(update_fields=["state", "code"])
    if NO_SUCH_ADDRESS.fullmatch(code):
        _note_address(found)
    totals.add(found.campaign_id, totals.BOUNCED)
    return "bounced"


def write_again(contact: Contact) -> bool:
    """Write to the address of a contact again though mails came back from it; whether any had."""
    address = Contact.objects.filter(pk=contact.pk).values(said=normal("email"))
    return bool(Message.objects.filter(returned_from=Subquery(address)).update(returned_from=None))


def _note_address(message: Message) -> None:
    """Keep the address that the contact has by now: it is read when a mail is sent, and kept nowhere else."""
    address = Contact.objects.filter(pk=message.contact_id).values(said=normal("email"))
    Message.objects.filter(pk=message.pk).update(returned_from=Subquery(address))


def _mails(content: bytes) -> Iterator[bytes]:
    """The mails of an mbox; what is none is one mail."""
    heads = list(FROM_LINE.finditer(content)) if content.startswith(MBOX) else []
    if not heads:
        yield content
    for head, following in zip_longest(heads, heads[1:]):
        yield content[head.end() : following.start() if following else len(content)]


def _take_one(raw: bytes) -> str:
    mail = message_from_bytes(raw, policy=policy.default)
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if not reports:
        return "no_report"
    code = next(filter(None, map(_failed_for_good, reports)), None)
    if code is None:
        return "passing"
    message = _message(raw)
    return "unknown" if message is None else bounced(message, f"bounce_{code}")


def _failed_for_good(report: EmailMessage) -> str | None:
    """The code of a recipient who does not get it, ever."""
    for block in report.get_payload():
        if not isinstance(block, EmailMessage):
            continue
        status = STATUS.search(str(block.get("Status", "")))
        if str(block.get("Action", "")).strip().lower() == "failed" and status and status[1] == "5":
            return status[0]
    return None


def _message(raw: bytes) -> UUID | None:
    found = OURS.search(raw)
    return UUID((found[1] or found[2]).decode("ascii")) if found else None
