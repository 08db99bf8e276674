"""Sealed submissions and signatures."""
