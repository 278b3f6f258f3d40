"""Django's settings. What differs from house to house comes from the environment.

``DATABASES`` is filled by :mod:`fadeout.core.database` when a command opens the database: the
embedded PostgreSQL has no address before it runs.
"""

from __future__ import annotations

import os
import secrets

SECRET_KEY = os.environ.get("FADEOUT_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = False

INSTALLED_APPS = [
    "fadeout.core.apps.CoreConfig",
    "fadeout.institution.apps.InstitutionConfig",
    "fadeout.ledger.apps.LedgerConfig",
    "fadeout.contacts.apps.ContactsConfig",
    "fadeout.sales.apps.SalesConfig",
    "fadeout.links.apps.LinksConfig",
    "fadeout.vault.apps.VaultConfig",
    "fadeout.residue.apps.ResidueConfig",
    "fadeout.plans.apps.PlansConfig",
    "fadeout.runs.apps.RunsConfig",
    "fadeout.batches.apps.BatchesConfig",
    "procrastinate.contrib.django",
    "fadeout.worker.apps.WorkerConfig",
]

DATABASES = {
    "default": {"ENGINE": "fadeout.core.backend", "NAME": "fadeout"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rows carry instants; days are made in SQL in the institution's own time zone.
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
