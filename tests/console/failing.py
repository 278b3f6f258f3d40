"""``fadeout`` with a console of which one view more raises what it was asked for."""

from __future__ import annotations

import sys
from typing import NoReturn

from django.http import HttpRequest


def fail(request: HttpRequest, name: str) -> NoReturn:
    """Quote everything that came with the request, as careless code would."""
    typed = dict(request.POST.items())
    raise ValueError(f"{name} {request.GET.dict()} {typed} {dict(request.headers)}")


if __name__ == "__main__":
    from fadeout.cli.main import main
    from fadeout.console import server

    server.TARGET = "tests.console.failing_wsgi:application"
    sys.exit(main())
