"""Errors, places, text, periods and patterns."""
