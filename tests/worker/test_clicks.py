"""The worker adds up what was clicked; what people see is the same before and after."""

from __future__ import annotations

from fadeout.links import queries
from fadeout.links.models import Daily, Tally
from fadeout.links.queries import Count
from fadeout.worker import tasks
from tests import support
from tests.links.house import BY_A_SCANNER, BY_HAND, at, line, link, opened


def test_clicks_are_added_up_by_day(database: str) -> None:
    support.founded()
    poster = link("Poster")
    with line(database) as web:
        for asked, seconds in ((BY_HAND, 0), (BY_HAND, 60), (BY_A_SCANNER, 60), (BY_HAND, 90_000)):
            opened(web, poster.code, asked, at(seconds))
    before = (queries.count(poster), queries.days(poster, since=support.AS_OF))
    assert before[0] == Count(human=3, automated=1)
    assert (Tally.objects.count(), Daily.objects.count()) == (4, 0)
    tasks.fold_clicks(0)
    tasks.fold_clicks(0)
    assert (Tally.objects.count(), Daily.objects.count()) == (0, 2)
    assert (queries.count(poster), queries.days(poster, since=support.AS_OF)) == before
