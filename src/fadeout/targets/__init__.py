"""Targets: questions about contacts that have a name; asked anew each time, or frozen."""
