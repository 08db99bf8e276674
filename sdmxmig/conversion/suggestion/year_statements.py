"""Titles and notes about single years (“2024: provisional”), and user notes on figures, rows or columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.mapping.block_keys import suggest_code
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title, split_words
from sdmxmig.conversion.recognition.statuses import BREAK, names_break
from sdmxmig.conversion.recognition.times import YEAR_WORD
from sdmxmig.conversion.suggestion.legends import (
    find_leading_mark,
    find_named_labels,
    find_trailing_marks,
    find_year_mark,
    remove_mark,
)
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, is_time
from sdmxmig.conversion.suggestion.notes import MAX_STATUS_WORDS, SENTENCE
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.conversion.suggestion.period_statuses import find_meaning_of_mark
from sdmxmig.conversion.suggestion.periods import YEAR, is_period, read_line_periods, split_years_from_marks
from sdmxmig.conversion.suggestion.questions import (
    EVERYWHERE,
    LEAVE_OUT,
    Decisions,
    Question,
    ask,
    build_decided_question,
)
from sdmxmig.conversion.suggestion.surrounding_texts import NOTE as NOTE_SOURCE
from sdmxmig.conversion.suggestion.surrounding_texts import TITLE, SurroundingText
from sdmxmig.conversion.suggestion.title_values import NORMAL, REVISED, SPAN, STATUS, TWO_YEARS
from sdmxmig.conversion.suggestion.title_values import YEAR as FIXED_YEAR
from sdmxmig.conversion.suggestion.titled_years import (
    BETWEEN,
    COUNTED,
    OTHER_YEARS,
    has_length,
    is_other_year,
    is_reference_day,
    names_day,
)
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Attributes, Flow, UserNote
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

COMMENT, SOURCE = "COMMENT_OBS", "SOURCE_DETAIL"
SURE, OTHERWISE = 0.8, 0.2
MAX_PERIODS = 12
BRACKETED_TEXT = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")
COMMA_PATTERN = re.compile(r"[,，、](?![^(\[（]*[)\]）])")
"""A comma outside brackets."""
YEARS_PATTERN = re.compile(f"{SPAN.pattern}|{FIXED_YEAR.pattern}")
ABOUT_YEARS = re.compile(r"^\W*(?:(?:1[89]|20)\d\d[\s,/&–—-]*(?:and|et|y|и|و|和)?\s*)+[:：]\s*(?P<said>\S.*)$")
"""A note that begins with years and a colon."""
LINKING_CONCEPTS = (YEAR_WORD, "MONTH", "JOINING", "BY", "ROLE", "WORDING", "AS_AT", "SEX")
DAY_NATURE = "NATURE"
"""Words of counts on a day, such as “census”, “end of” and “stock”."""
MAX_TIE_LETTERS = 2
"""Maximum length of a preposition or a part of a date."""
OF_OTHER_YEARS, OF_PUBLICATION = "OTHER_YEAR", ("PUBLISHED", "ADDED")
NOTE = "note"


@dataclass(frozen=True, slots=True)
class YearStatement:
    periods: tuple[str, ...]
    attribute: str
    value: str
    _: KW_ONLY
    piece: str
    where: str
    mark: str = ""


def find_year_statements(
    texts: Sequence[SurroundingText], fits: Sequence[Fit], known: FlowKnowledge, partial: Collection[str]
) -> tuple[YearStatement, ...]:
    """Find the statements of titles and notes; the `partial` notes name parts of years, which periods already have."""
    periods_by_year = group_periods(fits, known)
    read = {fit.component for fit in fits}
    of_figures = {attribute.id for attribute in known.flow.structure.attributes("observation")} - read
    if len(periods_by_year) < 2:
        return ()
    statements: dict[tuple[str, ...], YearStatement] = {}
    for text in texts:
        if text.where in (TITLE, NOTE_SOURCE):
            is_marked = text.where == NOTE_SOURCE and text.text not in partial
            noted = tuple(find_marked_statements(text, fits, known)) if is_marked else ()
            found = find_statements(text, periods_by_year, known)
            others = [said for said in found if not noted or is_apart_from_mark(said, noted[0], text, known)]
            for statement in (*noted, *others):
                if statement.attribute in of_figures and len(statement.periods) <= MAX_PERIODS:
                    status = statement.value if statement.attribute == STATUS else ""
                    statements.setdefault((statement.attribute, status, *statement.periods), statement)
    return tuple(statements.values())


def is_apart_from_mark(said: YearStatement, marked: YearStatement, note: SurroundingText, known: FlowKnowledge) -> bool:
    """Check whether a note with a mark states a status that the mark does not give to its periods."""
    is_given = bool(find_meaning_of_mark(marked.mark, [note.text], known.vocabulary).code)
    return said.attribute == STATUS and not (is_given and said.periods == marked.periods)


def find_marked_statements(text: SurroundingText, fits: Sequence[Fit], known: FlowKnowledge) -> Iterator[YearStatement]:
    """Find statements of a note on the periods with its mark: “2022 (1)”, “20221” and “1 Without Åland”.

    The status of a mark apart from the year, as in “2022p”, comes with the mark.
    """
    mark = find_leading_mark(text.text)
    for fit in fits if mark else ():
        joined = split_years_from_marks(fit.line.texts) if is_time(fit.component, known.flow) else {}
        periods = {
            label: period
            for label, period in find_codes_of_periods(fit, known).items()
            if mark in {*find_trailing_marks(label), find_year_mark(label)}
        }
        if not periods or len(periods) == len(fit.line.texts):
            continue
        note = remove_mark(text.text)
        readings = {sentence: read_title(sentence, known.recogniser) for sentence in SENTENCE.split(note)}
        of_status = {
            sentence: find_status(reading, known) for sentence, reading in readings.items() if reading.of(STATUS)
        }
        said = [(STATUS, code) for code in of_status.values() if code and not joined.keys().isdisjoint(periods)]
        rest = ". ".join(sentence for sentence in readings if sentence not in of_status).strip(" .;:")
        reading = read_title(rest, known.recogniser)
        if rest and not reading.of("DATE", "MONTH"):  # a part of the year does not describe the whole
            said.append((SOURCE, extract_source(rest)) if reading.is_source else (COMMENT, rest))
        for attribute, value in said:
            yield YearStatement(tuple(periods.values()), attribute, value, piece=text.text, where=text.where, mark=mark)


def find_codes_of_periods(fit: Fit, known: FlowKnowledge) -> dict[str, str]:
    if not is_time(fit.component, known.flow):
        return {}
    moments = read_line_periods(fit.line.texts, known.vocabulary).moments
    return dict(fit.line.periods) or {text: moment.period for text, moment in moments.items()}


def group_periods(fits: Sequence[Fit], known: FlowKnowledge) -> Mapping[str, tuple[str, ...]]:
    periods: dict[str, list[str]] = {}
    for fit in fits:
        codes = find_codes_of_periods(fit, known)
        labels = {code: text for text, code in reversed(codes.items())}
        for code in dict.fromkeys(codes.values()):
            years = YEAR.findall(labels[code])
            periods.setdefault(years[0] if len(years) == 1 else code[:4], []).append(code)
    return {year: tuple(codes) for year, codes in periods.items()}


def find_statements(
    text: SurroundingText, periods_by_year: Mapping[str, tuple[str, ...]], known: FlowKnowledge
) -> Iterator[YearStatement]:
    whole = " ".join(text.text.split())
    is_source = read_title(whole, known.recogniser).is_source
    years_by_piece = {
        piece: find_years(convert_years(piece, known.vocabulary), periods_by_year) for piece in split_pieces(whole)
    }
    pieces = [
        (piece, {year: periods_by_year[year] for year in years}) for piece, years in years_by_piece.items() if years
    ]
    if is_source:
        years = [year for _, periods in pieces for year in periods]
        if len(pieces) > 1 and len(set(years)) == len(years) and text.where == NOTE_SOURCE:
            for piece, periods in pieces:
                yield build_statement(piece, SOURCE, extract_source(piece), periods, text.where)
        return
    for piece, periods in pieces:
        reading = read_title(piece, known.recogniser)
        status = find_status(reading, known)
        is_of_other_year = status != BREAK and known.vocabulary.inside(OF_OTHER_YEARS, piece)  # “since 2019”
        if is_of_other_year or reading.of(*OF_PUBLICATION):
            continue
        about = ABOUT_YEARS.match(piece)
        is_dated = is_stock(known.flow) and bool(reading.of("DATE", "MONTH"))
        if status:
            yield build_statement(piece, STATUS, status, periods, text.where)
        elif text.where == NOTE_SOURCE and not reading.of(STATUS) and (about or is_dated):
            yield build_statement(piece, COMMENT, about["said"] if about else piece, periods, text.where)


def build_statement(
    piece: str, attribute: str, value: str, periods_by_year: Mapping[str, tuple[str, ...]], where: str
) -> YearStatement:
    years = tuple(periods_by_year)
    if value == BREAK and len(years) == 2 and int(years[1]) - int(years[0]) == 1:  # between two years
        years = years[1:]
    periods = tuple(code for year in years for code in periods_by_year[year])
    return YearStatement(periods, attribute, value.strip(" .;:"), piece=piece, where=where)


def split_pieces(text: str) -> Iterator[str]:
    """Split a text into parts that may concern different years: sentences, brackets, commas.

    >>> list(split_pieces("Population on 1 January (2024 provisional)"))
    ['2024 provisional', 'Population on 1 January']
    >>> list(split_pieces("2023 final, 2024 provisional; 2022 and 2021, revised"))
    ['2023 final', '2024 provisional', '2022 and 2021, revised']
    """
    for sentence in (part.strip() for whole in SENTENCE.split(text) for part in whole.split(";")):
        inside = [match[1].strip() for match in BRACKETED_TEXT.finditer(sentence) if is_about_year(match[1])]
        yield from inside
        rest = sentence
        for piece in inside:
            rest = re.sub(rf"\s*[(\[（]\s*{re.escape(piece)}\s*[)\]）]", "", rest)
        parts = [part.strip() for part in COMMA_PATTERN.split(rest)]
        yield from parts if all(map(is_about_year, parts)) else [rest] if rest else []


def is_about_year(piece: str) -> bool:
    return bool(YEAR.search(piece)) and any(map(str.isalpha, piece))


def find_years(piece: str, periods_by_year: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not is_about_year(piece):
        return ()
    spans = [(int(span[1]), int(span[2])) for span in SPAN.finditer(piece)]
    named = {match[0] for match in YEAR.finditer(piece)}
    named |= {str(year) for first, last in spans for year in range(first, last + 1)}
    years = tuple(year for year in periods_by_year if year in named)
    return years if len(years) < len(periods_by_year) else ()


def find_other_years(title: str, years: Collection[int], known: FlowKnowledge) -> Iterator[str]:
    """Find years that a title links to the figures although the heads do not have them.

    A span that encloses the years of the heads does not count, nor do “Act 2004”, “since 2010” and “2020/21”. “Census
    2010” is of that year only: above 2005, 2010 and 2015 it is one of them.
    """
    recogniser, on_one_day = known.recogniser, is_stock(known.flow)
    text = " ".join(convert_years(title, recogniser.vocabulary).split())
    reading = read_title(text, recogniser)
    if reading.of(*OTHER_YEARS) or has_length(reading) or TWO_YEARS.search(text):
        return
    if names_day(text, recogniser) and not (on_one_day and is_reference_day(text, recogniser)):
        return
    found = list(YEARS_PATTERN.finditer(text))
    for match in found:
        before, behind = BETWEEN.split(text[: match.start()])[-1], BETWEEN.split(text[match.end() :])[0]
        for event in read_title(before, recogniser).of("DIRECTION") if not on_one_day else ():
            before = before.replace(event.phrase, " ")  # people who arrived in 2020
        clause = f"{before} {behind}"
        is_of_print = not on_one_day and bool(recogniser.vocabulary.inside("AS_AT", clause))  # “as of January 2024”
        if is_of_print or is_other_year(clause, recogniser) or any(word in clause for word in reading.unexplained):
            continue
        first, last = (int(year) for year in (match[1] or match[3], match[2] or match[3]))
        is_enclosing = first < last and first <= min(years) and max(years) <= last
        is_of_a_day = on_one_day and bool(recogniser.vocabulary.inside(DAY_NATURE, clause))
        is_one_of_many = is_of_a_day and len(found) == 1 and first == last and len({*years}) > 1
        is_among = is_enclosing or ({first, last} <= {*years} and not is_one_of_many)
        beside = (*split_words(before)[-1:], *split_words(behind)[:1])
        if not is_among and (is_of_a_day or all(is_tie(word.plain, recogniser) for word in beside)):
            yield match[0]


def is_tie(word: str, recogniser: Recogniser) -> bool:
    """Check whether a word beside a year ties it to the figures: “in”, “year”, “sex”, “immigrants”."""
    codes = recogniser.vocabulary.codes
    if codes("ARTICLE", word) or codes(OF_OTHER_YEARS, word):
        return False
    return len(word) <= MAX_TIE_LETTERS or any(codes(concept, word) for concept in (*COUNTED, *LINKING_CONCEPTS))


def find_status(reading: ReadTitle, known: FlowKnowledge) -> str:
    mentions = [
        mention
        for mention in reading.of(STATUS)
        if len(mention.phrase) > MAX_STATUS_WORDS or not mention.phrase.isascii()
    ]
    codes = {mention.code for mention in mentions}
    codes |= {BREAK} if names_break(reading.title, known.vocabulary) and not codes else set()
    is_one = len(codes) == 1 and not any(mention.negated for mention in mentions)
    code = codes.pop() if is_one else ""
    return code if code not in (NORMAL, REVISED) and code in (known.flow.codelist(STATUS) or ()) else ""


def extract_source(piece: str) -> str:
    """Return the name in a source line, without years in brackets.

    >>> extract_source("Source: census (2024)")
    'census'
    """
    without_years = BRACKETED_TEXT.sub(lambda match: match[0] if any(map(str.isalpha, match[1])) else "", piece)
    return without_years.rpartition(":")[2].strip()


def ask_about_statements(statements: Sequence[YearStatement], time: str, sheet: str) -> Iterator[Question]:
    asked = [(said, period) for said in statements for period in said.periods]
    for part, label in dict.fromkeys(locate_statement(said, time, period) for said, period in asked):
        about = [said for said, period in asked if locate_statement(said, time, period) == (part, label)]
        stated = {said.value: build_candidate(said) for said in about}
        chosen = next(iter(stated.values()))
        others = (Candidate(NORMAL, OTHERWISE, reason="as usual"),) if about[0].attribute == STATUS else ()
        if len(stated) > 1:
            others = (*stated.values(), *others)
            chosen = Candidate("", 0.0, reason="; ".join(each.reason for each in stated.values()))
        yield Question(sheet, part, label=label, chosen=chosen, others=others)


def locate_statement(said: YearStatement, time: str, period: str) -> tuple[str, str]:
    return f"{NOTE} {said.attribute}", format_label(((time, period),))


def build_candidate(said: YearStatement) -> Candidate:
    who_says = "a note says" if said.where == NOTE_SOURCE else "the title says"
    return Candidate(said.value, SURE, reason=f"{who_says} “{said.piece}”", phrase=said.piece)


def remove_statements(text: str, statements: Sequence[YearStatement]) -> str:
    written = " ".join(text.split())
    for said in statements:
        written = written.replace(said.piece, " ")
    return written


CODE_SEPARATOR = re.compile(r"[\s,;]+(?=\w+=)")
CODES_HINT = "Write the codes of these figures, such as TIME_PERIOD=2024 SEX=F."


def format_label(where: Attributes) -> str:
    """Write the codes of some figures as text.

    >>> format_label((("TIME_PERIOD", "2024"), ("SEX", "F")))
    'TIME_PERIOD=2024 SEX=F'
    """
    return " ".join(f"{name}={code}" for name, code in where)


def parse_label_codes(label: str) -> Attributes:
    """Parse codes written by `format_label`.

    >>> parse_label_codes("TIME_PERIOD=2024, SEX=F"), parse_label_codes("2024")
    ((('TIME_PERIOD', '2024'), ('SEX', 'F')), (('2024', ''),))
    """
    pairs = (piece.partition("=") for piece in CODE_SEPARATOR.split(label.strip()) if piece)
    return tuple((name.strip(), code.strip()) for name, _, code in pairs)


def list_decided_notes(decisions: Decisions, sheet: str) -> tuple[UserNote, ...]:
    texts: dict[Attributes, dict[str, str]] = {}
    for where, name, text in iterate_notes(decisions, sheet):
        if text != LEAVE_OUT:
            texts.setdefault(where, {})[name] = text
    ordered = sorted(texts, key=lambda where: (len(where), where))
    return tuple(UserNote(where, tuple(sorted(texts[where].items()))) for where in ordered)


def iterate_notes(decisions: Decisions, sheet: str) -> Iterator[tuple[Attributes, str, str]]:
    for (where, part, label), decision in sorted(decisions.items()):
        kind, _, name = part.partition(" ")
        if kind == NOTE and where in (sheet, EVERYWHERE):
            yield parse_label_codes(label), name, decision.strip()


def ask_about_limited_notes(
    comments: Iterable[UserNote], fits: Sequence[Fit], lines: Sequence[Line], sheet: str
) -> Iterator[Question]:
    """Ask about the status of a label whose note names labels of another line: “¹ Decisions are provisional”."""
    for noted in comments:
        stated = dict(noted.attributes)
        own = {fit.line.source for fit in fits if fit.component == noted.where[0][0]}
        others = [line.texts for line in lines if line.source not in own]
        if STATUS in stated and any(find_named_labels(stated[COMMENT], texts) for texts in others):
            reason = f"a note says “{stated[COMMENT]}”: does it apply to all of these figures?"
            offers = (Candidate(stated[STATUS], 0.5, reason="yes"), Candidate(NORMAL, OTHERWISE, reason="as usual"))
            yield ask(sheet, f"{NOTE} {STATUS}", reason, label=format_label(noted.where), others=offers)


def build_note_questions(decisions: Decisions, sheet: str) -> Iterator[Question]:
    for where, name, text in iterate_notes(decisions, sheet):
        yield build_decided_question(sheet, f"{NOTE} {name}", format_label(where), text)


def check_note(name: str, label: str, flow: Flow, place: Place) -> None:
    attributes = [attribute.id for attribute in flow.structure.attributes("observation")]
    if name not in attributes:
        message = f"“{name}” cannot be stated for single figures of {flow.id}."
        raise InputError(message, place, did_you_mean(name, attributes))
    where = parse_label_codes(label)
    time = flow.structure.time
    for dimension, code in where:
        if dimension not in flow.structure.key or not code:
            hint = did_you_mean(dimension, flow.structure.key) if code else CODES_HINT
            raise InputError(f"“{label}” does not identify its figures.", place, hint or CODES_HINT)
        codelist = flow.codelist(dimension)
        if codelist is not None and code not in codelist:
            message = f"“{code}” is not a code of {dimension} ({codelist.ref.short})."
            raise InputError(message, place, suggest_code(code, codelist, dimension))
        if time and dimension == time.id and not is_period(code):
            raise InputError(
                f"“{code}” is not a period.", place, "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
            )
    if not where:
        raise InputError("The line does not identify its figures.", place, CODES_HINT)


LEVELS = ("dataset", "series", "observation")
"""Attributes with one value for a block."""


def list_allowed_attributes(structure: DataStructure) -> tuple[Component, ...]:
    return tuple(
        attribute
        for attribute in structure.attributes()
        if attribute.attachment in LEVELS and attribute.id != STATUS and not attribute.is_array
    )
