"""The personal-data catalogue: what each column is and what becomes of it."""
