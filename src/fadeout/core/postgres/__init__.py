"""PostgreSQL: the one that Fadeout carries, or any other by URL."""
