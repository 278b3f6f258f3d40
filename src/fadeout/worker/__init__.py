"""The worker: does what was asked for in the console, and what is due by itself."""
