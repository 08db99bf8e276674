"""Validation rules, the same rules in VTL, checks of messages, and disclosure control."""
