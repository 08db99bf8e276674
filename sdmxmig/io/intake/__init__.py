"""Intake of untrusted bytes: bounded, without DOCTYPE, entities or network."""
