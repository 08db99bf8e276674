"""Study declarations: items, scales, effects, quality, needs, sentences, gaps, and yields of source types."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from sdmxmig.catalogue.benchmarking import (
    INDICATOR_FIELDS,
    NOT_APPLICABLE,
    PROBE_KINDS,
    UNKNOWN,
    BenchmarkItem,
    Declarations,
    Difference,
    Horizon,
    Need,
    Probe,
    Proposal,
    RoadmapPlan,
    Scale,
    SharedGap,
    read_declared_file,
)
from sdmxmig.catalogue.indicators import NOT_YIELDED, PARTLY, YIELDED, SourceYield, SourceYields, TermSelection
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared, check_status
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text

EFFECT_KINDS = ("pair", "counts", "attribute")
"""Kinds of evidence for the effect of a definition: see ``structures/effects.toml``."""
SOURCE_TYPES, REASONS, NEEDS = "CL_SRC_TYPE", "CL_SRC_REASON", "CL_SRC_NEED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectProbe:
    """A measurement of the effect of a definition on figures.

    ``pair`` compares two selections of a year, ``counts`` a count within a year with the population on the next 1
    January (else the previous), ``attribute`` two values of an attribute. Without `items`, the effect is not that of a
    definition. `sentence` is a text id.
    """

    items: tuple[str, ...]
    kind: str
    sentence: str
    first: TermSelection | None = None
    second: TermSelection | None = None
    attribute: str = ""
    place: Place | None = field(default=None, compare=False)


SIGN_KINDS = (
    "rules",
    "status",
    "breaks",
    "unknown",
    "identities",
    "mirror",
    "attribute",
    "delay",
    "effects",
    "answers",
)
"""Kinds of signs of usual problems in data: see ``structures/quality.toml``."""
"""The ways to see how far a workspace is ready for exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A check for a quality issue.

    `id` is a code of CL_QUALITY_ISSUE, empty if none. `most` is the tolerated percentage or number of years.
    `of_collection` means that it is about the collection of the data.
    """

    id: str
    kind: str
    sentence: str
    rules: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    attribute: str = ""
    identities: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    most: int = 0
    of_collection: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The declarations used to assess answers and data.

    `unseen` explains answers that data cannot contradict. `yields` are those of source types (CL_SRC_TYPE). `limits`
    map decisive obstacles to the best possible feasibility.
    """

    probes: tuple[Probe, ...] = ()
    answers: tuple[str, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    effects: tuple[EffectProbe, ...] = ()
    quality: tuple[Sign, ...] = ()
    needs: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    regular: tuple[str, ...] = ()
    implied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    yields: SourceYields = field(default_factory=SourceYields)
    limits: Mapping[str, str] = field(default_factory=dict)
    same_gaps: tuple[SharedGap, ...] = ()
    differences: tuple[Difference, ...] = ()
    sentences: Mapping[str, Text] = field(default_factory=dict)


SCALE_PREFIX = "CL_SCALE_"
GAP_KINDS = ("whole", "partial")
SILENT_ANSWERS = (UNKNOWN, NOT_APPLICABLE)
WORD_KINDS = {"GAP": "gap", "SILENT": "reason for silence"}


def read_scale(codelist: ItemScheme) -> Scale:
    """Read a scale from annotations: POINTS, GAP, SILENT, ACTION, SHOWN_AS."""
    points = {item.id: item.note("POINTS") for item in codelist}
    return Scale(
        codelist.ref.id.removeprefix(SCALE_PREFIX),
        tuple((item.id, item.name) for item in codelist),
        points=tuple((code, Decimal(value) if value else None) for code, value in points.items()),
        name=codelist.name,
        gaps=list_annotated_codes(codelist, "GAP", GAP_KINDS),
        actions=tuple((item.id, action) for item in codelist if (action := write_note_text(item, "ACTION"))),
        silent=list_annotated_codes(codelist, "SILENT", SILENT_ANSWERS),
        shown_as=tuple((item.id, item.note("SHOWN_AS")) for item in codelist if item.note("SHOWN_AS")),
    )


def list_annotated_codes(codelist: ItemScheme, kind: str, allowed: Sequence[str]) -> tuple[tuple[str, str], ...]:
    notes = tuple((item.id, word) for item in codelist if (word := item.note(kind)))
    for code, word in notes:
        if word not in allowed:
            message = f"“{word}” is not a {WORD_KINDS[kind]} ({codelist.ref.id}, code {code})."
            raise DeclarationError(message, codelist.place, f"Write one of: {', '.join(allowed)}.")
    return notes


def write_note_text(item: Item, kind: str) -> Text:
    return next((note.text for note in item.annotations if note.type == kind), Text())


def read_benchmark_items(codelist: ItemScheme, scales: Mapping[str, Scale]) -> dict[str, BenchmarkItem]:
    """Read the items in order.

    Rows without a scale or parent are modules. Raises `DeclarationError` for unknown scales.
    """
    items: dict[str, BenchmarkItem] = {}
    for item in codelist:
        scale, subject_kind = item.note("SCALE"), item.note("OF")
        if not item.parent or not (scale or subject_kind):
            continue
        if scale and scale not in scales:
            hint = did_you_mean(scale, scales)
            raise DeclarationError(f"The scale “{scale}” of item {item.id} does not exist.", codelist.place, hint)
        items[item.id] = BenchmarkItem(
            item.id,
            items[item.parent].module if item.parent in items else item.parent,
            name=item.name,
            recommendation=item.description,
            scale=scale,
            action=write_note_text(item, "ACTION"),
            status=item.status,
            source=item.source,
            of=subject_kind,
            weight=Decimal(weight) if (weight := item.note("WEIGHT")) else None,
            group=item.note("GROUP"),
            driver=item.note("DRIVER"),
            is_short=item.note("SHORT") == "yes",
            number=write_note_text(item, "NUMBER"),
            checked=item.note("CHECKED"),
        )
    return items


ACTIONS, ORGANISATIONS, RISKS, HORIZONS = "CL_ROADMAP_ACTION", "CL_ORG_TYPE", "CL_ROADMAP_RISK", "CL_SCALE_HORIZON"


def read_plan(
    lists: Mapping[str, ItemScheme],
    scales: Mapping[str, Scale],
    *,
    closable: Collection[str],
    indicators: Collection[str],
) -> RoadmapPlan:
    if ACTIONS not in lists:
        return RoadmapPlan()
    actions = lists[ACTIONS]
    known_ids: dict[str, Collection[str]] = {
        "CLOSES": closable,
        "UNLOCKS": indicators,
        "DETAILS": indicators,
        "AFTER": actions.ids,
    }
    known_ids |= {note: _list_codes(scales, note) for note in ("PHASE", "COST")} | {
        "TYPE": _list_codes(scales, "ACTION_TYPE")
    }
    proposals = tuple(read_proposal(item, known_ids, lists, actions.place) for item in actions)
    check_order(proposals)
    return RoadmapPlan(
        proposals=proposals,
        horizons=tuple(read_horizon(item) for item in lists[HORIZONS]),
        feasibility=_map_points(scales["FEAS"]),
        costs=_map_points(scales["COST"]),
        pace=number(
            "PACE", next((note.text for note in actions.annotations if note.type == "PACE"), Text()), actions.place
        ),
    )


def read_proposal(
    item: Item, known_ids: Mapping[str, Collection[str]], lists: Mapping[str, ItemScheme], place: Place | None
) -> Proposal:
    """Read a standard action; raise `DeclarationError` for unknown ids of items and actions."""
    for note, ids in known_ids.items():
        for name in item.note(note).split():
            if name not in ids:
                message = f"“{name}” is unknown ({note} of the action {item.id})."
                raise DeclarationError(message, place, did_you_mean(name, ids))
    return Proposal(
        item.id,
        item.name,
        type=item.note("TYPE"),
        phase=item.note("PHASE"),
        cost=item.note("COST"),
        months=number("MONTHS", write_note_text(item, "MONTHS"), place),
        closes=tuple(item.note("CLOSES").split()),
        gain=item.note("GAIN"),
        unlocks=tuple(item.note("UNLOCKS").split()),
        details=tuple(item.note("DETAILS").split()),
        topics=tuple(item.note("TOPICS").split()),
        after=tuple(item.note("AFTER").split()),
        responsible=find_code_name(lists[ORGANISATIONS], item.note("RESPONSIBLE"), place),
        partners=tuple(find_code_name(lists[ORGANISATIONS], code, place) for code in item.note("PARTNERS").split()),
        output=write_note_text(item, "OUTPUT"),
        verification=write_note_text(item, "VERIFICATION"),
        risk=find_code_name(lists[RISKS], item.note("RISK"), place),
        status=item.status,
        source=item.source,
        place=place,
    )


def read_horizon(item: Item) -> Horizon:
    months = item.note("MONTHS")
    return Horizon(id=item.id, up_to=int(months) if months else None, points=Decimal(item.note("POINTS") or 0))


def find_code_name(codelist: ItemScheme, code: str, place: Place | None) -> Text:
    name = next((item.name for item in codelist if item.id == code), None)
    if name is None:
        message = f"“{code}” is not a code of {codelist.ref.id}."
        raise DeclarationError(message, place, did_you_mean(code, codelist.ids))
    return name


def number(note: str, text: Text, place: Place | None) -> int:
    if not str(text).isdecimal() or int(str(text)) < 1:
        message = f"“{text}” is not a number of months ({note})."
        raise DeclarationError(message, place, "Write a whole number, such as 6.")
    return int(str(text))


def check_order(proposals: Collection[Proposal]) -> None:
    predecessors_by_action = {proposal.id: proposal.after for proposal in proposals}
    ordered: set[str] = set()
    while startable := [
        name
        for name, predecessors in predecessors_by_action.items()
        if name not in ordered and ordered.issuperset(predecessors)
    ]:
        ordered.update(startable)
    if stuck := [proposal for proposal in proposals if proposal.id not in ordered]:
        names = ", ".join(proposal.id for proposal in stuck)
        hint = "Take one of them out of AFTER."
        raise DeclarationError(f"These actions depend on each other: {names}.", stuck[0].place, hint)


def _list_codes(scales: Mapping[str, Scale], name: str) -> list[str]:
    return [code for code, _ in scales[name].labels]


def _map_points(scale: Scale) -> dict[str, Decimal]:
    return {code: points for code, points in scale.points if points is not None}


EVIDENCE_FILE, EFFECTS_FILE, QUALITY_FILE = "evidence.toml", "effects.toml", "quality.toml"
NEEDS_FILE, SENTENCES_FILE = "needs.toml", "sentences.toml"
DRIVERS, ISSUES, FEASIBILITY = "CL_FEAS_DRIVER", "CL_QUALITY_ISSUE", "FEAS"


def read_study(folders: Sequence[Path], declarations: Declarations) -> Study:
    if not declarations.items:
        return Study()
    sentences = read_sentences(folders)
    same_gaps, differences = read_gaps(folders, declarations)
    study = Study(
        effects=read_effects(folders, declarations, sentences),
        quality=read_signs(folders, declarations, sentences),
        yields=read_source_yields(folders, declarations),
        limits=read_feasibility_limits(declarations),
        same_gaps=same_gaps,
        differences=differences,
        sentences=sentences,
    )
    return add_needs(add_evidence(study, folders, declarations), folders, declarations)


def add_evidence(study: Study, folders: Sequence[Path], declarations: Declarations) -> Study:
    declared = read_declared_file(folders, EVIDENCE_FILE)
    if declared is None:
        return study
    entries = declared.tables("evidence")
    probes = tuple(entry.read(Probe, contradicts=entry.table("contradicts").lists()) for entry in entries)
    rules, others = declared.strings("answers"), declared.strings("others")
    unseen: dict[str, str] = {}
    for entry in declared.tables("unseen"):
        reason, items = entry.text("reason"), entry.strings("items")
        declarations.check("benchmarking item", items, declarations.items, entry.place)
        unseen |= dict.fromkeys(items, reason)
        entry.close()
    declared.close()
    declarations.check("rule", rules, declarations.rules, declared.at("answers"))
    declarations.check("dataflow", others, declarations.flows, declared.at("others"))
    for probe in probes:
        check_probe(probe, declarations)
    own = tuple(name for name in declarations.flows if name not in others)
    probes = tuple(replace(probe, flows=probe.flows or own) for probe in probes)
    return replace(study, probes=probes, answers=rules, unseen=unseen, others=others)


def check_probe(probe: Probe, declarations: Declarations) -> None:
    declarations.check("kind of evidence", [probe.kind], (*PROBE_KINDS, *INDICATOR_FIELDS), probe.place)
    declarations.check("benchmarking item", [probe.item], declarations.items, probe.place)
    for answers in probe.contradicts.values():
        declarations.check("answer", answers, declarations.answers(probe.item), probe.place)
    declarations.check("rule", probe.rules, declarations.rules, probe.place)
    for name in probe.flows:
        declarations.check_components(name, (*probe.by, *probe.of, *filter(None, [probe.attribute])), probe.place)


def read_sentences(folders: Sequence[Path]) -> dict[str, Text]:
    declared = read_declared_file(folders, SENTENCES_FILE)
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
    declared = read_declared_file(folders, EFFECTS_FILE)
    if declared is None:
        return ()
    probes = tuple(read_effect(entry) for entry in declared.tables("effect"))
    declared.close()
    for effect_probe in probes:
        declarations.check("kind of effect", [effect_probe.kind], EFFECT_KINDS, effect_probe.place)
        declarations.check("benchmarking item", effect_probe.items, declarations.items, effect_probe.place)
        declarations.check("sentence", [effect_probe.sentence], sentences, effect_probe.place)
        for term in filter(None, (effect_probe.first, effect_probe.second)):
            names = [*(name for name, _ in term.codes), *filter(None, [effect_probe.attribute])]
            declarations.check_components(term.flow, names, effect_probe.place)
    return probes


def read_effect(declared: Declared) -> EffectProbe:
    first, second = (read_selection(declared.table(key)) for key in ("first", "second"))
    return declared.read(EffectProbe, first=first, second=second)


def read_selection(declared: Declared) -> TermSelection | None:
    if not declared.values:
        return None
    pairs = declared.pairs()
    return TermSelection(pairs.pop("flow", ""), tuple(pairs.items()))


def read_signs(folders: Sequence[Path], declarations: Declarations, sentences: Mapping[str, Text]) -> tuple[Sign, ...]:
    declared = read_declared_file(folders, QUALITY_FILE)
    if declared is None:
        return ()
    quality = tuple(entry.read(Sign, id=entry.text("issue", "")) for entry in declared.tables("quality"))
    declared.close()
    for sign in quality:
        declarations.check("kind of sign", [sign.kind], SIGN_KINDS, sign.place)
        declarations.check("rule", sign.rules, declarations.rules, sign.place)
        declarations.check("accounting identity", sign.identities, declarations.identities, sign.place)
        declarations.check("sentence", [sign.sentence], sentences, sign.place)
        declarations.check("benchmarking item", sign.items, declarations.items, sign.place)
        declarations.check(
            "quality issue",
            [*filter(None, [sign.id])],
            declarations.lists[ISSUES].ids if ISSUES in declarations.lists else (),
            sign.place,
        )
    return quality


def add_needs(study: Study, folders: Sequence[Path], declarations: Declarations) -> Study:
    declared = read_declared_file(folders, NEEDS_FILE)
    if declared is None:
        return study
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
        "type of source", tuple(types.values()), list_ids(SOURCE_TYPES, declarations), declared.at("types")
    )
    pairs = {name: implied.strings(name) for name in implied.values}
    regular = declared.strings("regular")
    declared.close()
    return replace(study, needs=needs, regular=regular, implied=pairs, sheets=sheets, types=types)


def read_need(declared: Declared) -> Need:
    return declared.read(
        Need, conditions=declared.table("conditions").lists(), status=declared.status(), source=declared.text("source")
    )


def read_feasibility_limits(declarations: Declarations) -> dict[str, str]:
    drivers = declarations.lists.get(DRIVERS, ())
    limit_by_driver = {item.id: item.note("AT_MOST") for item in drivers if item.note("AT_MOST")}
    codes = [code for code, _ in declarations.scales[FEASIBILITY].labels] if FEASIBILITY in declarations.scales else []
    declarations.check("answer of the scale FEAS", tuple(limit_by_driver.values()), codes, None)
    return limit_by_driver


GAPS_FILE = "gaps.toml"
QUALITY_ISSUES_LIST = "CL_QUALITY_ISSUE"


def read_gaps(
    folders: Sequence[Path], declarations: Declarations
) -> tuple[tuple[SharedGap, ...], tuple[Difference, ...]]:
    declared = read_declared_file(folders, GAPS_FILE)
    if declared is None:
        return (), ()
    same_gaps = tuple(entry.read(SharedGap) for entry in declared.tables("gap"))
    differences = tuple(entry.read(Difference) for entry in declared.tables("difference"))
    declared.close()
    subjects = [*declarations.items, *declarations.indicators, *(difference.id for difference in differences)]
    issues = declarations.lists[QUALITY_ISSUES_LIST].ids if QUALITY_ISSUES_LIST in declarations.lists else ()
    for same_gap in same_gaps:
        declarations.check("item, indicator or difference", same_gap.subjects, subjects, same_gap.place)
    for difference in differences:
        declarations.check("quality issue", [difference.issue], issues, difference.place)
    return same_gaps, differences


FOLDER, INDICATORS, TOPICS = "sources", "indicators", "topics"
COLUMNS = ("answer", "why", "needs", "status", "reference")
FULFILLED_CODE = "FULFILLED"
CONCEPTS, TOPIC_LIST = ("CS_MIG", "CROSS_DOMAIN_CONCEPTS"), "CL_TOPIC"


def read_source_yields(folders: Sequence[Path], declarations: Declarations) -> SourceYields:
    topics = [code for codelist in (TOPIC_LIST, *CONCEPTS) for code in list_ids(codelist, declarations)]
    return SourceYields(
        indicators=read_table(folders, INDICATORS, declarations, known=declarations.indicators),
        topics=read_table(folders, TOPICS, declarations, known=topics),
        fulfilled=read_fulfilled(declarations),
    )


def read_fulfilled(declarations: Declarations) -> dict[str, tuple[tuple[str, str], ...]]:
    fulfilled = {}
    for item in declarations.lists.get(NEEDS, ()):
        parted = [pair.partition("=") for pair in item.note(FULFILLED_CODE).split()]
        pairs = tuple((question, answer) for question, _, answer in parted)
        declarations.check("benchmarking item", [question for question, _ in pairs], declarations.items, None)
        for question, answer in pairs:
            declarations.check(f"answer to {question}", [answer], declarations.answers(question), None)
        if pairs:
            fulfilled[item.id] = pairs
    return fulfilled


def read_table(
    folders: Sequence[Path], name: str, declarations: Declarations, *, known: Collection[str]
) -> dict[tuple[str, str], SourceYield]:
    paths = [folder / FOLDER / f"{name}.csv" for folder in folders]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return {}
    file = f"{FOLDER}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError("The file is not UTF-8 text.", Place(file), "Save it as UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    columns = ("source", name, *COLUMNS)
    if tuple(reader.fieldnames or ()) != columns:
        hint = f"Write: {','.join(columns)}."
        raise DeclarationError("The columns of this table are wrong.", Place(file, line=1), hint)
    table: dict[tuple[str, str], SourceYield] = {}
    for row in reader:
        place = Place(file, line=reader.line_num)
        yielded = read_yield(row, declarations, place)
        for key in read_keys(row, name, declarations, place=place, known=known):
            if key in table:
                raise DeclarationError(f"{key[1]} of {key[0]} is declared twice.", place, "Keep one of the rows.")
            table[key] = yielded
    return table


def read_keys(
    row: Mapping[str, str], name: str, declarations: Declarations, *, place: Place, known: Collection[str]
) -> Iterator[tuple[str, str]]:
    declarations.check("type of source", [row["source"]], list_ids(SOURCE_TYPES, declarations), place)
    for subject in row[name].split():
        declarations.check(name.removesuffix("s"), [subject], known, place)
        yield row["source"], subject


def read_yield(row: Mapping[str, str], declarations: Declarations, place: Place) -> SourceYield:
    why, needs = tuple(row["why"].split()), tuple(row["needs"].split())
    declarations.check("answer", [row["answer"]], (YIELDED, PARTLY, NOT_YIELDED), place)
    declarations.check("reason", why, list_ids(REASONS, declarations), place)
    declarations.check("need", needs, list_ids(NEEDS, declarations), place)
    if None in row or not (why and row["reference"]):
        raise DeclarationError("A row needs a reason and the source of the statement.", place)
    status = check_status(row["status"], place, passage="")
    return SourceYield(row["answer"], why, needs=needs, status=status, reference=row["reference"])


def list_ids(codelist: str, declarations: Declarations) -> Sequence[str]:
    return declarations.lists[codelist].ids if codelist in declarations.lists else ()
