"""Profiles: what a country answers to the benchmarking study, as a file, as data, and as a form to be filled in."""

from __future__ import annotations
