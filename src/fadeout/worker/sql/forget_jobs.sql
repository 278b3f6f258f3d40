-- Jobs that ended long ago.
DELETE FROM procrastinate_jobs
WHERE status NOT IN ('todo', 'doing')
  AND NOT EXISTS (
      SELECT FROM procrastinate_events AS event
      WHERE event.job_id = procrastinate_jobs.id
        AND event.at > now() - make_interval(days => %(days)s)
  )
