"""Notation of figures: symbols for missing values, marks, negative numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.mapping.sourced_values import is_number
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.ages import recognise_age
from sdmxmig.conversion.recognition.mentions import find_mentions, split_words
from sdmxmig.conversion.recognition.statuses import ABSENT, STATUS, YEAR
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.ambiguities import has_multiples, has_whole_numbers
from sdmxmig.conversion.suggestion.figures import (
    BOUND,
    BRACKETED_FIGURE,
    BRACKETS,
    MARKED,
    SIGNS,
    detect_notation,
    find_redefined_symbols,
)
from sdmxmig.conversion.suggestion.legends import (
    LONGEST_MEANING,
    RAISED_CHARACTERS,
    ZERO,
    find_label_marks,
    find_legend_codes,
    index_sign_codes,
    list_written_signs,
    normalise_sign,
    split_legend,
)
from sdmxmig.conversion.suggestion.lines import is_time, list_lines, map_labels
from sdmxmig.conversion.suggestion.other_measures import NET
from sdmxmig.conversion.suggestion.part_years import find_marked_years
from sdmxmig.conversion.suggestion.period_statuses import STAGE, STAGES, choose_status_or_stage, find_marks, to_stage
from sdmxmig.conversion.suggestion.questions import Basis, Question, ask, decided, offer_keeping_or_leaving
from sdmxmig.conversion.suggestion.read_regions import ReadRegion
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.title_values import NORMAL, REVISED
from sdmxmig.sdmx.model.data import Attributes, Flow, Values
from sdmxmig.sdmx.model.tables import Table

COMMENT = "COMMENT_OBS"
NEGATIVE, MINUS, PLUS = "negative figures", "minus", "plus"
BRACKET_MEANINGS = (
    Candidate(PLUS, 0.5, reason="ordinary figures; the meaning of the brackets is not kept"),
    Candidate(MINUS, 0.3, reason="they are negative"),
)
MINUS_SIGNS = "-−–"
OTHER_SIGN = {",": ".", ".": ","}
"""Each thousands or decimal separator with the other one."""
MEANINGS_OF_SIGNS, MEANINGS_OF_MARKS = ("0", "O", "Q", "M"), (NORMAL, "P", "E", "F", "B", "U")
"""Likely meanings of a sign instead of a figure (zero, missing, suppressed, impossible), and of a mark beside one."""
SUPPRESSED, INSIGNIFICANT, NOTED = "Q", "N", 0.6
MEANINGS_OF_SMALL_FIGURES = (INSIGNIFICANT, SUPPRESSED, "O")
"""Likely meanings of a sign for figures below a number, which are not zero."""
SMALL_BAND, HIGHEST_SUPPRESSED = re.compile(r"Y_LT(?P<below>\d+)|Y[01]T(?P<to>\d+)"), 11
"""The codes of bands of small numbers, and the highest number up to which offices usually suppress figures."""
SIZES_OF_BANDS = range(2, 6)
"""Numbers of words in the name of such a band."""
DASH = "DASH"
"""Words by which notes name a dash."""
QUOTED, QUOTED_SHORT = re.compile("“(.*)”"), re.compile("“[^”]*”")
"""The quoted sign or mark in a question: “the mark “p””."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellValues:
    values: Values
    questions: tuple[Question, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for mark, _ in self.values.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legends:
    around: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignMeanings:
    doubts: Mapping[str, Candidate]
    legend_codes: Mapping[str, str]


def propose_cell_values(read: ReadRegion) -> CellValues:
    basis, legends = read.basis, collect_legends(read.basis)
    values, unsure = read_written_values(basis)
    of_labels = find_label_marks(read.fits, basis.region.notes, basis.known)
    values = replace(values, marks=(*values.marks, *of_labels))
    marks = find_period_marks(read, legends)
    values = add_marks(values, marks, basis.known.flow)
    comments = len(basis.region.commented)
    has_comments = COMMENT in basis.known.flow.structure
    values = replace(values, comments=COMMENT) if comments and has_comments else values
    meanings = find_sign_meanings(values, unsure, legends, basis)
    doubts = {**meanings.doubts, **{f"the mark “{mark}”": status for mark, status in marks.items()}}
    meanings = SignMeanings(doubts=doubts, legend_codes=meanings.legend_codes)
    values = apply_decisions(values, meanings, basis)
    questions = (*ask_about_cells(doubts, read), *ask_about_double_marks(read, values, frozenset(marks)))
    if comments and not has_comments:
        lost = f"{basis.known.flow.id} cannot store these comments on figures: {comments}"
        questions = (*questions, ask(basis.sheet, "unread comments", lost))
    return CellValues(values=values, questions=questions)


def collect_legends(basis: Basis) -> Legends:
    region = basis.region
    labels = (line.texts[0] for line in list_lines(region) if len(line.texts) == 1)
    around = (*region.titles, *labels, *basis.notes)
    return Legends(around=around, entries=list_written_signs(around, basis.known.vocabulary))


def read_written_values(basis: Basis) -> tuple[Values, Mapping[str, Candidate]]:
    region, table = basis.region, basis.region.table
    texts = [text for row, column, text in region.figures if (row, column) not in table.numeric]
    stored = not any(sign.isdigit() for text in texts for sign in text)
    values, unsure = detect_notation(texts, dict(table.detected), basis.known.vocabulary, stored=stored)
    if not region.labels_right and max(region.labels, default=0) > min(region.values):
        values = replace(values, columns=tuple(" ".join(region.head(column).split()) for column in region.values))
    return values, unsure


def find_period_marks(read: ReadRegion, legends: Legends) -> Mapping[str, Candidate]:
    region, known = read.basis.region, read.basis.known
    of_time = [fit.line for fit in read.fits if is_time(fit.component, known.flow)]
    line_by_source = {part: line for line in of_time for part in line.source.parts}
    vocabulary = known.vocabulary
    parts = {label for label, note in read.periods.noted.items() if not vocabulary.inside(STATUS, note)}
    lines = (
        replace(
            line,
            texts=tuple(text for text in line.texts if text not in parts),
            periods=line_by_source[line.source].periods,
        )
        for line in list_lines(region)
        if line.source in line_by_source
    )
    periods = [text for line in lines for text in find_marked_years(line, known.recogniser)]
    notes = (*read.basis.notes, *(part for text in region.titles for part in text.split(";")))
    marks = find_marks(periods, (*legends.entries, *notes), vocabulary)
    of_comments = {said.mark for said in read.of_years if said.mark}
    return {
        mark: to_stage(status, known.flow)
        for mark, status in marks.items()
        if status.code or mark.translate(RAISED_CHARACTERS).strip("()[]./ ") not in of_comments
    }


def add_marks(values: Values, marks: Mapping[str, Candidate], flow: Flow) -> Values:
    if STATUS not in flow.structure:
        return values
    return replace(values, marks=(*values.marks, *propose_marks(marks, values.marks)))


def find_sign_meanings(values: Values, unsure: Mapping[str, Candidate], legends: Legends, basis: Basis) -> SignMeanings:
    known, legend = basis.known, (part for note in basis.notes for part in split_legend(note))
    notes = (*legend, *legends.entries)
    vocabulary = known.vocabulary
    otherwise = {
        f"the sign “{sign}”": meaning for sign, meaning in find_redefined_symbols(values.missing, notes, vocabulary)
    }
    noted = index_sign_codes(notes, vocabulary)
    zeros = {f"the sign “{sign}”" for sign in dict(values.numbers) if noted.get(normalise_sign(sign)) == {ZERO}}
    unsure = {what: doubt for what, doubt in unsure.items() if what not in zeros}
    by_legends = find_legend_codes(values, unsure, legends.around, known) if STATUS in known.flow.structure else {}
    left = {what: doubt for what, doubt in unsure.items() if what not in by_legends}
    unsure = {what: cite_note(what, doubt, notes, noted, vocabulary) for what, doubt in left.items()}
    return SignMeanings(doubts={**unsure, **otherwise}, legend_codes=by_legends)


def cite_note(
    what: str, doubt: Candidate, notes: Sequence[str], noted: Mapping[str, set[str]], vocabulary: Vocabulary
) -> Candidate:
    """Use the note that quotes a sign, or begins with it, as the reason of the question about the sign.

    If the note names small figures (“Values between 0 and 5 are shown as “--””), figures with the sign are suppressed;
    below a larger number (“less than 50”), they are not significant.
    A dash is not proposed as zero if notes explain it otherwise (“Dashes: not available”), or in words not known.
    """
    sign = QUOTED.search(what)
    if not sign or not (doubt.code in ("", ZERO) or BOUND.fullmatch(sign[1])):
        return doubt
    alike = MINUS_SIGNS if sign[1] in MINUS_SIGNS else (sign[1],)
    written = "|".join(map(re.escape, alike))
    quoted = re.compile(rf"[\"“«„'‘(]\s?(?:{written})\s?[\"”»“'’)]|^(?:{written})\W")
    is_dash = sign[1] in f"{MINUS_SIGNS}—"
    quoting = [each for each in notes if quoted.search(each)]
    naming = (each for each in notes if is_dash and vocabulary.inside(DASH, each))
    note = next(chain(quoting, naming), "")
    codes = set[str]().union(*(noted.get(normalise_sign(each), ()) for each in alike))
    bound = find_bound(note.replace(sign[1], " "), vocabulary)
    if note and (doubt.code == SUPPRESSED or bound):
        codes = {SUPPRESSED if bound <= HIGHEST_SUPPRESSED else INSIGNIFICANT}
    if not codes and not YEAR.search(note):  # in a year, only some figures may be meant
        codes = {status.code for status in vocabulary.inside(STATUS, note)} & ABSENT
    is_item = not codes and note.startswith(alike) and len(split_words(note)) > LONGEST_MEANING  # of a list
    if not note or (doubt.code == ZERO and (is_item or codes == {ZERO})):
        return doubt
    code = min(codes) if len(codes) == 1 else ""
    reason = f"a note says “{' '.join(note.split())}”"
    return replace(doubt, code=code, confidence=NOTED if code else 0.0, reason=reason)


def find_bound(note: str, vocabulary: Vocabulary) -> int:
    """Return the number below which a note says that figures are (“less than 5”), or 0; ages of people are none."""
    words = split_words(note)
    if any(mention.concept == "GROUP" or mention.code == "YEARS" for mention in find_mentions(words, vocabulary)[0]):
        return 0
    written = [word.written for word in words]
    phrases = {" ".join(written[at : at + size]) for size in SIZES_OF_BANDS for at in range(len(words) - size + 1)}
    codes = {candidate.code for phrase in phrases for candidate in recognise_age(phrase, vocabulary)}
    numbers = [int(match["below"] or match["to"]) for match in map(SMALL_BAND.fullmatch, codes) if match]
    bound = max(numbers, default=0)
    is_plain = len(words) <= LONGEST_MEANING and sum(map(str.isdecimal, written)) == 1
    return bound if bound <= HIGHEST_SUPPRESSED or is_plain else 0


def apply_decisions(values: Values, meanings: SignMeanings, basis: Basis) -> Values:
    turned = decided(basis.decisions, basis.sheet, "values", NEGATIVE)
    between = decided(basis.decisions, basis.sheet, "values", SIGNS)
    values = apply_thousands_decision(replace(values, turned=turned == MINUS), between, basis.region)
    values = apply_bracket_decision(values, decided(basis.decisions, basis.sheet, "values", BRACKETS), basis.region)
    for what in dict.fromkeys((*meanings.doubts, *meanings.legend_codes)):
        code = decided(basis.decisions, basis.sheet, "values", what) or meanings.legend_codes.get(what, "")
        sign = QUOTED.search(what)
        if code and sign and what.startswith("the mark"):
            values = set_mark_code(values, sign[1], code, basis.known.flow)
        elif code and sign:
            values = set_sign_code(values, sign[1], code)
    return values


def apply_bracket_decision(values: Values, sign: str, region: Region) -> Values:
    if not sign:
        return values
    numbers = dict(values.numbers)
    for text in {" ".join(text.split()) for _, _, text in region.figures}:
        in_brackets = BRACKETED_FIGURE.fullmatch(text)
        if in_brackets:
            figure = in_brackets["figure"].replace(values.thousands or " ", "").replace(values.decimal, ".")
            numbers[text] = f"-{figure}" if sign == MINUS else figure
    return replace(values, numbers=tuple(sorted(numbers.items())))


def apply_thousands_decision(values: Values, sign: str, region: Region) -> Values:
    """Apply a decision that “.” or “,” separates thousands, which makes the other one decimal.

    If another symbol, such as a blank, separates thousands too, the figures with `sign` are listed.
    """
    if not sign:
        return values
    values = replace(values, decimal=OTHER_SIGN[sign])
    if values.thousands in ("", *OTHER_SIGN):
        return replace(values, thousands=sign)
    texts = {" ".join(text.split()) for _, _, text in region.figures if sign in text}
    grouped = {text: text.replace(sign, "") for text in texts if is_number(text, sign, values.decimal)}
    return replace(values, numbers=tuple(sorted({**dict(values.numbers), **grouped}.items())))


def set_mark_code(values: Values, mark: str, code: str, flow: Flow) -> Values:
    other_marks = tuple(pair for pair in values.marks if pair[0] != mark)
    return replace(values, marks=(*other_marks, (mark, ((choose_status_or_stage(code, flow), code),))))


def set_sign_code(values: Values, sign: str, code: str) -> Values:
    if code.lstrip("-").isdecimal():
        return replace(values, numbers=tuple({**dict(values.numbers), sign: code}.items()))
    numbers = tuple(pair for pair in values.numbers if pair[0] != sign)
    missing = {**dict(values.missing), sign: (("OBS_STATUS", code),)}
    return replace(values, numbers=numbers, missing=tuple(missing.items()))


def ask_about_cells(doubts: Mapping[str, Candidate], read: ReadRegion) -> Iterator[Question]:
    basis = read.basis
    labels = (text for line in read.periods.lines for text in (line.head, *line.texts))
    texts = [*(text.text for text in read.around.texts), *labels]
    for what, doubt in doubts.items():
        is_sign = what == SIGNS and doubt.code
        if is_sign and has_whole_numbers(texts, basis.known):
            continue
        chosen, others = (
            replace(doubt, reason=add_cell_references(doubt.reason, basis.region)),
            list_other_meanings(what, doubt),
        )
        if is_sign and (has_multiples(texts, basis.known) or is_sign_of_list(doubt.code, basis.region.table)):
            reason = f"“{doubt.code}” may separate thousands or decimals"
            chosen, others = Candidate("", 0.0, reason=reason), (replace(doubt, reason="thousands"), *others)
        yield Question(basis.sheet, "values", label=what, chosen=chosen, others=others)
    yield from ask_about_signs(list_read_figures(read), basis)


def add_cell_references(reason: str, region: Region) -> str:
    """Name the first cell of each figure that a reason quotes: “1.234,5” (B3)."""
    cells: dict[str, str] = {}
    for row, column, text in region.figures:
        cells.setdefault(f"“{' '.join(text.split())}”", region.table.place(row, column).cell)
    return QUOTED_SHORT.sub(
        lambda quoted: f"{quoted[0]} ({cells[quoted[0]]})" if quoted[0] in cells else quoted[0], reason
    )


def is_sign_of_list(sign: str, table: Table) -> bool:
    """Check whether a text file separates fields with semicolons, which suggests a decimal comma."""
    return sign == "," and dict(table.detected).get("delimiter") == ";"


def list_other_meanings(what: str, doubt: Candidate) -> tuple[Candidate, ...]:
    """Return the other likely answers to a question about cells.

    >>> [candidate.code for candidate in list_other_meanings(SIGNS, Candidate(",", 0.7, reason="thousands?"))]
    ['.']
    """
    if what == BRACKETS:
        return BRACKET_MEANINGS
    if what == SIGNS:
        return tuple(
            Candidate(sign, 0.3, reason=f"“{decimal}” is the decimal separator")
            for sign, decimal in OTHER_SIGN.items()
            if sign != doubt.code
        )
    codes: tuple[str, ...] = MEANINGS_OF_SIGNS if what.startswith("the sign") else MEANINGS_OF_MARKS
    is_small = doubt.confidence == NOTED and doubt.code in (SUPPRESSED, INSIGNIFICANT)
    codes = MEANINGS_OF_SMALL_FIGURES if is_small else codes
    return tuple(Candidate(code, 0.2, reason="an observation status") for code in codes if code != doubt.code)


def ask_about_double_marks(read: ReadRegion, values: Values, of_periods: frozenset[str]) -> Iterator[Question]:
    """Ask if a figure and its period have different marks, since only one status is possible."""
    region, known, codes = read.basis.region, read.basis.known, {mark: dict(pairs) for mark, pairs in values.marks}
    clashes: dict[str, str] = {}
    of_time = {part for fit in read.fits if is_time(fit.component, known.flow) for part in fit.line.source.parts}
    for line in (line for line in list_lines(region) if line.source in of_time):
        marked = {
            position: (text, mark)
            for position, text in map_labels(region, line).items()
            for mark in of_periods & codes.keys()
            if text.endswith(mark)
        }
        for row, column, figure in region.figures if marked else ():
            match = MARKED.fullmatch(" ".join(figure.split()))
            own = codes.get(match["mark"], {}).get(STATUS, "") if match else ""
            period, mark = marked.get(column if line.source.kind == "header" else row, ("", ""))
            other = codes.get(mark, {}).get(STATUS, own)
            if own and own != other:
                clashes[f"{figure} at {period}"] = f"the figure is marked {own} and its period {other}"
    if clashes:
        label, difference = next(iter(clashes.items()))
        more = f" (and {len(clashes) - 1} more like it)" if len(clashes) > 1 else ""
        reason = f"{difference}{more}: only the status of the figure is kept"
        choices = offer_keeping_or_leaving("keep the status of the figure")
        yield ask(read.basis.sheet, "title", reason, label=label, others=choices)


def list_read_figures(read: ReadRegion) -> Iterator[str]:
    """Yield the figures of a region, without rows and columns of other measures and directions."""
    region, gone = read.basis.region, read.apart.other_measures.labels
    out = {
        (line.source.kind == "header", position)
        for line in list_lines(region)
        for position, text in (map_labels(region, line).items() if line.source in gone else ())
        if text in gone[line.source]
    }
    for row, column, text in region.figures:
        if (True, column) not in out and (False, row) not in out:
            yield text


def ask_about_signs(texts: Iterable[str], basis: Basis) -> Iterator[Question]:
    signs = {text.strip()[0] for text in texts if any(sign in "123456789" for sign in text)}
    if signs and signs <= set(MINUS_SIGNS) and find_only_codes(basis.known.flow).get("DIRECTION") != NET:
        outflows = Candidate(MINUS, 0.5, reason="counts of people who left; the minus only marks departures")
        as_written = Candidate(PLUS, 0.3, reason="the figures are negative")
        reason = "all figures are negative: are they counts with a minus sign?"
        yield ask(basis.sheet, "values", reason, label=NEGATIVE, others=(outflows, as_written))


def propose_marks(
    marks: Mapping[str, Candidate], known_marks: Sequence[tuple[str, Attributes]]
) -> Iterator[tuple[str, Attributes]]:
    listed = {mark for mark, _ in known_marks}
    codes_by_mark = {mark: candidate.code for mark, candidate in marks.items() if candidate.code and mark not in listed}
    yield from ((mark, ((STAGE if code == STAGES[REVISED] else STATUS, code),)) for mark, code in codes_by_mark.items())
