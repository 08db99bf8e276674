"""Demographic methods, indicators, the assessment of a country, and comparisons between countries."""
