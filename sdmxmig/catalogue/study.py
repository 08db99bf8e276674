"""How answers and data are looked at, as ``structures/`` declares it: effects, quality, needs and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from sdmxmig.catalogue.evidence import Declarations, declared_file, read_probes
from sdmxmig.declarations import Declared
from sdmxmig.model.alignment import EFFECTS, EffectProbe
from sdmxmig.model.artefacts import Text
from sdmxmig.model.feasibility import Need
from sdmxmig.model.indicators import TermSelection
from sdmxmig.model.study import READY, SIGNS, Sign, Study

EFFECTS_FILE, QUALITY_FILE, NEEDS_FILE, SENTENCES_FILE = "effects.toml", "quality.toml", "needs.toml", "sentences.toml"
DRIVERS, ISSUES, FEASIBILITY = "CL_FEAS_DRIVER", "CL_QUALITY_ISSUE", "FEAS"


def read_study(folders: Sequence[Path], known: Declarations) -> Study:
    """All that the first folder which has each file declares; nothing where there are no items.

    Raises `DeclarationError` where something is named that does not exist.
    """
    if not known.items:
        return Study()
    sentences = read_sentences(folders)
    quality, readiness = read_signs(folders, known, sentences)
    probes, answers = read_probes(folders, known)
    return Study(
        probes=probes,
        answers=answers,
        effects=read_effects(folders, known, sentences),
        quality=quality,
        readiness=readiness,
        **read_needs(folders, known),
        limits=limits(known),
        sentences=sentences,
    )


def read_sentences(folders: Sequence[Path]) -> dict[str, Text]:
    """The texts of statements and formulas by id, in all their languages."""
    declared = declared_file(folders, SENTENCES_FILE)
    if declared is None:
        return {}
    found = {}
    for name in declared.values:
        table = declared.table(name)
        for part in table.values:
            found[f"{name}.{part}"] = table.texts(part, required=True)
    declared.close()
    return found


def read_effects(
    folders: Sequence[Path], known: Declarations, sentences: Mapping[str, Text]
) -> tuple[EffectProbe, ...]:
    """The looks at what definitions do to numbers."""
    declared = declared_file(folders, EFFECTS_FILE)
    if declared is None:
        return ()
    found = tuple(read_effect(one) for one in declared.tables("effect"))
    declared.close()
    for effect_probe in found:
        known.check("kind of effect", [effect_probe.kind], EFFECTS, effect_probe.place)
        known.check("benchmarking item", effect_probe.items, known.items, effect_probe.place)
        known.check("sentence", [effect_probe.sentence], sentences, effect_probe.place)
        known.check(
            "accounting identity", [*filter(None, [effect_probe.identity])], known.identities, effect_probe.place
        )
        for chosen in filter(None, (effect_probe.first, effect_probe.second)):
            names = [*(name for name, _ in chosen.codes), *filter(None, [effect_probe.attribute])]
            known.check_components(chosen.flow, names, effect_probe.place)
    return found


def read_effect(declared: Declared) -> EffectProbe:
    """One look at what a definition does to numbers."""
    found = EffectProbe(
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
    return found


def selection(declared: Declared) -> TermSelection | None:
    """Figures of a dataflow with the codes that are named; None where no dataflow is."""
    if not declared.values:
        return None
    pairs = declared.pairs()
    return TermSelection(pairs.pop("flow", ""), tuple(pairs.items()))


def read_signs(
    folders: Sequence[Path], known: Declarations, sentences: Mapping[str, Text]
) -> tuple[tuple[Sign, ...], tuple[Sign, ...]]:
    """The signs of issues of quality, and those of readiness."""
    declared = declared_file(folders, QUALITY_FILE)
    if declared is None:
        return (), ()
    quality = tuple(read_sign(one, "issue") for one in declared.tables("quality"))
    readiness = tuple(read_sign(one, "id") for one in declared.tables("readiness"))
    declared.close()
    for sign in (*quality, *readiness):
        known.check("kind of sign", [sign.kind], SIGNS if sign in quality else READY, sign.place)
        known.check("benchmarking item", [*filter(None, [sign.item])], known.items, sign.place)
        known.check("rule", sign.rules, known.rules, sign.place)
        known.check("accounting identity", sign.identities, known.identities, sign.place)
        known.check("sentence", [sign.sentence], sentences, sign.place)
    for sign in quality:
        known.check("quality issue", [sign.id], known.lists[ISSUES].ids if ISSUES in known.lists else (), sign.place)
    return quality, readiness


def read_sign(declared: Declared, key: str) -> Sign:
    """One sign."""
    found = Sign(
        id=declared.text(key),
        kind=declared.text("kind"),
        sentence=declared.text("sentence"),
        item=declared.text("item", ""),
        rules=declared.strings("rules"),
        codes=declared.strings("codes"),
        attribute=declared.text("attribute", ""),
        identities=declared.strings("identities"),
        most=declared.integer("most", 0),
        place=declared.place,
    )
    declared.close()
    return found


class Inventory(TypedDict, total=False):
    """What the file of needs declares: see `Study`."""

    needs: Mapping[str, tuple[Need, ...]]
    regular: tuple[str, ...]
    implied: Mapping[str, tuple[str, ...]]
    sheets: Mapping[str, str]


def read_needs(folders: Sequence[Path], known: Declarations) -> Inventory:
    """What each indicator needs of its sources, and how the sheets of the sources are to be read."""
    declared = declared_file(folders, NEEDS_FILE)
    if declared is None:
        return {}
    needs: dict[str, tuple[Need, ...]] = {}
    for one in declared.tables("need"):
        indicators, need = one.strings("indicators", None), read_need(one)
        known.check("indicator", indicators, known.indicators, need.place)
        known.check("benchmarking item", (*need.sources, *need.conditions), known.items, need.place)
        for question, answers in need.conditions.items():
            known.check(f"answer to {question}", answers, known.answers(question), need.place)
        for indicator in indicators:
            needs[indicator] = (*needs.get(indicator, ()), need)
    implied, sheets = declared.table("implied"), declared.table("sheets").pairs()
    known.check("benchmarking item", (*sheets, *sheets.values()), known.items, declared.at("sheets"))
    pairs = {name: implied.strings(name) for name in implied.values}
    found = Inventory(needs=needs, regular=declared.strings("regular"), implied=pairs, sheets=sheets)
    declared.close()
    return found


def read_need(declared: Declared) -> Need:
    """What one term needs."""
    conditions = declared.table("conditions")
    found = Need(
        term=declared.text("term"),
        sources=declared.strings("sources", None),
        conditions={question: conditions.strings(question) for question in conditions.values},
        variables=declared.strings("variables"),
        without=declared.text("without", "F1"),
        status=declared.text("status"),
        source=declared.text("source"),
        place=declared.place,
    )
    declared.close()
    return found


def limits(known: Declarations) -> dict[str, str]:
    """The most hopeful feasibility beside a decisive obstacle, by driver."""
    drivers = known.lists.get(DRIVERS, ())
    found = {item.id: item.note("AT_MOST") for item in drivers if item.note("AT_MOST")}
    codes = [code for code, _ in known.scales[FEASIBILITY].labels] if FEASIBILITY in known.scales else []
    known.check("answer of the scale FEAS", tuple(found.values()), codes, None)
    return found
