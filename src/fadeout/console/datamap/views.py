"""The data map: every column that holds personal data, what becomes of it and why (GDPR Art. 30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fadeout.accounts.permissions import Permission
from fadeout.console.datamap.forms import Filters
from fadeout.console.datamap.shown import shown
from fadeout.console.frame.access import needs
from fadeout.core.catalogue import declaration

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request


@needs(Permission.SEE_DATA_MAP)
@require_safe
def datamap(request: Request) -> HttpResponse:
    """All of it, or one table."""
    filters = Filters(request.GET)
    is_valid = filters.is_valid()
    wanted = filters.cleaned_data if is_valid else {}
    tables = shown(name=wanted["table"], every=wanted["every"]) if is_valid else []
    told = {
        "filters": filters,
        "tables": tables,
        "narrows": bool(wanted.get("table")),
        "personal": sum(table.personal for table in tables),
        "limits": _(declaration.HONEST_WORDS),
        "version": declaration.CATALOGUE_VERSION,
        "digest": declaration.digest(),
    }
    return render(request, "datamap/datamap.html", told, status=200 if is_valid else 400)
