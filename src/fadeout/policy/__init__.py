"""The rules in pure Python: periods, cutoffs, outcomes and the order of reasons. No Django."""
