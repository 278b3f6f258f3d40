-- A stalled job ends, and is kept or not.
SELECT procrastinate_finish_job_v1(%(job)s, %(status)s::procrastinate_job_status, %(delete)s)
