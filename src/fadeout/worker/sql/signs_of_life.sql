-- Seconds since the last heartbeat of any worker, and for how long the oldest due job has waited.
SELECT
    (SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))::float8
     FROM procrastinate_workers),
    (SELECT extract(epoch FROM clock_timestamp() - min(COALESCE(job.scheduled_at, event.at)))::float8
     FROM procrastinate_jobs AS job
     JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
     WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= clock_timestamp()))
