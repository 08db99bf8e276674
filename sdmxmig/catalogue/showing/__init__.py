"""Display of declarations as cards and records."""
