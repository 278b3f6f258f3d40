"""The process of the worker: takes jobs until it is told to stop.

What could go wrong, and what prevents it:

- The database goes away for a while: the worker waits for it and takes up work again.
- It is told to stop within a run: see :mod:`fadeout.worker.tasks`. Told twice, it ends at once; what was
  not committed is undone, and the job is retried like that of a worker that died.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time

import psycopg
from django.db import Error, connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition

from fadeout.core import logs
from fadeout.core.errors import INTERRUPTED
from fadeout.worker import stalled, stopping

#: Jobs side by side: a run, a simulation, and room for what comes every minute.
AT_ONCE = 4
HEARTBEAT_SECONDS = 5.0
POLLING_SECONDS = 5.0
PAUSE_SECONDS = 5.0


def work() -> None:
    """Take jobs until told to stop, by Ctrl-C or SIGTERM."""
    stopping.asked.clear()
    logs.log.info("worker_begins", pid=os.getpid())
    while not stopping.asked.is_set():
        try:
            asyncio.run(_take_jobs())
        except (Error, psycopg.Error, ConnectorException) as error:
            logs.log.warning("worker_lost_database", error=type(error).__name__)
        if not stopping.asked.is_set():
            connection.close()
            time.sleep(PAUSE_SECONDS)
    logs.log.info("worker_ends")


async def _take_jobs() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_of_loop)
    at_work = app.with_connector(PsycopgConnector(kwargs=connector_params()))
    async with at_work.open_async():
        worker = asyncio.ensure_future(
            at_work.run_worker_async(
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=stalled.SILENT_SECONDS,
                fetch_job_polling_interval=POLLING_SECONDS,
            )
        )

        def heard() -> None:
            if stopping.asked.is_set():
                logs.log.warning("worker_ends_at_once")
                os._exit(INTERRUPTED)
            stopping.asked.set()
            logs.log.info("worker_stops")
            worker.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, heard)
        try:
            await worker
        except asyncio.CancelledError:
            if not stopping.asked.is_set():
                raise


def _of_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    logs.log.error("loop", error=type(error).__name__ if error else "unknown")
