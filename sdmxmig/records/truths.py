"""Spellings of yes and no."""

TRUE = ("true", "yes", "y", "1", "1.0")
FALSE = ("false", "no", "n", "0", "0.0")
