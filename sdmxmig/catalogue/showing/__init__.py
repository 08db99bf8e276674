"""Display of declarations as cards and records."""

from __future__ import annotations

from sdmxmig.catalogue.showing.cards import Card, CardLine, card, card_text
from sdmxmig.catalogue.showing.names import NamedThing, everything, find, matching, meant, record

__all__ = ["Card", "CardLine", "NamedThing", "card", "card_text", "everything", "find", "matching", "meant", "record"]
