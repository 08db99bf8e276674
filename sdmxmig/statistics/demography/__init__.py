"""Demographic methods as pure functions, with definitions."""
