"""The vault: what a run removes, sealed for support alone, for one year."""
