"""The invented house keeps the contract, and looks like a house."""
