"""Every combination has its sentence; none is empty, none shows a hole."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from fadeout.console.contacts.sentence import said
from fadeout.console.contacts.sentences import BEHIND
from fadeout.console.contacts.words import BECAUSE
from fadeout.policy import periods
from fadeout.policy.outcomes import Activity, Outcome, Reason
from fadeout.recency.lists import stays_until
from fadeout.recency.queries import Exclusion, ListedActivity
from fadeout.recency.sheets import Stay

KEEPING = [reason for reason in Reason if reason is not Reason.SALE_TO_COME]
DETAILS = {Reason.DEBTOR: "-20.00 CHF", Reason.CREDITOR: "5 EUR"}


@st.composite
def stays(draw: Any) -> Stay:
    day = draw(st.dates())
    months = draw(st.integers(1, 200))
    drawn = draw(st.sets(st.sampled_from(KEEPING)))
    reasons = tuple(reason for reason in KEEPING if reason in drawn)
    is_prospect, activity = draw(st.booleans()), draw(st.sampled_from(list(Activity)))
    outcome = Outcome.KEEP if reasons else Outcome.DELETE if is_prospect else Outcome.ANONYMISE
    until = stays_until(day, months)
    behind = ListedActivity(
        day, activity, True, draw(st.sampled_from(sorted(BECAUSE))), None, None, None, None
    )
    exclusions = tuple(
        Exclusion(reason, draw(st.sampled_from(["opera", "gone", None])), DETAILS.get(reason, "court 5%"),
                  draw(st.none() | st.dates()))
        for reason in reasons if reason in BEHIND and draw(st.booleans())
    )  # fmt: skip
    return Stay(
        recency_on=day, activity=activity, behind=draw(st.sampled_from([behind, None])), stays_until=until,
        due_on=periods.due_on(day, months) if until else None, months=months, outcome=outcome,
        reasons=reasons, exclusions=exclusions, is_prospect=is_prospect,
    )  # fmt: skip


@given(stays(), st.sampled_from(["en", "de", "fr"]))
def test_every_combination_gives_sentences(stay: Stay, language: str) -> None:
    with translation.override(language):
        told = said(stay, {"opera": "Opera"})
    everything = (told.headline, *told.more, *told.reasons)
    assert all(sentence.strip() and sentence[-1] in ".:" for sentence in everything)
    assert not any(
        "%(" in sentence or "None" in sentence.replace("None named", "") for sentence in told.more
    )
    assert "%(" not in told.headline
    if set(stay.reasons) - {Reason.ACTIVE}:
        assert told.reasons
    else:
        assert not told.reasons


def test_a_recency_beyond_the_calendar() -> None:
    day = date(9999, 1, 1)
    stay = Stay(day, Activity.SALE, None, None, None, 36, Outcome.KEEP, (Reason.ACTIVE,), (), False)
    assert said(stay, {}).headline.startswith("Stays for good")
