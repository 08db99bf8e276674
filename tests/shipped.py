"""What ships with sdmxmig, read once for all tests of a process; nobody changes it."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.catalogue import load

CATALOGUE = load()
AS_LISTED = replace(CATALOGUE, rules={id_: replace(rule, always=False) for id_, rule in CATALOGUE.rules.items()})
"""The same with rules that run only where a flow lists them, so that a test sees one rule at a time."""
