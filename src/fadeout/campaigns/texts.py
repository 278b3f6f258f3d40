"""Checks what a campaign says, and takes it apart so that it can be put together for each contact.

A text is refused when it is saved, with the line of what is wrong; what is only missing is told later, by
:mod:`fadeout.campaigns.readiness`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from fadeout.campaigns import markup, merge
from fadeout.campaigns.markup import MarkupError
from fadeout.campaigns.merge import MergeError, Tag, Text
from fadeout.campaigns.models import CampaignText
from fadeout.campaigns.refusals import Refused, Why

if TYPE_CHECKING:
    from django.utils.functional import Promise

LONGEST_SUBJECT = 200
LONGEST_PLAIN = 100_000

TAG_FAULTS: Mapping[merge.Fault, Promise | str] = {
    merge.Fault.UNKNOWN: _("Line %(line)s: there is no such tag: %(what)s"),
    merge.Fault.BROKEN: _("Line %(line)s: this is no whole tag: %(what)s"),
    merge.Fault.NO_FALLBACK: _(
        "Line %(line)s: whoever has none of this needs something in its place, after a bar: %(what)s"
    ),
    merge.Fault.NO_PLACE: _(
        "Line %(line)s: no such tag may stand here; within an element only addresses in href: %(what)s"
    ),
}
MARKUP_FAULTS: Mapping[markup.Fault, Promise | str] = {
    markup.Fault.EMPTY: _("There is nothing in it yet."),
    markup.Fault.TOO_LONG: _("It is too long for a mail."),
    markup.Fault.NOT_MJML: _("Line %(line)s: all of it must stand in <mjml> … </mjml>."),
    markup.Fault.UNKNOWN: _("Line %(line)s: no mail has such an element: <%(what)s>"),
    markup.Fault.INCLUDE: _(
        "Line %(line)s: nothing can be included. Write out what shall stand there."
    ),
    markup.Fault.TOO_DEEP: _("Line %(line)s: elements are nested too deep: <%(what)s>"),
    markup.Fault.NOT_CLOSED: _("Line %(line)s: this element is not closed: <%(what)s>"),
    markup.Fault.NOT_OPEN: _("Line %(line)s: this element was not opened: </%(what)s>"),
    markup.Fault.EVENT: _("Line %(line)s: nothing runs in a mail: %(what)s"),
    markup.Fault.SCHEME: _("Line %(line)s: the address in %(what)s must begin with https://"),
    markup.Fault.ICON: _("Line %(line)s: give the icon a picture of its own with src."),
    markup.Fault.NO_ALT: _(
        "Line %(line)s: the picture needs a text for whoever does not see it: alt"
    ),
    markup.Fault.SIGN: _("Line %(line)s: write &lt; for a < that begins no element."),
    markup.Fault.BODY: _("There is no <mj-body> in it."),
    markup.Fault.LIBRARY: _(
        "It cannot be made into a mail. Look for a quotation mark or a > that is missing."
    ),
}


@dataclass(frozen=True)
class Compiled:
    """A text taken apart: put together for each contact by :mod:`fadeout.campaigns.compose`."""

    language: str
    subject: Text
    html: Text
    plain: Text

    def tags(self) -> Iterator[Tag]:
        """All tags of subject, HTML and plain text."""
        for text in (self.subject, self.html, self.plain):
            yield from merge.tags(text)


def compiled(text: CampaignText) -> Compiled:
    """A text that was saved, taken apart.

    Raises:
        Refused: TAG, MARKUP; EMPTY, TOO_LONG or NOT_ONE_LINE of the subject.
    """
    return Compiled(
        language=text.language,
        subject=_told("subject", lambda: _subject(text.subject)),
        html=_told("mjml", lambda: merge.parsed(markup.to_html(text.mjml))),
        plain=_told("plain", lambda: _plain(text.plain)),
    )


def _subject(subject: str) -> Text:
    if not subject.strip():
        raise Refused(Why.EMPTY, field="subject", what="subject")
    if len(subject) > LONGEST_SUBJECT:
        raise Refused(Why.TOO_LONG, field="subject", what="subject")
    if any(map(merge.breaks, subject)):
        raise Refused(Why.NOT_ONE_LINE, field="subject", what="subject")
    parts = merge.parsed(subject.strip())
    for tag in merge.tags(parts):
        if tag.is_address:
            raise MergeError(merge.Fault.NO_PLACE, 1, tag.name)
    return parts


def _plain(plain: str) -> Text:
    if len(plain) > LONGEST_PLAIN:
        raise Refused(Why.TOO_LONG, field="plain", what="plain text")
    return merge.parsed(plain)


def _told(field: str, read: Callable[[], Text]) -> Text:
    try:
        return read()
    except MergeError as error:
        raise _refused(Why.TAG, field, TAG_FAULTS[error.fault], error) from error
    except MarkupError as error:
        raise _refused(Why.MARKUP, field, MARKUP_FAULTS[error.fault], error) from error


def _refused(
    why: Why, field: str, said: Promise | str, cause: MergeError | MarkupError
) -> Refused:  # fmt: skip
    return Refused(why, field=field, what=str(said) % {"line": cause.line, "what": cause.what})
