"""What a process of that console runs: the real application, with the other routes."""

from __future__ import annotations

from django.conf import settings

from fadeout.console.wsgi import application

settings.ROOT_URLCONF = "tests.console.failing_urls"

__all__ = ["application"]
