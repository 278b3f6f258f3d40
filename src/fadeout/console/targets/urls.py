"""The pages of targets. Fixed words come before the id of a target."""

from __future__ import annotations

from django.urls import path

from fadeout.console.targets import asking, views

urlpatterns = [
    path("", views.targets, name="targets"),
    path("new/", asking.new, name="target_new"),
    path("draft/", asking.draft, name="target_draft"),
    path("<uuid:public_id>/", views.target, name="target"),
    path("<uuid:public_id>/change/", asking.change, name="target_change"),
    path("<uuid:public_id>/freeze/", views.freeze, name="target_freeze"),
    path("<uuid:public_id>/remove/", views.remove, name="target_remove"),
    path("<uuid:public_id>/why/", views.why, name="target_why"),
    path("<uuid:public_id>/list/", views.as_csv, name="target_csv"),
]
