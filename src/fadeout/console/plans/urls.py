"""Pages of plans."""

from __future__ import annotations

from django.urls import path

from fadeout.console.plans import deciding, lists, views

urlpatterns = [
    path("", views.plans, name="plans"),
    path("being-made/", views.being_made, name="plans_being_made"),
    path("simulate/", views.simulate, name="simulate"),
    path("<int:number>/", views.plan, name="plan"),
    path("<int:number>/standing/", views.standing, name="plan_standing"),
    path("<int:number>/contacts/", lists.contacts, name="plan_contacts"),
    path("<int:number>/changes/", lists.changes, name="plan_changes"),
    path("<int:number>/changes/counted/", lists.counted, name="plan_changes_counted"),
    path("<int:number>/list.csv", lists.as_csv, name="plan_csv"),
    path("<int:number>/list.xlsx", lists.as_workbook, name="plan_xlsx"),
    path("<int:number>/approve/", deciding.approve, name="approve"),
    path("<int:number>/run/", deciding.start, name="start_run"),
    path("<int:number>/withdraw/", deciding.withdraw, name="withdraw_run"),
]
