"""Requests of contacts about their own data: who asked for what, until when it is answered, and how."""
