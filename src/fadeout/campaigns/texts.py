"""Checks what a campaign says, and takes it apart so that it can be put together for each contact.

A text is refused when it is saved, with the line of what is wrong; what is only missing is told later, by
:mod:`fadeout.campaigns.readiness`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fadeout.campaigns import markup, merge
from fadeout.campaigns.markup import MarkupError
from fadeout.campaigns.merge import MergeError, Tag, Text
from fadeout.campaigns.models import CampaignText
from fadeout.campaigns.refusals import Refused, Why

LONGEST_SUBJECT = 200
LONGEST_PLAIN = 100_000

TAG_FAULTS = {
    merge.Fault.UNKNOWN: "There is no such tag: {what}",
    merge.Fault.BROKEN: "This is no whole tag: {what}",
    merge.Fault.NO_FALLBACK: "It may be empty: give it a fallback, as in {{{{ title|Dear }}}}: {what}",
    merge.Fault.NO_PLACE: "No such tag may stand here; within an element only addresses in href: {what}",
}
MARKUP_FAULTS = {
    markup.Fault.EMPTY: "There is nothing in it.",
    markup.Fault.TOO_LONG: "It is too long for a mail.",
    markup.Fault.NOT_MJML: "It is not MJML: all of it stands in <mjml> … </mjml>.",
    markup.Fault.UNKNOWN: "No mail has such an element: <{what}>",
    markup.Fault.INCLUDE: "Nothing can be included: write out what shall stand there.",
    markup.Fault.TOO_DEEP: "Elements are nested too deep: <{what}>",
    markup.Fault.NOT_CLOSED: "This element is not closed: <{what}>",
    markup.Fault.NOT_OPEN: "This element was not opened: </{what}>",
    markup.Fault.EVENT: "Nothing runs in a mail: {what}",
    markup.Fault.SCHEME: "The address in {what} must begin with https://",
    markup.Fault.ICON: "It needs a picture of its own (src): the usual one would come from elsewhere.",
    markup.Fault.NO_ALT: 'It needs a text for whoever does not see it (alt; alt="" for ornament).',
    markup.Fault.SIGN: "Write &lt; for a < that begins no element.",
    markup.Fault.BODY: "There is no <mj-body> in it.",
    markup.Fault.LIBRARY: "It cannot be made into HTML.",
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
    if any(not c.isprintable() for c in subject):
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
        raise _refused(
            Why.TAG, field, TAG_FAULTS[error.fault].format(what=error.what), error
        ) from error
    except MarkupError as error:
        what = MARKUP_FAULTS[error.fault].format(what=error.what)
        raise _refused(Why.MARKUP, field, what, error) from error


def _refused(why: Why, field: str, what: str, cause: MergeError | MarkupError) -> Refused:
    return Refused(why, field=field, what=f"{field}, line {cause.line}: {what}", cause=cause)
