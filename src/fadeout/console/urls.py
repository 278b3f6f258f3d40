"""Every route of the console; each room of pages brings its own."""

from __future__ import annotations

from django.urls import include, path

from fadeout.console.sign_in import views as sign_in
from fadeout.console.today import views as today

urlpatterns = [
    path("", today.today, name="today"),
    path("contacts/", include("fadeout.console.contacts.urls")),
    path("plans/", include("fadeout.console.plans.urls")),
    path("runs/", include("fadeout.console.runs.urls")),
    path("permissions/", sign_in.permissions, name="permissions"),
    path("preferences/", sign_in.preferences, name="preferences"),
    path("preferences/language/", sign_in.language, name="set_language"),
    path("batches/", include("fadeout.console.batches.urls")),
    path("settings/", include("fadeout.console.settings.urls")),
    path("account/", include("fadeout.console.sign_in.urls")),
]
