"""Study declarations: effects, quality, needs, sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from sdmxmig.catalogue.evidence import Declarations, declared_file, read_evidence
from sdmxmig.catalogue.gaps import read_gaps
from sdmxmig.catalogue.source_yields import SOURCE_TYPES, ids_of, read_source_yields
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.alignment import EFFECTS, EffectProbe
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.feasibility import Need
from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.sdmx.model.study import READY, SIGNS, Sign, Study
from sdmxmig.sdmx.statuses import checked_status

EFFECTS_FILE, QUALITY_FILE, NEEDS_FILE, SENTENCES_FILE = "effects.toml", "quality.toml", "needs.toml", "sentences.toml"
DRIVERS, ISSUES, FEASIBILITY = "CL_FEAS_DRIVER", "CL_QUALITY_ISSUE", "FEAS"


def read_study(folders: Sequence[Path], declarations: Declarations) -> Study:
    """Read study declarations; raises `DeclarationError`."""
    if not declarations.items:
        return Study()
    sentences = read_sentences(folders)
    quality, readiness = read_signs(folders, declarations, sentences)
    looks = read_evidence(folders, declarations)
    same_gaps, differences = read_gaps(folders, declarations)
    return Study(
        probes=looks.probes,
        answers=looks.rules,
        unseen=looks.unseen,
        effects=read_effects(folders, declarations, sentences),
        quality=quality,
        readiness=readiness,
        **read_needs(folders, declarations),
        yields=read_source_yields(folders, declarations),
        limits=limits(declarations),
        same_gaps=same_gaps,
        differences=differences,
        sentences=sentences,
    )


def read_sentences(folders: Sequence[Path]) -> dict[str, Text]:
    """The texts of statements and formulas by id, in all their languages."""
    declared = declared_file(folders, SENTENCES_FILE)
    if declared is None:
        return {}
    sentences = {}
    for name in declared.values:
        table = declared.table(name)
        for part in table.values:
            sentences[f"{name}.{part}"] = table.texts(part, required=True)
    declared.close()
    return sentences


def read_effects(
    folders: Sequence[Path], declarations: Declarations, sentences: Mapping[str, Text]
) -> tuple[EffectProbe, ...]:
    """The looks at what definitions do to numbers."""
    declared = declared_file(folders, EFFECTS_FILE)
    if declared is None:
        return ()
    probes = tuple(read_effect(entry) for entry in declared.tables("effect"))
    declared.close()
    for effect_probe in probes:
        declarations.check("kind of effect", [effect_probe.kind], EFFECTS, effect_probe.place)
        declarations.check("benchmarking item", effect_probe.items, declarations.items, effect_probe.place)
        declarations.check("sentence", [effect_probe.sentence], sentences, effect_probe.place)
        declarations.check(
            "accounting identity", [*filter(None, [effect_probe.identity])], declarations.identities, effect_probe.place
        )
        for term in filter(None, (effect_probe.first, effect_probe.second)):
            names = [*(name for name, _ in term.codes), *filter(None, [effect_probe.attribute])]
            declarations.check_components(term.flow, names, effect_probe.place)
    return probes


def read_effect(declared: Declared) -> EffectProbe:
    """One look at what a definition does to numbers."""
    effect_probe = EffectProbe(
        items=declared.strings("items", None),
        kind=declared.text("kind"),
        sentence=declared.text("sentence"),
        first=selection(declared.table("first")),
        second=selection(declared.table("second")),
        identity=declared.text("identity", ""),
        attribute=declared.text("attribute", ""),
        place=declared.place,
    )
    declared.close()
    return effect_probe


def selection(declared: Declared) -> TermSelection | None:
    if not declared.values:
        return None
    pairs = declared.pairs()
    return TermSelection(pairs.pop("flow", ""), tuple(pairs.items()))


def read_signs(
    folders: Sequence[Path], declarations: Declarations, sentences: Mapping[str, Text]
) -> tuple[tuple[Sign, ...], tuple[Sign, ...]]:
    """The signs of issues of quality, and those of readiness."""
    declared = declared_file(folders, QUALITY_FILE)
    if declared is None:
        return (), ()
    quality = tuple(read_sign(entry, "issue") for entry in declared.tables("quality"))
    readiness = tuple(read_sign(entry, "id") for entry in declared.tables("readiness"))
    declared.close()
    for sign in (*quality, *readiness):
        declarations.check("kind of sign", [sign.kind], SIGNS if sign in quality else READY, sign.place)
        declarations.check("benchmarking item", [*filter(None, [sign.item])], declarations.items, sign.place)
        declarations.check("rule", sign.rules, declarations.rules, sign.place)
        declarations.check("accounting identity", sign.identities, declarations.identities, sign.place)
        declarations.check("sentence", [sign.sentence], sentences, sign.place)
        declarations.check("benchmarking item", sign.items, declarations.items, sign.place)
    for sign in quality:
        declarations.check(
            "quality issue",
            [sign.id],
            declarations.lists[ISSUES].ids if ISSUES in declarations.lists else (),
            sign.place,
        )
    return quality, readiness


def read_sign(declared: Declared, key: str) -> Sign:
    """One sign of an issue of quality, or of readiness, from its table."""
    sign = Sign(
        id=declared.text(key),
        kind=declared.text("kind"),
        sentence=declared.text("sentence"),
        item=declared.text("item", ""),
        rules=declared.strings("rules"),
        codes=declared.strings("codes"),
        attribute=declared.text("attribute", ""),
        identities=declared.strings("identities"),
        items=declared.strings("items"),
        most=declared.integer("most", 0),
        place=declared.place,
    )
    declared.close()
    return sign


class Inventory(TypedDict, total=False):
    """Declared needs (see `Study`)."""

    needs: Mapping[str, tuple[Need, ...]]
    regular: tuple[str, ...]
    implied: Mapping[str, tuple[str, ...]]
    sheets: Mapping[str, str]
    types: Mapping[str, str]


def read_needs(folders: Sequence[Path], declarations: Declarations) -> Inventory:
    declared = declared_file(folders, NEEDS_FILE)
    if declared is None:
        return {}
    needs: dict[str, tuple[Need, ...]] = {}
    for entry in declared.tables("need"):
        indicators, need = entry.strings("indicators", None), read_need(entry)
        declarations.check("indicator", indicators, declarations.indicators, need.place)
        declarations.check("benchmarking item", (*need.sources, *need.conditions), declarations.items, need.place)
        for question, answers in need.conditions.items():
            declarations.check(f"answer to {question}", answers, declarations.answers(question), need.place)
        for indicator in indicators:
            needs[indicator] = (*needs.get(indicator, ()), need)
    implied, sheets = declared.table("implied"), declared.table("sheets").pairs()
    declarations.check("benchmarking item", (*sheets, *sheets.values()), declarations.items, declared.at("sheets"))
    types = declared.table("types").pairs()
    declarations.check("benchmarking item", tuple(types), declarations.items, declared.at("types"))
    declarations.check(
        "type of source", tuple(types.values()), ids_of(SOURCE_TYPES, declarations), declared.at("types")
    )
    pairs = {name: implied.strings(name) for name in implied.values}
    inventory = Inventory(needs=needs, regular=declared.strings("regular"), implied=pairs, sheets=sheets, types=types)
    declared.close()
    return inventory


def read_need(declared: Declared) -> Need:
    conditions = declared.table("conditions")
    need = Need(
        term=declared.text("term"),
        sources=declared.strings("sources", None),
        conditions={question: conditions.strings(question) for question in conditions.values},
        variables=declared.strings("variables"),
        without=declared.text("without", "F1"),
        status=checked_status(declared.text("status"), declared.at("status"), passage=declared.text("passage", "")),
        source=declared.text("source"),
        place=declared.place,
    )
    declared.close()
    return need


def limits(declarations: Declarations) -> dict[str, str]:
    drivers = declarations.lists.get(DRIVERS, ())
    limit_by_driver = {item.id: item.note("AT_MOST") for item in drivers if item.note("AT_MOST")}
    codes = [code for code, _ in declarations.scales[FEASIBILITY].labels] if FEASIBILITY in declarations.scales else []
    declarations.check("answer of the scale FEAS", tuple(limit_by_driver.values()), codes, None)
    return limit_by_driver
