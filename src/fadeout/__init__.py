"""Fadeout: the personal-data life cycle of a ticketing house."""

__version__ = "0.1.0"
