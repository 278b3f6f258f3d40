"""What a process of the web server runs. The database's address comes by the environment."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from fadeout.accounts import secret
from fadeout.core import database, logs, paths
from fadeout.public import entrance

application = entrance.around(pages)

logs.begin()
secret.use_lasting_key()
database.configure(paths.external_database_url() or "")
