"""Django's PostgreSQL, with foreign keys that are checked at once."""

#: Where the queue of jobs lives.
QUEUE_SCHEMA = "procrastinate"
SEARCH_PATH = f"public,{QUEUE_SCHEMA}"
