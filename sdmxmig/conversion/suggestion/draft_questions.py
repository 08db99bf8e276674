"""Questions about a block in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.block_parts import BlockParts
from sdmxmig.conversion.suggestion.cell_values import QUOTED, CellValues
from sdmxmig.conversion.suggestion.components import ComponentReading
from sdmxmig.conversion.suggestion.figure_notes import note_questions
from sdmxmig.conversion.suggestion.first_days import in_one_question
from sdmxmig.conversion.suggestion.footnoted import doubts_of_notes
from sdmxmig.conversion.suggestion.former_countries import doubts_of_former
from sdmxmig.conversion.suggestion.groupings import grouped_questions
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line
from sdmxmig.conversion.suggestion.moves import doubts_of_moves
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Question, decided
from sdmxmig.conversion.suggestion.stated_rules import words_of_lengths
from sdmxmig.conversion.suggestion.status_lines import unread_statuses
from sdmxmig.conversion.suggestion.taken import taken_up
from sdmxmig.conversion.suggestion.texts_around import BESIDE, SurroundingText, beside_years, texts_and_labels
from sdmxmig.conversion.suggestion.title_doubts import title_doubts
from sdmxmig.conversion.suggestion.words_inside import shared_words
from sdmxmig.conversion.suggestion.year_statements import statement_questions, without_statements

HIDDEN = "a hidden sheet"


def questions_of(parts: BlockParts) -> tuple[Question, ...]:
    read, elsewhere = parts.read, parts.beside.components
    basis = read.basis
    questions = last_of_each((*about_lines(parts), *about_values(parts), *about_texts(parts)))
    still = [question for question in questions if question.part.removeprefix("fixed ") not in elsewhere]
    return in_one_question(still, read.fits, basis.sheet, basis.known, decisions=basis.decisions)


def about_lines(parts: BlockParts) -> Iterator[Question]:
    read = parts.read
    for reading in read.readings:
        yield from reading.questions
    yield from without_read(parts.left_out.questions, read.readings)
    yield from grouped_questions(read.apart.grouped, read.basis.sheet)
    yield from unread_statuses(read.basis.region, read.fits, read.basis.known)


def about_values(parts: BlockParts) -> Iterator[Question]:
    yield from parts.fixed.questions
    yield from note_questions(parts.read.basis.decisions, parts.read.basis.sheet)
    yield from about_years(parts)
    yield from parts.cells.questions
    asked_labels = {question.label for question in parts.cells.questions}
    yield from (question for question in parts.beside.statuses.questions if question.label not in asked_labels)


def about_years(parts: BlockParts) -> Iterator[Question]:
    read, basis = parts.read, parts.read.basis
    time = basis.known.flow.structure.time
    statements = [said for said in read.of_years if said.attribute not in parts.beside.components]
    if time:
        yield from statement_questions(statements, time.id, basis.sheet, basis.decisions)


def about_texts(parts: BlockParts) -> Iterator[Question]:
    read, codes = parts.read, parts.codes
    basis = read.basis
    region, known, sheet = basis.region, basis.known, basis.sheet
    settled = [name for name, _ in codes if decided(basis.decisions, sheet, f"fixed {name}")]
    taken = taken_up(read.fits, codes, settled, left_out=bool(read.apart.other_measures.labels))
    labels, signs = words_of_labels(read.apart.telling, known), signs_of(parts.cells)
    labels |= words_of_lengths(read.around.texts, known) if ("RES_RULE" in dict(codes)) else frozenset()
    yield from title_doubts(texts_asked(parts), taken, known, sheet=sheet, labels=labels, signs=signs)
    yield from doubts_of_notes(read.fits, read.periods.lines, region.notes, codes, known=known, sheet=sheet)
    yield from doubts_of_moves(read.fits, read.around.titles, codes, known, sheet=sheet)
    yield from doubts_of_former(read.fits, codes, known, sheet)
    yield from doubt_of_hidden(basis)


def doubt_of_hidden(basis: Basis) -> Iterator[Question]:
    if basis.region.table.hidden:
        reason = "nobody who opens the workbook sees this sheet: are its figures meant?"
        choices = (
            Candidate(AS_IT_IS, 0.5, reason="they are meant"),
            Candidate(LEAVE_OUT, 0.5, reason="not this sheet"),
        )
        yield Question(basis.sheet, "title", label=HIDDEN, chosen=Candidate("", 0.0, reason=reason), others=choices)


def texts_asked(parts: BlockParts) -> list[SurroundingText]:
    read = parts.read
    beside_some = {text for words in read.around.beside_years for text in words if len(set(words)) > 1 and text}
    asked_labels = " ".join(question.label for question in parts.beside.statuses.questions)
    beside = [SurroundingText(text=text, where=BESIDE) for text in sorted(beside_some) if text not in asked_labels]
    around = (replace(text, text=without_statements(text.text, read.of_years)) for text in read.around.texts)
    return texts_and_labels((*around, *beside), read.periods.lines, is_sheet_named=bool(parts.beside.by_sheet))


def last_of_each(questions: Sequence[Question]) -> tuple[Question, ...]:
    last = {question.part: at for at, question in enumerate(questions)}
    return tuple(
        question
        for at, question in enumerate(questions)
        if not question.part.startswith("fixed ") or last[question.part] == at
    )


def without_read(questions: Sequence[Question], readings: Sequence[ComponentReading]) -> Iterator[Question]:
    components = {reading.group.component for reading in readings if reading.group}
    for question in questions:
        yield replace(question, others=tuple(offer for offer in question.others if offer.code not in components))


def words_of_labels(lines: Sequence[Line], known: FlowKnowledge) -> frozenset[str]:
    several = [text for line in lines if len(line.texts) > 1 and not beside_years(line, known) for text in line.texts]
    named_by = (*several, *(text for _, text in known.flow.dataflow.name))
    shared = {word for line in lines for word in plain(shared_words(line.texts, known.recogniser)).split()}
    return frozenset(word for text in named_by for word in plain(text).split()) - shared


def signs_of(cells: CellValues) -> frozenset[str]:
    explained = (*cells.values.marks, *cells.values.missing, *cells.values.numbers)
    doubted_signs = (quoted[1] for question in cells.questions if (quoted := QUOTED.search(question.label)))
    return frozenset((*(sign for sign, _ in explained), *doubted_signs))
