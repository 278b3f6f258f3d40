"""Every route of the console; each room of pages brings its own."""

from __future__ import annotations

from django.urls import include, path

from fadeout.console.sign_in import views as sign_in
from fadeout.console.today import views as today

urlpatterns = [
    path("", today.today, name="today"),
    path("today/simulate/", today.simulate, name="simulate_today"),
    path("today/simulating/", today.simulating, name="simulating_today"),
    path("permissions/", sign_in.permissions, name="permissions"),
    path("preferences/", sign_in.preferences, name="preferences"),
    path("preferences/language/", sign_in.language, name="set_language"),
    path("account/", include("fadeout.console.sign_in.urls")),
]
