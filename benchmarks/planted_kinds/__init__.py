"""Faults of known kinds are planted in clean synthetic accounts, and validation is asked for each of them."""
