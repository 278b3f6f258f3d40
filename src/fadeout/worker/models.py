"""What failed in the worker, by code: the job itself is gone some day, and says nothing of why."""

from __future__ import annotations

from django.db import models


class Failure(models.Model):
    """A job that ended without having done its work. Ids and codes alone, never what an error says."""

    task = models.TextField()
    code = models.TextField()
    plan = models.BigIntegerField(null=True)
    run = models.BigIntegerField(null=True)
    batch_start = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "at"], name="worker_failure_of_plan")]
