"""The rule book read a second time, in plain Python, so that tests can find where we differ."""
