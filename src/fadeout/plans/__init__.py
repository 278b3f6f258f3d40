"""A simulation kept: who, which outcome, why; its fingerprint and its approval."""
