"""The vault: what lies there and until when. Its contents cannot be asked for here, whoever asks.

What could go wrong: somebody brings support's private key to the console. So no page takes one; how support
recovers somebody is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.ledger.shown import shown
from fadeout.ledger import listing
from fadeout.ledger.listing import Wanted
from fadeout.ledger.models import Kind
from fadeout.runs import queries as runs
from fadeout.vault import queries

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request

LAST = 10


@needs(Permission.SEE_VAULT)
@require_safe
def vault(request: Request) -> HttpResponse:
    """What lies there, for whom it is sealed, who looked, what has gone."""
    today = request.desk.today
    recipient, recorded = request.desk.keyring().recipient(), queries.recorded_recipient()
    lying = queries.lying_by(runs.sealed())
    to_come = [each for each in lying if each.expires_on > today]
    overdue = [each for each in lying if each.expires_on <= today]
    told = {
        "recipient": recipient,
        "fingerprint": queries.fingerprint(recipient) if recipient else "",
        "is_another": recipient is not None and recorded not in (None, recipient),
        "lying": [(each, each.expires_on <= today) for each in lying],
        "records": sum(each.records for each in to_come),
        "next": to_come[0].expires_on if to_come else None,
        "last": to_come[-1].expires_on if to_come else None,
        "overdue": sum(each.records for each in overdue),
        "overdue_keys": sum(each.keys for each in overdue),
        "recoveries": shown(listing.page(Wanted(kind=Kind.RECOVERY), size=LAST).entries),
        "expiries": shown(listing.page(Wanted(kind=Kind.EXPIRY), size=LAST).entries),
    }
    return render(request, "vault/vault.html", told)
