"""Campaigns, their texts, a message for each contact, and what became of them in figures."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact, one_of
from fadeout.institution.models import Operator
from fadeout.links.models import TrackedLink
from fadeout.targets.models import Target

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
INSTITUTION, PARTNERS = "institution", "partners"


class CampaignType(models.TextChoices):
    """What a campaign is about: this says whose *yes* it needs."""

    NEWSLETTER = "newsletter"
    SERVICE = "service"
    RENEWAL = "renewal"
    PARTNERS = "partners"
    #: Information directly related to a purchase or reservation: alone in needing no *yes*.
    PURCHASE = "purchase"


#: Type -> the purpose whose *yes* it needs.
PURPOSES = {
    CampaignType.NEWSLETTER: INSTITUTION,
    CampaignType.SERVICE: INSTITUTION,
    CampaignType.RENEWAL: INSTITUTION,
    CampaignType.PARTNERS: PARTNERS,
    CampaignType.PURCHASE: None,
}
#: What each contact gets for itself, also where several share an address: it is about each of them.
FOR_EACH_CONTACT = (CampaignType.RENEWAL, CampaignType.PURCHASE)


class Channel(models.TextChoices):
    """The way a campaign goes. There is one so far."""

    EMAIL = "email"


class State(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class MessageState(models.TextChoices):
    """Where the message to one contact stands."""

    WAITING = "waiting"
    #: Somebody is about to send it, or died over it.
    CLAIMED = "claimed"
    SENT = "sent"
    #: Not taken for now; it is tried again.
    RETRYING = "retrying"
    FAILED = "failed"
    BOUNCED = "bounced"
    #: Whoever sent it died over it: nobody knows. Never sent again by itself.
    IN_DOUBT = "in_doubt"
    #: Left out at the moment of sending; ``code`` says why.
    LEFT_OUT = "left_out"


#: Messages that are still to be sent.
TO_SEND = (MessageState.WAITING, MessageState.RETRYING)


class Campaign(models.Model):
    """A message to a target. Without ``per_minute`` it goes as fast as the server takes it.

    ``may_go_at`` is when the throttle lets the next mails go. ``trouble`` is what keeps all mails from being
    sent at the moment, by its code.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    type = models.TextField(choices=CampaignType)
    channel = models.TextField(choices=Channel, default=Channel.EMAIL)
    exempted_by = models.ForeignKey(
        Operator, models.PROTECT, null=True, related_name="+", db_index=False
    )
    exempted_at = models.DateTimeField(null=True)
    target = models.ForeignKey(Target, models.PROTECT, related_name="campaigns")
    links = models.ManyToManyField(TrackedLink, through="CampaignLink", related_name="campaigns")
    sender_name = models.TextField()
    sender_address = models.TextField()
    reply_to = models.TextField(null=True)
    language = models.TextField(choices=[(code, code) for code in LANGUAGES])
    per_minute = models.PositiveIntegerField(null=True)
    state = models.TextField(choices=State, default=State.DRAFT)
    scheduled_at = models.DateTimeField(null=True)
    may_go_at = models.DateTimeField(null=True)
    trouble = models.TextField(null=True)
    trouble_since = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    started_by = models.ForeignKey(
        Operator, models.PROTECT, null=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="campaign_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="campaign_name_given"),
            one_of("type", CampaignType, "campaign_type"),
            one_of("channel", Channel, "campaign_channel"),
            one_of("state", State, "campaign_state"),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1),
                name="campaign_per_minute",
            ),
            models.CheckConstraint(
                condition=~Q(type=CampaignType.PURCHASE)
                | Q(exempted_by__isnull=False, exempted_at__isnull=False),
                name="campaign_without_yes_is_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SCHEDULED) | Q(scheduled_at__isnull=False),
                name="campaign_scheduled_has_a_time",
            ),
        ]

    @property
    def purpose(self) -> str | None:
        """The purpose whose *yes* it needs; none for what is about a purchase or reservation."""
        return PURPOSES[CampaignType(self.type)]

    @property
    def is_marketing(self) -> bool:
        """Whether it needs a *yes*, and every mail of it a way out."""
        return self.purpose is not None

    @property
    def is_for_each_contact(self) -> bool:
        """Whether each contact gets its own mail, also where several share an address."""
        return CampaignType(self.type) in FOR_EACH_CONTACT

    @property
    def stamp(self) -> str:
        """Another one after every change: whoever saw another saw another campaign."""
        return f"{self.changed_at.isoformat()} {self.state}"


class CampaignLink(models.Model):
    """A tracked link of a campaign: ``{{ link }}`` the first, ``{{ link_2 }}`` the second, …"""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="placed", db_index=False)
    link = models.ForeignKey(TrackedLink, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="campaign_link_once"),
        ]

    @property
    def tag(self) -> str:
        """What it is called in a text."""
        return "link" if self.position == 1 else f"link_{self.position}"


class CampaignText(models.Model):
    """What a campaign says in one language."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="texts", db_index=False)
    language = models.TextField(choices=[(code, code) for code in LANGUAGES])
    subject = models.TextField()
    mjml = models.TextField()
    plain = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language"], name="campaign_text_once"),
            models.CheckConstraint(
                condition=Q(language__in=LANGUAGES), name="campaign_text_language"
            ),
        ]


class Message(models.Model):
    """The message of a campaign to one contact, sent once. The address is read when it is sent.

    ``public_id`` is what a mail says of itself: bounces are told by it, and the way out is signed over it.
    ``returned_from`` is the address that it came back from since there is no such one: whatever contact has
    it is left out from then on, until a person says otherwise.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="messages", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="messages")
    state = models.TextField(choices=MessageState, default=MessageState.WAITING)
    code = models.TextField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    provider_id = models.TextField(null=True, db_collation="C")
    unsubscribed_at = models.DateTimeField(null=True)
    returned_from = models.TextField(null=True, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="message_once"),
            one_of("state", MessageState, "message_state"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "next_try_at", "id"],
                condition=Q(state__in=TO_SEND),
                name="message_to_send",
            ),
            models.Index(
                fields=["campaign", "state"],
                condition=Q(state__in=[MessageState.CLAIMED, MessageState.IN_DOUBT]),
                name="message_open",
            ),
            models.Index(
                fields=["provider_id"],
                condition=Q(provider_id__isnull=False),
                name="message_of_provider",
            ),
            models.Index(
                fields=["returned_from"],
                condition=Q(returned_from__isnull=False),
                name="message_returned",
            ),
        ]


class CampaignTotal(models.Model):
    """How many contacts of a campaign: counted as it happens, so that it stays when messages are erased.

    ``what``: ``target``, ``audience`` (of those who get it), ``left_out``, ``sent``, ``failed``,
    ``bounced`` (of those sent), ``in_doubt``, ``unsubscribed``; ``reason`` says why somebody was left out.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="totals", db_index=False)
    what = models.TextField()
    reason = models.TextField(default="")
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "what", "reason"], name="total_once"),
        ]
