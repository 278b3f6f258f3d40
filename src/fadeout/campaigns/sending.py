"""Sends a campaign: claim a message, send it, record what became of it; each step is on disk before the next.

What could go wrong, and what prevents it:

- Somebody gets a mail twice: a message is claimed before it is sent, and one sender at a time has a
  campaign (a lock of the database's, which falls with its session).
- The sender is killed, or loses the database: the one message that was claimed may have gone out or not. It
  is *in doubt*, shown so, and never sent again by itself; all others go on where they stand.
- Somebody withdrew their *yes*, was erased or restricted since the campaign began: authorisation, state
  and address are read in the transaction of the claim, by the expression that counted the audience.
- The server is down: no message is claimed. It is asked again later, and the page says since when.
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
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from fadeout.campaigns import audience, beginning, compose, record, totals
from fadeout.campaigns.compose import Letter, Ways
from fadeout.campaigns.models import TO_SEND, Campaign, Message, MessageState, State
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
#: After the first, second, … try that failed for now.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1_440))
#: Until a server that takes nothing is asked again.
TROUBLE = timedelta(minutes=1)
#: Until a campaign that somebody else sends is looked at again.
TAKEN = timedelta(seconds=15)
#: So long do clicks on the links of a mail count; after that they still lead on.
CLICKS_COUNT = timedelta(days=365)
#: So often it is noted to whom mails were handed over: what is clicked before that is no human's.
NOTED = timedelta(seconds=1)
GAVE_UP = "gave_up"
NOT_AN_ADDRESS = "not_an_address"
KILLED = "sender_died"

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Means:
    """What sending takes: the house, its keys, the time, and whether to stop."""

    house: Institution
    keys: Path
    clock: Clock = clocks.now
    is_stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Claimed:
    """A message that is about to be sent, and what its contact says at this moment."""

    key: int
    public_id: UUID
    contact_id: int
    attempts: int
    contact: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What became of a message that was claimed."""

    claimed: Claimed
    verdict: Verdict


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
                self._note_trouble(opened, now)
                if not opened.taken:
                    return now + TROUBLE
                batch, again = _take_up(self.campaign, now)
                if not batch:
                    return again or self._end(now)
                if not self._send_batch(mailer, batch):
                    return self.means.clock() + TROUBLE
                if again is not None and again > self.means.clock():
                    return again
        return self.means.clock()

    def _send_batch(self, mailer: Mailer, batch: Mapping[int, int]) -> bool:
        """One after the other: what became of one is recorded as the next is claimed. False for trouble."""
        tokens = self._tokens(list(batch.values()))
        done: Done | None = None
        for message in batch:
            if self.means.is_stopping():
                break
            if self.means.clock() - self.noted_at > NOTED:
                self._note_delivered(self.means.clock())
            claimed = self._record_and_claim(done, message)
            done = None
            if claimed is not None:
                done = Done(claimed, self._sent(mailer, claimed, tokens))
            if done and done.verdict.is_of_all:
                break
        if done is not None:
            with transaction.atomic():
                self._record(done, self.means.clock())
        self._note_delivered(self.means.clock())
        return not (done and done.verdict.is_of_all)

    @transaction.atomic
    def _record_and_claim(self, done: Done | None, message: int) -> Claimed | None:
        now = self.means.clock()
        if done is not None:
            self._record(done, now)
        today = clocks.local_day(now, self.means.house.time_zone)
        if self.turn.today != today:
            self.turn = audience.AtTheirTurn(self.campaign, today=today)
        return _claim(self.campaign, message, now, self.turn)

    def _record(self, done: Done, now: datetime) -> None:
        _record(self.campaign, done, now)
        if done.verdict.taken:
            self.handed_over.append(done.claimed.contact_id)

    def _note_delivered(self, now: datetime) -> None:
        """Tell the links who has their mail by now."""
        contacts, self.handed_over, self.noted_at = self.handed_over, [], now
        if contacts and self.placed:
            moved = links.delivered(self.campaign.public_id, contacts=contacts, at=now)
            if moved:
                recency.refresh(moved, now=now, time_zone=self.means.house.time_zone)

    def _sent(
        self, mailer: Mailer, claimed: Claimed, tokens: Mapping[str, Mapping[int, str]]
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
        to = claimed.contact["email"].strip()
        try:
            made = compose.mail(
                self.letter, claimed.contact, ways, to=to, message=claimed.public_id
            )
        except ValueError:  # a line break in an address, and the like
            return Verdict.refused(NOT_AN_ADDRESS)
        return mailer.send(made)

    def _tokens(self, contacts: Sequence[int]) -> dict[str, Mapping[int, str]]:
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

    def _note_trouble(self, opened: Verdict, now: datetime) -> None:
        """Keep what holds all mails up, and since when."""
        code = None if opened.taken else opened.code
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


def _claim(
    campaign: Campaign, message: int, now: datetime, turn: audience.AtTheirTurn
) -> Claimed | None:
    """Take one message, if it is still there and its contact still gets it."""
    found = sql.rows(sql.load("campaigns", "claim_message"), {"message": message, "now": now})
    if not found:
        return None
    [(public_id, contact_id, attempts)] = found
    contact = turn.ask(contact_id)
    reason = audience.LeftOut.ERASED.value if contact is None else contact["left_out"]
    if contact is None or reason:
        Message.objects.filter(pk=message).update(
            state=MessageState.LEFT_OUT, code=reason, ended_at=now
        )
        totals.add(campaign.pk, totals.LEFT_OUT, reason=reason)
        return None
    return Claimed(message, public_id, contact_id, attempts, contact)


def _record(campaign: Campaign, done: Done, now: datetime) -> None:
    """Write what became of a message; it is counted also if it was erased meanwhile."""
    verdict, attempts = done.verdict, done.claimed.attempts
    if verdict.taken:
        what, state, code = totals.SENT, MessageState.SENT, None
    elif verdict.in_doubt:
        what, state, code = totals.IN_DOUBT, MessageState.IN_DOUBT, verdict.code
    elif verdict.is_of_all or (not verdict.is_final and attempts <= len(WAITS)):
        wait = TROUBLE if verdict.is_of_all else WAITS[attempts - 1]
        Message.objects.filter(pk=done.claimed.key, state=MessageState.CLAIMED).update(
            state=MessageState.RETRYING, code=verdict.code, next_try_at=now + wait
        )
        return
    else:
        code = verdict.code if verdict.is_final else f"{GAVE_UP}: {verdict.code}"
        what, state = totals.FAILED, MessageState.FAILED
    written = {
        "state": state, "code": code, "ended_at": now, "provider_id": verdict.provider_id or None,
    }  # fmt: skip
    named = {"message": done.claimed.key}
    if not sql.execute(sql.load("campaigns", "record_message"), written | named):
        # Another sender took this one for dead, and the message for doubtful; or it was erased.
        doubted = Message.objects.filter(pk=done.claimed.key, state=MessageState.IN_DOUBT)
        totals.add(campaign.pk, totals.IN_DOUBT, -doubted.update(**written))
    totals.add(campaign.pk, what)


def under_way() -> list[int]:
    """Campaigns that somebody is to send or to begin, by their rows."""
    return list(Campaign.objects.filter(state=State.SENDING).values_list("pk", flat=True))


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
