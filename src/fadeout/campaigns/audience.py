"""Who gets a campaign, and why the others of its target do not. One expression says so, for all or for one.

What could go wrong, and what prevents it:

- Somebody who did not say yes gets a mail: only the latest answer for purpose and channel counts, and only a
  *yes*; unanswered is no.
- The figures say something else than what is sent: the same expression counts a target, makes its messages,
  and is asked again about each contact at the moment of sending.
- Somebody who shares an address gets three copies: one goes to an address, unless each is about somebody
  (renewal, purchase).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, Trim

from fadeout.campaigns.models import Campaign, Message
from fadeout.contacts.models import Answer, Authorisation, Contact, Hold

RESTRICTION, REQUEST = "restriction", "request"
_OF_A_MAIL = ("left_out", "email", "language", "title", "first_name", "last_name")
#: Stands where a contact will; no row has it.
_ANYBODY = -1


class LeftOut(StrEnum):
    """Why somebody of the target does not get it; of several reasons the first one counts."""

    ANONYMISED = "anonymised"
    NO_EMAIL = "no_email"
    RESTRICTED = "restricted"
    REQUEST = "request"
    SAID_NO = "said_no"
    UNANSWERED = "unanswered"
    #: An earlier mail came back: there is no such address.
    RETURNED = "returned"
    SAME_ADDRESS = "same_address"
    #: Erased between the beginning and their turn.
    ERASED = "erased"


@dataclass(frozen=True)
class Audience:
    """Of a target: how many get the campaign, and how many do not, by reason; together all of it."""

    target: int
    reached: int
    left_out: dict[LeftOut, int]


def judged(contacts: QuerySet[Contact], campaign: Campaign, *, today: date) -> QuerySet[Any]:
    """These contacts, each with ``left_out``: why it does not get the campaign, or nothing.

    Args:
        contacts: of whom it is asked.
        campaign: what would be sent.
        today: the institution's day: a hold counts through its last one.
    """
    whens = [
        When(anonymised_on__isnull=False, then=Value(LeftOut.ANONYMISED)),
        When(Q(email=None) | ~Q(email__contains="@"), then=Value(LeftOut.NO_EMAIL)),
        When(_is_held(RESTRICTION, today), then=Value(LeftOut.RESTRICTED)),
    ]
    if campaign.purpose is not None:
        contacts = contacts.annotate(answer=_answer(campaign.purpose, campaign.channel))
        whens += [
            When(_is_held(REQUEST, today), then=Value(LeftOut.REQUEST)),
            When(answer=Answer.NO, then=Value(LeftOut.SAID_NO)),
            When(~Q(answer=Answer.YES), then=Value(LeftOut.UNANSWERED)),
        ]
    whens.append(When(_came_back(), then=Value(LeftOut.RETURNED)))
    reason = Case(*whens, default=Value(""), output_field=TextField())
    return contacts.annotate(left_out=reason)


def counted(contacts: QuerySet[Contact], campaign: Campaign, *, today: date) -> Audience:
    """How many of these contacts get the campaign, and why the others do not."""
    rows = (
        judged(contacts, campaign, today=today)
        .order_by()
        .values("left_out")
        .annotate(n=Count("pk"), addresses=Count(_address(), distinct=True))
    )
    found = {row["left_out"]: (row["n"], row["addresses"]) for row in rows}
    fit, addresses = found.pop("", (0, 0))
    reached = fit if campaign.is_for_each_contact else addresses
    left_out = {LeftOut(reason): n for reason, (n, _) in found.items()}
    if fit > reached:
        left_out[LeftOut.SAME_ADDRESS] = fit - reached
    total = fit + sum(n for n, _ in found.values())
    in_order = {reason: left_out[reason] for reason in LeftOut if reason in left_out}
    return Audience(target=total, reached=reached, left_out=in_order)


def reached(contacts: QuerySet[Contact], campaign: Campaign, *, today: date) -> Any:
    """The rows of those who get it, as many as :func:`counted` says; of a shared address the first."""
    fit = judged(contacts, campaign, today=today).filter(left_out="").order_by()
    if campaign.is_for_each_contact:
        return fit.values("pk")
    return fit.values(shared=_address()).annotate(first=Min("pk")).values("first")


class AtTheirTurn:
    """Asks of one contact after the other, by the same expression, made into a statement once.

    Django makes it anew for each question otherwise, which takes longer than all else of a mail.
    """

    def __init__(self, campaign: Campaign, *, today: date) -> None:
        asked = judged(Contact.objects.filter(pk=_ANYBODY), campaign, today=today)
        self._statement, self._parameters = asked.values_list(*_OF_A_MAIL).query.sql_with_params()
        self.today = today

    def ask(self, contact: int) -> dict[str, Any] | None:
        """What a mail needs of a contact, and ``left_out``; nothing of one who is gone."""
        with connection.cursor() as cursor:
            cursor.execute(
                self._statement, [contact if p == _ANYBODY else p for p in self._parameters]
            )
            row = cursor.fetchone()
        return None if row is None else dict(zip(_OF_A_MAIL, row, strict=True))


def _answer(purpose: str, channel: str) -> Any:
    """The latest answer on file is in force."""
    latest = (
        Authorisation.objects.filter(contact=OuterRef("pk"), purpose=purpose, channel=channel)
        .order_by("-changed_at")
        .values("value")[:1]
    )
    unanswered = Value(Answer.UNANSWERED.value)
    return Coalesce(Subquery(latest), unanswered, output_field=TextField())


def _is_held(reason: str, today: date) -> Exists:
    holds = Hold.objects.filter(contact=OuterRef("pk"), reason=reason)
    return Exists(holds.filter(Q(until=None) | Q(until__gte=today)))


def _came_back() -> Exists:
    same = Message.objects.filter(returned_from=normal(OuterRef("email")))
    return Exists(same.exclude(returned_from=None))


def _address() -> Any:
    return normal("email")


def normal(address: Any) -> Any:
    """An address as it is compared with others: without blanks around it, in lower case."""
    return Lower(Trim(address))
