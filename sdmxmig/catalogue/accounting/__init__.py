"""Accounting identities and the equations that declare them."""
