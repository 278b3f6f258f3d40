"""The pages of consent renewals. The fixed word comes before the id of a renewal."""

from __future__ import annotations

from django.urls import path

from fadeout.console.renewal import views

urlpatterns = [
    path("", views.renewals, name="renewal"),
    path("new/", views.new, name="renewal_new"),
    path("<uuid:public_id>/", views.one, name="renewal_page"),
    path("<uuid:public_id>/steps/", views.steps, name="renewal_steps"),
    path("<uuid:public_id>/go-on/", views.go_on, name="renewal_go_on"),
    path("<uuid:public_id>/compare/", views.compare, name="renewal_compare"),
]
