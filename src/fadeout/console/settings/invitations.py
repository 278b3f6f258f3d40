"""The link at which somebody chooses a password: shown once to whoever invites, and mailed.

What could go wrong, and what prevents it: whoever has the link can sign in as somebody else. So it stands
on one page once, in no address and in no log, waits in the sealed session until then, and ends after
three days or with its use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from fadeout.core import mail
from fadeout.core.mail import Verdict

if TYPE_CHECKING:
    from fadeout.accounts.models import User
    from fadeout.console.frame.desk import Request

KEY = "invitation"


def hand_over(request: Request, user: User, path: str) -> None:
    """Keep the link for the page of this user, and mail it where the house sends mail."""
    link = (
        f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    )
    is_mailed = mail.is_set_up()
    request.session[KEY] = {
        "of": str(user.operator.public_id),
        "link": link,
        "is_mailed": is_mailed,
        "is_taken": is_mailed and _mailed(request, user, link).taken,
    }


def shown_once(request: Request, user: User) -> dict[str, object] | None:
    """The link that waits for this user's page; gone afterwards."""
    waiting = request.session.get(KEY)
    if waiting is None or waiting["of"] != str(user.operator.public_id):
        return None
    del request.session[KEY]
    return dict(waiting)


def _mailed(request: Request, user: User, link: str) -> Verdict:
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = _("Your way into Fadeout")
        body = render_to_string(
            "settings/invitation.txt",
            {"name": user.get_full_name(), "house": request.desk.house.name, "link": link},
        )
    return mail.send(EmailMessage(subject=subject, body=body, to=[user.email]))
