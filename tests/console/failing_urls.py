"""All routes of the console, and one that fails."""

from __future__ import annotations

from django.urls import path

from fadeout.console import urls
from tests.console.failing import fail

handler500 = urls.handler500
urlpatterns = [*urls.urlpatterns, path("failing/<str:name>/", fail, name="failing")]
