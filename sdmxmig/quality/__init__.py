"""Validation rules and their VTL translations, message checks, and disclosure control."""
