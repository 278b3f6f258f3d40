"""The pages of requests of contacts."""

from __future__ import annotations

from django.urls import path

from fadeout.console.rights import views

urlpatterns = [
    path("", views.requests, name="requests"),
    path("<uuid:public_id>/", views.request_page, name="request"),
]
