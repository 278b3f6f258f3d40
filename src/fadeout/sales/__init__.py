"""Organisations, products, orders and all that hangs on an order."""
