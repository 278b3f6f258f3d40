"""What rooms above may want to know of: sent within the transaction that does it.

Whoever listens and fails stops it: what cannot be recorded is not done.
"""

from __future__ import annotations

from django.dispatch import Signal

#: ``version`` (the first policy), ``now``.
founded = Signal()
#: ``version`` (the new policy), ``by``, ``now``.
policy_changed = Signal()
