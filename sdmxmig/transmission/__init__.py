"""Sealing, sending, retrieving and serving submissions."""
