"""Migration statistics derived from person records with residence rules."""
