"""Retrieval of published data, with provenance and comparison."""
