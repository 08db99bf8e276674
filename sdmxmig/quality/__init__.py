"""Validation rules, their VTL translations, checks of messages, and disclosure control."""
