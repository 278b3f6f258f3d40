"""Scheduled batches: what simulates, or runs, by itself at set times."""
