-- A stalled job goes back to the queue.
SELECT procrastinate_retry_job_v2(%(job)s, clock_timestamp(), NULL, NULL, NULL)
