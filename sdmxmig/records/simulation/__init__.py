"""Simulated country with known truth and imperfect sources."""
