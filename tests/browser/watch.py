"""A page under watch: what a browser complains of, quietly, fails the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

#: The browser tells in its console too what an answer said that the watch has seen already.
TOLD_TWICE = "Failed to load resource: the server responded with a status of"
#: The page was left before all of it had arrived, or a file is kept rather than shown.
LEFT = "net::ERR_ABORTED"


@dataclass
class Watch:
    """Complaints of every page of a context; answers that a test expects are no complaint."""

    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def expect(self, *statuses: int) -> None:
        """Answers of these codes are part of the test."""
        self.expected.update(statuses)

    def taken(self) -> list[str]:
        """What was complained of since this was asked last."""
        taken, self.complaints = self.complaints, []
        return taken

    def over(self, context: BrowserContext, host: str) -> None:
        """Watch all pages of a context, which belongs to this host."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", lambda request: self._asked(request, host))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(TOLD_TWICE):
            self.complaints.append(f"{message.type} at {message.location['url']}: {message.text}")

    def _asked(self, request: Request, host: str) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != host:
            self.complaints.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")
