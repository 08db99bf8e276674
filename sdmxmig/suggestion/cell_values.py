"""How the cells of figures are written: signs for missing figures, marks behind them, and figures below zero."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sdmxmig.mapping.block_keys import only_codes
from sdmxmig.mapping.sources import parts_of
from sdmxmig.model.data import Attributes, Values
from sdmxmig.recognition import Candidate
from sdmxmig.suggestion.figures import noted_as_zero, noted_otherwise, values_of
from sdmxmig.suggestion.legends import told_of, written_apart
from sdmxmig.suggestion.lines import Fit, Known, is_time, lines_of
from sdmxmig.suggestion.other_measures import NET
from sdmxmig.suggestion.period_marks import STATUS, marks_of
from sdmxmig.suggestion.period_statuses import REVISED, STAGE, STAGES, as_stage, status_or_stage
from sdmxmig.suggestion.questions import Decisions, Question, decided
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.years_among_parts import marked_years

NEGATIVE, MINUS, PLUS = "negative figures", "minus", "plus"
"""What is asked about figures below zero, and how ``sign`` is written in mapping files."""
MINUSES = "-−–"


def cell_values(
    region: Region, fits: Sequence[Fit], known: Known, decisions: Decisions
) -> tuple[Values, tuple[Question, ...]]:
    """How the value cells of a region are written, with the marks behind its periods, and what is uncertain."""
    table = region.table
    texts = [text for row, column, text in region.figures if (row, column) not in table.numeric]
    stored = not any(sign.isdigit() for text in texts for sign in text)
    vocabulary = known.recogniser.vocabulary
    values, unsure = values_of(texts, dict(table.said), vocabulary, stored=stored)
    if not region.labels_right and max(region.labels, default=0) > min(region.values):
        values = replace(values, columns=tuple(" ".join(region.head(column).split()) for column in region.values))
    of_time = [one.line for one in fits if is_time(one.component, known.flow)]
    told_by = {part: line for line in of_time for part in parts_of(line.source)}
    periods = [
        text
        for line in lines_of(region)
        if line.source in told_by
        for text in marked_years(replace(line, told=told_by[line.source].told), known.recogniser)
    ]
    around = (*region.titles, *(one.texts[0] for one in lines_of(region) if len(one.texts) == 1), *region.notes)
    apart = written_apart(around, vocabulary)
    notes = (*region.notes, *(part for text in region.titles for part in text.split(";")))
    marks = marks_of(periods, (*apart, *notes), vocabulary)
    marks = {mark: as_stage(meaning, known.flow) for mark, meaning in marks.items()}
    if STATUS in known.flow.structure:
        values = replace(values, marks=(*values.marks, *meant(marks, values.marks)))
    noted = noted_otherwise(values.missing, (*region.notes, *apart), vocabulary)
    zeros = {f"the sign “{sign}”" for sign in noted_as_zero(dict(values.numbers), (*region.notes, *apart), vocabulary)}
    unsure = {what: doubt for what, doubt in unsure.items() if what not in zeros}
    told = told_of(values, unsure, around, known) if STATUS in known.flow.structure else {}
    unsure = {what: doubt for what, doubt in unsure.items() if what not in told}
    doubts = {**unsure, **{f"the sign “{sign}”": meaning for sign, meaning in noted}}
    doubts |= {f"the mark “{mark}”": meaning for mark, meaning in marks.items()}
    turned = decided(decisions, region.name, "values", NEGATIVE)
    values = replace(values, turned=turned == MINUS)
    for what in dict.fromkeys((*doubts, *told)):
        said = decided(decisions, region.name, "values", what) or told.get(what, "")
        sign = re.search("“(.*)”", what)
        if said and sign and what.startswith("the mark"):
            marked = tuple(pair for pair in values.marks if pair[0] != sign[1])
            values = replace(values, marks=(*marked, (sign[1], ((status_or_stage(said, known.flow), said),))))
        elif said and sign and said.lstrip("-").isdecimal():
            values = replace(values, numbers=tuple({**dict(values.numbers), sign[1]: said}.items()))
        elif said and sign:
            numbers = tuple(pair for pair in values.numbers if pair[0] != sign[1])
            missing = {**dict(values.missing), sign[1]: (("OBS_STATUS", said),)}
            values = replace(values, numbers=numbers, missing=tuple(missing.items()))
    status = [Candidate(code, 0.2, reason="an observation status") for code in ("O", "P", "E")]
    asked = [
        Question(region.name, "values", label=what, chosen=doubt, others=tuple(status))
        for what, doubt in doubts.items()
    ]
    return values, (*asked, *doubt_of_sign(region, known))


def doubt_of_sign(region: Region, known: Known) -> Iterator[Question]:
    """What is asked about figures none of which is above zero: outflows are written so in some accounts."""
    signs = {text.strip()[0] for _, _, text in region.figures if any(sign in "123456789" for sign in text)}
    if signs and signs <= set(MINUSES) and only_codes(known.flow).get("DIRECTION") != NET:
        outflows = Candidate(MINUS, 0.5, reason="they count, and the minus says only that people left")
        as_written = Candidate(PLUS, 0.3, reason="they are negative indeed")
        reason = "all figures are below zero: are they counts with a minus before them?"
        yield Question(
            region.name,
            "values",
            label=NEGATIVE,
            chosen=Candidate("", 0.0, reason=reason),
            others=(outflows, as_written),
        )


def meant(
    marks: abc.Mapping[str, Candidate], known: Sequence[tuple[str, Attributes]]
) -> Iterator[tuple[str, Attributes]]:
    """The marks behind periods whose meaning is proposed, as attributes; those that are known already are left out."""
    listed = {mark for mark, _ in known}
    told = {mark: one.code for mark, one in marks.items() if one.code and mark not in listed}
    yield from ((mark, ((STAGE if code == STAGES[REVISED] else STATUS, code),)) for mark, code in told.items())
