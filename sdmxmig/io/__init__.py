"""Bounded reading, network access and atomic writing."""
