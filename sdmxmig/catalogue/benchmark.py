"""Benchmark items and answer scales from codelists."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Item, ItemScheme, Text
from sdmxmig.model.profile import BenchmarkItem, Scale

SCALES = "CL_SCALE_"
"""How the ids of the codelists begin that are answer scales."""
GAPS = ("whole", "partial")


def scale_of(codelist: ItemScheme) -> Scale:
    """An answer scale from its codelist, whose annotations say what each code counts and means for the country.

    POINTS is what it counts, GAP whether it makes a whole or a partial gap, ACTION what to do about it. Raises
    `DeclarationError` for any other kind of gap.
    """
    points = {item.id: item.note("POINTS") for item in codelist}
    gaps = {item.id: item.note("GAP") for item in codelist}
    for code, gap in gaps.items():
        if gap and gap not in GAPS:
            message = f"“{gap}” is not a gap ({codelist.ref.id}, code {code})."
            raise DeclarationError(message, codelist.place, f"Write one of: {', '.join(GAPS)}.")
    return Scale(
        codelist.ref.id.removeprefix(SCALES),
        tuple((item.id, item.name) for item in codelist),
        tuple((code, Decimal(value) if value else None) for code, value in points.items()),
        codelist.name,
        tuple((code, gap) for code, gap in gaps.items() if gap),
        tuple((item.id, action) for item in codelist if (action := noted(item, "ACTION"))),
    )


def weights(codelist: ItemScheme, of: str) -> dict[str, tuple[str, Decimal]]:
    """The parts of a composite score: by item that has a weight, its scale and weight, as shares of one.

    `of` is what is scored, such as ``indicator``; quality stands with the sources.
    """
    return {
        item.id: (item.note("SCALE"), Decimal(weight))
        for item in codelist
        if item.note("OF") in (of, "source") and (weight := item.note("WEIGHT"))
    }


def composite(
    answers: Mapping[str, str], parts: Mapping[str, tuple[str, Decimal]], scales: Mapping[str, Scale]
) -> Decimal | None:
    """The score of one indicator from its answers by item: a share of one, None if no part is answered.

    Each part counts by its points as a share of the most that its scale gives, and by its weight. What is not answered
    or not applicable is left out, and the other weights are scaled up: not known is no zero.
    """
    counted: list[tuple[Decimal, Decimal]] = []
    for item, (scale_id, weight) in parts.items():
        points = dict(scales[scale_id].points)
        reached = points.get(answers.get(item, ""))
        most = max((given for given in points.values() if given is not None), default=Decimal(0))
        if reached is not None and most:
            counted.append((weight, reached / most))
    total = sum((weight for weight, _ in counted), Decimal(0))
    return sum((weight * share for weight, share in counted), Decimal(0)) / total if total else None


def noted(item: Item, kind: str) -> Text:
    """The annotation of a kind in all its languages; empty if the item has none."""
    return next((note.text for note in item.annotations if note.type == kind), Text())


def benchmark_items(codelist: ItemScheme, scales: Mapping[str, Scale]) -> dict[str, BenchmarkItem]:
    """The items of the benchmarking study by id, in the order of their codelist; `of` says what each is asked of.

    Modules are no items: about the country they are the rows without a scale, elsewhere those without a parent.
    Raises `DeclarationError` for a scale that does not exist.
    """
    items = {}
    for item in codelist:
        scale, of = item.note("SCALE"), item.note("OF")
        if not item.parent or not (scale or of):
            continue
        if scale and scale not in scales:
            hint = did_you_mean(scale, scales)
            raise DeclarationError(f"The scale “{scale}” of item {item.id} is not known.", codelist.place, hint)
        items[item.id] = BenchmarkItem(
            item.id,
            item.parent,
            item.name,
            item.description,
            scale,
            noted(item, "ACTION"),
            item.status,
            item.source,
            of,
        )
    return items
