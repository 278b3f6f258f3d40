"""The pages for everybody."""

from __future__ import annotations

from django.urls import path

from fadeout.public import unsubscribing, views

urlpatterns = [
    path("u/<str:token>", unsubscribing.unsubscribe, name="unsubscribe"),
    path("r/<path:text>", views.tracked_link, name="tracked_link"),
]
