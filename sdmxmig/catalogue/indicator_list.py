"""Codelist of indicators, generated from their files and ``structures/indicators.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.catalogue.heads import read_head
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.indicators import TOTAL
from sdmxmig.sdmx.statuses import PASSAGE

POPULATIONS = "CL_SUBPOP"
"""The codelist of the populations for which indicators are computed."""
TIER_CODES = {"core": "CORE", "additional": "ADD"}
NOTES = {
    "UN_NUMBER": "un_number",
    "UN_NUMBER_STATUS": "un_number_status",
    "PART": "part",
    "TIER": "tier",
    "POLICY_AREA": "policy_area",
    "MEASURE": "measure",
    "UNIT_MEASURE": "unit",
    "CHECKED": "checked",
    "NOT_IN_STANDARD": "removed",
}
"""Annotations of an indicator and the keys of its file that they repeat."""
RANKS = ("UN_NUMBER", "UN_NUMBER_STATUS", "TIER")
SDG_NOTES = {
    "SDG_INDICATOR": "indicator",
    "SDG_OFFICIAL_NAME": "official_name",
    "SDG_FORMER_NAME": "former_name",
    "SDG_DISAGGREGATION": "official_disaggregation",
    "SDG_ASKS": "asks",
    "SDG_STATUS": "status",
    "SDG_PASSAGE": "passage",
}

SENTENCES = ("SDG_OFFICIAL_NAME", "SDG_FORMER_NAME", "SDG_ASKS", "SDG_PASSAGE")
PURPOSE_NOTES = {
    "question": "POLICY_QUESTION",
    "objectives": "GCM_OBJECTIVE",
    "by_sex": "RELEVANT_BY_SEX",
    "for_children": "RELEVANT_FOR_CHILDREN",
}


def indicator_list(head: Declared, indicators: Iterable[Declared], populations: ItemScheme | None) -> ItemScheme:
    """Build the codelist of indicators; raises `DeclarationError` for duplicates."""
    list_head = read_head(head, "Codelist")
    head.close()
    names = {item.id: item.name for item in populations or ()}
    files = sorted(indicators, key=lambda file: (file.text("policy_area"), file.integer("order"), file.text("id")))
    items = tuple(item for file in files for item in items_of(file, names))
    codes: set[str] = set()
    for item in items:
        if item.id in codes:
            raise DeclarationError(f"Two indicators or variants have the code “{item.id}”.", head.place)
        codes.add(item.id)
    return ItemScheme(
        items=items,
        **list_head.with_origin(),
    )


def population_ids(declared: Declared) -> tuple[str, ...]:
    return declared.strings("populations", (TOTAL,))


def items_of(declared: Declared, populations: Mapping[str, Text]) -> Iterator[Item]:
    """The code of an indicator, then those of its variants."""
    code, name = declared.text("id"), declared.texts("name", required=True)
    status, source = declared.text("status"), declared.text("source")
    yield Item(code, name, status=status, source=source, annotations=tuple(notes_of(declared)))
    own_variants = [
        (variant.text("id"), variant.texts("name", required=True)) for variant in declared.tables("variant")
    ]
    variants: Sequence[tuple[str, Text]] = own_variants or [
        (population, populations.get(population, Text())) for population in populations_with_formula(declared)
    ]
    for variant, title in variants:
        if variant != TOTAL:
            yield Item(f"{code}_{variant}", joined(name, title), parent=code, status=status, source=source)


def populations_with_formula(declared: Declared) -> tuple[str, ...]:
    return population_ids(declared) if declared.table("terms").values else ()


def joined(name: Text, variant: Text) -> Text:
    """The name of a variant: that of its indicator, then its own, in the languages that both have."""
    variant_texts = dict(variant)
    marks = {"fr": " : ", "zh": "："}
    return Text.of(
        {
            language: f"{text}{marks.get(language, ': ')}{variant_texts[language]}"
            for language, text in name
            if language in variant_texts
        }
    )


def notes_of(declared: Declared) -> Iterator[Annotation]:
    """The annotations of an indicator's code: its number, part, tier, unit, formula, notes and goals, from its file."""
    for kind, key in NOTES.items():
        value = declared.text(key, "")
        if value and not (kind in RANKS and declared.text("removed", "")):
            yield Annotation(kind, title=TIER_CODES.get(value, value))
    if passage := declared.text("passage", ""):
        yield Annotation(PASSAGE, Text.of(en=passage))
    if formula := formula_of(declared):
        yield Annotation("FORMULA", title=formula)
    for key in ("numerator", "denominator", "note"):
        if text := declared.texts(key):
            yield Annotation(key.upper(), text)
    sdg = declared.table("sdg")
    for kind, key in SDG_NOTES.items():
        value = sdg.text(key, "")
        if value:
            yield Annotation(kind, Text.of(en=value)) if kind in SENTENCES else Annotation(kind, title=value)
    for series in sdg.strings("series"):
        yield Annotation("SDG_SERIES", title=series)
    yield from purpose_notes(declared.table("purpose"))


def purpose_notes(declared: Declared) -> Iterator[Annotation]:
    """The policy question, objectives and relevance of an indicator, as annotations."""
    if question := declared.texts("question"):
        yield Annotation("POLICY_QUESTION", question)
    for code in declared.strings("objectives"):
        yield Annotation("GCM_OBJECTIVE", title=code)
    for key in ("by_sex", "for_children"):
        if key in declared.values:
            yield Annotation(PURPOSE_NOTES[key], title="yes" if declared.flag(key, default=False) else "no")
    for key, kind in PURPOSE_NOTES.items():
        if key in declared.values:
            status = declared.text(f"{key}_status", declared.text("status", "candidate"))
            yield Annotation(f"{kind}_STATUS", title=status)


def formula_of(declared: Declared) -> str:
    terms = declared.table("terms")
    term_texts = [f"{name} = {term_in_words(terms.table(name).values)}" for name in terms.values]
    return f"{declared.text('calculation', '')}({', '.join(term_texts)})" if term_texts else ""


def term_in_words(term: Mapping[str, object]) -> str:
    codes = {key: "+".join(value) if isinstance(value, list) else value for key, value in term.items() if key != "flow"}
    fixed_codes = ",".join(f"{key}={code}" for key, code in codes.items())
    return f"{term.get('flow', '')}[{fixed_codes}]" if fixed_codes else str(term.get("flow", ""))
