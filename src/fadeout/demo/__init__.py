"""Invents a house: people, seasons, orders, debts."""
