"""Indicators from TOML, benchmark items and answer scales from codelists."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Item, ItemScheme, Text
from sdmxmig.model.assessment import Indicator, Selection, Variant
from sdmxmig.model.data import Flow
from sdmxmig.model.profile import BenchmarkItem, Scale

SCALES = "CL_SCALE_"
"""How the ids of the codelists begin that are answer scales."""
TIERS = ("core", "additional")
GAPS = ("whole", "partial")


def read_indicator(declared: Declared, flows: Mapping[str, Flow]) -> Indicator:
    """An indicator from its TOML file; the flows and codes that its terms name must exist."""
    tier = declared.text("tier")
    if tier not in TIERS:
        raise DeclarationError(f"“{tier}” is not a tier.", declared.at("tier"), f"Write one of: {', '.join(TIERS)}.")
    indicator = Indicator(
        declared.text("id"),
        declared.text("code"),
        declared.texts("name", required=True),
        declared.text("part"),
        tier,
        declared.text("policy_area"),
        declared.text("measure"),
        declared.text("unit"),
        declared.text("calculation", ""),
        tuple(variant_of(one, flows) for one in declared.tables("variant")),
        declared.strings("primary"),
        declared.strings("secondary"),
        declared.text("status"),
        declared.text("source"),
        declared.place,
    )
    declared.close()
    return indicator


def variant_of(declared: Declared, flows: Mapping[str, Flow]) -> Variant:
    """One variant; every table in it but its name is a term."""
    variant_id, name = declared.text("id"), declared.texts("name", required=True)
    terms = {
        key: declared.table(key) for key, value in declared.values.items() if key != "name" and isinstance(value, dict)
    }
    declared.close()
    return Variant(variant_id, name, {key: selection_of(term, flows) for key, term in terms.items()})


def selection_of(declared: Declared, flows: Mapping[str, Flow]) -> Selection:
    """One term: its flow and the codes that it fixes."""
    flow_id = declared.text("flow")
    if flow_id not in flows:
        raise DeclarationError(f"There is no dataflow “{flow_id}”.", declared.at("flow"), did_you_mean(flow_id, flows))
    flow = flows[flow_id]
    codes = {key: declared.text(key) for key in declared.values if key != "flow"}
    for dimension, code in codes.items():
        codelist = flow.codelist(dimension) if dimension in flow.structure.key else None
        if codelist is None:
            hint = did_you_mean(dimension, flow.structure.key)
            raise DeclarationError(f"{flow_id} has no coded dimension “{dimension}”.", declared.at(dimension), hint)
        if code not in codelist:
            hint = did_you_mean(code, codelist.ids)
            raise DeclarationError(f"“{code}” is not a code of {codelist.ref.short}.", declared.at(dimension), hint)
    declared.close()
    return Selection(flow_id, tuple(sorted(codes.items())))


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


def noted(item: Item, kind: str) -> Text:
    """The annotation of a kind in all its languages; empty if the item has none."""
    return next((note.text for note in item.annotations if note.type == kind), Text())


def benchmark_items(codelist: ItemScheme, scales: Mapping[str, Scale]) -> dict[str, BenchmarkItem]:
    """The benchmark items by id, in the order of their codelist; modules are the rows without a scale."""
    items = {}
    for item in codelist:
        scale = item.note("SCALE")
        if not scale:
            continue
        if scale not in scales:
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
        )
    return items
