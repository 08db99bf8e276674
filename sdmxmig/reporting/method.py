"""How the report was made, what its signs mean, all answers of the profile, and the sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.model.assessment import Assessment
from sdmxmig.model.profile import Scale
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Table, row
from sdmxmig.reporting.wording import NOT_KNOWN, Wording, natural

ADDRESS = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;)])")
MARKS = {
    "A": "read in a publication of the office or of an international organisation",
    "B": "read in a text that quotes the office",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A citation as text and addresses, in their order."""

    key: str
    parts: tuple[tuple[str, bool], ...]


@VIEWS.add("method")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Provenance, scales, answers and sources."""
    return {
        "label": wording.say("Method and sources"),
        "heading": wording.say("Every number can be followed to its source, and the report can be made again"),
        "provenance": provenance(assessment, wording),
        "scales": scales(assessment, wording),
        "answers": answers(assessment, wording),
        "findings": findings(assessment, wording),
        "sources": [
            Source(key, pieces(text)) for key, text in sorted(assessment.sources.items(), key=lambda s: natural(s[0]))
        ],
        "marks": [(mark, wording.say(words)) for mark, words in MARKS.items()],
    }


def pieces(citation: str) -> tuple[tuple[str, bool], ...]:
    """A citation cut into text and addresses.

    >>> pieces("Geostat, 2024. https://example.org/a")
    (('Geostat, 2024. ', False), ('https://example.org/a', True))
    """
    return tuple((part, bool(ADDRESS.fullmatch(part))) for part in ADDRESS.split(citation) if part)


def provenance(assessment: Assessment, wording: Wording) -> Table | None:
    """What the report was made from, and with what."""
    if not assessment.provenance:
        return None
    return Table(
        "table-provenance",
        wording.say("Programs and files, with the checksums of the files"),
        (Column(wording.say("What")), Column(wording.say("Value"))),
        tuple(row((name, value)) for name, value in assessment.provenance),
    )


def scales(assessment: Assessment, wording: Wording) -> Table:
    """Each scale with its answers and signs; what has no points is the same on all of them."""
    rows = [
        row((wording.of(scale.name) or scale.id, code, wording.rating(scale, code)))
        for scale in assessment.scales
        for code, points in scale.points
        if points is not None
    ]
    none = Scale("", (), ())
    rows.append(row((wording.say("all scales"), wording.say("no answer"), wording.rating(none, ""))))
    rows.append(row((wording.say("all scales"), "NA", wording.rating(none, "NA"))))
    heads = ("Scale", "Answer", "Meaning")
    return Table(
        "table-scales", wording.say("Answer scales"), tuple(Column(wording.say(head)) for head in heads), tuple(rows)
    )


def answers(assessment: Assessment, wording: Wording) -> Table | None:
    """All items that have an answer; how many have none is said below the table."""
    known = [score for score in assessment.scores if score.answer not in NOT_KNOWN]
    if not known:
        return None
    unknown = [score.item.id for score in assessment.scores if score.answer in NOT_KNOWN]
    heads = ("Item", "Answer", "Practice", "Mark")
    note = wording.say("No answer is known for: {items}.", items=", ".join(unknown)) if unknown else ""
    return Table(
        "table-answers",
        wording.say("Answers of the country profile"),
        tuple(Column(wording.say(head)) for head in heads),
        tuple(
            row(
                (
                    Cell(wording.of(score.item.name), note=score.item.id),
                    wording.rating(assessment.scale(score.item.scale), score.answer),
                    Cell(wording.of(score.practice), sources=score.sources) if score.practice else wording.absent(),
                    Cell(score.mark),
                )
            )
            for score in known
        ),
        (note,) if note else (),
        stacked=True,
    )


def findings(assessment: Assessment, wording: Wording) -> str:
    """What validation found in the data behind the report."""
    counted = [(severity, n) for severity, n in assessment.findings if n]
    if not counted:
        return wording.say("Validation found nothing to report in the data.")
    listed = wording.series([f"{wording.say(severity)} ({wording.number(n)})" for severity, n in counted])
    return wording.say("Validation left findings in the data: {counts}.", counts=listed)
