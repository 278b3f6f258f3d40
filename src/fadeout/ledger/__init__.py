"""The append-only record of what was done, by whom, and the proof that nobody changed it since."""
