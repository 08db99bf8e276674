"""Declarations displayed as cards and records."""
