"""Showing what is declared: anything by its name, as a card that people read, as a record for programs."""

from __future__ import annotations

from sdmxmig.catalogue.showing.cards import Card, CardLine, card
from sdmxmig.catalogue.showing.names import NamedThing, everything, find, matching, meant
from sdmxmig.catalogue.showing.records import record

__all__ = ["Card", "CardLine", "NamedThing", "card", "everything", "find", "matching", "meant", "record"]
