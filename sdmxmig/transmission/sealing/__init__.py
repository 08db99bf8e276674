"""Sealed submissions: parts with their checksums, and signatures."""
