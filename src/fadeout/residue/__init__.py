"""What is left of struck contacts in texts about others: found, taken out, or listed for a person."""
