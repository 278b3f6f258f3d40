"""Subscribing: anybody asks on a page, and confirms it by the button of a page that a mail leads to.

What could go wrong: :mod:`fadeout.contacts.subscriptions`. Whoever asks gets the same answer whether their
address is on file, was asked for too often, or cannot be reached. Only where no mail goes out to anybody they
are told, rather than left to wait for one.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fadeout.contacts import offering, subscriptions
from fadeout.contacts.refusals import Refused
from fadeout.contacts.subscriptions import LONGEST_EMAIL, Subscription
from fadeout.core import clock, mail
from fadeout.core.logs import log
from fadeout.institution import brand
from fadeout.institution import queries as institution
from fadeout.public.choices import ChoicesForm
from fadeout.public.pages import language_of, nobodys, onward, page
from fadeout.recency import operations as recency

REFUSED, TOO_OFTEN, NOT_NOW = 422, 429, 503


class SubscribeForm(ChoicesForm):
    """An address, a language, and what somebody wants to get."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address"), max_length=LONGEST_EMAIL,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )  # fmt: skip
    spoken = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        """An address.

        Raises:
            ValidationError: it is none.
        """
        try:
            return subscriptions.checked_email(self.cleaned_data["email"])
        except Refused:
            raise forms.ValidationError(_("This is not an e-mail address.")) from None

    def clean(self) -> dict[str, Any]:
        """At least one box is ticked, of the version that is in force."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("number") != self.offered.number:
            self.add_error(
                None, _("These words were changed meanwhile. Please read them once more.")
            )
        elif not self.ticked():
            self.add_error(None, _("Tick at least one box."))
        return cleaned

    def subscription(self) -> Subscription:
        """What is asked for."""
        wanted = self.wanted()
        return Subscription(
            email=self.cleaned_data["email"],
            language=self.cleaned_data["spoken"],
            number=self.offered.number,
            answers=self.ticked(),
            criteria={name: value for name, value in wanted.criteria.items() if value},
        )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask to get news."""
    offered = offering.in_force()
    if not brand.current().takes_subscriptions or not offered.authorisations:
        raise Http404
    language = language_of(request)
    with translation.override(language):
        is_sent = request.method == "POST"
        form = SubscribeForm(request.POST if is_sent else None, offered=offered, language=language)
        form.fields["spoken"].initial = language
        status = REFUSED if is_sent else 200
        if form.is_valid():
            if subscriptions.may_ask(_source(request), now=clock.now()):
                if _ask(form.subscription()):
                    return onward(request, "asked")
                return page(request, "public/not_now.html", {}, language=language, status=NOT_NOW)
            status = TOO_OFTEN
        told = {
            "form": form,
            "said": request.GET.get("said", "") == "asked",
            "is_too_often": status == TOO_OFTEN,
        }
        return page(request, "public/subscribe.html", told, language=language, status=status)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm it: by GET what was asked for, by its button it is done; once more changes nothing."""
    now = clock.now()
    asked = subscriptions.opened(token, now=now)
    offered = offering.version(asked.number) if asked else None
    if asked is None or offered is None:
        return nobodys(request)
    language = language_of(request, asked.language)
    told: dict[str, Any] = {
        "words": [offered.authorisations[place].said_in(language)[1] for place in asked.answers],
    }
    if request.method == "POST":
        try:
            _confirm(token)
        except Refused as refused:
            told["wrong"] = refused.why
            return page(request, "public/confirm.html", told, language=language, status=REFUSED)
        return onward(request, "confirmed")
    told["is_done"] = subscriptions.is_confirmed(token, now=now)
    return page(request, "public/confirm.html", told, language=language)


def _confirm(token: str) -> None:
    """Put it on file, and then the stored recency; nothing is done for a link that was used."""
    now = clock.now()
    public_id = subscriptions.confirm(token, now=now)
    if public_id is not None:
        recency.refresh_contact(public_id, now=now, time_zone=institution.current().time_zone)


def _ask(asked: Subscription) -> bool:
    """Send the mail; whether mails go out at all. What became of this one is nobody's business here."""
    now = clock.now()
    if not settings.PUBLIC_URL:
        log.error("subscription_without_address")
        return False
    if not subscriptions.may_mail(asked.email, now=now):
        return True
    token = subscriptions.sealed(asked, now=now)
    house = brand.current().name or institution.current().name
    with translation.override(asked.language):
        told = {"house": house, "link": settings.PUBLIC_URL + reverse("confirm", args=[token])}
        message = EmailMessage(
            subject=_("Please confirm: news of %(house)s") % {"house": house},
            body=render_to_string("public/confirm.txt", told),
            to=[asked.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        verdict = mail.send(message)
    log.info("subscription_mailed", taken=verdict.taken, code=verdict.code)
    return not (verdict.is_of_all or verdict.code == mail.NOT_SET_UP)


def _source(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request) or "")
