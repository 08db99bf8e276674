"""A proposed mapping: what was recognised in a workbook, and what a person must confirm."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import PurePath

from sdmxmig.errors import InputError
from sdmxmig.mapping.block_keys import only_codes
from sdmxmig.model.data import Attributes, Block, ComponentMap, Mapping, SectionTitle, Skip, Values
from sdmxmig.model.sources import source_of
from sdmxmig.model.tables import Table
from sdmxmig.periods import parse
from sdmxmig.places import Place
from sdmxmig.recognition import Candidate, Recogniser
from sdmxmig.recognition.candidates import best
from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.recogniser import WHOLE_WORLD, WORLD
from sdmxmig.recognition.statuses import without_statuses
from sdmxmig.suggestion.assignment import assign, twins_of
from sdmxmig.suggestion.attribute_lines import attribute_lines
from sdmxmig.suggestion.coded_lines import (
    as_agency_says,
    attribute_fits,
    is_one_code,
    with_agency_codes,
    with_one_of_equals,
)
from sdmxmig.suggestion.components import Reading, read_line
from sdmxmig.suggestion.cut_labels import with_cut_labels
from sdmxmig.suggestion.details import detail_fits
from sdmxmig.suggestion.doubts import constant_fits, doubted, in_fractions, in_whole_numbers
from sdmxmig.suggestion.figures import SIGNS, has_fractions, noted_as_zero, noted_otherwise, values_of
from sdmxmig.suggestion.first_days import in_one_question
from sdmxmig.suggestion.fixed import (
    INSIDE,
    MULTIPLE,
    USUAL,
    Setting,
    beside_notes,
    one_value,
    settings,
    told_by_period,
    words_of,
)
from sdmxmig.suggestion.footnoted import doubts_of_notes
from sdmxmig.suggestion.former_countries import doubts_of_former
from sdmxmig.suggestion.glued import is_numbered, is_part, skip_of
from sdmxmig.suggestion.groupings import groupings, told
from sdmxmig.suggestion.legends import is_legend, told_of, written_apart
from sdmxmig.suggestion.line_sources import parts_of
from sdmxmig.suggestion.lines import Fit, Known, Line, is_time, lines_of, meanings_of, placed_texts, titles_over
from sdmxmig.suggestion.mixed_lines import Surroundings, with_mixed
from sdmxmig.suggestion.moves import doubts_of_moves
from sdmxmig.suggestion.nationals import nationals
from sdmxmig.suggestion.natives import natives
from sdmxmig.suggestion.notes import is_short_note
from sdmxmig.suggestion.one_status import status_said
from sdmxmig.suggestion.other_heads import with_other_heads
from sdmxmig.suggestion.other_measures import (
    NET,
    PERSONS,
    SHARES,
    Others,
    other_measures,
    told_elsewhere,
    told_shares,
    without_unchosen,
)
from sdmxmig.suggestion.over_all import with_labels_over_all
from sdmxmig.suggestion.part_years import (
    Part,
    doubted_years,
    in_that_part,
    part_named,
    partial_years,
    without_partial,
)
from sdmxmig.suggestion.parts import find_regions
from sdmxmig.suggestion.period_marks import STATUS, beside_marks, marks_of
from sdmxmig.suggestion.period_statuses import (
    REVISED,
    STAGE,
    STAGES,
    Around,
    Beside,
    as_stage,
    period_statuses,
    status_or_stage,
)
from sdmxmig.suggestion.periods import MARK, YEAR, days_of, habit_of, is_added_up
from sdmxmig.suggestion.periods_with_words import with_periods_apart
from sdmxmig.suggestion.placing import placed
from sdmxmig.suggestion.plain_titles import with_plain_titles
from sdmxmig.suggestion.proven_nets import with_proven_nets
from sdmxmig.suggestion.questions import (
    LEAVE_OUT,
    Decisions,
    Question,
    decided,
    gathered,
    in_one_line,
    lines_decided,
    only_said,
)
from sdmxmig.suggestion.questions import settled as with_decisions
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.reporters import are_named, with_reporters
from sdmxmig.suggestion.rivals import SHEET, Labels, Rival, without_rivals
from sdmxmig.suggestion.says import heads_of, says_of
from sdmxmig.suggestion.share_columns import with_rates
from sdmxmig.suggestion.silent_rows import silent_labels
from sdmxmig.suggestion.status_flags import status_flags
from sdmxmig.suggestion.status_lines import has_gaps, status_fits, status_lines, unread_statuses
from sdmxmig.suggestion.sums_of_parts import whole_among
from sdmxmig.suggestion.tall_heads import without_names
from sdmxmig.suggestion.title_doubts import (
    BESIDE,
    FILE,
    LABEL,
    NAME,
    NOTE,
    ROW,
    TITLE,
    Said,
    countries_in,
    taken_up,
    title_doubts,
)
from sdmxmig.suggestion.unread import same_lines, unused, with_twins
from sdmxmig.suggestion.values_of_all import in_one_value
from sdmxmig.suggestion.where_asked import answers_of
from sdmxmig.suggestion.words_inside import shared_words
from sdmxmig.suggestion.year_and_month import is_of_years, with_parts_of_years
from sdmxmig.suggestion.years_among_parts import marked_years, with_proven_years

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word ends in a name such as MenoresRefugiados."""
DAY = re.compile(r"[-./ ]*\d{1,2}[-./ ]+\d{1,2}[-./ ]*")
"""A day and a month in numbers, without their year."""
PERCENT = "PT"
NEGATIVE, MINUS, PLUS = "negative figures", "minus", "plus"
"""What is asked about figures below zero, and how ``sign`` is written in mapping files."""
MINUSES = "-−–"
LONGEST_TITLE = 250
"""A longer text above a table is prose about it, and no title."""


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that is proposed, all its lines with their scores, and the regions of the sheets that it reads."""

    mapping: Mapping
    questions: tuple[Question, ...]
    _: KW_ONLY
    regions: tuple[Region, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """What a person should confirm or decide."""
        return tuple(one for one in self.questions if one.is_open)


def suggest(tables: Sequence[Table], known: Known, area: str = "", decisions: Decisions | None = None) -> Proposal:
    """A mapping for the sheets of a workbook that hold figures of a dataflow.

    `area` is the reporting country, if it is known, `decisions` what a person said in a review. What is not certain is
    left out of the mapping or stands in the questions with the nearest candidates.
    """
    said, vocabulary = decisions or {}, known.recogniser.vocabulary
    found = [region for table in tables for region in find_regions(table, vocabulary)]
    regions = [with_rates(with_cut_labels(region, known.recogniser), vocabulary) for region in found]
    drafts = [draft(region, known, area, said) for region in regions]
    again = partial(asked_of, known, area)
    answers = answers_of(regions, [one.questions for one in drafts], again, said)
    drafts = [
        one if own == said else draft(one.region, known, area, own) for one, own in zip(drafts, answers, strict=True)
    ]
    answered = {one.region.name: own for one, own in zip(drafts, answers, strict=True)}
    every = drafts
    drafts = [one for one in drafts if any(each.component in known.flow.structure.key for each in one.block.components)]
    drafts = [one for one in drafts if not is_left_out(one, said)]
    elsewhere = [question for one in drafts for question in one.elsewhere]
    elsewhere += [why_unread(one, known) for one in every] if not drafts else []
    drafts = [one for one in drafts if not one.elsewhere]
    kept, asked = without_rivals([Rival(one.block, one.region, labels=one.labels) for one in drafts], known.flow)
    told_of = {one.sheet for one in asked}
    listed = [one for at, one in enumerate(drafts) if at in kept or (one.region.is_part and one.region.name in told_of)]
    settled = [each for one in listed for each in with_decisions(one.questions, answered[one.region.name])]
    blocks, questions = in_one_value([drafts[at].block for at in kept], settled, known.flow, said)
    blocks = tuple(keyed(block, number) for number, block in enumerate(blocks, start=1))
    file = PurePath(tables[0].file).name if tables else ""
    name = re.sub(r"[^A-Z0-9]+", "_", PurePath(file).stem.upper()).strip("_") or "TABLE"
    mapping = Mapping(f"MAP_{name}", known.flow.id, file=file, blocks=blocks)
    alike = [one for one in questions if one.sheet not in told_of]
    apart = [one for one in questions if one.sheet in told_of]
    others = with_decisions(gathered([*asked, *elsewhere]), said)
    return Proposal(
        mapping, in_one_line((*gathered(alike), *apart, *others)), regions=tuple(drafts[at].region for at in kept)
    )


def asked_of(known: Known, area: str, region: Region, decisions: Decisions) -> tuple[Question, ...]:
    """What is asked about one region with some decisions."""
    return draft(region, known, area, decisions).questions


def why_unread(one: Draft, known: Known) -> Question:
    """Why nothing is proposed for a table none of whose labels gives a dimension, with some of these labels."""
    lines = [line for line in lines_of(one.region) if len(line.texts) > 1]
    shown = "; ".join(f"“{', '.join(line.texts[:3])}”" for line in lines[:2])
    since = next((line.texts[0] for line in lines if is_added_up(line.texts)), "")
    reason = f"no dimension of {known.flow.id} is known by its labels {shown}"
    if since:
        reason = f"its figures are added up since {since}, and are of no single periods: {shown}"
    return Question(one.region.name, SHEET, label="", chosen=Candidate("", 0.0, reason=f"not proposed: {reason}"))


def is_left_out(one: Draft, decisions: Decisions) -> bool:
    """Whether a person said of what the titles of a region say that the whole of it stays out."""
    asked = (question for question in one.questions if question.part == "title")
    return any(decided(decisions, one.region.name, each.part, each.label) == LEAVE_OUT for each in asked)


def keyed(block: Block, number: int) -> Block:
    """A block with the keys of its place in the file."""
    key = f"block[{number}]"
    components = tuple(replace(one, key=f"{key}.components.{one.component}") for one in block.components)
    return replace(block, key=key, components=components)


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
    fits = fits_of(region, parted, titles_in(texts), known=known, area=area, decisions=decisions)
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


def coded_lines_of(region: Region, known: Known) -> tuple[Line, ...]:
    """The lines of a region, with what their labels mean in a table in the codes of an agency."""
    return with_agency_codes(lines_of(region), known)


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
    return (ComponentMap(name, source_of(SHEET), codes=codes),)


def without_codes(one: ComponentMap, out: abc.Set[tuple[str, str]]) -> ComponentMap:
    """How a component is read, without the codes of labels whose rows or columns stay out."""
    return replace(one, codes=tuple((text, code) for text, code in one.codes if (str(one.source), text) not in out))


def fits_of(
    region: Region, lines: Sequence[Line], titles: Sequence[str], known: Known, area: str, decisions: Decisions
) -> tuple[Fit, ...]:
    """Which lines give which dimensions and attributes."""
    closed = {"FREQ", *only_codes(known.flow), *(["REF_AREA"] if area and not are_named(lines, known) else [])}
    wanted = [one for one in known.flow.structure.key if one not in closed]
    orders = lines_decided(decisions, region.name)
    check_orders(orders, region, known)
    if any(known.flow.codelist(one) is None and not is_time(one, known.flow) for one in wanted):
        lines = [replace(one, whole=whole_among(region, one)) if is_column(one) else one for one in lines]
    undecided = [line for line in lines if line.source not in orders]
    own = (*nationals(undecided, area, known), *natives(undecided, area, known))
    wanted = [one for one in wanted if one not in {fit.component for fit in own}]
    same = same_lines(region, lines, known)
    free = [line for line in lines if line.source not in {fit.line.source for fit in own}]
    twinned = [with_twins(region, line, lines, same) for line in free]
    found = assign(twinned, wanted, titles, known, decided=orders, same=same)
    open_fits = [one for one in found if one.line.source not in orders]
    told = tuple(one for one in found if one.line.source in orders)
    fits = (*own, *told, *with_reporters(with_other_heads(open_fits, known), area, titles, known))
    around = Surroundings(region=region, lines=lines, titles=titles, area=area, decisions=decisions, known=known)
    fits = with_proven_nets(fits, around, orders)
    fits = (*fits, *detail_fits(fits, region.name, known, decisions))
    fits = with_mixed(fits, twins_of(fits, same), around)
    filled = [line for line in lines if len(line.texts) != 1 or beside_all(region, line)]
    fits = (*fits, *constant_fits(filled, fits, known))
    fits = (*fits, *status_fits(region, lines, fits, known))
    fits = (*fits, *status_flags(lines, fits, known))
    fits = (*fits, *attribute_lines(lines, fits, known))
    return (*fits, *attribute_fits(lines, {one.component for one in fits}, known))


def is_column(line: Line) -> bool:
    """Whether a line is a column of labels by its number."""
    return line.source.removeprefix("column ").isdecimal()


def check_orders(orders: abc.Mapping[str, str], region: Region, known: Known) -> None:
    """Raise `InputError` if a person said of two lines that they give the same dimension."""
    for component in set(orders.values()) & set(known.flow.structure.key):
        sources = [source for source, said in orders.items() if said == component]
        if len(sources) > 1:
            message = f"Two lines of labels are said to give {component}: {' and '.join(sources)}."
            hint = f"Let each give a dimension of its own, or write “{only_said('LABEL')}” to read one label of a line."
            raise InputError(message, Place(region.table.file, region.table.sheet), hint)


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


def texts_of(region: Region, lines: Sequence[Line], recogniser: Recogniser) -> tuple[Said, ...]:
    """The texts that tell about a whole region: titles, headers over all, what labels of a line share, names, notes."""
    over = [(line.texts[0], beside_all(region, line)) for line in lines if len(line.texts) == 1]
    over = [(text, NOTE if where and is_prose(text, recogniser) else where) for text, where in over]
    file = re.sub(r"[_\W]+", " ", CAMEL.sub(" ", PurePath(region.table.file).stem))
    said = [(text, NOTE if is_prose(text, recogniser) else TITLE) for text in (*region.titles, *region.corner)]
    said += [(text, NOTE if is_prose(text, recogniser) else TITLE) for text in titles_over(lines)]
    said += [(shared_words(line.texts, recogniser), BESIDE) for line in lines]
    said += [*over, (region.table.sheet, NAME), (file, FILE), *((text, NOTE) for text in region.notes)]
    said += [(text, NOTE) for cell, texts in region.table.notes.items() if region.has(*cell) for text in texts]
    return tuple(Said(text=text, where=where) for text, where in said if text and where)


def is_prose(text: str, recogniser: Recogniser) -> bool:
    """Whether a text above a table is no title of it: prose, or what its signs mean."""
    return len(text) > LONGEST_TITLE or is_legend(text, recogniser.vocabulary)


def beside_all(region: Region, line: Line) -> str:
    """Where the one text of a line stands, if it stands over all figures or beside each row of them; else nothing."""
    if line.source.startswith("header"):
        return TITLE
    number = line.source.removeprefix("column ")
    return ROW if number.isdecimal() and all(placed_texts(region, line).values()) else ""


def told_by_texts(texts: Sequence[Said], lines: Sequence[Line], *, named: bool) -> list[Said]:
    """The texts that may tell of all figures, and the labels themselves.

    The name of the sheet is none of them if it is `named` as a dimension.
    """
    listed = [one for one in texts if not (named and one.where == NAME)]
    labels = (text for line in lines if len(line.texts) > 1 for text in (line.head, *line.texts) if text)
    return [*listed, *(Said(text=text, where=LABEL) for text in labels)]


def beside_years(line: Line, known: Known) -> tuple[str, ...]:
    """What stands beside the year in each label of a line, such as “Initial decisions”; nothing if nothing does.

    Marks are left out, and words for the status of the figures where nothing else stands beside all years.
    """
    if len(line.texts) < 2:
        return ()
    date = days_of(line.texts[:1], known.recogniser.vocabulary).get(line.texts[0], "")
    day = " ".join(YEAR.sub(" ", line.texts[0]).split())
    if DAY.fullmatch(day) and habit_of(line.texts, known.recogniser.vocabulary).beside:
        return (f"{date[8:]}.{date[5:7]}." if date else day,)  # a workbook stores a date as 2020-12-31
    if not is_of_years(line, known):
        return ()
    bare = (YEAR.sub(" ", without_statuses(text, known.recogniser.vocabulary)) for text in line.texts)
    words = tuple(" ".join(text.split()) if not MARK.fullmatch(text) else "" for text in bare)
    if not any(map(str.isalpha, "".join(words))):
        return ()
    return words if len(set(words)) > 1 else tuple(" ".join(YEAR.sub(" ", text).split()) for text in line.texts)


def titles_in(texts: Sequence[Said]) -> tuple[str, ...]:
    """The texts that may say what a line of labels, or the whole table, is about."""
    return tuple(one.text for one in texts if one.where != NOTE)


def deciding(region: Region, texts: Sequence[Said], known: Known, *, dated: bool) -> tuple[str, ...]:
    """The patterns of the titles and notes that next year's table must have too; comments are in no cell."""
    comments = {text for many in region.table.notes.values() for text in many}
    titles = [one.text for one in texts if one.where in (TITLE, ROW)]
    notes = [one.text for one in texts if one.where == NOTE and one.text not in comments]
    return says_of(titles, notes, known.recogniser, dated=dated)


def short_notes(texts: Sequence[Said], known: Known) -> Iterator[str]:
    """The notes of few words, which may name the months of all figures."""
    return (one.text for one in texts if one.where == NOTE and is_short_note(one.text, known.recogniser))


def fixed_of(
    region: Region,
    read: tuple[Sequence[Fit], Others, Sequence[Reading], Sequence[Candidate], Part | None],
    texts: Sequence[Said],
    known: Known,
    area: str,
    decisions: Decisions,
) -> tuple[Attributes, tuple[Question, ...]]:
    """The components with one value in the whole region, and their questions."""
    fits, others, readings, freqs, named_part = read
    period = decided(decisions, region.name, "fixed TIME_PERIOD")
    said = parse(period) if period else None
    freq = next((reading.freq for reading in readings if reading.freq), said.freq if said else "")
    given = [*(one.component for one in fits), *(one.component for one in others.carried)]
    given += [one.group.component for one in readings if one.group]
    titles = titles_in(texts)
    found = settings(known.flow, given, titles, area=area or whole_world(fits), freq=freq, recogniser=known.recogniser)
    found = doubted_by_file(found, texts, known)
    inside = [one.text for one in texts if one.where not in (NOTE, FILE)]
    found = tuple(in_own_unit(one, inside, known) for one in found)
    found = with_plain_titles(found, texts, fits, known.recogniser)
    found = with_labels_over_all(found, lines_of(region), known)
    found = doubted(found, coded_lines_of(region, known), titles, known, notes=region.notes)
    if has_fractions(text for _, column, text in region.figures if not others.holds(region.over(column))):
        found = in_fractions(found)
    if any(skip.reason == SHARES for skip in (*others.rows, *others.columns)):
        found = tuple(counted_again(one) for one in found)
    if freqs:
        found = tuple(
            Setting("FREQ", freqs[0], others=tuple(freqs[1:])) if one.component == "FREQ" else one for one in found
        )
    found = as_agency_says(found, [one.text for one in texts], coded_lines_of(region, known), known)
    found = beside_notes(doubted_years(found, named_part), region.notes, known.recogniser)
    named = [*given, *(one.component for one in found)]
    written = [one.text for one in texts]
    found = (*found, *status_said(region.name, named, written, known, decisions=decisions))
    return fixed_values(region.name, found if period else told_by_period(found), decisions)


def doubted_by_file(found: Sequence[Setting], texts: Sequence[Said], known: Known) -> tuple[Setting, ...]:
    """The settings, with a question about a multiple that nothing says but the name of the file."""
    titles = titles_in([one for one in texts if one.where != FILE])
    told = {USUAL[MULTIPLE][0], *words_of(MULTIPLE, known.flow, titles, known.recogniser)}
    return tuple(
        replace(one, chosen=replace(one.chosen, confidence=min(one.chosen.confidence, INSIDE)))
        if one.component == MULTIPLE and one.chosen.code not in told
        else one
        for one in found
    )


def in_own_unit(one: Setting, titles: Sequence[str], known: Known) -> Setting:
    """The unit that the workbook itself names: “pct” in the name of its file makes no shares of its figures."""
    if one.component != "UNIT_MEASURE" or one.chosen.code in ("", PERSONS):
        return one
    return one_value(one.component, known.flow, titles, known.recogniser, area="")


def counted_again(one: Setting) -> Setting:
    """A unit of shares that titles name as persons again, where the columns of shares stay out."""
    is_share = one.component == "UNIT_MEASURE" and one.chosen.code == PERCENT
    return replace(one, chosen=Candidate(PERSONS, 0.9, reason="as usual; the shares stay out")) if is_share else one


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


def fixed_values(sheet: str, found: Sequence[Setting], decisions: Decisions) -> tuple[Attributes, tuple[Question, ...]]:
    """The components with one value, as proposed or decided, and their questions."""
    pairs, asked = [], []
    for one in found:
        said = decided(decisions, sheet, f"fixed {one.component}")
        if said or one.chosen.code:
            pairs.append((one.component, said or one.chosen.code))
        asked.append(Question(sheet, f"fixed {one.component}", label="", chosen=one.chosen, others=one.others))
    return tuple(pairs), tuple(asked)


def whole_world(fits: Sequence[Fit]) -> str:
    """The code of the world if countries of origin are listed with their total for the world."""
    worlds = [many[0] for one in fits for many in one.meanings.values() if many and many[0].reason == WHOLE_WORLD]
    return WORLD if worlds else ""


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


def meant(
    marks: abc.Mapping[str, Candidate], known: Sequence[tuple[str, Attributes]]
) -> Iterator[tuple[str, Attributes]]:
    """The marks behind periods whose meaning is proposed, as attributes; those that are known already are left out."""
    listed = {mark for mark, _ in known}
    told = {mark: one.code for mark, one in marks.items() if one.code and mark not in listed}
    yield from ((mark, ((STAGE if code == STAGES[REVISED] else STATUS, code),)) for mark, code in told.items())
