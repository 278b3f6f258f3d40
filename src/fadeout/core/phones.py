"""How phone numbers are compared, wherever that is done."""

from __future__ import annotations

#: The trunk zero of "+41 (0)79 …".
TRUNK = "(0)"
#: Last digits in which "+41 44 …" and "044 …" agree: two numbers that differ elsewhere are rare.
SAME_AT_THE_END = 8
#: With fewer digits, a number could as well be something else.
SHORTEST = 7
