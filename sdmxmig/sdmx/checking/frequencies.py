"""Check that periods match the declared frequency."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.primitives.periods import DAILY, PER_YEAR, fits, parse
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure

FREQUENCY = ("FREQ", "FREQUENCY")
KNOWN = (*PER_YEAR, *DAILY, "W")
"""Frequency codes with exactly one form of period; others, such as irregular, accept any."""


def frequency_of(structure: DataStructure) -> str:
    for component in structure.of_role("dimension"):
        roles = {ref.item for ref in component.concept_roles}
        if component.id in FREQUENCY or "FREQ" in roles or component.concept.item == "FREQ":
            return component.id
    return ""


def misfits(block: Dataset) -> Iterator[tuple[str, dict[str, str]]]:
    """Find periods that do not match their frequency, each with a sentence and both values.

    Moments and ranges match any frequency; invalid periods are reported as such.
    """
    structure = block.flow.structure
    frequency, time = frequency_of(structure), structure.time
    if not frequency or time is None or not block.observations.height:
        return
    for code, text in block.observations.select(frequency, time.id).unique(maintain_order=True).iter_rows():
        if code in KNOWN and text is not None and parse(text) is not None and not fits(text, code):
            sentence = f"“{text}” of {time.id} is no period of the frequency {code} ({frequency})."
            yield sentence, {frequency: code, time.id: text}
