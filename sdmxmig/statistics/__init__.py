"""Demographic methods, indicators, country assessments and comparisons."""
