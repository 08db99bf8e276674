"""Structural checks of messages: schemas, item schemes, frequencies, duplicate observations."""
