"""Consent renewal in one go: page, tracked link, simulation, target and campaign, and what came of them."""
