"""Errors, places, text, periods and patterns: the base of every other package."""
