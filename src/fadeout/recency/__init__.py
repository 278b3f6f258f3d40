"""One statement says when each contact was last active and what becomes of it."""
