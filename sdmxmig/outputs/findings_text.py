"""Findings as text for the terminal: what, where, what next; the first ones in full, all of them counted."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.places import Place, cell_position

SHOWN = 10
CELLS_SHOWN = 5


def render(findings: Findings, *, language: str = "en", shown: int = SHOWN) -> str:
    """Findings as plain text without colours; the first ones of all, the worst coming first.

    Ends with the counts. What could not be tested is counted too, so that silence never looks like success.
    """
    ordered = sorted(findings.items, key=lambda finding: SEVERITIES.index(finding.severity))
    blocks = [in_words(finding, language) for finding in ordered[:shown]]
    if len(ordered) > shown:
        blocks.append(f"… and {len(ordered) - shown} more findings; all of them are in the findings file.")
    return "\n\n".join([*blocks, summary(findings)]) + "\n"


def in_words(finding: Finding, language: str) -> str:
    """One finding: the sentence, the place, the further places, the remedy."""
    lines = [f"{finding.severity}[{finding.rule}]: {finding.sentence(language)}"]
    shared = [f"{name}={value}" for name, value in telling(finding)]
    key = ", ".join([*filter(None, [finding.component]), *shared])
    where = str(finding.place) if finding.place else finding.flow
    lines.append(f"  --> {where}   ({key})" if key else f"  --> {where}")
    if finding.related:
        lines.append(f"  together with {cells(finding.related)}")
    if remedy := finding.remedy(language):
        lines.append(f"  hint: {remedy}")
    if finding.others:
        lines.append(f"… the same in {counted(len(finding.others), 'more cell')}: {cells(finding.others)}")
    elif finding.observations > 1:
        lines.append(f"… touches {finding.observations} observations")
    return "\n".join(lines)


def telling(finding: Finding) -> list[tuple[str, str]]:
    """What of a key tells one observation from another: all but totals and what is the component itself."""
    return [(name, value) for name, value in finding.key if value != "_T" and name != finding.component]


def cells(places: Sequence[Place]) -> str:
    """Places in short: runs of neighbouring cells of one sheet as ranges, the first few of them.

    >>> cells([Place("a.xlsx", "T", "B18"), Place("a.xlsx", "T", "B19"), Place("a.xlsx", "T", "D2")])
    'B18–B19, D2'
    """
    runs: list[tuple[Place, Place]] = []
    for place in places:
        if runs and follows(runs[-1][1], place):
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    one_sheet = len({(place.file, place.sheet) for place in places}) == 1
    named = [
        (first.cell, last.cell) if one_sheet and first.cell else (str(first), str(last.cell)) for first, last in runs
    ]
    short = [first if runs[n][0] == runs[n][1] else f"{first}–{last}" for n, (first, last) in enumerate(named)]
    return ", ".join(short[:CELLS_SHOWN]) + (", …" if len(short) > CELLS_SHOWN else "")


def follows(last: Place, place: Place) -> bool:
    """Whether a cell lies below or right of another one."""
    if (last.file, last.sheet) != (place.file, place.sheet):
        return False
    try:
        (row, column), (next_row, next_column) = cell_position(last.cell), cell_position(place.cell)
    except ValueError:
        return False
    return (next_row - row, next_column - column) in ((1, 0), (0, 1))


def summary(findings: Findings) -> str:
    """The counts in one line.

    >>> summary(Findings())
    'No findings.'
    """
    counts = [(findings.count(severity), severity) for severity in SEVERITIES]
    told = [f"{n} information" if severity == "information" else counted(n, severity) for n, severity in counts if n]
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    text = f"{', '.join(told)}." if told else "No findings."
    return f"{text} {counted(untested, 'check')} could not be made." if untested else text


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
