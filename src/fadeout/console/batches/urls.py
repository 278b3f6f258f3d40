"""The pages of batches. Fixed words come before the id of a batch."""

from __future__ import annotations

from django.urls import path

from fadeout.console.batches import views

urlpatterns = [
    path("", views.batches, name="batches"),
    path("new/", views.new, name="batch_new"),
    path("schedule/", views.schedule, name="batch_schedule"),
    path("<uuid:public_id>/", views.batch, name="batch"),
    path("<uuid:public_id>/change/", views.change, name="batch_change"),
    path("<uuid:public_id>/real/", views.to_real, name="batch_real"),
    path("<uuid:public_id>/simulate/", views.to_simulation, name="batch_simulate"),
    path("<uuid:public_id>/delete/", views.delete, name="batch_delete"),
]
