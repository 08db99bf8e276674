"""Seal, send, retrieve and serve submissions."""
