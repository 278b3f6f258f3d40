"""The pages for everybody."""

from __future__ import annotations

from django.urls import path

from fadeout.public import views

urlpatterns = [
    path("r/<path:text>", views.tracked_link, name="tracked_link"),
]
