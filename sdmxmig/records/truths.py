"""How records, surveys and people who judge pairs write that something is so, or is not, in small letters."""

TRUE = ("true", "yes", "y", "1", "1.0")
FALSE = ("false", "no", "n", "0", "0.0")
