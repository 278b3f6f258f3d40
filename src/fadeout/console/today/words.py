"""What things are called on the page."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

RUN_STATES = {
    "running": pgettext_lazy("run", "running"),
    "interrupted": pgettext_lazy("run", "interrupted"),
    "paused": pgettext_lazy("run", "paused"),
    "cancelled": pgettext_lazy("run", "cancelled"),
    "done": pgettext_lazy("run", "done"),
    "incomplete": pgettext_lazy("run", "incomplete"),
}
