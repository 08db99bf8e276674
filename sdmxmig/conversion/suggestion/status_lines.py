"""Lines with the status of some figures only; ambiguous gaps are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.statuses import STATUS, YEAR
from sdmxmig.conversion.suggestion.legends import list_written_signs
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, is_time, map_labels
from sdmxmig.conversion.suggestion.period_statuses import BY_LEGEND, STAGE, STAGES, find_meaning_of_mark
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT, Question, ask
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.title_values import NORMAL, REVISED
from sdmxmig.sdmx.model.sources import Source

COMMENT_ROLES = frozenset({"COMMENT"})
STATUS_ROLES = COMMENT_ROLES | {STATUS}
SURE, ASKED = 0.95, 0.5
REMARKS_QUESTION = "unread remarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """A status line with gaps, whether they repeat the previous text, and the confidence."""

    is_carried: bool
    sure: float


def find_status_lines(
    region: Region, lines: Sequence[Line], known: FlowKnowledge
) -> Iterator[tuple[Line, Mapping[str, Candidate]]]:
    headers = [
        Line(LineSource(Source("header", row - region.top + 1)), "", texts=texts)
        for row in range(region.top, region.first)
        if (texts := tuple(dict.fromkeys(filter(None, (region.header(row, column) for column in region.values)))))
    ]
    beside = [line for line in lines if line.source.kind == "column" and not line.source.is_joined]
    columns = [line for line in beside if not YEAR.search(line.head) and not line.source.part]
    if region.flags:
        cells = (region.table.text(row, column).strip() for row in region.inside for column in region.flags)
        head = region.head(region.flags[0])
        source = Source("beside", name=head) if head else Source("beside", 1)
        flags = Line(LineSource(source), "", texts=tuple(sorted({*cells} - {""})))
        yield flags, {text: find_meaning(text, region, known) for text in flags.texts}
    for line in (*headers, *columns):
        roles = set(known.vocabulary.codes("ROLE", plain(bare(line.head))))
        meanings = {text: find_meaning(text, region, known) for text in line.texts}
        all_known = all(candidate.code for candidate in meanings.values())
        if all_known and roles <= STATUS_ROLES and (len(line.texts) > 1 or has_gaps(region, line)):
            yield line, meanings


def find_meaning(text: str, region: Region, known: FlowKnowledge) -> Candidate:
    around = (*region.titles, *region.notes)
    notes = (*list_written_signs(around, known.vocabulary), *around)
    return find_meaning_of_mark(text, notes, known.vocabulary)


def has_gaps(region: Region, line: Line) -> bool:
    return not all(index_texts(region, line).values())


def index_texts(region: Region, line: Line) -> dict[int, str]:
    if line.source.kind == "beside":
        return {}
    texts = map_labels(region, replace(line, carried=False))
    if line.source.kind == "header":
        return dict(texts)
    return {row: texts.get(row, "") for row in sorted({row for row, _, _ in region.figures})}


def find_status_fits(region: Region, lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge) -> Iterator[Fit]:
    structure = known.flow.structure
    taken = {fit.line.source for fit in fits}
    free = STATUS in structure and STATUS not in structure.key and STATUS not in {fit.component for fit in fits}
    for line, meanings in find_status_lines(region, lines, known) if free else ():
        if line.source in taken:
            continue
        codes = {text: candidate.code for text, candidate in meanings.items()}
        gaps = read_gaps(region, line, codes=codes, fits=fits, known=known)
        sure = min(
            gaps.sure, SURE if all(candidate.confidence >= BY_LEGEND for candidate in meanings.values()) else ASKED
        )
        carried = replace(line, carried=gaps.is_carried)
        with_stages = REVISED in codes.values() and STAGE in structure
        by_status = {text: NORMAL if code == REVISED and with_stages else code for text, code in codes.items()}
        yield Fit(
            carried,
            STATUS,
            score=sure,
            meanings={text: convert_to_candidates(code, STATUS, known) for text, code in by_status.items()},
        )
        stages = {text: convert_to_candidates(STAGES.get(code, ""), STAGE, known) for text, code in codes.items()}
        if with_stages and all(stages.values()):
            yield Fit(carried, STAGE, score=sure, meanings=stages)
        return


def convert_to_candidates(code: str, component: str, known: FlowKnowledge) -> tuple[Candidate, ...]:
    return (Candidate(code, SURE, reason="a word for it"),) if code in (known.flow.codelist(component) or ()) else ()


def read_gaps(region: Region, line: Line, codes: Mapping[str, str], fits: Sequence[Fit], known: FlowKnowledge) -> Gaps:
    texts = index_texts(region, line)
    periods = next((fit.line for fit in fits if is_time(fit.component, known.flow)), None)
    is_alongside = periods is not None and periods.source.kind == line.source.kind and not periods.is_joined
    years = index_texts(region, periods) if periods is not None and is_alongside else {}
    plain_codes = [codes.get(text, NORMAL) for text in texts.values()]
    carried = [codes.get(text, NORMAL) for text in fill_gaps(list(texts.values()))]
    if plain_codes == carried:
        return Gaps(is_carried=False, sure=SURE)
    if years and not all(years.values()):
        by_year = [codes.get(text, NORMAL) for text in fill_gaps(list(texts.values()), list(years.values()))]
        if by_year in (plain_codes, carried):
            return Gaps(is_carried=by_year == carried, sure=SURE)
        return Gaps(is_carried=True, sure=ASKED)
    above = line.source.kind == "header" and (not years or is_above(line, periods))
    is_first = bool(next(iter(texts.values()), ""))
    return Gaps(is_carried=above, sure=ASKED if above or is_first else SURE)


def is_above(line: Line, periods: Line | None) -> bool:
    return periods is not None and (line.source.number or 0) < (periods.source.number or 0)


def fill_gaps(texts: Sequence[str], years: Sequence[str] = ()) -> list[str]:
    """Fill gaps with the text before, within a year if years are given.

    >>> fill_gaps(["", "p", "", ""]), fill_gaps(["", "p", "", ""], ["2022", "2023", "", "2024"])
    (['', 'p', 'p', 'p'], ['', 'p', 'p', ''])
    """
    filled_texts: list[str] = []
    for at, text in enumerate(texts):
        begins = bool(years) and bool(years[at])
        filled_texts.append(text or (filled_texts[-1] if filled_texts and not begins else ""))
    return filled_texts


def ask_about_statuses(region: Region, fits: Sequence[Fit], known: FlowKnowledge) -> Iterator[Question]:
    vocabulary, taken = known.vocabulary, {str(fit.line.source) for fit in fits}
    for column in region.labels:
        head = " ".join(region.head(column).split())
        is_remark = bool(set(vocabulary.codes("ROLE", plain(bare(head)))) & COMMENT_ROLES)
        sources = {f"column {head}", f"column {abs(column - region.side) + 1}"}
        if sources & taken or not (is_remark or (not head and not region.is_beside(column))):
            continue
        texts = dict.fromkeys(text for _, text in region.fold_column(column))
        statuses = [
            text
            for text in texts
            if find_meaning_of_mark(text, region.notes, vocabulary).code or vocabulary.inside(STATUS, text)
        ]
        where = f"in the remarks under “{head}”" if head else "in a column without a header"
        reason = f"it appears beside some rows, {where}: to which figures does it apply?"
        if statuses:
            yield ask(region.name, "unread status", reason, label="; ".join(statuses[:3]))
        elif is_remark and texts:
            unread = Candidate(LEAVE_OUT, 1.0, reason="these remarks are not read")
            yield Question(region.name, REMARKS_QUESTION, label=head, chosen=unread)
