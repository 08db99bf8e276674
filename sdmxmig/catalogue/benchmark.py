"""Benchmark items and answer scales from codelists."""

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
    """An answer scale from its codelist, whose annotations say what each code counts and means for the country.

    POINTS is what it counts, GAP whether it makes a whole or a partial gap, SILENT whether it says that something is
    not known or not applicable, ACTION what to do about it, SHOWN_AS as which other code it is shown. Raises
    `DeclarationError` for any other kind of gap or silence.
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
    """An annotation of each code that has it; `DeclarationError` if it is not one of these."""
    notes = tuple((item.id, word) for item in codelist if (word := item.note(kind)))
    for code, word in notes:
        if word not in allowed:
            message = f"“{word}” is not a {NAMED[kind]} ({codelist.ref.id}, code {code})."
            raise DeclarationError(message, codelist.place, f"Write one of: {', '.join(allowed)}.")
    return notes


def noted(item: Item, kind: str) -> Text:
    """The annotation of a kind in all its languages; empty if the item has none."""
    return next((note.text for note in item.annotations if note.type == kind), Text())


def benchmark_items(codelist: ItemScheme, scales: Mapping[str, Scale]) -> dict[str, BenchmarkItem]:
    """The items of the benchmarking study by id, in the order of their codelist; `of` says what each is asked of.

    Modules are no items: about the country they are the rows without a scale, elsewhere those without a parent. An item
    below another one is of the module of that. Raises `DeclarationError` for a scale that does not exist.
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
