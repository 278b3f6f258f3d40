"""Sends a campaign: claim a message, send it, record what became of it; each step is on disk before the next.

What could go wrong, and what prevents it:

- Somebody gets a mail twice: a message is claimed before it is sent, and one sender at a time has a
  campaign (a lock of the database's, which falls with its session).
- The sender is killed, or loses the database: the one message that was claimed may have gone out or not. It
  is *in doubt*, shown so, and never sent again by itself; all others go on where they stand.
- Somebody withdrew their *yes*, was erased or restricted since the campaign began: authorisation, state
  and address are read once the message is claimed, by the expression that counted the audience.
- The server is down, or refuses the sender: no message is claimed, or one that is tried again. It is asked
  again later, and the page says since when.
- The server wants less at a time, or one mail not now: it is tried again, later and later; what it refuses
  for good is recorded with its code.
- Somebody pauses or cancels: each claim asks the campaign's state.
- The throttle is passed by two workers: when the next mails may go stands in the campaign's row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Min, Q

from fadeout.campaigns import audience, beginning, compose, record, steps, totals
from fadeout.campaigns.compose import Letter, Ways
from fadeout.campaigns.models import TO_SEND, Campaign, Message, MessageState, State
from fadeout.campaigns.steps import TROUBLE, Claimed, End
from fadeout.campaigns.tokens import MailKeys
from fadeout.core import clock as clocks
from fadeout.core import mail, sql
from fadeout.core.mail import Mailer, Verdict
from fadeout.institution.models import Institution
from fadeout.links import addresses
from fadeout.links import operations as links
from fadeout.links.tokens import LinkKeys
from fadeout.recency import operations as recency

LOCK_ID = 0x66616463616D70 << 8  # "fadcamp": a number for each campaign above it
BATCH = 100
#: Under a throttle so much of a minute goes at once.
PARTS_OF_A_MINUTE = 20
#: Until a campaign that somebody else sends is looked at again.
TAKEN = timedelta(seconds=15)
#: So long do clicks on the links of a mail count; after that they still lead on.
CLICKS_COUNT = timedelta(days=365)
#: So often it is noted to whom mails were handed over: what is clicked before that is no human's.
NOTED = timedelta(seconds=1)
NOT_AN_ADDRESS = "not_an_address"
KILLED = "sender_died"

Clock = Callable[[], datetime]
#: Of links: tag -> contact -> token.
Tokens = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Means:
    """What sending takes: the house, its keys, the time, and whether to stop."""

    house: Institution
    keys: Path
    clock: Clock = clocks.now
    is_stopping: Callable[[], bool] = lambda: False


def go_on(campaign_id: int, means: Means) -> datetime | None:
    """Send what may be sent now. Tells when to come again; nothing once there is no more to do."""
    with _alone(campaign_id) as is_ours:
        now = means.clock()
        if not is_ours:
            return now + TAKEN
        campaign = Campaign.objects.select_related("target").get(pk=campaign_id)
        if campaign.state == State.SCHEDULED:
            campaign = beginning.begin(campaign, house=means.house, now=now)
        if campaign.state == State.SCHEDULED:
            return campaign.scheduled_at
        _note_doubts(campaign, now)
        if campaign.state != State.SENDING:
            return None
        return _Sender(campaign, means).send()


class _Sender:
    """Sends one campaign over one connection."""

    def __init__(self, campaign: Campaign, means: Means) -> None:
        self.campaign, self.means = campaign, means
        self.letter: Letter = compose.letter(campaign, means.house.name)
        self.placed = list(campaign.placed.select_related("link").order_by("position"))
        has_sent = Message.objects.filter(state=MessageState.SENT).exists()
        self.keys = MailKeys(means.keys, makes=not has_sent) if campaign.is_marketing else None
        self.link_keys = LinkKeys(means.keys) if self.placed else None
        today = clocks.local_day(means.clock(), means.house.time_zone)
        self.turn = audience.AtTheirTurn(campaign, today=today)
        self.handed_over: list[int] = []
        self.noted_at = means.clock()

    def send(self) -> datetime | None:
        """Batch after batch, until it is over, halted, or has to wait."""
        with mail.mailing() as mailer:
            while not self.means.is_stopping():
                now = self.means.clock()
                opened = mailer.open()
                if not opened.taken:
                    self._note_trouble(opened.code, now)
                    return now + TROUBLE
                batch, again = _take_up(self.campaign, now)
                trouble = self._send_batch(mailer, batch) if batch else None
                self._note_trouble(trouble, now)
                if trouble:
                    return self.means.clock() + TROUBLE
                if not batch:
                    return again or self._end(now)
                if again is not None and again > self.means.clock():
                    return again
        return self.means.clock()

    def _send_batch(self, mailer: Mailer, batch: Mapping[int, int]) -> str | None:
        """One after the other: what became of one is recorded as the next is claimed; tells of trouble."""
        tokens = self._tokens(list(batch.values()))
        end: End | None = None
        for message in batch:
            now = self.means.clock()
            if self.means.is_stopping() or (end and end.is_of_all):
                break
            if now - self.noted_at > NOTED:
                self._note_delivered(now)
            claimed = self._record_and_claim(end, message, now)
            end = self._end_of(mailer, claimed, tokens, now) if claimed else None
        now = self.means.clock()
        self._record_and_claim(end, None, now)
        self._note_delivered(now)
        return end.code if end and end.is_of_all else None

    def _record_and_claim(
        self, end: End | None, message: int | None, now: datetime
    ) -> Claimed | None:
        claimed = steps.record_and_claim(self.campaign, end, message, now=now)
        if end is not None and end.state == MessageState.SENT:
            self.handed_over.append(end.claimed.contact_id)
        return claimed

    def _end_of(
        self, mailer: Mailer, claimed: Claimed, tokens: Tokens, now: datetime
    ) -> End:  # fmt: skip
        """Send it, if its contact still gets it at this moment."""
        today = clocks.local_day(now, self.means.house.time_zone)
        if self.turn.today != today:
            self.turn = audience.AtTheirTurn(self.campaign, today=today)
        contact = self.turn.ask(claimed.contact_id)
        if contact is None:
            return steps.erased(claimed)
        if contact["left_out"]:
            return steps.left_out(claimed, contact["left_out"])
        return steps.end_of(claimed, self._sent(mailer, claimed, contact, tokens))

    def _note_delivered(self, now: datetime) -> None:
        """Tell the links who has their mail by now."""
        contacts, self.handed_over, self.noted_at = self.handed_over, [], now
        if contacts and self.placed:
            moved = links.delivered(self.campaign.public_id, contacts=contacts, at=now)
            if moved:
                recency.refresh(moved, now=now, time_zone=self.means.house.time_zone)

    def _sent(
        self, mailer: Mailer, claimed: Claimed, contact: Mapping[str, Any], tokens: Tokens
    ) -> Verdict:
        ways = Ways(
            links={
                tag: addresses.address(of_contact[claimed.contact_id])
                for tag, of_contact in tokens.items()
                if claimed.contact_id in of_contact
            },
            unsubscribe=compose.unsubscribe_address(self.keys.token(claimed.public_id))
            if self.keys
            else "",
            preferences=compose.preferences_address(self.keys.token(claimed.public_id))
            if self.keys
            else "",
        )
        to = contact["email"].strip()
        try:
            made = compose.mail(self.letter, contact, ways, to=to, message=claimed.public_id)
        except ValueError:  # a line break in an address, and the like
            return Verdict.refused(NOT_AN_ADDRESS)
        return mailer.send(made)

    def _tokens(self, contacts: Sequence[int]) -> Tokens:
        """The links of a batch's contacts: tag -> contact -> token."""
        if self.link_keys is None:
            return {}
        now = self.means.clock()
        return {
            placed.tag: links.issue(
                placed.link, contacts=contacts, issued_for=self.campaign.public_id,
                expires_at=now + CLICKS_COUNT, keys=self.link_keys, now=now,
            )
            for placed in self.placed
        }  # fmt: skip

    def _note_trouble(self, code: str | None, now: datetime) -> None:
        """Keep what holds all mails up, and since when."""
        if code == self.campaign.trouble:
            return
        since = None if code is None else self.campaign.trouble_since or now
        Campaign.objects.filter(pk=self.campaign.pk).update(trouble=code, trouble_since=since)
        self.campaign.trouble, self.campaign.trouble_since = code, since

    @transaction.atomic
    def _end(self, now: datetime) -> None:
        """Nobody is left: the campaign is sent. Whoever is not counted by now was erased before."""
        found = Campaign.objects.select_for_update().get(pk=self.campaign.pk)
        if found.state != State.SENDING or _open(found).exists():
            return
        erased = totals.standing(found).waiting
        if erased:
            totals.add(found.pk, totals.LEFT_OUT, erased, reason=audience.LeftOut.ERASED)
        found.state, found.ended_at, found.changed_at = State.SENT, now, now
        found.save()
        figures = totals.standing(found)
        record.write(
            found, "ended", by=None, now=now,
            sent=figures.sent, failed=figures.failed, in_doubt=figures.in_doubt,
            left_out=figures.left_out_in_all,
        )  # fmt: skip


@contextmanager
def _alone(campaign_id: int) -> Iterator[bool]:
    """Whether this session is the only one that sends the campaign, for as long as the block."""
    lock = {"id": LOCK_ID + campaign_id}
    if not sql.rows("SELECT pg_try_advisory_lock(%(id)s)", lock)[0][0]:
        yield False
        return
    with sql.ended_by(lambda: sql.rows("SELECT pg_advisory_unlock(%(id)s)", lock)):
        yield True


@transaction.atomic
def _note_doubts(campaign: Campaign, now: datetime) -> None:
    """Whoever claimed a message that is claimed still is gone: nobody else sends this campaign."""
    claimed = Message.objects.filter(campaign=campaign, state=MessageState.CLAIMED)
    count = claimed.update(state=MessageState.IN_DOUBT, code=KILLED, ended_at=now)
    if count:
        totals.add(campaign.pk, totals.IN_DOUBT, count)


@transaction.atomic
def _take_up(campaign: Campaign, now: datetime) -> tuple[dict[int, int], datetime | None]:
    """The next messages that may go, each with its contact; and when the next after them may.

    Without any: when there will be some; no time where none are left.
    """
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if found.state != State.SENDING:
        return {}, None
    if found.may_go_at is not None and found.may_go_at > now:
        return {}, found.may_go_at
    rate = found.per_minute
    most = max(1, rate // PARTS_OF_A_MINUTE) if rate else BATCH
    rows = _to_send(found).filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    batch = dict(rows.values_list("pk", "contact_id")[: min(most, BATCH)])
    if not batch:
        return {}, _to_send(found).aggregate(next=Min("next_try_at"))["next"]
    if not rate:
        return batch, None
    found.may_go_at = now + timedelta(seconds=60 * len(batch) / rate)
    found.save(update_fields=["may_go_at"])
    return batch, found.may_go_at


def under_way() -> list[int]:
    """Campaigns that somebody is to send, and those of which a dead sender left something, by their rows."""
    claimed = Message.objects.filter(state=MessageState.CLAIMED).values("campaign")
    found = Campaign.objects.filter(Q(state=State.SENDING) | Q(pk__in=claimed))
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def hold(campaign_id: int, code: str, *, now: datetime) -> None:
    """Halt a campaign that cannot be sent as things are, until a person goes on with it."""
    found = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if found is not None and found.state in (State.SENDING, State.SCHEDULED):
        found.state, found.trouble, found.trouble_since = State.PAUSED, code, now
        found.changed_at = now
        found.save()
        record.write(found, "held", by=None, now=now)


def _to_send(campaign: Campaign) -> Any:
    return Message.objects.filter(campaign=campaign, state__in=TO_SEND)


def _open(campaign: Campaign) -> Any:
    return Message.objects.filter(campaign=campaign, state__in=[*TO_SEND, MessageState.CLAIMED])
