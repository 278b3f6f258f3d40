"""Where a tracked link leads on to: to where it was saved to lead; to Fadeout's own page with the token.

What could go wrong: the token reaches another site. So it is added to one address alone, that of Fadeout's
own page to stay, which the house itself answers.
"""

from __future__ import annotations

from fadeout.links import tokens
from fadeout.renewal.destinations import STAY, stay_address


def address(destination: str, text: str) -> str:
    """Where somebody goes who clicked ``/r/<text>``."""
    is_own = destination.endswith(STAY) and destination == stay_address()
    return destination + text if is_own and len(text) == tokens.LENGTH else destination
