"""Every route of the console; each room of pages brings its own."""

from __future__ import annotations

from django.urls import include, path

from fadeout.console.datamap import views as datamap
from fadeout.console.sign_in import views as sign_in
from fadeout.console.today import views as today
from fadeout.console.vault import views as vault
from fadeout.console.watched import views as watched

handler500 = "fadeout.console.frame.requests.failed"

urlpatterns = [
    path("", today.today, name="today"),
    path("contacts/requests/", include("fadeout.console.rights.urls")),
    path("contacts/", include("fadeout.console.contacts.urls")),
    path("audience/links/", include("fadeout.console.links.urls")),
    path("audience/targets/", include("fadeout.console.targets.urls")),
    path("audience/renewal/", include("fadeout.console.renewal.urls")),
    path("plans/", include("fadeout.console.plans.urls")),
    path("runs/", include("fadeout.console.runs.urls")),
    path("today/simulate/", today.simulate, name="simulate_today"),
    path("today/simulating/", today.simulating, name="simulating_today"),
    path("permissions/", sign_in.permissions, name="permissions"),
    path("preferences/", sign_in.preferences, name="preferences"),
    path("preferences/language/", sign_in.language, name="set_language"),
    path("batches/", include("fadeout.console.batches.urls")),
    path("settings/", include("fadeout.console.settings.urls")),
    path("account/", include("fadeout.console.sign_in.urls")),
    path("data-map/", datamap.datamap, name="datamap"),
    path("vault/", vault.vault, name="vault"),
    path("ledger/", include("fadeout.console.ledger.urls")),
    path("audience/campaigns/", include("fadeout.console.campaigns.urls")),
    path("", include("fadeout.public.urls")),
    path(watched.HEALTH, watched.health, name="health"),
    path(watched.METRICS, watched.metrics, name="metrics"),
]
