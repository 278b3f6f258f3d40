"""Campaigns: a message to a target, sent once to each contact who said yes."""
