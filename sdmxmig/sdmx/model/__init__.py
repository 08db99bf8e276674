"""The nouns: frozen records without behaviour beyond small properties."""
