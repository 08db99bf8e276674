"""Actions and statuses: which action is asked for, and how a request went."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.formats.sdmx_ml.error_messages import note_of
from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.model.registrations import Status

LETTERS = {
    dialect.id.removeprefix("sdmx-ml-"): {
        word: letter for letter, word in dialect.actions if (letter, word) != ("M", "Append")
    }
    for dialect in DIALECTS
}
"""SDMX's letters for the actions of each version, by their words."""


def action_of(part: Part, text: str) -> str:
    """The letter of an action; empty if the message has none."""
    words = LETTERS[part.message.version]
    return words[part.choice(text, *words)] if text else ""


def status_of(part: Part) -> Status:
    """How a request went."""
    word = part.choice(part.needed("status"), "Success", "Warning", "Failure")
    status = Status(word, tuple(note_of(text) for text in part.parts("reg:MessageText")))
    part.close()
    return status
