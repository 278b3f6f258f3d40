"""Applies an approved plan: chunk by chunk, resumable, audited."""
