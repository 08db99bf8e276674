"""Accounting identities and equations."""
