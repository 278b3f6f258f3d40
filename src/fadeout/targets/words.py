"""What conditions say, in words: one place, for pages, commands and errors alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from fadeout.contacts.words import ANSWERS, CHANNELS, KINDS, PURPOSES
from fadeout.core import dates
from fadeout.core.places import country_name, language_name
from fadeout.targets.conditions import Ask, Condition, Fault, Group, How, Mistake, Node, On, Path

if TYPE_CHECKING:
    from django.utils.functional import Promise

    Words = Mapping[str, Promise | str]

HOWS: Words = {
    How.ALL: gettext_lazy("all of these hold"),
    How.ANY: gettext_lazy("at least one of these holds"),
    How.NONE: gettext_lazy("none of these holds"),
}
SUBJECTS: Words = {
    On.RECENCY: pgettext_lazy("condition", "recency"),
    On.CRITERION: pgettext_lazy("condition", "criterion"),
    On.AUTHORISATION: pgettext_lazy("condition", "authorisation"),
    On.KIND: pgettext_lazy("condition", "kind of contact"),
    On.LANGUAGE: pgettext_lazy("condition", "language"),
    On.COUNTRY: pgettext_lazy("condition", "country"),
    On.POSTCODE: pgettext_lazy("condition", "postcode"),
    On.ORGANISATION: pgettext_lazy("condition", "organisation bought from"),
    On.PRODUCT: pgettext_lazy("condition", "product bought"),
    On.CREATED: pgettext_lazy("condition", "created"),
    On.EMAIL: pgettext_lazy("condition", "e-mail address"),
    On.TARGET: pgettext_lazy("condition", "another target"),
}
ASKS: Words = {
    Ask.BEFORE: pgettext_lazy("comparison", "before"),
    Ask.FROM: pgettext_lazy("comparison", "on this day or later"),
    Ask.DUE_WITHIN: pgettext_lazy("comparison", "due within so many months"),
    Ask.NEVER: pgettext_lazy("comparison", "never active since created"),
    Ask.IS: pgettext_lazy("comparison", "is"),
    Ask.SET: pgettext_lazy("comparison", "is on file"),
    Ask.NOT_SET: pgettext_lazy("comparison", "is not on file"),
    Ask.BEGINS: pgettext_lazy("comparison", "begins with"),
    Ask.BETWEEN: pgettext_lazy("comparison", "from … to …"),
    Ask.DATED: pgettext_lazy("comparison", "any with a date"),
    Ask.UNDATED: pgettext_lazy("comparison", "any without a date"),
}
FAULTS: Words = {
    Fault.NOT_A_GROUP: gettext_lazy(
        "A group is all, any or none, with a list of conditions and groups."
    ),
    Fault.UNKNOWN_ENTRY: gettext_lazy("This does not belong to such a condition: %(entry)s."),
    Fault.UNKNOWN_ON: gettext_lazy("There is no such thing to ask about. There are: %(detail)s."),
    Fault.UNKNOWN_TEST: gettext_lazy("This cannot be asked so. What can be asked: %(detail)s."),
    Fault.MISSING: gettext_lazy("Something is missing: %(entry)s."),
    Fault.NOT_A_DAY: gettext_lazy("That is no day; write it as 20241128 or 2024-11-28."),
    Fault.NOT_MONTHS: gettext_lazy("That is no number of months from 0 to %(detail)s."),
    Fault.NOT_A_COUNTRY: gettext_lazy("A country has two letters, as in CH."),
    Fault.NOT_A_LANGUAGE: gettext_lazy("A language is written as in de or de-CH."),
    Fault.NOT_ONE_OF: gettext_lazy("That is none of: %(detail)s."),
    Fault.NOT_A_TEXT: gettext_lazy("That is not a text that anything could be compared with."),
    Fault.TOO_LONG: gettext_lazy("That is too long."),
    Fault.TOO_DEEP: gettext_lazy("Groups lie in one another too deep; five levels are the most."),
    Fault.TOO_MANY: gettext_lazy("Those are too many conditions; fifty are the most."),
    Fault.EMPTY_GROUP: gettext_lazy("The group is empty. Add a condition, or remove it."),
    Fault.BACKWARDS: gettext_lazy(
        "The end of a range is as long as its beginning, and comes after it."
    ),
    Fault.UNKNOWN_CODE: gettext_lazy("There is nothing of this code on file."),
    Fault.UNKNOWN_TARGET: gettext_lazy("There is no such target."),
    Fault.TOO_MUCH: gettext_lazy(
        "With the targets that ask about one another this is too much: ten of them in a row and five hundred "
        "conditions in all are the most. Freeze one of them, and ask about that."
    ),
    Fault.LOOP: gettext_lazy(
        "A target cannot ask about itself, by way of others either: %(detail)s."
    ),
}


@dataclass(frozen=True)
class Names:
    """What organisations, products and targets are called, by their codes and ids."""

    organisations: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)


def fault(mistake: Mistake) -> str:
    """Why something cannot be asked."""
    return str(FAULTS[mistake.fault]) % {"entry": mistake.entry, "detail": mistake.detail}


def place(path: Path, data: Any) -> str:
    """Where something stands in a tree as it was given: condition 2 of the group "all", say."""
    if not path:
        return _("The conditions as a whole")
    told, within = [], data
    for number in path:
        how, parts = (
            next(iter(within.items())) if isinstance(within, dict) and within else ("?", [])
        )
        told.append(
            _("part %(number)s of the group “%(how)s”") % {"number": number + 1, "how": how}
        )
        within = parts[number] if isinstance(parts, list) and number < len(parts) else None
    return ", ".join(reversed(told))


def in_words(node: Node, names: Names) -> str:
    """A whole tree on one line."""
    if isinstance(node, Condition):
        return condition(node, names)
    if not node.parts:
        return _("everybody on file")
    told = [
        f"({in_words(part, names)})" if isinstance(part, Group) else condition(part, names)
        for part in node.parts
    ]
    if node.how is How.NONE:
        return _("none of: %(list)s") % {"list": "; ".join(told)}
    joiner = _("%(first)s and %(then)s") if node.how is How.ALL else _("%(first)s or %(then)s")
    sentence = told[0]
    for then in told[1:]:
        sentence = joiner % {"first": sentence, "then": then}
    return sentence


def condition(asked: Condition, names: Names) -> str:
    """One condition."""
    return _TELLERS[asked.on](asked, names)


def authorisation(purpose: str, channel: str, answer: str) -> str:
    """An authorisation with its answer."""
    return _("%(channel)s %(purpose)s: %(answer)s") % {
        "channel": CHANNELS.get(channel, channel),
        "purpose": PURPOSES.get(purpose, purpose),
        "answer": ANSWERS[answer],
    }


def _recency(asked: Condition, _names: Names) -> str:
    if asked.test is Ask.NEVER:
        return _("never active since created")
    if asked.test is Ask.DUE_WITHIN:
        return ngettext(
            "due within %(months)s month", "due within %(months)s months", asked.months
        ) % {"months": asked.months}
    text = (
        _("recency before %(day)s")
        if asked.test is Ask.BEFORE
        else _("recency on %(day)s or later")
    )
    return text % {"day": dates.written(asked.day)}


def _created(asked: Condition, _names: Names) -> str:
    text = (
        _("created before %(day)s")
        if asked.test is Ask.BEFORE
        else _("created on %(day)s or later")
    )
    return text % {"day": dates.written(asked.day)}


def _criterion(asked: Condition, _names: Names) -> str:
    texts = {
        Ask.IS: _("criterion %(name)s is %(value)s"),
        Ask.SET: _("criterion %(name)s is set"),
        Ask.NOT_SET: _("criterion %(name)s is not set"),
    }
    return texts[asked.test] % {"name": asked.name, "value": asked.value}


def _authorisation(asked: Condition, _names: Names) -> str:
    return authorisation(asked.purpose, asked.channel, asked.value)


def _kind(asked: Condition, _names: Names) -> str:
    return _("kind: %(kind)s") % {"kind": KINDS[asked.value]}


def _language(asked: Condition, _names: Names) -> str:
    texts = {
        Ask.IS: _("language: %(value)s"),
        Ask.SET: _("language is known"),
        Ask.NOT_SET: _("language is not known"),
    }
    return texts[asked.test] % {"value": language_name(asked.value) if asked.value else ""}


def _country(asked: Condition, _names: Names) -> str:
    texts = {
        Ask.IS: _("country: %(value)s"),
        Ask.SET: _("country is known"),
        Ask.NOT_SET: _("country is not known"),
    }
    return texts[asked.test] % {"value": country_name(asked.value) if asked.value else ""}


def _postcode(asked: Condition, _names: Names) -> str:
    texts = {
        Ask.IS: _("postcode %(value)s"),
        Ask.BEGINS: _("postcode begins with %(value)s"),
        Ask.BETWEEN: _("postcode from %(value)s to %(until)s"),
        Ask.SET: _("postcode is known"),
        Ask.NOT_SET: _("postcode is not known"),
    }
    return texts[asked.test] % {"value": asked.value, "until": asked.until}


def _organisation(asked: Condition, names: Names) -> str:
    return _("bought from %(organisation)s") % {
        "organisation": names.organisations.get(asked.value, asked.value)
    }


def _product(asked: Condition, names: Names) -> str:
    texts = {
        Ask.IS: _("bought %(product)s"),
        Ask.DATED: _("bought something with a date"),
        Ask.UNDATED: _("bought something without a date"),
    }
    return texts[asked.test] % {"product": names.products.get(asked.value, asked.value)}


def _email(asked: Condition, _names: Names) -> str:
    if asked.test is Ask.SET:
        return _("has an e-mail address")
    return _("has no e-mail address")


def _target(asked: Condition, names: Names) -> str:
    name = names.targets.get(asked.value, pgettext("target", "one that is gone"))
    return _("in the target “%(name)s”") % {"name": name}


_TELLERS: Mapping[On, Callable[[Condition, Names], str]] = {
    On.RECENCY: _recency,
    On.CRITERION: _criterion,
    On.AUTHORISATION: _authorisation,
    On.KIND: _kind,
    On.LANGUAGE: _language,
    On.COUNTRY: _country,
    On.POSTCODE: _postcode,
    On.ORGANISATION: _organisation,
    On.PRODUCT: _product,
    On.CREATED: _created,
    On.EMAIL: _email,
    On.TARGET: _target,
}
