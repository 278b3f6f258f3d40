"""Opens addresses of a server on this machine, one after the other on each of some connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Load:
    """How long each answer took, in milliseconds, in order; and how long all took together."""

    milliseconds: list[float]
    seconds: float
    refused: int

    @property
    def a_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """What so large a share of the answers took at most."""
        return self.milliseconds[
            min(int(len(self.milliseconds) * share), len(self.milliseconds) - 1)
        ]


def load(port: int, paths: list[str], *, connections: int, seconds: float) -> Load:
    """Open these paths, as fast as the answers come, and for so long at most."""
    return asyncio.run(_load(port, paths, connections, seconds))


async def _load(port: int, paths: list[str], connections: int, seconds: float) -> Load:
    left, took, refused = iter(paths), list[float](), list[bytes]()
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(_ask(port, left, took, refused, until) for _ in range(connections)))
    return Load(sorted(took), time.perf_counter() - began, len(refused))


async def _ask(
    port: int, left: Iterator[str], took: list[float], refused: list[bytes], until: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in left:
        began = time.perf_counter()
        if began > until:
            break
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {AGENT}\r\n\r\n".encode()
        )
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        took.append((time.perf_counter() - began) * 1_000)
        if not answer.startswith(b"HTTP/1.1 302"):
            refused.append(answer)
            break  # what follows of it would be taken for the next answer
    writer.close()
