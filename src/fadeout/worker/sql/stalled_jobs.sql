-- Jobs that are being done by a worker that is dead; superfluous ones are periodic, or queued again.
SELECT job.id, job.task_name, job.args, job.attempts,
       NOT job.task_name = ANY(%(kept)s) OR EXISTS (
           SELECT FROM procrastinate_jobs AS twin
           WHERE twin.status = 'todo' AND twin.queueing_lock = job.queueing_lock
       )
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
  AND (worker.id IS NULL
       OR worker.last_heartbeat < clock_timestamp() - make_interval(secs => %(silent)s))
FOR UPDATE OF job SKIP LOCKED
