"""Proof of a run: whether tables and ledger say the same, and a page that can be filed."""
