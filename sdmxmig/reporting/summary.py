"""The first page: where the country stands, what is strong, what is missing, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

from sdmxmig.model.assessment import Account, Assessment, Gap, Score, headline
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell
from sdmxmig.reporting.gaps import code_of
from sdmxmig.reporting.series import latest, of_role, value_in
from sdmxmig.reporting.wording import FULLY, NOT_APPLICABLE, NOT_KNOWN, OUTCOMES, SIGNS, UNKNOWN, Wording

T = TypeVar("T")
TESTED = ("BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED")
CLOSED = ("BALANCED", "ROUNDING", "TOLERATED")


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number of the first page, with what it counts and when."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the alignment strip: a cell an item that is answered, one cell for all the others."""

    id: str
    name: str
    cells: tuple[tuple[str, Cell], ...]
    unknown: Cell | None
    known: str


@dataclass(frozen=True, slots=True)
class Point:
    """One strength, gap or next step, with the item it comes from."""

    subject: str
    text: str
    note: str = ""


@VIEWS.add("summary")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All that the first page shows."""
    chosen = spread(assessment.gaps)
    return {
        "label": wording.say("Summary"),
        "heading": heading(assessment, wording),
        "figures": key_figures(assessment, wording),
        "answered": answered(assessment, wording),
        "modules": modules(assessment, wording),
        "silent": silent(assessment, wording),
        "legend": legend(wording),
        "strengths": strengths(assessment, wording),
        "gaps": [
            Point(code_of(assessment, gap.subject), wording.of(gap.statement), wording.of(gap.reason)) for gap in chosen
        ],
        "steps": steps(assessment, chosen, wording),
    }


def whole(assessment: Assessment) -> list[Account]:
    """The accounts of the whole population, by the first identity that has any."""
    found = [account for account in assessment.accounts if all(code == "_T" for _, code in account.population)]
    return [account for account in found if account.identity == found[0].identity]


def heading(assessment: Assessment, wording: Wording) -> str:
    """One sentence that the numbers prove: whether the account closes, and how many core indicators there are."""
    tested = [account for account in whole(assessment) if account.outcome in TESTED]
    closed = [account for account in tested if account.outcome in CLOSED]
    loosest = max((account.outcome for account in closed), key=CLOSED.index, default="")
    counted = headline(assessment.of("A", "core"))
    phrases = []
    if tested and len(closed) == len(tested):
        phrases.append(
            wording.count(
                "The population account {closes} in the one year that can be tested",
                "The population account {closes} in all {n} years that can be tested",
                len(tested),
                closes=wording.label(OUTCOMES, loosest),
            )
        )
    elif tested:
        phrases.append(
            wording.say(
                "The population account closes in {closed} of the {tested} years that can be tested",
                closed=wording.number(len(closed)),
                tested=wording.number(len(tested)),
            )
        )
    else:
        phrases.append(wording.say("The population account cannot be tested yet"))
    if counted.total:
        phrases.append(
            wording.say(
                "{produced} of the {total} core migration indicators (Part A) are produced ({candidates} of their "
                "{total} texts are not yet checked against the published Recommendations)",
                produced=wording.number(counted.produced),
                total=wording.number(counted.total),
                candidates=wording.number(counted.candidates),
            )
        )
    return wording.say("{sentence}.", sentence="; ".join(phrases))


def key_figures(assessment: Assessment, wording: Wording) -> list[KeyFigure]:
    """Population, flows, the share of the account that can be tested, core indicators produced."""
    figures = [figure for figure in (_population(assessment, wording), *_flows(assessment, wording)) if figure]
    accounts = whole(assessment)
    if accounts:
        tested = [account for account in accounts if account.outcome in TESTED]
        figures.append(
            KeyFigure(
                wording.say("Account that can be tested"),
                wording.percent(Decimal(len(tested)) / len(accounts), 0),
                wording.say(
                    "{tested} of {all} years have all terms",
                    tested=wording.number(len(tested)),
                    all=wording.number(len(accounts)),
                ),
            )
        )
    counted = headline(assessment.of("A", "core"))
    if counted.total:
        figures.append(
            KeyFigure(
                wording.say("Core indicators produced (Part A)"),
                wording.say(
                    "{produced} of {total}",
                    produced=wording.number(counted.produced),
                    total=wording.number(counted.total),
                ),
                wording.say(
                    "{shown} with values here, {unknown} not known; texts not checked: {candidates}",
                    shown=wording.number(counted.shown),
                    unknown=wording.number(counted.unknown),
                    candidates=wording.number(counted.candidates),
                ),
            )
        )
    return figures


def _population(assessment: Assessment, wording: Wording) -> KeyFigure | None:
    series = of_role(assessment, "population")
    point = latest(series)
    if series is None or point is None or point.value is None:
        return None
    note = wording.of(series.note)
    return KeyFigure(
        wording.say("Population"), wording.number(point.value), f"{point.period}, {note}" if note else point.period
    )


def _flows(assessment: Assessment, wording: Wording) -> Iterable[KeyFigure | None]:
    roles = {"immigration": "Immigration", "emigration": "Emigration", "net": "Net migration"}
    ends = {role: latest(of_role(assessment, role)) for role in roles}
    year = min((point.period for point in ends.values() if point), default="")
    for role, name in roles.items():
        value = value_in(of_role(assessment, role), year)
        if value is None and role == "net":
            coming, going = (value_in(of_role(assessment, end), year) for end in ("immigration", "emigration"))
            value = coming - going if coming is not None and going is not None else None
        if value is not None:
            written = wording.signed(value) if role == "net" else wording.number(value)
            yield KeyFigure(wording.say(name), written, wording.say("persons in {year}", year=year))


def answered(assessment: Assessment, wording: Wording) -> str:
    """How many of all questions have an answer."""
    known = sum(_is_known(score) for score in assessment.scores)
    return wording.say(
        "{known} of {all} questions have an answer.",
        known=wording.number(known),
        all=wording.number(len(assessment.scores)),
    )


def modules(assessment: Assessment, wording: Wording) -> list[Module]:
    """The alignment strip: the modules of which something is known, a cell an item."""
    found = []
    for name, scores in by_module(assessment):
        cells = tuple((score.item.id, _cell(score, assessment, wording)) for score in scores if _is_known(score))
        if cells:
            found.append(
                Module(
                    name,
                    wording.reference(assessment, "CL_BENCH_ITEM", name),
                    cells,
                    _unknown([score.item.id for score in scores if not _is_known(score)], wording),
                    wording.say(
                        "{known} of {all} answered", known=wording.number(len(cells)), all=wording.number(len(scores))
                    ),
                )
            )
    return found


def silent(assessment: Assessment, wording: Wording) -> str:
    """The modules of which nothing is known, in one sentence; empty if there are none."""
    named = [
        wording.count(
            "{module} {name} ({n} question)",
            "{module} {name} ({n} questions)",
            len(scores),
            module=module,
            name=wording.reference(assessment, "CL_BENCH_ITEM", module),
        )
        for module, scores in by_module(assessment)
        if not any(_is_known(score) for score in scores)
    ]
    return wording.say("No answer is known yet in: {modules}.", modules=", ".join(named)) if named else ""


def by_module(assessment: Assessment) -> list[tuple[str, list[Score]]]:
    """The items of each module, in their order."""
    return [(name, list(scores)) for name, scores in groupby(assessment.scores, key=lambda score: score.item.module)]


def _is_known(score: Score) -> bool:
    return score.answer not in NOT_KNOWN


def _unknown(items: Sequence[str], wording: Wording) -> Cell | None:
    """One cell for all items without an answer; its note names them."""
    if not items:
        return None
    words = wording.say("{n} not known", n=wording.number(len(items)))
    return Cell(words, ", ".join(items), sign=UNKNOWN, level="unknown", is_absent=True)


def _cell(score: Score, assessment: Assessment, wording: Wording) -> Cell:
    rated = wording.rating(assessment.scale(score.item.scale), score.answer)
    return Cell(wording.of(score.item.name), rated.text, "", rated.sign or "·", rated.level)


def legend(wording: Wording) -> list[Cell]:
    """What the signs of the strip mean."""
    return [
        Cell(wording.say("not there"), sign=SIGNS[0], level="l0"),
        Cell(wording.say("begun"), sign=SIGNS[1], level="l1"),
        Cell(wording.say("partly"), sign=SIGNS[2], level="l2"),
        Cell(wording.say("mostly"), sign=SIGNS[3], level="l3"),
        Cell(wording.say("fully"), sign=SIGNS[4], level="l4"),
        Cell(wording.say("not known"), sign=UNKNOWN, level="unknown"),
        Cell(wording.say("not applicable"), sign=NOT_APPLICABLE, level="na"),
    ]


def strengths(assessment: Assessment, wording: Wording) -> list[Point]:
    """Three items with the best answer and a practice that says why, from as many modules as possible."""
    best = [
        score
        for score in assessment.scores
        if score.practice and assessment.scale(score.item.scale).level(score.answer) == FULLY
    ]
    chosen = _one_a_module(best, [score.item.module for score in best])
    return [Point(score.item.id, wording.of(score.item.name), wording.of(score.practice)) for score in chosen]


def spread(gaps: Sequence[Gap]) -> list[Gap]:
    """Three gaps, whole ones before partial ones, from as many modules as possible."""
    ordered = sorted(gaps, key=lambda gap: gap.is_partial)
    return _one_a_module(ordered, [_family(gap.subject) for gap in ordered])


def _family(subject: str) -> str:
    return subject.rstrip("0123456789")


def _one_a_module(candidates: Sequence[T], modules: Sequence[str]) -> list[T]:
    """The first of each module, then the second of each, and so on; three of them."""
    seen: dict[str, int] = {}
    ranked = []
    for position, (candidate, module) in enumerate(zip(candidates, modules, strict=True)):
        seen[module] = seen.get(module, 0) + 1
        ranked.append((seen[module], position, candidate))
    return [candidate for _, _, candidate in sorted(ranked, key=lambda entry: entry[:2])[:3]]


def steps(assessment: Assessment, chosen: Sequence[Gap], wording: Wording) -> list[Point]:
    """Three actions: what would close the gaps shown, then what would close others; none of them twice."""
    actions: dict[str, str] = {}
    for gap in (*chosen, *assessment.gaps):
        action = wording.of(gap.action)
        if action:
            actions.setdefault(action, gap.subject)
    return [Point(code_of(assessment, subject), action) for action, subject in list(actions.items())[:3]]
