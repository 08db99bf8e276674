"""Retrieval: what agencies publish is asked for, kept as a copy with its provenance, and held against what was sent."""
