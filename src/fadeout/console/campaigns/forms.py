"""What people type about a campaign."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fadeout.campaigns.markup import LONGEST
from fadeout.campaigns.models import Campaign, CampaignText, CampaignType
from fadeout.campaigns.operations import LONGEST_NAME
from fadeout.campaigns.refusals import Refused
from fadeout.campaigns.texts import LONGEST_PLAIN, LONGEST_SUBJECT
from fadeout.console.frame.forms import TypedNumberField
from fadeout.console.frame.words import CAMPAIGN_TYPES
from fadeout.core import mail
from fadeout.links import queries as links
from fadeout.targets import queries as targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_A_MINUTE = 100_000


class CampaignForm(forms.Form):
    """What a campaign is, but for its texts."""

    name = forms.CharField(label=_("What it is called in the house"), max_length=LONGEST_NAME)
    type = forms.ChoiceField(label=_("What it is about"), choices=CAMPAIGN_TYPES.items())
    about_a_purchase = forms.BooleanField(
        label=_(
            "It is directly about a purchase or reservation of each contact who gets it. I know that nobody "
            "is asked for a yes, and that it also reaches those who said no."
        ),
        required=False,
    )
    target = forms.ChoiceField(label=_("Target"))
    links = forms.MultipleChoiceField(
        label=_("Tracked links"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sender_name = forms.CharField(label=_("Name that it comes from"), max_length=LONGEST_NAME)
    sender_address = forms.EmailField(label=_("Address that it comes from"))
    reply_to = forms.EmailField(label=_("Where answers go, if elsewhere"), required=False)
    language = forms.ChoiceField(
        label=_("Language of whoever has another one"), choices=settings.LANGUAGES
    )
    per_minute = forms.IntegerField(
        label=_("At most so many mails a minute"),
        required=False,
        min_value=1,
        max_value=MOST_A_MINUTE,
        help_text=_("Left empty, as fast as the mail server takes them."),
    )
    #: What the campaign will be known by, so that what is sent twice makes one.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    #: The campaign as it was when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, placed: Sequence[str] = (), **kwargs: Any) -> None:
        """``placed``: the links that the campaign has by now, in their order."""
        super().__init__(*args, **kwargs)
        self.placed = placed
        self.targets = {str(target.public_id): target for target in targets.all_targets()}
        self.tracked = {
            counted.link.code: counted.link
            for counted in links.all_links()
            if counted.link.retired_at is None
        }
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            (key, target.name) for key, target in self.targets.items()
        ]
        self.fields["links"].choices = [  # type: ignore[attr-defined]
            (code, link.name) for code, link in self.tracked.items()
        ]

    def given(self) -> dict[str, Any]:
        """What was typed, as the domain takes it."""
        typed = dict(self.cleaned_data)
        del typed["key"], typed["seen"]
        typed["target"] = self.targets[typed["target"]]
        typed["links"] = [self.tracked[code] for code in self._in_order(typed["links"])]
        return typed

    def _in_order(self, codes: Sequence[str]) -> list[str]:
        """Links that the campaign has keep their tags, so that no text leads elsewhere; others follow."""
        placed = [code for code in self.placed if code in codes]
        return [*placed, *(code for code in codes if code not in placed)]

    def refuse(self, refused: Refused) -> None:
        """Tell a refusal of the domain at its field."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, refused.beside_a_field)


class TextForm(forms.Form):
    """What a campaign says in one language."""

    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    mjml = forms.CharField(
        label=_("MJML, for those who see it"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "code", "spellcheck": "true"}),
    )
    plain = forms.CharField(
        label=_("Plain text, for those who read nothing else"),
        max_length=LONGEST_PLAIN,
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "code"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def refuse(self, refused: Refused) -> None:
        """Tell a refusal of the domain at its field, with the line."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, refused.beside_a_field)

    def as_text(self, campaign: Campaign, language: str) -> CampaignText:
        """What is being written, saved or not."""
        said = {name: self.cleaned_data[name] for name in ("subject", "mjml", "plain")}
        return CampaignText(campaign=campaign, language=language, **said)


class TestForm(forms.Form):
    """Where a test goes."""

    __test__ = False  # no class of tests
    to = forms.EmailField(label=_("Address that the test goes to"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)

    def refuse(self, refused: Refused) -> None:
        """Tell a refusal of the domain."""
        self.add_error("to", refused.beside_a_field)


class AsForm(forms.Form):
    """As whom a preview is looked at."""

    contact_number = forms.CharField(label=_("Contact number"), max_length=200)


class SendForm(forms.Form):
    """The number of contacts typed once more, and when it begins."""

    seen = forms.CharField(widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label=_("When it begins; at once if left empty"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, campaign: Campaign, reached: int, time_zone: str
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"seen": campaign.stamp})
        self.campaign, self.time_zone = campaign, time_zone
        self.fields["typed"] = TypedNumberField(
            reached,
            another=_("This is not the number of contacts who get it. Nothing was sent."),
            label=_("Type the number of contacts who get it"),
        )

    def moment(self) -> datetime | None:
        """When it begins, in the time zone of the house."""
        at: datetime | None = self.cleaned_data["at"]
        return at and at.replace(tzinfo=ZoneInfo(self.time_zone))

    def refuse(self, refused: Refused) -> None:
        """Tell a refusal of the domain at its field."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, refused.beside_a_field)


class DoubtForm(forms.Form):
    """What becomes of mails in doubt."""

    what = forms.ChoiceField(
        label=_("What becomes of them"),
        choices=[
            ("sent", _("They count as sent: perhaps some never arrive")),
            ("again", _("They are sent again: perhaps some arrive twice")),
        ],
        widget=forms.RadioSelect,
    )


def new(language: str, house: str) -> dict[str, Any]:
    """What the form of a new campaign begins with."""
    return {
        "key": uuid4(), "type": CampaignType.NEWSLETTER, "language": language, "sender_name": house,
        "sender_address": mail.sender(),
    }  # fmt: skip


def of(campaign: Campaign) -> dict[str, Any]:
    """What the form of a campaign begins with."""
    fields = ("name", "type", "sender_name", "sender_address", "reply_to", "language", "per_minute")
    return {name: getattr(campaign, name) for name in fields} | {
        "target": str(campaign.target.public_id),
        "links": placed(campaign),
        "about_a_purchase": campaign.exempted_at is not None,
        "seen": campaign.stamp,
    }


def placed(campaign: Campaign) -> list[str]:
    """The codes of a campaign's links, in the order of their tags."""
    return list(campaign.placed.order_by("position").values_list("link__code", flat=True))
