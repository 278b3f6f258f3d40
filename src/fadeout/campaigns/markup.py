"""MJML: checked here, with the line of what is wrong, and made into HTML by the library.

What could go wrong, and what prevents it:

- The library tells no line, passes over what it does not know, and ends the whole process when elements
  are nested too deep: the text is read here first, and what would do so never gets there.
- A text reads files of this machine: ``mj-include`` is refused, and the library is given no way to load.
- Whoever opens the mail tells a third party so, by a font or an icon that the library adds: none is added;
  elements that bring pictures of their own are refused.
- Somebody puts a script into a mail: scripts, forms, frames and event attributes are refused.
- A name of a contact lands within an attribute or a style, where it means something else than text: there
  only addresses may stand, in ``href`` and ``src`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser

from mjml import mjml2html

from fadeout.campaigns import merge

LONGEST = 200_000
DEEPEST = 40
VOID = {"br", "hr", "img", "wbr", "col"}
OF_MJML = {
    "mjml", "mj-head", "mj-body", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-class",
    "mj-style", "mj-font", "mj-breakpoint", "mj-html-attributes", "mj-selector", "mj-html-attribute",
    "mj-section", "mj-column", "mj-group", "mj-wrapper", "mj-hero", "mj-text", "mj-button", "mj-image",
    "mj-divider", "mj-spacer", "mj-table", "mj-raw", "mj-social", "mj-social-element", "mj-navbar",
    "mj-navbar-link",
}  # fmt: skip
OF_HTML = {
    "a", "abbr", "b", "big", "blockquote", "caption", "center", "cite", "code", "del", "dd", "div", "dl",
    "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "li", "ol", "p", "pre", "q", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u",
    "ul", *VOID,
}  # fmt: skip
ADDRESSED = {"href", "src", "background-url", "background"}
SCHEMES = ("https:", "http:", "mailto:", "tel:", "cid:", "data:image/", "#")


class Fault(StrEnum):
    """What is wrong with a text of MJML."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_MJML = "not_mjml"
    UNKNOWN = "unknown_element"
    INCLUDE = "include"
    TOO_DEEP = "too_deep"
    NOT_CLOSED = "not_closed"
    NOT_OPEN = "not_open"
    EVENT = "event_attribute"
    SCHEME = "scheme"
    ICON = "icon_from_elsewhere"
    NO_ALT = "picture_without_text"
    SIGN = "bare_sign"
    BODY = "no_body"
    LIBRARY = "library"


class MarkupError(ValueError):
    """A text that cannot be made into a mail: what, where, and the element."""

    def __init__(self, fault: Fault, line: int, what: str = "") -> None:
        super().__init__(fault, line)
        self.fault, self.line, self.what = fault, line, what


@dataclass(frozen=True)
class _Open:
    name: str
    line: int


def to_html(mjml: str) -> str:
    """The HTML of a text of MJML; its merge tags stand in it as they were.

    Raises:
        MarkupError: something is wrong with it.
        merge.MergeError: a tag is, or it stands where none may stand.
    """
    check(mjml)
    try:
        return str(mjml2html(mjml, disable_comments=True, fonts={}))
    except ValueError as error:
        raise MarkupError(Fault.LIBRARY, 1) from error


def check(mjml: str) -> None:
    """Read a text as the library will, and tell the first thing that is wrong with its line.

    Raises:
        MarkupError: something is wrong with it.
        merge.MergeError: a tag is, or it stands where none may stand.
    """
    if not mjml.strip():
        raise MarkupError(Fault.EMPTY, 1)
    if len(mjml) > LONGEST:
        raise MarkupError(Fault.TOO_LONG, 1)
    merge.parsed(mjml)
    reader = _Reader()
    reader.feed(mjml)
    reader.close()
    reader.require_end()


class _Reader(HTMLParser):
    """Goes through the elements; knows which are open and where they began."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)  # text as it was typed
        self.open: list[_Open] = []
        self.seen: set[str] = set()

    @property
    def line(self) -> int:
        return self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        if tag not in VOID:
            self.open.append(_Open(tag, self.line))
            if len(self.open) > DEEPEST:
                raise MarkupError(Fault.TOO_DEEP, self.line, tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or tag not in {element.name for element in self.open}:
            raise MarkupError(Fault.NOT_OPEN, self.line, tag)
        last = self.open.pop()
        if last.name != tag:
            raise MarkupError(Fault.NOT_CLOSED, last.line, last.name)

    def handle_data(self, data: str) -> None:
        if not self.open and data.strip():
            raise MarkupError(Fault.NOT_MJML, self.line)
        if "<" in data:
            raise MarkupError(Fault.SIGN, self.line + data[: data.index("<")].count("\n"))
        if self.open and self.open[-1].name in ("mj-style", "style"):
            _require_no_tags(data, self.line)

    def handle_comment(self, data: str) -> None:
        _require_no_tags(data, self.line)

    def unknown_decl(self, data: str) -> None:
        raise MarkupError(Fault.NOT_MJML, self.line, data[:20])

    def handle_pi(self, data: str) -> None:
        raise MarkupError(Fault.NOT_MJML, self.line, data[:20])

    def handle_decl(self, decl: str) -> None:
        raise MarkupError(Fault.NOT_MJML, self.line, decl[:20])

    def require_end(self) -> None:
        """Everything is closed, and there is something to read."""
        if self.open:
            raise MarkupError(Fault.NOT_CLOSED, self.open[-1].line, self.open[-1].name)
        if "mjml" not in self.seen or self.rawdata.strip():
            raise MarkupError(Fault.NOT_MJML, self.line)
        if "mj-body" not in self.seen:
            raise MarkupError(Fault.BODY, 1, "mj-body")

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.open and (tag != "mjml" or self.seen):
            raise MarkupError(Fault.NOT_MJML, self.line, tag)
        if tag == "mj-include":
            raise MarkupError(Fault.INCLUDE, self.line, tag)
        typed = (self.get_starttag_text() or "")[1 : len(tag) + 1]
        if tag not in OF_MJML | OF_HTML or typed != tag:
            raise MarkupError(Fault.UNKNOWN, self.line, tag)
        self.seen.add(tag)
        known = {name: value or "" for name, value in attrs}
        for name, value in attrs:  # one by one: the same name may come twice
            self._check_attribute(name, value or "")
        if tag == "mj-social-element" and "src" not in known:
            raise MarkupError(Fault.ICON, self.line, tag)
        if tag in ("mj-image", "img") and "alt" not in known:
            raise MarkupError(Fault.NO_ALT, self.line, tag)

    def _check_attribute(self, name: str, value: str) -> None:
        if name.startswith("on"):
            raise MarkupError(Fault.EVENT, self.line, name)
        if name not in ADDRESSED:
            _require_no_tags(value, self.line)
            return
        parts = [part for part in merge.parsed(value) if part]
        for tag in merge.tags(parts):
            if not tag.is_address or len(parts) > 1:
                raise merge.MergeError(merge.Fault.NO_PLACE, self.line, tag.name)
        address = value.strip().lower()
        if not any(merge.tags(parts)) and address and not address.startswith(SCHEMES):
            raise MarkupError(Fault.SCHEME, self.line, name)


def _require_no_tags(text: str, line: int) -> None:
    for tag in merge.tags(merge.parsed(text)):
        raise merge.MergeError(merge.Fault.NO_PLACE, line + tag.line - 1, tag.name)
