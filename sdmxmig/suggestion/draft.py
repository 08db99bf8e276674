"""The block that is proposed for one region of a sheet, step by step, and what a person is asked about it."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.errors import InputError
from sdmxmig.mapping.sources import parts_of
from sdmxmig.model.data import Block, ComponentMap, SectionTitle, Skip, Values
from sdmxmig.places import Place
from sdmxmig.recognition.candidates import best
from sdmxmig.recognition.labels import plain
from sdmxmig.suggestion.basis import Basis
from sdmxmig.suggestion.cell_values import cell_values
from sdmxmig.suggestion.coded_lines import coded_lines_of, is_one_code, with_one_of_equals
from sdmxmig.suggestion.components import Reading, read_line
from sdmxmig.suggestion.doubts import in_whole_numbers
from sdmxmig.suggestion.figures import SIGNS
from sdmxmig.suggestion.first_days import in_one_question
from sdmxmig.suggestion.fits import fits_of
from sdmxmig.suggestion.fixed_values import fixed_of
from sdmxmig.suggestion.footnoted import doubts_of_notes
from sdmxmig.suggestion.former_countries import doubts_of_former
from sdmxmig.suggestion.glued import is_numbered, is_part, skip_of
from sdmxmig.suggestion.groupings import groupings, told
from sdmxmig.suggestion.lines import Fit, Known, Line, is_time, lines_of, meanings_of
from sdmxmig.suggestion.moves import doubts_of_moves
from sdmxmig.suggestion.other_measures import Others, other_measures, told_elsewhere, told_shares, without_unchosen
from sdmxmig.suggestion.part_years import in_that_part, part_named, partial_years, without_partial
from sdmxmig.suggestion.period_marks import beside_marks
from sdmxmig.suggestion.period_statuses import Around, Beside, period_statuses
from sdmxmig.suggestion.periods_with_words import with_periods_apart
from sdmxmig.suggestion.placing import placed
from sdmxmig.suggestion.questions import Decisions, Question, decided, lines_decided, only_said
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.rivals import SHEET, Labels
from sdmxmig.suggestion.says import heads_of, says_of
from sdmxmig.suggestion.silent_rows import silent_labels
from sdmxmig.suggestion.status_lines import has_gaps, status_lines, unread_statuses
from sdmxmig.suggestion.tall_heads import without_names
from sdmxmig.suggestion.texts_around import (
    BESIDE,
    NAME,
    NOTE,
    ROW,
    TITLE,
    Said,
    beside_years,
    short_notes,
    texts_of,
    titles_in,
    told_by_texts,
)
from sdmxmig.suggestion.title_doubts import countries_in, taken_up, title_doubts
from sdmxmig.suggestion.unread import unused
from sdmxmig.suggestion.words_inside import shared_words
from sdmxmig.suggestion.year_and_month import is_of_years, with_parts_of_years
from sdmxmig.suggestion.years_among_parts import with_proven_years


@dataclass(frozen=True, slots=True)
class Draft:
    """The block that is proposed for one region of a sheet, with its questions.

    `elsewhere` says why the region is not proposed, if its titles speak of the figures of other dataflows.
    """

    region: Region
    block: Block
    _: KW_ONLY
    questions: tuple[Question, ...]
    labels: Labels
    elsewhere: tuple[Question, ...]


def draft(region: Region, known: Known, area: str, decisions: Decisions) -> Draft:
    """The block of one region, and its questions."""
    sheet, (lines, names) = region.name, without_names(region, coded_lines_of(region, known), known)
    others, lines = others_apart(region, lines, known, decisions)
    grouped = groupings(region, lines, known)
    kept = [line for line in lines if line.source not in {coarse.source for coarse, _ in grouped}]
    freq = decided(decisions, sheet, "fixed FREQ")
    bare = without_texts(without_texts(kept, others.labels), silent_labels(region, kept, known))
    lengths = with_parts_of_years(bare, region, known, titles_in(texts_of(region, bare, known.recogniser)), freq=freq)
    parted, sums = with_proven_years(lengths.lines, region, known), lengths.left_out
    of_some = {line.source for line, _ in status_lines(region, parted, known) if has_gaps(region, line)}
    of_years = [words for line in parted if (words := beside_years(line, known))]
    texts = (
        *texts_of(
            region, [line for line in parted if not (line.source in of_some or is_one_code(line))], known.recogniser
        ),
        *(Said(text=text, where=TITLE) for text in names),
        *(Said(text=words[0], where=BESIDE) for words in of_years if len(set(words)) == 1),
    )
    labelled = next((line.texts for line in parted if is_of_years(line, known)), ())
    named_part = part_named((*titles_in(texts), *short_notes(texts, known)), labelled, known)
    parted = in_that_part(parted, named_part, freq, known)
    fits = fits_of(Basis(region, known, area=area, decisions=decisions), parted, titles_in(texts))
    readings = readings_of(region, fits, parted, texts, known=known, decisions=decisions)
    apart = [line for line in kept if line.source in others.labels]
    stray, asked = unused(region, fits, lines=parted, known=known, others=apart)
    left = [(one.line.source, *pair) for one, reading in zip(fits, readings, strict=True) for pair in reading.left_out]
    rows, columns = left_out((*left, *stray, *sums), others.labels)
    values, doubts = cell_values(region, fits, known, decisions)
    written = [*titles_in(texts), *(text for line in parted for text in (line.head, *line.texts))]
    doubts = tuple(one for one in doubts if one.label != SIGNS or not in_whole_numbers(written, known))
    read = (fits, others, readings, lengths.freqs, named_part)
    fixed, settled = fixed_of(region, read, texts, known=known, area=area, decisions=decisions)
    out = {(f"column {skip.header}", skip.match) for skip in rows} | {
        (f"header {skip.header}", skip.match) for skip in columns
    }
    named, marks = by_sheet(region, known, decisions), [mark for mark, _ in values.marks]
    beside = beside_periods(region, fits, marks=marks, known=known, decisions=decisions)
    coded = [without_codes(reading.component, out) for reading in readings]
    coded = [beside_marks(one, marks) if is_time(one.component, known.flow) else one for one in coded]
    components = (
        *coded,
        *others.carried,
        *named,
        *beside.components,
        *(beside_marks(one.group, marks) for one in readings if one.group),
    )
    about = {one.component for one in (*named, *beside.components)}
    fixed = tuple(pair for pair in fixed if pair[0] not in about)
    told_codes = [name for name, _ in fixed if decided(decisions, sheet, f"fixed {name}")]
    taken = taken_up(fits, fixed, told_codes, left_out=bool(others.labels))
    by_title = known.flow.structure.time is None or known.flow.structure.time.id not in taken.read
    dated = by_title or any(one.line.year for one in fits)
    block = replace(
        placed(region),
        components=given_once(components, region, decisions),
        values=values,
        skip_rows=(*others.rows, *rows),
        skip_columns=(*others.columns, *columns),
        fixed=fixed,
        sections=tuple(section_title(parted) for one in fits if "section" in parts_of(one.line.source))[:1],
        says=(
            *deciding(region, texts, known, dated=dated),
            *heads_of(fits, region, placed(region).anchors),
        ),
    )
    in_some = {text for words in of_years for text in words if len(set(words)) > 1 and text}
    marked = " ".join(one.label for one in beside.questions)
    beside_some = [Said(text=text, where=BESIDE) for text in sorted(in_some) if text not in marked]
    around = told_by_texts((*texts, *beside_some), parted, named=bool(named))
    labels, signs = words_of_labels(bare, known), signs_of(values, doubts)
    questions = (
        *(question for reading in readings for question in reading.questions),
        *without_given(asked, readings),
        *told(grouped, sheet),
        *unread_statuses(region, fits, known),
        *settled,
        *doubts,
        *(one for one in beside.questions if one.label not in {each.label for each in doubts}),
        *title_doubts(around, taken, known, sheet=sheet, labels=labels, signs=signs),
        *doubts_of_notes(fits, parted, region.notes, fixed, known=known, sheet=sheet),
        *doubts_of_moves(fits, titles_in(texts), fixed, known, sheet=sheet),
        *doubts_of_former(fits, fixed, known, sheet),
    )
    still = [one for one in told_last(questions) if one.part.removeprefix("fixed ") not in about]
    asked_still = in_one_question(still, fits, sheet, known, decisions=decisions)
    labels_of = {one.component: labels_in(one.line) for one in fits}
    shares = () if "UNIT_MEASURE" in taken.read else told_shares(region, lines, known)
    elsewhere = told_elsewhere(region, lines, known) or shares
    return Draft(region, block, questions=asked_still, labels=labels_of, elsewhere=elsewhere)


def others_apart(
    region: Region, lines: Sequence[Line], known: Known, decisions: Decisions
) -> tuple[Others, tuple[Line, ...]]:
    """What stays out of a region, and its lines: one of periods with words in each label as two."""
    decisions = with_one_of_equals(region, lines, decisions, known)
    others = other_measures(region, lines, known)
    apart = with_periods_apart(lines, others.labels, known)
    return without_unchosen(others, apart, region.name, decisions), apart


def labels_in(line: Line) -> frozenset[str]:
    """The labels of a line by which two sheets are compared: the quarters of another year are not the same."""
    return frozenset(dict(line.told).values()) or frozenset(line.texts)


def told_last(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions, of several about the value of one component only the last: what a text says against it."""
    last = {one.part: at for at, one in enumerate(questions)}
    return tuple(one for at, one in enumerate(questions) if not one.part.startswith("fixed ") or last[one.part] == at)


def readings_of(
    region: Region,
    fits: Sequence[Fit],
    lines: Sequence[Line],
    texts: Sequence[Said],
    known: Known,
    decisions: Decisions,
) -> list[Reading]:
    """How the component of each line is read, years that may be a part of one left out."""
    sources = [one.line.source for one in fits]
    titled = countries_in([one.text for one in texts if one.where in (TITLE, NAME)], known)
    found = [
        read_line(one, region.name, known, decisions, alone=sources.count(one.line.source) < 2, titled=titled)
        for one in fits
    ]
    partial = partial_years(region, lines, known)
    return [without_partial(one, partial, region.name) for one in found]


def words_of_labels(lines: Sequence[Line], known: Known) -> frozenset[str]:
    """The words of labels that differ, and of the name of the dataflow: they explain the same words of a title.

    What all labels of a line share explains nothing: it limits the figures as a title does.
    """
    several = [text for line in lines if len(line.texts) > 1 and not beside_years(line, known) for text in line.texts]
    named_by = (*several, *(text for _, text in known.flow.dataflow.name))
    shared = {word for line in lines for word in plain(shared_words(line.texts, known.recogniser)).split()}
    return frozenset(word for text in named_by for word in plain(text).split()) - shared


def signs_of(values: Values, doubts: Sequence[Question]) -> frozenset[str]:
    """The marks and signs of the figures: those that are known, and those that are asked about."""
    known = (*values.marks, *values.missing, *values.numbers)
    asked = (found[1] for one in doubts if (found := re.search("“(.*)”", one.label)))
    return frozenset((*(sign for sign, _ in known), *asked))


def by_sheet(region: Region, known: Known, decisions: Decisions) -> tuple[ComponentMap, ...]:
    """The dimension that the names of sheets give, if a person said so."""
    name, sheet = decided(decisions, region.name, "sheet"), region.table.sheet
    if name not in known.flow.structure.key:
        return ()
    meaning = best(meanings_of((sheet,), name, known.flow, known.recogniser)[sheet])
    codes = ((sheet, meaning.code),) if meaning and meaning.is_applied and meaning.code != sheet else ()
    return (ComponentMap(name, SHEET, codes=codes),)


def without_codes(one: ComponentMap, out: abc.Set[tuple[str, str]]) -> ComponentMap:
    """How a component is read, without the codes of labels whose rows or columns stay out."""
    return replace(one, codes=tuple((text, code) for text, code in one.codes if (one.source, text) not in out))


def without_given(asked: Sequence[Question], readings: Sequence[Reading]) -> Iterator[Question]:
    """The questions about lines, without offers of what labels of another line give."""
    given = {one.group.component for one in readings if one.group}
    return (replace(one, others=tuple(each for each in one.others if each.code not in given)) for one in asked)


def given_once(components: tuple[ComponentMap, ...], region: Region, decisions: Decisions) -> tuple[ComponentMap, ...]:
    """The components; `InputError` if a person said of a line that it gives what labels of another one give already."""
    given = [one.component for one in components]
    for source, said in lines_decided(decisions, region.name).items():
        if given.count(said) > 1:
            message = f"The line {source} is said to give {said}, which labels of another line give already."
            hint = f"Let it give another dimension, or write “{only_said('LABEL')}” to read one of its labels."
            raise InputError(message, Place(region.table.file, region.table.sheet), hint)
    return components


def deciding(region: Region, texts: Sequence[Said], known: Known, *, dated: bool) -> tuple[str, ...]:
    """The patterns of the titles and notes that next year's table must have too; comments are in no cell."""
    comments = {text for many in region.table.notes.values() for text in many}
    titles = [one.text for one in texts if one.where in (TITLE, ROW)]
    notes = [one.text for one in texts if one.where == NOTE and one.text not in comments]
    return says_of(titles, notes, known.recogniser, dated=dated)


def without_texts(lines: Sequence[Line], gone: abc.Mapping[str, frozenset[str]]) -> tuple[Line, ...]:
    """The lines without the labels of rows and columns that stay out anyway."""
    kept = ((line, tuple(text for text in line.texts if text not in gone.get(line.source, ()))) for line in lines)
    return tuple(replace(line, texts=texts) for line, texts in kept if texts)


def section_title(lines: Sequence[Line]) -> SectionTitle:
    """How titles between the rows are known: they stand alone, or are none of the labels that stand below them."""
    lower = next((line.texts for line in lines if line.upper), ())
    none_of = "|".join(re.escape(text) for text in lower)
    return SectionTitle(f"/^(?!(?:{none_of})$)/", alone=False) if lower else SectionTitle()


def left_out(
    labels: Sequence[tuple[str, str, str]], gone: abc.Mapping[str, frozenset[str]]
) -> tuple[tuple[Skip, ...], tuple[Skip, ...]]:
    """The rows and columns that stay out by their labels, without those that do so already."""
    rows: list[Skip] = []
    columns: list[Skip] = []
    for source, text, reason in labels:
        if is_numbered(source) and text not in gone.get(source, ()):
            (columns if source.startswith("header") else rows).append(skip_of(source, text, reason))
    return tuple(rows), tuple(columns)


def beside_periods(
    region: Region, fits: Sequence[Fit], marks: Sequence[str], known: Known, decisions: Decisions
) -> Beside:
    """How the words beside the periods of a region are read, other than its marks."""
    told_by = {part for one in fits if is_time(one.component, known.flow) for part in parts_of(one.line.source)}
    around = Around(
        flow=known.flow,
        vocabulary=known.recogniser.vocabulary,
        notes=region.notes,
        marks=marks,
        given=[(part, one.component) for one in fits for part in parts_of(one.line.source)],
    )
    lines = [line for line in lines_of(region) if line.source in told_by and not is_part(line.source)]
    return period_statuses(lines, region.name, around, decisions)
