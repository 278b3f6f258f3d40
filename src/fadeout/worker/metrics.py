"""Figures for Prometheus, read from the database when it asks; counts and seconds alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Count
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fadeout.batches.models import Notice
from fadeout.plans import queries as plans
from fadeout.runs.models import Run, RunState
from fadeout.worker import health
from fadeout.worker.models import Failure

JOB_STATES = ("todo", "doing", "failed")


class Figures(Collector):
    """What there is to tell, anew each time."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """All figures; of a database that does not answer only that."""
        found = health.look()
        yield _one("fadeout_database_up", "Whether the database answers", float(found.database))
        if not found.database:
            return
        yield _one("fadeout_worker_up", "Whether a worker lives", float(found.worker))
        if found.silent_seconds is not None:
            yield _one(
                "fadeout_worker_silent_seconds", "Since the last heartbeat", found.silent_seconds
            )
        jobs = ProcrastinateJob.objects.values_list("status").annotate(n=Count("pk"))
        yield _by_state("fadeout_jobs", "Jobs of the worker", JOB_STATES, dict(jobs))
        runs = Run.objects.values_list("state").annotate(n=Count("pk"))
        yield _by_state("fadeout_runs", "Runs", RunState.values, dict(runs))
        yield _one(
            "fadeout_job_failures", "Jobs that did not do their work", Failure.objects.count()
        )
        waiting = Notice.objects.filter(sent_at=None, failure=None).count()
        yield _one("fadeout_notices_waiting", "Mails that were not taken yet", waiting)
        plan = plans.latest_by_rule()
        if plan is not None:
            due = plans.struck_by(plan)
            yield _one("fadeout_contacts_due", "Contacts that the last plan would strike", due)


def render() -> tuple[bytes, str]:
    """The answer to Prometheus, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _by_state(
    name: str, about: str, states: Iterable[str], counts: Mapping[str, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state in states:
        family.add_metric([state], counts.get(state, 0))
    return family
