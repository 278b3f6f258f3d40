"""People and structures: roles, authorisations, criteria, holds, notes."""
