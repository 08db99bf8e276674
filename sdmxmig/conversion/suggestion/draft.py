"""Draft of a block for a region, with questions in reading order and room for more rows next year."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import takewhile

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.recognition.labels import choose_best, plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.suggestion.assignment import ABROAD, ASYLUM
from sdmxmig.conversion.suggestion.cell_values import QUOTED, CellValues, collect_legends, propose_cell_values
from sdmxmig.conversion.suggestion.components import TOTAL, ComponentReading
from sdmxmig.conversion.suggestion.days import merge_day_questions
from sdmxmig.conversion.suggestion.earlier_mapping import (
    SIGNS,
    build_pattern,
    build_patterns,
    find_explaining_notes,
    find_subject,
    select_heads,
)
from sdmxmig.conversion.suggestion.fixed_values import FixedValues, collect_fixed_values
from sdmxmig.conversion.suggestion.legends import ask_about_notes, find_label_comments, remove_mark
from sdmxmig.conversion.suggestion.line_sources import FIRST_COLUMN, SECTION, LeftOut, LineSource, build_skip
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, find_meanings, is_time, list_lines
from sdmxmig.conversion.suggestion.other_characteristics import BLOCKS
from sdmxmig.conversion.suggestion.other_measures import ask_about_other_figures, ask_about_shares
from sdmxmig.conversion.suggestion.period_statuses import (
    PeriodStatuses,
    PeriodSurroundings,
    propose_period_statuses,
    strip_marks,
)
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.phrase_doubts import ASKED, LIMITED, NOT_UNDERSTOOD, Usage, index_read_codes
from sdmxmig.conversion.suggestion.questions import (
    AND,
    AREA,
    EVERYWHERE,
    HIDDEN,
    LEAVE_OUT,
    OTHER_AREA,
    Basis,
    Decisions,
    Labels,
    Question,
    apply_decisions,
    ask,
    build_only_label,
    decided,
    find_line_decisions,
    offer_keeping_or_leaving,
)
from sdmxmig.conversion.suggestion.read_regions import (
    ReadRegion,
    fill_heads,
    join_titles,
    list_empty_heads,
    read_region,
)
from sdmxmig.conversion.suggestion.region_names import AREAS, RESTS, ask_about_former_names, build_group_questions
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.stated_rules import find_length_words, find_named_attributes, list_rule_patterns
from sdmxmig.conversion.suggestion.status_lines import ask_about_statuses
from sdmxmig.conversion.suggestion.surrounding_texts import (
    BESIDE,
    NOTE,
    ROW,
    TITLE,
    SurroundingText,
    find_year_words,
    join_texts_and_labels,
)
from sdmxmig.conversion.suggestion.title_doubts import ask_about_area, ask_about_titles
from sdmxmig.conversion.suggestion.unused_lines import find_unused_lines
from sdmxmig.conversion.suggestion.words_inside import find_shared_words
from sdmxmig.conversion.suggestion.year_statements import (
    ask_about_limited_notes,
    ask_about_statements,
    build_note_questions,
    format_label,
    list_decided_notes,
    remove_statements,
)
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell, name_column
from sdmxmig.sdmx.model.data import Attributes, Block, ComponentMap, SectionTitle, Skip, UserNote
from sdmxmig.sdmx.model.sources import Source

QUOTED_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.,']\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
MIN_QUOTED = 2
QUOTED_TEXT = re.compile("“([^”]+)”")
PEOPLE_PARTS = ("fixed BIRTH_STATUS", "fixed CTZ_STATUS")
DOUBTS_ABOUT_WORDS = (NOT_UNDERSTOOD, LIMITED, ASKED["GROUP"])
MONTH_CONCEPTS = frozenset({"MONTH", "UNIT"})
"""The concepts of “January to September”; “January to” may mean cumulative figures."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of a region, and the `whole` region with hidden figures; `elsewhere` has reasons against a proposal."""

    basis: Basis
    whole: Region
    block: Block
    _: KW_ONLY
    questions: tuple[Question, ...]
    labels: Labels
    elsewhere: tuple[Question, ...]

    @property
    def region(self) -> Region:
        return self.basis.region


def build_draft(basis: Basis) -> Draft:
    whole = join_titles(fill_heads(basis))
    basis = drop_hidden_cells(whole)
    read = read_region(basis)
    parts = propose_block_parts(read)
    questions = collect_questions(parts)
    return Draft(
        basis,
        whole.region,
        drop_open_area(build_block(parts, whole.region), apply_decisions(questions, basis.decisions)),
        questions=questions,
        labels={fit.component: collect_labels(fit.line) for fit in read.fits},
        elsewhere=list_reasons_against(read),
    )


def drop_hidden_cells(basis: Basis) -> Basis:
    """Leave out hidden rows and columns, without questions about their heads, until the user includes them."""
    region, table = basis.region, basis.region.table
    if not excludes_hidden_cells(region, basis.decisions) or not has_shown_figures(region):
        return basis
    values = tuple(column for column in region.values if column not in table.hidden_columns)
    rows = table.hidden_rows & region.counted
    shown = replace(table, cells=table.cells.filter(~pl.col("row").is_in(sorted(rows))))
    return replace(basis, region=replace(region, table=shown, values=values))


def excludes_hidden_cells(region: Region, decisions: Decisions) -> bool:
    decision, table = decided(decisions, region.table.sheet, HIDDEN), region.table
    is_asked = not table.hidden and bool(
        table.hidden_columns.intersection(region.values) or table.hidden_rows & region.counted
    )
    return decision == LEAVE_OUT or (not decision and is_asked and has_shown_figures(region))


def has_shown_figures(region: Region) -> bool:
    table = region.table
    return not (table.hidden_columns.issuperset(region.values) or table.hidden_rows.issuperset(region.counted))


def build_block(parts: BlockParts, whole: Region) -> Block:
    read, others = parts.read, parts.read.apart.other_measures
    block = locate_block(whole)
    title = find_section_title(read.apart.every, read.basis.region)
    is_divided = any(SECTION in fit.line.source.parts for fit in read.fits)
    is_divided |= any(0 in skip.headers for skip in others.rows)
    return replace(
        block,
        components=check_repeated_components(build_components(parts), read.basis),
        values=parts.cells.values,
        skip_rows=(*others.rows, *parts.left_out.rows),
        skip_columns=(*others.columns, *parts.left_out.columns),
        fixed=parts.codes,
        sections=(title,) if is_divided else (),
        required_texts=(*list_required_patterns(read), *select_heads(read.fits, read.basis.region, block.anchors)),
        notes=(*list_decided_notes(list_noted_codes(parts), read.basis.sheet), *list_sure_comments(parts)),
        skip_hidden=excludes_hidden_cells(whole, read.basis.decisions),
    )


def list_sure_comments(parts: BlockParts) -> Iterator[UserNote]:
    asked = {question.label for question in ask_about_noted_figures(parts)}
    for noted in parts.comments:
        attributes = (pair for pair in noted.attributes if pair[0] != STATUS or format_label(noted.where) not in asked)
        yield replace(noted, attributes=tuple(attributes))


def list_noted_codes(parts: BlockParts) -> Decisions:
    """Return the decisions and the proposed statements on single years, which the preview shows."""
    proposed = {(each.sheet, each.part, each.label): each.chosen.code for each in ask_about_noted_figures(parts)}
    return {**{about: code for about, code in proposed.items() if code}, **parts.read.basis.decisions}


def drop_open_area(block: Block, questions: Iterable[Question]) -> Block:
    """Remove the area while its question is open, so that figures of a part of the country never become national."""
    is_open = any(question.part == AREA and question.is_open for question in questions)
    return replace(block, fixed=tuple(pair for pair in block.fixed if pair[0] != AREAS)) if is_open else block


def build_components(parts: BlockParts) -> tuple[ComponentMap, ...]:
    read, marks = parts.read, parts.cells.marks
    left_out, flow = parts.left_out.labels, read.basis.known.flow
    of_lines = [drop_codes(reading.component, left_out) for reading in read.readings]
    return (
        *(
            strip_marks(component_map, marks) if is_time(component_map.component, flow) else component_map
            for component_map in of_lines
        ),
        *read.apart.other_measures.carried,
        *parts.by_sheet,
        *parts.statuses.components,
        *(strip_marks(reading.group, marks) for reading in read.readings if reading.group),
    )


def list_reasons_against(read: ReadRegion) -> tuple[Question, ...]:
    region, lines, known = read.basis.region, read.apart.every, read.basis.known
    is_in_units = any(fit.component == "UNIT_MEASURE" for fit in read.fits)
    return ask_about_other_figures(region, lines, known) or (
        () if is_in_units else ask_about_shares(region, lines, known)
    )


def list_required_patterns(read: ReadRegion) -> tuple[str, ...]:
    """Return patterns of titles and notes that future tables must match. Years must match if no line has periods."""
    region, known = read.basis.region, read.basis.known
    time, components = known.flow.structure.time, {fit.component for fit in read.fits}
    by_title = time is None or time.id not in components
    dated = by_title or any(fit.line.year for fit in read.fits)
    comments = {text for texts in region.table.notes.values() for text in texts}
    cells = {" ".join(text.split()) for row in region.table.rows.values() for text in row.values()} - comments
    titles = [find_cell(text.text, cells) for text in read.around.texts if text.where in (TITLE, ROW)]
    notes = [text.text for text in read.around.texts if text.where == NOTE and text.text in cells]
    partial = read.periods.noted
    notes = [note for note in notes if note not in partial.values()]
    whole = [note for label, note in partial.items() if is_whole_year(label, read)]
    elsewhere = {*comments, *read.basis.elsewhere}
    stated = [text for text in read.around.texts if text.where in (TITLE, NOTE) and text.text not in elsewhere]
    asked = {find_subject(*about[1:]) for about in read.basis.decisions if about[0] in (read.basis.sheet, EVERYWHERE)}
    explaining = find_explaining_notes(region.table, asked, known.recogniser)
    return (
        *build_patterns(titles, notes, explaining, known.recogniser, dated=dated),
        *list_rule_patterns(stated, known),
        *(build_pattern(note, dated=True) for note in whole),
    )


def find_cell(title: str, cells: Collection[str]) -> str:
    value = title.partition(": ")[2]
    return title if title in cells else value if value in cells else ""


def is_whole_year(label: str, read: ReadRegion) -> bool:
    """Check for a decision that a label is a whole year, although a note names a part of it."""
    basis, time = read.basis, read.basis.known.flow.structure.time
    answer = decided(basis.decisions, basis.sheet, f"codes {time.id}", label) if time else ""
    return bool(YEAR.fullmatch(answer))


def collect_labels(line: Line) -> frozenset[str]:
    return frozenset(dict(line.periods).values()) or frozenset(line.texts)


def drop_codes(component_map: ComponentMap, left_out: Collection[tuple[Source, str]]) -> ComponentMap:
    return replace(
        component_map,
        codes=tuple((text, code) for text, code in component_map.codes if (component_map.source, text) not in left_out),
    )


def check_repeated_components(components: tuple[ComponentMap, ...], basis: Basis) -> tuple[ComponentMap, ...]:
    component_names = [component_map.component for component_map in components]
    for source, component in find_line_decisions(basis.decisions, basis.sheet).items():
        if component_names.count(component) > 1:
            message = f"The line {source} gives {component}, but another line already gives it."
            hint = f"Assign it to another dimension, or write “{build_only_label('LABEL')}” to read one of its labels."
            raise InputError(message, Place(basis.region.table.file, basis.region.table.sheet), hint)
    return components


def find_section_title(lines: Sequence[Line], region: Region) -> SectionTitle:
    if region.headings:
        return SectionTitle(f"/^(?:{'|'.join(map(re.escape, region.headings))})$/", alone=False)
    lower = next((line.texts for line in lines if line.upper), ())
    others = "|".join(map(re.escape, (*lower, *region.announcing)))
    return SectionTitle(alone=not lower, unless=f"/^(?:{others})$/" if others else "")


HIDDEN_SHEET, BOTH_DIRECTIONS = "a hidden sheet", "it counts moves in both directions"


def collect_questions(parts: BlockParts) -> tuple[Question, ...]:
    read, elsewhere = parts.read, parts.find_neighbouring_components
    basis = read.basis
    questions = drop_repeated_questions((*ask_about_lines(parts), *ask_about_values(parts), *ask_about_texts(parts)))
    still = withdraw_doubted_proposals(
        [question for question in questions if question.part.removeprefix("fixed ") not in elsewhere],
        read.around.titles,
    )
    return merge_day_questions(
        still, read.fits, basis.sheet, basis.known, decisions=basis.decisions, end=read.periods.end
    )


def withdraw_doubted_proposals(questions: Sequence[Question], titles: Sequence[str]) -> list[Question]:
    """Propose no measure or age if words beside it are asked about: “Asylverfahren” in “anhängige Asylverfahren”.

    An age is also doubted if its words may be the length of a stay: “less than 1 year”.
    """
    of_words = [each for each in questions if each.part == "title" and each.chosen.reason.endswith(DOUBTS_ABOUT_WORDS)]
    doubted = "|".join(re.escape(word) for each in of_words for word in plain(each.label).split() if len(word) > 2)
    lengths = {each.chosen.reason.rpartition(" says ")[2] for each in questions if each.part == "fixed RES_RULE"}

    def is_doubted(question: Question) -> bool:
        said = QUOTED_TEXT.search(question.chosen.reason)
        is_of_event = question.part.endswith(("_ITEM", "_MODE", " AGE"))
        if not (said and is_of_event and question.is_open and question.has_proposal):
            return False
        one, other = re.escape(plain(said[1])), f"(?:{doubted})"
        beside = re.compile(rf"\b(?:{one}(?: \w+)? {other}|{other}(?: \w+)? {one})\b")
        return said[0] in lengths or bool(doubted and any(beside.search(plain(title)) for title in titles))

    return [
        replace(each, chosen=replace(each.chosen, code="", confidence=0.0), others=(each.chosen, *each.others))
        if is_doubted(each)
        else each
        for each in questions
    ]


def ask_about_lines(parts: BlockParts) -> Iterator[Question]:
    read = parts.read
    for reading in read.readings:
        yield from reading.questions
    yield from read.apart.other_measures.questions
    yield from drop_used_options(parts.left_out.questions, read.readings)
    yield from build_group_questions(read.apart.grouped, read.basis.sheet)
    yield from ask_about_statuses(read.basis.region, read.fits, read.basis.known)


def ask_about_values(parts: BlockParts) -> Iterator[Question]:
    yield from parts.fixed.questions
    of_years = {(each.part, each.label): each for each in ask_about_noted_figures(parts)}
    noted = build_note_questions(parts.read.basis.decisions, parts.read.basis.sheet)
    yield from ({(each.part, each.label): each for each in noted} | of_years).values()
    yield from parts.cells.questions
    asked_labels = {question.label for question in parts.cells.questions}
    yield from (question for question in parts.statuses.questions if question.label not in asked_labels)


def ask_about_noted_figures(parts: BlockParts) -> Iterator[Question]:
    read, basis = parts.read, parts.read.basis
    time = basis.known.flow.structure.time
    statements = [said for said in read.of_years if said.attribute not in parts.find_neighbouring_components]
    if time:
        yield from ask_about_statements(statements, time.id, basis.sheet)
    yield from ask_about_limited_notes(parts.comments, read.fits, read.periods.lines, basis.sheet)


def ask_about_texts(parts: BlockParts) -> Iterator[Question]:
    read, codes = parts.read, parts.codes
    basis = read.basis
    region, known, sheet = basis.region, basis.known, basis.sheet
    taken = Usage(
        read={
            **index_read_codes(read.fits),
            **dict(find_groups_without_total(read)),
            **read.apart.other_measures.directions,
        },
        fixed=codes,
        left_out=bool(read.apart.other_measures.labels),
        settled=frozenset(name for name, _ in codes if decided(basis.decisions, sheet, f"fixed {name}")),
        end=read.periods.end,
    )
    labels, signs = collect_label_words(read.apart.telling, known), collect_signs(parts.cells)
    labels |= find_length_words(read.around.texts, known)
    items = [each for each in parts.fixed.questions if each.part.endswith("_ITEM")]
    labels |= {word for each in items for word in plain(each.chosen.phrase).split()}
    of_labels = ask_about_notes(read.fits, read.periods.lines, region.notes, codes, known=known, sheet=sheet)
    yield from of_labels
    asked_notes = tuple(question.label for question in of_labels)
    for question in ask_about_titles(
        [text for text in select_doubtful_texts(parts) if not is_asked_note(text, asked_notes)],
        taken,
        known,
        sheet=sheet,
        labels=labels,
        signs=signs,
        beside_moves=basis.beside_moves,
    ):
        yield question
        if decided(basis.decisions, sheet, question.part, question.label) == OTHER_AREA:
            yield ask_about_area(sheet, question.chosen.reason.partition(": ")[0], taken, known.flow)
    yield from ask_about_moves(read.fits, read.around.titles, taken, known, sheet=sheet)
    yield from ask_about_former_names(read.fits, codes, known, sheet)
    yield from ask_about_hidden_sheet(basis)


def is_asked_note(text: SurroundingText, asked_notes: Iterable[str]) -> bool:
    """Check whether a text is a note that a question about its label quotes in full."""
    return text.where == NOTE and any(label.endswith(" ".join(text.text.split())) for label in asked_notes)


def find_groups_without_total(read: ReadRegion) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield groups in a list of countries that has no total and no row for the country's own people."""
    for fit, reading in zip(read.fits, read.readings, strict=True):
        if reading.group is None or reading.group.otherwise != TOTAL:
            continue
        groups, codes = dict(reading.group.codes), dict(reading.component.codes)
        others = {codes.get(text, text) for text in fit.line.texts if text not in groups}
        if others.isdisjoint({TOTAL, read.basis.area}):
            yield reading.group.component, frozenset(groups.values())


def ask_about_hidden_sheet(basis: Basis) -> Iterator[Question]:
    if basis.region.table.hidden:
        reason = "this sheet is hidden: should its figures be used?"
        choices = offer_keeping_or_leaving("yes: use them")
        yield ask(basis.sheet, "title", reason, label=HIDDEN_SHEET, others=choices)


def select_doubtful_texts(parts: BlockParts) -> list[SurroundingText]:
    read = parts.read
    beside_some = {text for words in read.around.beside_years for text in words if len(set(words)) > 1 and text}
    asked_labels = " ".join(question.label for question in parts.statuses.questions)
    beside = [SurroundingText(text=text, where=BESIDE) for text in sorted(beside_some) if text not in asked_labels]
    recogniser, noted = read.basis.known.recogniser, read.periods.noted.values()
    of_months = {
        note for note in noted if {each.concept for each in read_title(note, recogniser).mentions} <= MONTH_CONCEPTS
    }
    attributes = find_named_attributes(read.basis.region, read.basis.known)
    stated = {each.chosen.phrase for each in attributes if each.chosen.code}
    of_labels = " ".join(comment for noted in parts.comments for _, comment in noted.attributes)
    of_lines = {text for fit in read.fits if fit.line.is_of_only_row for text in fit.line.texts}
    around = (
        replace(text, text=remove_statements(text.text, read.of_years))
        for text in read.around.texts
        if text.text not in of_months | of_lines  # asked about with its year, or read
        and text.text.rpartition(":")[2].strip() not in stated
        and not (text.where == NOTE and remove_mark(text.text) in of_labels)
        and not (text.where == NOTE and quotes_figures(text.text, read.basis.region))
    )
    return join_texts_and_labels((*around, *beside), read.periods.lines, is_sheet_named=bool(parts.by_sheet))


def quotes_figures(note: str, region: Region) -> bool:
    """Check whether all numbers of a note, except years, are figures of the table, as in examples of how to read it."""
    figures = {strip_last_zeros(text) for _, _, text in region.figures}
    numbers = [number for number in QUOTED_NUMBER.findall(note) if not YEAR.fullmatch(number)]
    return len(numbers) >= MIN_QUOTED and all(strip_last_zeros(number) in figures for number in numbers)


def strip_last_zeros(number: str) -> str:
    """Return the digits of a number without its last zeros: “722 000” is 722 in thousands."""
    return re.sub(r"\D", "", number).rstrip("0")


def drop_repeated_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Keep the last question about a value, and only one question about words for people counted."""
    last = {question.part: at for at, question in enumerate(questions)}
    of_people = [question.chosen.reason for question in questions if question.is_open and question.part in PEOPLE_PARTS]
    asked = {plain(phrase) for reason in of_people for phrase in QUOTED_TEXT.findall(reason)}
    heads = {plain(head) for each in questions if each.part.startswith(BLOCKS) for head in each.label.split(AND)}
    return tuple(
        question
        for at, question in enumerate(questions)
        if (not question.part.startswith("fixed ") or last[question.part] == at)
        and not (question.part == "title" and plain(question.label) in heads)
        and not (ASKED["MEASURE"] in question.chosen.reason and quotes_only(question, asked))
    )


def quotes_only(question: Question, phrases: Collection[str]) -> bool:
    words = {plain(phrase) for phrase in QUOTED_TEXT.findall(question.chosen.reason)}
    return bool(words) and words <= {*phrases}


def drop_used_options(questions: Sequence[Question], readings: Sequence[ComponentReading]) -> Iterator[Question]:
    components = {reading.group.component for reading in readings if reading.group}
    for question in questions:
        yield replace(question, others=tuple(offer for offer in question.others if offer.code not in components))


def collect_label_words(lines: Sequence[Line], known: FlowKnowledge) -> frozenset[str]:
    several = [
        text for line in lines if len(line.texts) > 1 and not find_year_words(line, known) for text in line.texts
    ]
    named_by = (*several, *(text for _, text in known.flow.dataflow.name))
    shared = {word for line in lines for word in plain(find_shared_words(line.texts, known.recogniser)).split()}
    return frozenset(word for text in named_by for word in plain(text).split()) - shared


def collect_signs(cells: CellValues) -> frozenset[str]:
    explained = (*cells.values.marks, *cells.values.missing, *cells.values.numbers)
    doubted_signs = (quoted[1] for question in cells.questions if (quoted := QUOTED.search(question.label)))
    return frozenset((*(sign for sign, _ in explained), *doubted_signs))


TITLE_START = re.compile(r"^[^\d:]*[:]?")
MIN_END_LETTERS = 4


def locate_block(region: Region) -> Block:
    used = {*region.labels, *region.values}
    far = min(used) if region.labels_right else max(used)
    beside = max(region.values) if region.labels_right else min(region.values)
    corner = " ".join(region.table.text(region.top, region.side).split())
    same = sum(" ".join(text.split()) == corner for cells in region.table.rows.values() for text in cells.values())
    rows = [row for row in region.table.rows if region.first <= row <= region.last]
    has_gaps = len(rows) < region.last - region.first + 1
    gaps = has_gaps or len(used) < abs(far - region.side) + 1
    by_text = bool(corner) and same == 1 and not region.is_part and region.top < region.first
    last, until = find_block_end(region, far, has_gaps=gaps) if gaps or region.below or region.is_part else ("", "")
    return Block(
        sheet=region.table.sheet or "*",
        anchors=(corner,) if by_text else (),
        cell="" if by_text else format_cell(region.table.row_number(region.top), region.side),
        header_rows=region.first - region.top,
        header_columns=abs(beside - region.side),
        components=(),
        gaps=gaps,
        last=last,
        until=(until,) if until else (),
        labels_right=region.labels_right,
    )


def find_block_end(region: Region, far: int, *, has_gaps: bool) -> tuple[str, str]:
    """Return the last column and the text that ends the rows, or the last cell if no text can."""
    table, (first, last) = region.sheet or region.table, sorted((region.side, far))
    span = range(first, last + 1)
    rows = sorted(row for row, cells in table.rows.items() if row > region.last and any(at in span for at in cells))
    if not rows or (rows[0] > region.last + 1 and not has_gaps):
        return name_column(far), ""
    label = " ".join(table.text(rows[0], region.side).split())
    inside = {text for _, text in region.fold_column(region.side)}
    until = next(
        (pattern for pattern in list_end_patterns(label) if not any(is_match(text, pattern) for text in inside)), ""
    )
    return (name_column(far), until) if until else (format_cell(table.row_number(region.last), far), "")


def list_end_patterns(label: str) -> Iterator[str]:
    """Yield patterns that recognise an end label: its first words, else the whole label.

    >>> list(list_end_patterns("Source: Register, 2020"))
    ['Source:*', 'Source: Register, 2020']
    """
    if not label:
        return
    words = TITLE_START.match(label)
    first = words[0].rstrip(" ,.(–-") if words else ""
    if MIN_END_LETTERS <= len(first) < len(label):
        yield f"{first.translate(SIGNS)}*"
    yield label.translate(SIGNS)


RESIDENCE, DESTINATION, DIRECTION = "C_RESIDENCE", "C_DESTINATION", "DIRECTION"
PEOPLE_BY_DIRECTION = {"I": "immigrants", "E": "emigrants"}
EMIGRATION = "E"


def ask_about_moves(
    fits: Sequence[Fit], texts: Iterable[str], taken: Usage, known: FlowKnowledge, sheet: str
) -> tuple[Question, ...]:
    """Ask if emigrants have a previous country, immigrants a next one, or returnees go to a country of asylum."""
    heads = {fit.component: fit.line for fit in reversed(fits)}
    line, onwards = heads.get(RESIDENCE), heads.get(DESTINATION)
    head = onwards.head if onwards else ""
    if any(role.code == ASYLUM for role in read_title(head, known.recogniser).of("ROLE")):
        reason = f"the table says “{head}”: is this where these people went, not where they came from?"
        return (ask(sheet, "title", reason, label=head, others=offer_keeping_or_leaving("yes")),)
    counted = {find_only_codes(known.flow).get(DIRECTION) or taken.code(DIRECTION)}
    if DIRECTION in taken.read:
        counted = {*PEOPLE_BY_DIRECTION}
    phrase_by_way = dict(pair for text in (*texts, line.head) for pair in find_moves(text, known)) if line else {}
    if not phrase_by_way or counted <= phrase_by_way.keys() or not counted <= PEOPLE_BY_DIRECTION.keys():
        return ()
    listed = " and ".join(f"“{phrase}”" for phrase in phrase_by_way.values())
    who = " and ".join(PEOPLE_BY_DIRECTION[way] for way in sorted(counted - phrase_by_way.keys()))
    since = find_residence_time(counted - phrase_by_way.keys())
    reason = f"the table says {listed}: is this where these {who} lived {since}?"
    return (
        ask(sheet, "title", reason, label="; ".join(phrase_by_way.values()), others=offer_keeping_or_leaving("yes")),
    )


def find_residence_time(ways: Iterable[str]) -> str:
    return " and ".join("afterwards" if way == EMIGRATION else "before" for way in sorted(ways))


def find_moves(text: str, known: FlowKnowledge) -> Iterator[tuple[str, str]]:
    for mention in read_title(text, known.recogniser).of("MOVE", "ROLE"):
        if mention.concept == "MOVE" or mention.code in ABROAD:
            yield (mention.code if mention.concept == "MOVE" else EMIGRATION), mention.phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class OmittedLabels:
    rows: tuple[Skip, ...]
    columns: tuple[Skip, ...]
    questions: tuple[Question, ...]

    @property
    def labels(self) -> frozenset[tuple[Source, str]]:
        rows = ((skip.source("column"), skip.match) for skip in self.rows)
        columns = ((skip.source("header"), skip.match) for skip in self.columns if not skip.column)
        return frozenset((*rows, *columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockParts:
    read: ReadRegion
    comments: tuple[UserNote, ...]
    left_out: OmittedLabels
    cells: CellValues
    by_sheet: tuple[ComponentMap, ...]
    statuses: PeriodStatuses
    fixed: FixedValues

    @property
    def find_neighbouring_components(self) -> frozenset[str]:
        return frozenset(component_map.component for component_map in (*self.by_sheet, *self.statuses.components))

    @property
    def codes(self) -> Attributes:
        return tuple(pair for pair in self.fixed.codes if pair[0] not in self.find_neighbouring_components)


def propose_block_parts(read: ReadRegion) -> BlockParts:
    cells = propose_cell_values(read)
    return BlockParts(
        read=read,
        comments=find_label_comments(read.fits, read.basis.region.notes, read.basis.known),
        left_out=list_omitted_labels(read),
        cells=cells,
        by_sheet=propose_sheet_component(read.basis),
        statuses=find_period_statuses(read, cells.marks),
        fixed=collect_fixed_values(read),
    )


def list_omitted_labels(read: ReadRegion) -> OmittedLabels:
    basis, lines = read.basis, read.periods.lines
    pairs = zip(read.fits, read.readings, strict=True)
    unread = [(fit.line.source, *label) for fit, reading in pairs for label in reading.left_out]
    headings = basis.region.headings  # their rows, and those of a total of them
    unread = [
        (FIRST_COLUMN if source == SECTION and text in headings else source, text, why) for source, text, why in unread
    ]
    texts = (text for _, text in basis.region.fold_column(basis.region.side) if headings)
    unread += [(FIRST_COLUMN, text, BOTH_DIRECTIONS) for text in takewhile(lambda text: text not in headings, texts)]
    unused_labels, questions = find_unused_lines(basis, read.fits, lines, read.apart.of_others)
    asked_together = {
        text
        for reading in read.readings
        for question in reading.questions
        if question.part.startswith(RESTS)
        for text in question.label.split(AND)
    }
    unused_labels = tuple(label for label in unused_labels if label[1] not in asked_together)
    questions = tuple(question for question in questions if not asked_together.issuperset(question.label.split(", ")))
    empty = list_empty_heads(read.readings, read.fits, basis)
    rows, columns = build_skips(
        (*unread, *empty, *unused_labels, *read.periods.left_out),
        read.apart.other_measures.labels,
        {line.source for line in lines if line.carried and line.source.kind == "header"},
    )
    return OmittedLabels(rows=rows, columns=columns, questions=questions)


def build_skips(
    labels: Sequence[LeftOut], gone: Mapping[LineSource, frozenset[str]], carried: Collection[LineSource]
) -> tuple[tuple[Skip, ...], tuple[Skip, ...]]:
    rows: list[Skip] = []
    columns: list[Skip] = []
    for source, text, reason in labels:
        if source.is_skippable and text not in gone.get(source, ()):
            skip = build_skip(source, text, reason, carried=bool(text) and source in carried)
            (columns if source.kind == "header" else rows).append(skip)
    return tuple(rows), tuple(columns)


def propose_sheet_component(basis: Basis) -> tuple[ComponentMap, ...]:
    known, sheet = basis.known, basis.region.table.sheet
    name = decided(basis.decisions, basis.sheet, "sheet")
    if name not in known.flow.structure.key:
        return ()
    meaning = choose_best(find_meanings((sheet,), name, known.flow, known.recogniser)[sheet])
    codes = ((sheet, meaning.code),) if meaning and meaning.is_applied and meaning.code != sheet else ()
    return (ComponentMap(name, Source("sheet"), codes=codes),)


def find_period_statuses(read: ReadRegion, marks: Sequence[str]) -> PeriodStatuses:
    basis, flow = read.basis, read.basis.known.flow
    components_by_source = [(part, fit.component) for fit in read.fits for part in fit.line.source.parts]
    of_time = {source for source, component in components_by_source if is_time(component, flow)}
    around = PeriodSurroundings(
        flow=flow,
        vocabulary=basis.known.vocabulary,
        notes=(*collect_legends(basis).entries, *basis.region.notes),
        marks=marks,
        components_by_source=components_by_source,
    )
    lines = [line for line in list_lines(basis.region) if line.source in of_time and not line.source.part]
    return propose_period_statuses(lines, basis.sheet, around, basis.decisions)
