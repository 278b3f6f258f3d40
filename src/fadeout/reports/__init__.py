"""What a house counts, the same before and after a run."""
