"""Benchmark items and scales from codelists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.profile import NOT_APPLICABLE, UNKNOWN, BenchmarkItem, Scale

SCALES = "CL_SCALE_"
"""How the ids of the codelists begin that are answer scales."""
GAPS = ("whole", "partial")
SILENCES = (UNKNOWN, NOT_APPLICABLE)
NAMED = {"GAP": "gap", "SILENT": "reason for silence"}


def scale_of(codelist: ItemScheme) -> Scale:
    """Read a scale from annotations: POINTS, GAP, SILENT, ACTION, SHOWN_AS.

    Raises `DeclarationError` for invalid values.
    """
    points = {item.id: item.note("POINTS") for item in codelist}
    return Scale(
        codelist.ref.id.removeprefix(SCALES),
        tuple((item.id, item.name) for item in codelist),
        points=tuple((code, Decimal(value) if value else None) for code, value in points.items()),
        name=codelist.name,
        gaps=annotated_codes(codelist, "GAP", GAPS),
        actions=tuple((item.id, action) for item in codelist if (action := noted(item, "ACTION"))),
        silent=annotated_codes(codelist, "SILENT", SILENCES),
        shown_as=tuple((item.id, item.note("SHOWN_AS")) for item in codelist if item.note("SHOWN_AS")),
    )


def annotated_codes(codelist: ItemScheme, kind: str, allowed: Sequence[str]) -> tuple[tuple[str, str], ...]:
    notes = tuple((item.id, word) for item in codelist if (word := item.note(kind)))
    for code, word in notes:
        if word not in allowed:
            message = f"“{word}” is not a {NAMED[kind]} ({codelist.ref.id}, code {code})."
            raise DeclarationError(message, codelist.place, f"Write one of: {', '.join(allowed)}.")
    return notes


def noted(item: Item, kind: str) -> Text:
    return next((note.text for note in item.annotations if note.type == kind), Text())


def benchmark_items(codelist: ItemScheme, scales: Mapping[str, Scale]) -> dict[str, BenchmarkItem]:
    """Read the items in order.

    Modules are rows without scale, or without parent. Raises `DeclarationError` for unknown scales.
    """
    items: dict[str, BenchmarkItem] = {}
    for item in codelist:
        scale, subject_kind = item.note("SCALE"), item.note("OF")
        if not item.parent or not (scale or subject_kind):
            continue
        if scale and scale not in scales:
            hint = did_you_mean(scale, scales)
            raise DeclarationError(f"The scale “{scale}” of item {item.id} is not known.", codelist.place, hint)
        items[item.id] = BenchmarkItem(
            item.id,
            items[item.parent].module if item.parent in items else item.parent,
            name=item.name,
            recommendation=item.description,
            scale=scale,
            action=noted(item, "ACTION"),
            status=item.status,
            source=item.source,
            of=subject_kind,
            weight=Decimal(weight) if (weight := item.note("WEIGHT")) else None,
            group=item.note("GROUP"),
            driver=item.note("DRIVER"),
            is_short=item.note("SHORT") == "yes",
            number=noted(item, "NUMBER"),
            checked=item.note("CHECKED"),
        )
    return items
