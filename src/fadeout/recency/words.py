"""What activities are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

from fadeout.policy.outcomes import Activity

if TYPE_CHECKING:
    from django.utils.functional import Promise

ACTIVITIES: Mapping[str, Promise | str] = {
    Activity.OPTION_ACQUIRED: pgettext_lazy("activity", "option acquired"),
    Activity.OPTION_CONFIRMED: pgettext_lazy("activity", "option confirmed"),
    Activity.RESERVATION: pgettext_lazy("activity", "reservation"),
    Activity.SALE: pgettext_lazy("activity", "sale"),
    Activity.WAITING_LIST: pgettext_lazy("activity", "waiting list"),
    Activity.CLICK: pgettext_lazy("activity", "click on a tracked link"),
    Activity.CRITERION: pgettext_lazy("activity", "criterion changed"),
    Activity.AUTHORISATION: pgettext_lazy("activity", "authorisation changed"),
    Activity.CREATED: pgettext_lazy("activity", "created"),
}
