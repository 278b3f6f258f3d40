"""The pages of the ledger."""

from __future__ import annotations

from django.urls import path

from fadeout.console.ledger import views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("verify/", views.verify, name="ledger_verify"),
]
