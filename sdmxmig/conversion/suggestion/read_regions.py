"""Regions with recognised lines and periods, and nested columns of labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import chain

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import YearEnd, find_part_of_year
from sdmxmig.conversion.recognition.groups import names_group
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.mentions import index_concepts, read_title
from sdmxmig.conversion.recognition.statuses import find_statuses
from sdmxmig.conversion.suggestion.assignment import UNSAID_ROLES, read_roles
from sdmxmig.conversion.suggestion.components import ComponentReading, read_line, read_total_of_parts
from sdmxmig.conversion.suggestion.fits import find_fits
from sdmxmig.conversion.suggestion.legends import find_abbreviations
from sdmxmig.conversion.suggestion.line_sources import (
    BEFORE,
    BEHIND,
    FIRST,
    FIRST_COLUMN,
    LAST,
    LeftOut,
    LineSource,
    extract_part,
    parse_line_source,
)
from sdmxmig.conversion.suggestion.lines import (
    TOTAL,
    Fit,
    FlowKnowledge,
    Line,
    find_line_meanings,
    has_areas,
    is_total,
    list_lines,
    map_labels,
)
from sdmxmig.conversion.suggestion.nationals import find_announcing_labels
from sdmxmig.conversion.suggestion.other_characteristics import skip_other_characteristics
from sdmxmig.conversion.suggestion.other_measures import OtherMeasures, find_other_measures, skip_unchosen_labels
from sdmxmig.conversion.suggestion.part_years import (
    PartOfYear,
    apply_part_of_year,
    apply_proven_years,
    apply_year_end,
    find_named_part,
    find_noted_parts,
    find_year_end,
    is_at_end,
)
from sdmxmig.conversion.suggestion.periods import MARK, YEAR, read_line_periods
from sdmxmig.conversion.suggestion.questions import (
    ABOVE,
    AS_IT_IS,
    LEAVE_OUT,
    ONLY,
    Basis,
    Question,
    apply_decisions,
    build_only_label,
    decided,
)
from sdmxmig.conversion.suggestion.region_names import REGION, find_groupings, lists_areas
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.status_lines import find_status_lines, has_gaps
from sdmxmig.conversion.suggestion.sums_of_parts import TELLING, Figures, collect_figures, parse_number
from sdmxmig.conversion.suggestion.surrounding_texts import (
    BESIDE,
    NAME,
    NOTE,
    TITLE,
    SurroundingText,
    TextsAround,
    find_short_notes,
    find_titles,
    find_year_words,
    list_region_texts,
)
from sdmxmig.conversion.suggestion.title_doubts import find_countries
from sdmxmig.conversion.suggestion.unused_lines import NOT_RECOGNISED, OUT, find_subtotals, group_countries
from sdmxmig.conversion.suggestion.year_and_month import PartedLines, combine_parts_of_years, is_of_years
from sdmxmig.conversion.suggestion.year_statements import YearStatement, find_year_statements
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER
from sdmxmig.sdmx.model.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLines:
    """Lines with years and parts combined; `noted` are labels with notes that limit them to a part of a year."""

    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]
    freqs: tuple[Candidate, ...]
    part: PartOfYear | None
    end: YearEnd | None
    noted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegion:
    """A recognised region; `readings` are in the order of `fits`."""

    basis: Basis
    apart: SeparatedLines
    around: TextsAround
    periods: PeriodLines
    fits: tuple[Fit, ...]
    readings: tuple[ComponentReading, ...]
    of_years: tuple[YearStatement, ...]


def read_region(basis: Basis) -> ReadRegion:
    apart = separate_lines(basis)
    parted = split_lines(apart.telling, basis)
    around = collect_texts(parted.lines, apart.names, basis)
    periods = apply_named_part(parted, around, basis)
    fits = find_fits(basis, periods.lines, around.titles)
    return ReadRegion(
        basis=basis,
        apart=apart,
        around=around,
        periods=periods,
        fits=fits,
        readings=read_components(fits, around, basis),
        of_years=find_year_statements(around.texts, fits, basis.known, periods.noted.values()),
    )


def split_lines(lines: Sequence[Line], basis: Basis) -> PartedLines:
    region, known = basis.region, basis.known
    titles = find_titles(list_region_texts(region, lines, known.recogniser))
    freq = decided(basis.decisions, basis.sheet, "fixed FREQ")
    parted = combine_parts_of_years(lines, region, known, titles, freq=freq)
    return replace(parted, lines=apply_proven_years(parted.lines, region, known))


def collect_texts(lines: Sequence[Line], names: Sequence[str], basis: Basis) -> TextsAround:
    region, known = basis.region, basis.known
    of_some = {line.source for line, _ in find_status_lines(region, lines, known) if has_gaps(region, line)}
    of_all = [line for line in lines if line.source not in of_some]
    words_beside = tuple(words for line in lines if (words := find_year_words(line, known)))
    texts = (
        *list_region_texts(region, of_all, known.recogniser),
        *(SurroundingText(text=text, where=TITLE) for text in names),
        *(SurroundingText(text=words[0], where=BESIDE) for words in words_beside if len(set(words)) == 1),
        *(SurroundingText(text=text, where=NOTE) for text in basis.elsewhere),
    )
    return TextsAround(texts=texts, beside_years=words_beside)


def apply_named_part(parted: PartedLines, around: TextsAround, basis: Basis) -> PeriodLines:
    known = basis.known
    years = next((line.texts for line in parted.lines if is_of_years(line, known)), ())
    noted = find_noted_parts(parted.lines, basis.region.notes, known)
    of_all = (note for note in find_short_notes(around.texts, known) if note not in noted.values())
    part = find_named_part((*around.titles, *of_all), years, known)
    end = find_year_end(parted.lines, [text.text for text in around.texts], known)
    part = None if part and end and is_at_end(part.parts, end) else part
    lines = apply_part_of_year(parted.lines, part, decided(basis.decisions, basis.sheet, "fixed FREQ"), known)
    lines = apply_year_end(lines, end, known)
    return PeriodLines(lines=lines, left_out=parted.left_out, freqs=parted.freqs, part=part, end=end, noted=noted)


def read_components(fits: Sequence[Fit], around: TextsAround, basis: Basis) -> tuple[ComponentReading, ...]:
    known, sheet = basis.known, basis.sheet
    sources = [fit.line.source for fit in fits if fit.component in known.flow.structure.key]
    titled = find_countries([text.text for text in around.texts if text.where in (TITLE, NAME)], known)
    area = find_common_area(fits, basis)
    readings = [
        read_line(
            read_total_of_parts(fit, basis.area, sheet, known, basis.decisions),
            sheet,
            known,
            basis.decisions,
            alone=sources.count(fit.line.source) < 2,
            titled=titled,
            area=area,
            columns=find_area_figures(fit, fits, basis),
        )
        for fit in fits
    ]
    return tuple(ask_about_heads(reading, fit, basis) for fit, reading in zip(fits, readings, strict=True))


def find_area_figures(fit: Fit, fits: Sequence[Fit], basis: Basis) -> tuple[Figures, ...]:
    if not (has_areas(fit.component, basis.known.flow) or fit.component == REGION):
        return ()
    others = [other.line for other in fits if other.line.source != fit.line.source]
    return collect_figures(basis.region, fit.line, others)


def find_common_area(fits: Sequence[Fit], basis: Basis) -> str | None:
    if any(fit.component == "REF_AREA" for fit in fits):
        return None
    return decided(basis.decisions, basis.sheet, "fixed REF_AREA") or basis.area


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparatedLines:
    """Lines, and special lines: `names` name the next row, `grouped` group another line, `ungrouped` are the rest."""

    every: tuple[Line, ...]
    names: tuple[str, ...]
    other_measures: OtherMeasures
    grouped: tuple[tuple[Line, Line], ...]
    ungrouped: tuple[Line, ...]
    telling: tuple[Line, ...]

    @property
    def of_others(self) -> tuple[Line, ...]:
        return tuple(line for line in self.ungrouped if line.source in self.other_measures.labels)


def separate_lines(basis: Basis) -> SeparatedLines:
    region, known = basis.region, basis.known
    listed = [
        line for line in list_lines(region) if decided(basis.decisions, basis.sheet, f"line {line.source}") != AS_IT_IS
    ]
    unnamed, names = drop_name_headers(region, add_abbreviations(listed, region), known)
    others, lines = separate_others(join_nested_columns(region, unnamed, known), basis)
    grouped = find_groupings(region, lines, known)
    groups = {coarse.source for coarse, _ in grouped}
    ungrouped = tuple(line for line in lines if line.source not in groups)
    silent = find_announcing_labels(region, ungrouped, known)
    sums = {FIRST_COLUMN: find_subtotals(region, ungrouped)}
    telling = drop_texts(drop_texts(drop_texts(drop_texts(ungrouped, others.labels), others.silent), silent), sums)
    return SeparatedLines(
        every=lines, names=names, other_measures=others, grouped=grouped, ungrouped=ungrouped, telling=telling
    )


def add_abbreviations(lines: Sequence[Line], region: Region) -> tuple[Line, ...]:
    explained = find_abbreviations((*region.titles, *region.notes), {text for line in lines for text in line.texts})
    return tuple(replace(line, explained=explained) for line in lines)


def separate_others(lines: Sequence[Line], basis: Basis) -> tuple[OtherMeasures, tuple[Line, ...]]:
    region, known = basis.region, basis.known
    others = find_other_measures(region, lines, known)
    apart = split_periods(lines, others.labels, known)
    check_only(apart, basis)
    others = skip_unchosen_labels(others, apart, basis.sheet, basis.decisions)
    return skip_other_characteristics(others, apart, basis), apart


def check_only(lines: Sequence[Line], basis: Basis) -> None:
    orders = {part: decision for (sheet, part, _), decision in basis.decisions.items() if sheet == basis.sheet}
    for line in lines:
        decision = orders.get(f"line {line.source}", "")
        place = Place(basis.region.table.file, basis.region.table.sheet)
        if decision.startswith(ONLY) and not line.source.is_numbered:
            raise InputError(f"No rows can be chosen by {line.source}.", place, "Give the characteristic it shows.")
        if decision.startswith(ONLY) and decision not in map(build_only_label, line.texts):
            label = decision.removeprefix(ONLY)
            raise InputError(f"“{label}” is not a label of {line.source}.", place, did_you_mean(label, line.texts))


def drop_texts(lines: Sequence[Line], gone: Mapping[LineSource, frozenset[str]]) -> tuple[Line, ...]:
    texts_by_line = (
        (line, tuple(text for text in line.texts if text not in gone.get(line.source, ()))) for line in lines
    )
    return tuple(replace(line, texts=texts) for line, texts in texts_by_line if set(texts) - line.spanned)


MIN_SEVERAL = 2
"""Minimum number of periods, each with this many words, in a grid."""
TIME_CONCEPTS = ("CALENDAR", "DATE", "LENGTH", "MONTH", "OTHER_YEAR", "QUARTER", "REF_DATE", "YEARPART")
PART_OF_YEAR = re.compile(r"(?<!\w)(?:[^\W\d_]{1,3}\.?(?:0?[1-9]|1[0-2])|[IVX]+)(?!\w)|\d\.\d{1,2}\.")
DIGITS_PATTERN = re.compile(r"\d+")
LAST_DAY = 31
"""Higher numbers in a list of ages rule out days, months and parts of a year."""
AGE = "AGE"


def split_periods(
    lines: Sequence[Line], out: Mapping[LineSource, Collection[str]], known: FlowKnowledge
) -> tuple[Line, ...]:
    parts_by_source = {
        line.source: parts for line in lines if line.source not in out and (parts := find_parts(line, known))
    }
    other_lines = [line for line in lines if line.source not in parts_by_source]
    if len(parts_by_source) != 1 or any(states_time(line, known) for line in other_lines):
        return tuple(lines)
    return tuple(part for line in lines for part in parts_by_source.get(line.source, (line,)))


def find_parts(line: Line, known: FlowKnowledge) -> tuple[Line, ...]:
    if line.source.part or not line.source.is_numbered or line.has_gaps or line.upper or line.cut:
        return ()
    for period, words in ((FIRST, BEHIND), (LAST, BEFORE)):
        if not extract_part(line.texts[0], replace(line.source, part=period)):
            continue  # a long column of names costs no more than its first name
        parts = (build_part_line(line, period), build_part_line(line, words))
        if is_grid(line, *parts) and are_periods(parts[0], known) and are_words(line, parts[1], known):
            return parts
    return ()


def build_part_line(line: Line, part: str) -> Line:
    source = replace(line.source, part=part)
    texts = dict.fromkeys(extract_part(text, source) for text in line.texts)
    indented = frozenset(extract_part(text, source) for text in line.indented)
    return replace(line, source=source, texts=tuple(texts), indented=indented, numbers=())


def is_grid(line: Line, periods: Line, words: Line) -> bool:
    pairs = [(extract_part(text, periods.source), extract_part(text, words.source)) for text in line.texts]
    is_full = len(set(pairs)) == len(pairs) == len(periods.texts) * len(words.texts)
    return is_full and min(len(periods.texts), len(words.texts)) >= MIN_SEVERAL and all(map(all, pairs))


def are_periods(line: Line, known: FlowKnowledge) -> bool:
    moments = read_line_periods(line.texts, known.vocabulary).moments
    periods = {moment.period for moment in moments.values()}
    return len(periods) == len(line.texts) and len({moment.freq for moment in moments.values()}) == 1


def are_words(line: Line, words: Line, known: FlowKnowledge) -> bool:
    vocabulary = known.vocabulary
    if any(find_statuses(text, vocabulary) for text in line.texts) or any(map(MARK.fullmatch, words.texts)):
        return False
    if any(YEAR.search(text) or is_time_word(text, known) for text in words.texts):
        return False
    numbers = [text for text in words.texts if text[0].isdecimal()]
    return not numbers or are_ages(numbers, known)


def are_ages(texts: Sequence[str], known: FlowKnowledge) -> bool:
    highest = max(int(number) for text in texts for number in DIGITS_PATTERN.findall(text))
    return highest > LAST_DAY and all(known.recogniser.candidates(text, AGE) for text in texts)


def is_time_word(text: str, known: FlowKnowledge) -> bool:
    vocabulary = known.vocabulary
    if find_part_of_year(text, vocabulary) or PART_OF_YEAR.search(text):
        return True
    return any(vocabulary.inside(concept, text) for concept in TIME_CONCEPTS)


def states_time(line: Line, known: FlowKnowledge) -> bool:
    if read_line_periods(line.texts, known.vocabulary).moments:
        return True
    return len(line.texts) > 1 and any(YEAR.search(text) or is_time_word(text, known) for text in line.texts)


HEADER_KIND = "header"
UNINFORMATIVE = frozenset({"AGEPART", "ARTICLE", "BY", "JOINING", "OFWHICH", "PLAIN", "ROLE", "WORDING"})
DECIDING_CONCEPTS = frozenset({"CTZ_STATUS", "BIRTH_STATUS", "DIRECTION", "GROUP", "MEASURE", "PLACE", "SEX", "UNIT"})

NUMBER = re.compile(r"\d|[%‰]")
"""A year, an age or a unit."""


def drop_name_headers(
    region: Region, lines: Sequence[Line], known: FlowKnowledge
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    headers = [line for line in lines if line.source.kind == HEADER_KIND]
    names = {line.source: find_names(region, line, headers, known) for line in headers}
    named = {line.source for line in headers if names[line.source]}
    remaining = (replace(line, spanned=frozenset()) if named else line for line in lines if line.source not in named)
    return tuple(remaining), tuple(
        remove_of_which(text, known) for line in headers for text in names[line.source] if is_name(text, known)
    )


def remove_of_which(text: str, known: FlowKnowledge) -> str:
    for mention in read_title(text, known.recogniser).of("OFWHICH"):
        text = text.replace(mention.phrase, " ")
    return text


def find_names(region: Region, line: Line, headers: Sequence[Line], known: FlowKnowledge) -> tuple[str, ...]:
    after = headers[headers.index(line) + 1 :]
    texts, below = map_labels(region, line), map_labels(region, after[0]) if after else {}
    high = {at for at, text in texts.items() if below.get(at) == text}
    names = tuple(dict.fromkeys(text for at, text in texts.items() if at not in high))
    heads_truths = all(known.vocabulary.codes("TRUTH", plain(below.get(at, ""))) for at in texts if at not in high)
    below_by_name = {name: [below.get(at, "") for at, text in texts.items() if text == name] for name in names}
    are_names = all(
        text and (is_name(text, known) or has_complete_directions(text, below_by_name[text], known)) for text in names
    )
    if not high or not (heads_truths or are_names):
        return ()
    return names if are_distinct(region, [header for header in headers if header is not line]) else ()


def has_complete_directions(name: str, texts: Sequence[str], known: FlowKnowledge) -> bool:
    """Check whether labels below “Migration” are complete without it: “In-migration”, “Out-migration”."""
    vocabulary = known.vocabulary
    return set(vocabulary.codes("MEASURE", plain(bare(name)))) == {"MIG"} and all(
        vocabulary.inside("DIRECTION", text) for text in texts
    )


def is_name(text: str, known: FlowKnowledge) -> bool:
    reading = read_title(bare(text), known.recogniser)
    if not (reading.mentions or reading.unexplained) or any(mention.negated for mention in reading.mentions):
        return False
    is_value = any(known.vocabulary.list_value_codes(name, plain(bare(text))) for name in known.flow.structure.key)
    if NUMBER.search(text) or is_value:
        return False
    return all(map(is_harmless, index_concepts(reading.mentions).values()))


def is_harmless(concepts: Set[str]) -> bool:
    return bool(concepts & UNINFORMATIVE) and not concepts & DECIDING_CONCEPTS


def are_distinct(region: Region, headers: Sequence[Line]) -> bool:
    placed: list[Mapping[int, str]] = [map_labels(region, line) for line in headers]
    heads = [tuple(texts.get(column, "") for texts in placed) for column in region.values]
    return len(set(heads)) == len(heads)


EMPTY_HEADERS = "the headers of these figures are uncertain"
TOTAL_CONFIDENCE = 0.6
LEFT_CANDIDATE = Candidate(AS_IT_IS, 0.5, reason="the header on its left applies")


def fill_heads(basis: Basis) -> Basis:
    """Fill empty cells with the head on the left, where decided."""
    region, parts = basis.region, [f"codes {name}" for name in basis.known.flow.structure.key]
    rows = {
        row
        for row in region.unnamed_heads
        if AS_IT_IS in {decided(basis.decisions, basis.sheet, part, list_unsure_cells(region, row)) for part in parts}
    }
    return replace(basis, region=replace(region, filled_heads=frozenset(rows))) if rows else basis


def join_titles(basis: Basis) -> Basis:
    """Read the rows below titles that group countries without them, and those below others as decided."""
    region, parts = basis.region, [f"codes {name}" for name in basis.known.flow.structure.key]
    are_groups = group_countries(region, basis.known)
    joined = tuple(
        text
        for text in dict.fromkeys(region.section_titles.values())
        if are_groups or ABOVE in {decided(basis.decisions, basis.sheet, part, text) for part in parts}
    )
    return replace(basis, region=replace(region, announcing=(*region.announcing, *joined))) if joined else basis


def list_unsure_cells(region: Region, row: int) -> str:
    return ", ".join(format_cell(region.table.row_number(row), column) for column in region.unnamed_heads[row])


def find_uncertain_rows(fit: Fit, basis: Basis) -> list[int]:
    rows = {basis.region.top + (part.number or 1) - 1 for part in fit.line.source.parts if part.kind == HEADER_KIND}
    return sorted(rows & basis.region.unnamed_heads.keys()) if fit.component in basis.known.flow.structure.key else []


def ask_about_heads(reading: ComponentReading, fit: Fit, basis: Basis) -> ComponentReading:
    """Ask about columns without a certain head, or read one as the total; without a code they stay out."""
    for row in find_uncertain_rows(fit, basis):
        (asked,) = apply_decisions([ask_about_head(row, fit, basis)], basis.decisions)
        code = asked.chosen.code if asked.chosen.code != LEAVE_OUT else ""
        component = replace(reading.component, empty=code)
        reading = replace(reading, component=component, questions=(*reading.questions, asked))
    return reading


def list_empty_heads(readings: Sequence[ComponentReading], fits: Sequence[Fit], basis: Basis) -> Iterator[LeftOut]:
    """Yield the empty heads of dimensions without a code, and all heads of a row that may be shifted."""
    region = basis.region
    for fit, reading in zip(fits, readings, strict=True):
        for row in find_uncertain_rows(fit, basis) if not reading.component.empty else ():
            texts = fit.line.texts if region.unnamed_heads[row] == region.values else ()
            source = parse_line_source(f"{HEADER_KIND} {row - region.top + 1}")
            answer = decided(basis.decisions, basis.sheet, f"codes {fit.component}", list_unsure_cells(region, row))
            reason = LEFT_OUT_BY_ANSWER if answer == LEAVE_OUT else NOT_RECOGNISED
            yield from ((source, text, reason) for text in (*texts, ""))


def ask_about_head(row: int, fit: Fit, basis: Basis) -> Question:
    region, known = basis.region, basis.known
    column, *others = region.unnamed_heads[row]
    has_total = TOTAL in (known.flow.codelist(fit.component) or ())
    over = [text for text in region.over(column) if text]
    is_called_total = bool(over) and all(is_total(text, known.recogniser) for text in over)
    is_proposed = has_total and is_called_total and not others
    total = Candidate(TOTAL, TOTAL_CONFIDENCE, reason="a total")
    chosen = total if is_proposed else Candidate("", 0.0, reason=EMPTY_HEADERS)
    has_left = column != region.values[0]
    offers = (*([total] if has_total and not is_proposed else []), *([LEFT_CANDIDATE] if has_left else []), OUT)
    return Question(
        basis.sheet, f"codes {fit.component}", label=list_unsure_cells(region, row), chosen=chosen, others=offers
    )


AREA_CONCEPT = "PARTNER"
COUNTRY_LETTERS = 2
Labels = Mapping[int, tuple[str, ...]]
"""The labels of each row in adjacent columns, the widest first."""


def join_nested_columns(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[Line, ...]:
    """Join columns of one characteristic, such as continents and countries, if each has figures of its own."""
    columns = sorted((line for line in lines if line.source.is_label_column), key=lambda line: line.source.number or 0)
    for count in range(len(columns), 1, -1):
        for at in range(len(columns) - count + 1):
            together = columns[at : at + count]
            if joined := join_columns(region, together, known):
                return tuple(joined if line is together[-1] else line for line in lines if line not in together[:-1])
    return tuple(lines)


def join_columns(region: Region, columns: Sequence[Line], known: FlowKnowledge) -> Line | None:
    numbers = [line.source.number or 0 for line in columns]
    if numbers[-1] - numbers[0] != len(numbers) - 1 or name_several_components(columns, known):
        return None
    texts = [map_labels(region, replace(line, carried=False)) for line in columns]
    rows = sorted(region.counted - region.begun)
    labels = {row: tuple(texts_of_line.get(row, "") for texts_of_line in texts) for row in rows}
    told = {row: tuple(map(partial(drop_of_which, known=known), row_labels)) for row, row_labels in labels.items()}
    paths = fill_down(told)
    depths = find_depths(told, paths, known)
    if {*depths.values()} != {*range(len(columns))} or not are_nested(region, columns, paths, depths, known=known):
        return None
    meant = {row: paths[row][depth] for row, depth in depths.items()}
    for written in (labels, carry_down(labels)):
        joined = {row: " ".join(filter(None, row_labels)) for row, row_labels in written.items()}
        if len({*joined.values()}) == len({(text, meant[row]) for row, text in joined.items()}):
            explained = columns[-1].explained
            return replace(
                columns[-1],
                source=LineSource(Source("joined", together=tuple(line.source.place for line in columns))),
                head=next((line.head for line in reversed(columns) if line.head), ""),
                texts=tuple(dict.fromkeys(joined.values())),
                carried=written is not labels,
                indented=frozenset(joined[row] for row, depth in depths.items() if depth),
                explained={text: explained.get(meant[row], meant[row]) for row, text in joined.items()},
                numbers=(),
                cut=(),
            )
    return None


def drop_of_which(text: str, known: FlowKnowledge) -> str:
    return "" if known.vocabulary.names_any(("OFWHICH",), text) else text


def name_several_components(columns: Sequence[Line], known: FlowKnowledge) -> bool:
    roles = [frozenset(read_roles([line.head], known.recogniser) - UNSAID_ROLES) for line in columns]
    return len({*filter(None, roles)}) > 1


def fill_down(labels: Labels) -> Labels:
    """Repeat labels in the gaps below them; a label ends those of the columns behind it."""
    filled: dict[int, tuple[str, ...]] = {}
    above = ("",) * max(map(len, labels.values()), default=0)
    for row, row_labels in labels.items():
        first = next((at for at, text in enumerate(row_labels) if text), 0)
        above = filled[row] = above[:first] + row_labels[first:]
    return filled


def carry_down(labels: Labels) -> Labels:
    """Repeat the labels of each column in the gaps below them, as mappings do."""
    filled: dict[int, tuple[str, ...]] = {}
    above: tuple[str, ...] = ()
    for row, row_labels in labels.items():
        above = filled[row] = tuple(
            text or before for text, before in zip(row_labels, above or row_labels, strict=True)
        )
    return filled


def find_depths(labels: Labels, paths: Labels, known: FlowKnowledge) -> dict[int, int]:
    """Return the column whose label determines each row: the last one, or the one that a total covers."""
    totals = {text for text in {*chain(*labels.values())} if is_total(text, known.recogniser)}
    depths: dict[int, int] = {}
    meant: set[str] = set()
    for row, row_labels in labels.items():
        filled = [at for at, text in enumerate(row_labels) if text]
        own = [at for at in filled if row_labels[at] not in row_labels[:at] and row_labels[at] not in totals]
        first = min(filled, default=0)
        is_total_of_above = first > 0 and not own and paths[row][first - 1] not in meant
        depths[row] = max(own, default=first - is_total_of_above)
        meant.add(paths[row][depths[row]])
    return depths


def are_nested(
    region: Region, columns: Sequence[Line], paths: Labels, depths: Mapping[int, int], *, known: FlowKnowledge
) -> bool:
    """Check whether each label is always below the same ones, which are regions or the sums of the labels below."""
    above: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row, depth in depths.items():
        if depth and not known.recogniser.shared(paths[row][depth]):
            above[paths[row][depth]].add(paths[row][:depth])
    if any(len(parents) > 1 for parents in above.values()):
        return False
    if lists_areas(columns[-1], known):
        return are_regions({text for parents in above.values() for path in parents for text in path}, known)
    return are_sums(region, paths, depths) and are_of_one_component(columns, known)


def are_regions(labels: Iterable[str], known: FlowKnowledge) -> bool:
    """Check whether some labels are regions or groups of countries, and none is a country; totals contain all."""
    divided = [text for text in labels if text and not is_total(text, known.recogniser)]
    meanings = {text: choose_best(known.recogniser.candidates(text, AREA_CONCEPT)) for text in divided}
    codes = {text: meaning.code for text, meaning in meanings.items() if meaning}
    sure = [codes[text] for text, meaning in meanings.items() if meaning and meaning.is_applied]
    if any(code.isalpha() and len(code) == COUNTRY_LETTERS for code in sure):
        return False
    regions = [text for text in divided if codes.get(text, "").isdecimal() or names_group(text, known.recogniser)]
    return bool(regions) or not divided


def are_sums(region: Region, paths: Labels, depths: Mapping[int, int]) -> bool:
    """Check whether the figures of each label are the sums of the labels one column further."""
    figures: defaultdict[tuple[tuple[str, ...], int], list[Decimal]] = defaultdict(list)
    parts: defaultdict[tuple[tuple[str, ...], int], list[Decimal]] = defaultdict(list)
    for row, column, text in region.figures:
        number = parse_number(text, is_stored=(row, column) in region.table.numeric)
        path = paths[row][: depths[row] + 1]
        if number is None:
            return False
        figures[path, column].append(number)
        parts[path[:-1], column].append(number)
    wholes = [key for key in figures if key in parts]
    return len(wholes) >= TELLING and all(
        figures[key] == [sum(parts[key])] and len(parts[key]) >= TELLING for key in wholes
    )


def are_of_one_component(columns: Sequence[Line], known: FlowKnowledge) -> bool:
    flow = known.flow
    return any(
        all(all(find_line_meanings(line, name, flow, known.recogniser).values()) for line in columns)
        for name in flow.structure.key
    )
