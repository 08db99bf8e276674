"""Benchmark items and scales from codelists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.profile import NOT_APPLICABLE, UNKNOWN, BenchmarkItem, Scale
from sdmxmig.sdmx.model.roadmap import Horizon, Proposal, RoadmapPlan

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


ACTIONS, ORGANISATIONS, RISKS, HORIZONS = "CL_ROADMAP_ACTION", "CL_ORG_TYPE", "CL_ROADMAP_RISK", "CL_SCALE_HORIZON"


def read_plan(
    lists: Mapping[str, ItemScheme],
    scales: Mapping[str, Scale],
    *,
    closable: Collection[str],
    indicators: Collection[str],
) -> RoadmapPlan:
    """Read the plan; raises `DeclarationError` for unknown references and circles."""
    if ACTIONS not in lists:
        return RoadmapPlan()
    actions = lists[ACTIONS]
    known_ids: dict[str, Collection[str]] = {
        "CLOSES": closable,
        "UNLOCKS": indicators,
        "DETAILS": indicators,
        "AFTER": actions.ids,
    }
    known_ids |= {note: _codes(scales, note) for note in ("PHASE", "COST")} | {"TYPE": _codes(scales, "ACTION_TYPE")}
    proposals = tuple(proposal(item, known_ids, lists, actions.place) for item in actions)
    check_order(proposals)
    return RoadmapPlan(
        proposals,
        tuple(horizon(item) for item in lists[HORIZONS]),
        feasibility=_points(scales["FEAS"]),
        costs=_points(scales["COST"]),
        pace=number(
            "PACE", next((note.text for note in actions.annotations if note.type == "PACE"), Text()), actions.place
        ),
    )


def proposal(
    item: Item, known_ids: Mapping[str, Collection[str]], lists: Mapping[str, ItemScheme], place: Place | None
) -> Proposal:
    """One standard action of the roadmap from its row; ids of items and actions that do not exist are refused."""
    for note, ids in known_ids.items():
        for name in item.note(note).split():
            if name not in ids:
                message = f"“{name}” is not known ({note} of the action {item.id})."
                raise DeclarationError(message, place, did_you_mean(name, ids))
    return Proposal(
        item.id,
        item.name,
        type=item.note("TYPE"),
        phase=item.note("PHASE"),
        cost=item.note("COST"),
        months=number("MONTHS", noted(item, "MONTHS"), place),
        closes=tuple(item.note("CLOSES").split()),
        unlocks=tuple(item.note("UNLOCKS").split()),
        details=tuple(item.note("DETAILS").split()),
        topics=tuple(item.note("TOPICS").split()),
        after=tuple(item.note("AFTER").split()),
        responsible=name_in(lists[ORGANISATIONS], item.note("RESPONSIBLE"), place),
        partners=tuple(name_in(lists[ORGANISATIONS], code, place) for code in item.note("PARTNERS").split()),
        output=noted(item, "OUTPUT"),
        verification=noted(item, "VERIFICATION"),
        risk=name_in(lists[RISKS], item.note("RISK"), place),
        status=item.status,
        source=item.source,
        place=place,
    )


def horizon(item: Item) -> Horizon:
    months = item.note("MONTHS")
    return Horizon(item.id, int(months) if months else None, points=Decimal(item.note("POINTS") or 0))


def name_in(codelist: ItemScheme, code: str, place: Place | None) -> Text:
    name = next((item.name for item in codelist if item.id == code), None)
    if name is None:
        message = f"“{code}” is no code of {codelist.ref.id}."
        raise DeclarationError(message, place, did_you_mean(code, codelist.ids))
    return name


def number(note: str, text: Text, place: Place | None) -> int:
    if not str(text).isdecimal() or int(str(text)) < 1:
        message = f"“{text}” is not a number of months ({note})."
        raise DeclarationError(message, place, "Write a whole number, such as 6.")
    return int(str(text))


def check_order(proposals: Collection[Proposal]) -> None:
    """Refuse actions that wait for each other."""
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
        raise DeclarationError(f"These actions wait for each other: {names}.", stuck[0].place, hint)


def _codes(scales: Mapping[str, Scale], name: str) -> list[str]:
    return [code for code, _ in scales[name].labels]


def _points(scale: Scale) -> dict[str, Decimal]:
    return {code: points for code, points in scale.points if points is not None}
