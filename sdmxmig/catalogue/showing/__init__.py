"""Display of declarations as cards and records."""

from __future__ import annotations

from sdmxmig.catalogue.showing.cards import Card, CardLine, card, card_text
from sdmxmig.catalogue.showing.names import NamedThing, choose_namesake, everything, find, matching, record

__all__ = [
    "Card",
    "CardLine",
    "NamedThing",
    "card",
    "card_text",
    "choose_namesake",
    "everything",
    "find",
    "matching",
    "record",
]
