"""Bounded reading, network access, and files that are replaced atomically."""
