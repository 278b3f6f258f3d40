"""Internet addresses from the ranges that are kept for documentation: they reach nobody."""

from __future__ import annotations

ADDRESSES = tuple(
    [
        f"{network}.{host}"
        for network in ("192.0.2", "198.51.100", "203.0.113")
        for host in range(1, 255)
    ]
    + [f"2001:db8:{host % 16:x}::{host:x}" for host in range(1, 239)]
)
