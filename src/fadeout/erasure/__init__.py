"""Deletes and anonymises. The only room that does."""
