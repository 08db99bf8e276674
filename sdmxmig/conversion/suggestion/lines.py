"""Lines of labels around figures, and their meanings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import lru_cache, partial

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.groups import names_group, recognise_continent
from sdmxmig.conversion.recognition.labels import MARK, bare, plain
from sdmxmig.conversion.recognition.lists import recognise_list
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.recogniser import TOTAL_AREA
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.cut_labels import find_lower_labels, lower_confidence
from sdmxmig.conversion.suggestion.figures import has_names, is_numbering
from sdmxmig.conversion.suggestion.line_sources import (
    SECTION,
    LineSource,
    extract_part,
    may_be_time,
    parse_line_source,
    parse_part_name,
    recognise_bilingual_label,
    resolve_bilingual_labels,
    split_labels,
)
from sdmxmig.conversion.suggestion.measures import (
    ITEM,
    ITEMS,
    UNLIMITING_CONCEPTS,
    find_measure_codes,
    has_several_measures,
    read_granted_statuses,
    read_total_of_decisions,
)
from sdmxmig.conversion.suggestion.other_counts import AS_DIMENSION, find_subjects
from sdmxmig.conversion.suggestion.periods import ASKED, SURE, YEAR, list_possible_parts, read_line_periods
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.title_values import find_whole_code, recognise_items
from sdmxmig.conversion.suggestion.words_inside import INSIDE_CONCEPTS, find_inner_codes
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.sources import JOIN_SIGN, Source

AGE = "AGE"
MIN_CODE_LETTERS = 3
"""Shorter codes are also words: “it”, “in”, “ps”."""
AREA_LISTS = ("CL_AREA", "CL_PARTNER")
CONCEPTS = {"CL_PARTNER": "PARTNER", "CL_SEX": "SEX", "CL_AGE": "AGE", "CL_DUR_STAY": "AGE"}
UNDER_ONE_YEAR: Mapping[str, str] = {"Y0": "Y_LT1"}
"""The code of stays that is written like an age."""
MAX_NAME_WORDS = 3
MIN_CONFIDENCE = 0.45
CODELIST_NAME_CONFIDENCE = 0.97
CODE_CONFIDENCE = 0.98
"""Confidence in a code of the agency whose dimensions are the heads."""
MAX_SPARSE_SHARE = 0.6
TITLE_YEAR_SCORE = 0.75
TOTAL, REST = "_T", "_O"
OWN_REST_CODES = ("OTH", "TMP_O")
"""Codes for all others in lists without ``_O``."""
SHARED_CODES = frozenset({TOTAL, "_U", REST, "_N", "_Z", *OWN_REST_CODES})
NUMBER = re.compile(r"\d{1,3}", re.ASCII)
"""A number of M49, possibly without leading zeros."""
COUNTS = ("MEASURE", "DIRECTION")
MIN_TELLING_SHARE = 0.3
"""Minimum share of known labels other than “total”, “other” or “unknown”."""


@dataclass(frozen=True, slots=True)
class Line:
    """A header row, label column or level of titles with its texts.

    `carried` labels also apply to gaps, but not to those in the columns `unsure`. `upper` labels are totals above.
    `needed` titles distinguish repeated labels. `year` and `periods` combine two lines. `numbers` are adjacent M49-like
    numbers. `whole` is the total by sums. `cut` are split labels, `twins` equivalent lines.
    """

    source: LineSource
    head: str
    _: KW_ONLY
    texts: tuple[str, ...]
    carried: bool = False
    unsure: frozenset[int] = frozenset()
    upper: tuple[str, ...] = ()
    needed: bool = True
    indented: frozenset[str] = frozenset()
    periods: tuple[tuple[str, str], ...] = ()
    year: str = ""
    is_dated: bool = False
    numbers: tuple[tuple[str, str], ...] = ()
    whole: str = ""
    cut: tuple[tuple[str, str], ...] = ()
    twins: tuple[tuple[tuple[str, str], ...], ...] = ()
    explained: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The meanings of abbreviated labels, as titles or notes explain them."""
    is_of_only_row: bool = False
    """Check whether the label is that of the only row of figures, which may be one of a list."""
    spanned: frozenset[str] = frozenset()
    """The texts of merged cells that begin in a header row above: their figures are not divided by this row."""

    @property
    def is_joined(self) -> bool:
        return self.source.is_joined

    @property
    def has_gaps(self) -> bool:
        return self.carried or bool(self.unsure)


@dataclass(frozen=True, slots=True, eq=False)
class FlowKnowledge:
    flow: Flow
    recogniser: Recogniser
    _: KW_ONLY
    usual: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """The code of a component in the other mappings of the workspace, and the file of one of them."""

    @property
    def vocabulary(self) -> Vocabulary:
        return self.recogniser.vocabulary


@dataclass(frozen=True, slots=True)
class Fit:
    """The fit of a line for a component; `alternatives` are other components."""

    line: Line
    component: str
    _: KW_ONLY
    score: float
    meanings: Mapping[str, tuple[Candidate, ...]]
    alternatives: tuple[str, ...] = ()


def list_lines(region: Region) -> tuple[Line, ...]:
    return (*_list_header_lines(region), *_list_label_lines(region))


def _list_header_lines(region: Region) -> Iterator[Line]:
    for number, row in enumerate(range(region.top, region.first), start=1):
        texts = [region.header(row, column) for column in region.values]
        filled = tuple(dict.fromkeys(text for text in texts if text))
        numbered = is_numbering(region.table.rows.get(row, {}))
        if filled and not numbered and not all(is_mark(text) for text in filled):
            unsure = frozenset(region.unnamed_heads.get(row, ()))
            carried = any(not text and column not in unsure for column, text in zip(region.values, texts, strict=True))
            begun = [region.covered.get((row, column), (row, column))[0] < row for column in region.values]
            own = {text for text, is_begun in zip(texts, begun, strict=True) if not is_begun}
            yield Line(
                LineSource(Source("header", number)),
                "",
                texts=filled,
                carried=carried,
                unsure=unsure,
                spanned=frozenset(filled) - own if own - {""} else frozenset(),
            )


def is_mark(text: str) -> bool:
    match = MARK.search(f"x {text}")
    return match is not None and match.start() <= len("x")


def _list_label_lines(region: Region) -> Iterator[Line]:
    heads = [" ".join(region.head(column).split()) for column in region.labels]
    rows = len(region.table.rows)
    titles = region.section_titles
    announcing = {row for row, text in region.alone.items() if text in region.announcing}
    nested = False
    for column, head in zip(region.labels, heads, strict=True):
        apart = {*titles, *announcing, *region.begun, *region.rates, *region.again}
        texts = [text for row, text in region.fold_column(column) if row not in apart]
        # otherwise mapping files cannot name it
        is_named = bool(head) and heads.count(head) == 1 and JOIN_SIGN not in head
        if not is_named and not region.is_beside(column):
            continue
        filled = tuple(dict.fromkeys(texts))
        if not filled or (
            not head and len(region.labels) > 1 and all(len(text) < 4 and not text.isalpha() for text in filled)
        ):
            continue
        if has_names(region.inside, column, region.labels):
            continue
        if not region.is_beside(column):
            yield Line(parse_line_source(f"column {head}"), head, texts=filled)
            continue
        compound = split_labels(head, filled)
        if compound:
            number = abs(column - region.side) + 1
            yield from (
                Line(parse_part_name(number, at), name, texts=labels) for at, (name, labels) in enumerate(compound)
            )
            continue
        source = LineSource(Source("column", abs(column - region.side) + 1))
        lower = drop_headings(texts, region.headings)
        if not lower and len(region.labels) == 1 and not are_distinguished(region, column, titles):
            lower = region.lower or find_lower_labels(texts)
        nested = bool(lower)
        upper = tuple(text for text in filled if nested and text not in lower)
        few = 1 < len(texts) < MAX_SPARSE_SHARE * min(rows, region.last - region.first + 1)
        carried = (few or has_gaps_below(region, column)) and not nested
        yield Line(
            source,
            "" if nested and not region.headings else head,
            texts=lower or filled,
            carried=carried,
            upper=upper,
            indented=region.indented(column),
            numbers=find_adjacent_numbers(region, column),
            cut=find_cut_labels(region, column),
            is_of_only_row=len(region.counted) == 1,
        )
        if upper:
            yield Line(SECTION, "" if region.headings else head, texts=upper)
    if titles and not nested:
        yield Line(SECTION, "", texts=tuple(dict.fromkeys(titles.values())), needed=bool(region.repeated))


def drop_headings(texts: Sequence[str], headings: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text not in headings)) if headings else ()


def are_distinguished(region: Region, column: int, titles: Mapping[int, str]) -> bool:
    """Check whether titles between the rows distinguish equal labels."""
    labels = [(row, text) for row, text in region.fold_column(column) if row not in titles]
    above = [(next((titles[at] for at in range(row, 0, -1) if at in titles), ""), text) for row, text in labels]
    return bool(titles) and len(set(above)) == len(above)


def has_gaps_below(region: Region, column: int) -> bool:
    """Check whether gaps repeat the label above: they match repeated labels in the next column."""
    filled = dict(region.fold_column(column))
    rows = [row for row in region.inside if row not in region.begun and row not in region.alone]
    gaps = [row for row in rows if row not in filled]
    other_columns = [label for label in region.labels if label != column and region.is_beside(label)]
    for other_column in other_columns if gaps and len(set(filled.values())) > 1 and rows[0] in filled else ():
        beside = dict(region.fold_column(other_column))
        below = [beside[row] for row in rows if row in beside]
        if all(row in beside for row in gaps) and len(set(below)) * 2 <= len(below):
            return True
    return False


def find_cut_labels(region: Region, column: int) -> tuple[tuple[str, str], ...]:
    texts = dict(region.fold_column(column)) if column == region.side else {}
    return tuple((texts[row], whole) for row, whole, _ in region.cut if row in texts)


def find_adjacent_numbers(region: Region, column: int) -> tuple[tuple[str, str], ...]:
    for neighbour in (column - 1, column + 1):
        codes = dict(region.fold_column(neighbour)) if neighbour in region.labels else {}
        if codes and all(NUMBER.fullmatch(code) for code in codes.values()):
            return tuple((text, codes[row].zfill(3)) for row, text in region.fold_column(column) if row in codes)
    return ()


def map_labels(region: Region, line: Line) -> Mapping[int, str]:
    """Return the labels of a line by row or column; labels of joined lines on one axis are combined."""
    kind, number = line.source.kind, line.source.number
    if line.is_joined:
        parts = [map_labels(region, replace(line, source=part)) for part in line.source.parts if part.kind == kind]
        positions = sorted(set().union(*parts))
        return {at: " ".join(filter(None, (texts.get(at) for texts in parts))) for at in positions}
    if kind == "section":
        return {}
    if kind == "header":
        row = region.top + (number or 1) - 1
        texts = {column: region.header(row, column) for column in region.values}
    elif number is not None:
        texts = dict(region.fold_column(region.side + (1 - number if region.labels_right else number - 1)))
    else:
        name = line.source.place.name
        column = next(label for label in region.labels if " ".join(region.head(label).split()) == name)
        texts = dict(region.fold_column(column))
    last = ""
    for position, text in texts.items():
        last = texts[position] = extract_part(text, line.source) or (last if line.carried else "")
    return texts


def find_long_heads(lines: Sequence[Line]) -> tuple[str, ...]:
    heads = (line.head for line in lines)
    return tuple(head for head in heads if len(head.split()) > MAX_NAME_WORDS or YEAR.search(head))


def assess_fit(line: Line, component: str, flow: Flow, recogniser: Recogniser) -> Fit:
    """Assess how well a line fits a component; figures not covered by its header row are totals.

    If labels that span header rows are codes of the same component, the lowest row has all its codes.
    """
    every = _build_fit(line, component, flow, recogniser)
    spanned = line.spanned.intersection(line.texts)
    if all(any(each.is_applied for each in every.meanings[text]) for text in spanned):
        return every
    own = replace(line, texts=tuple(text for text in line.texts if text not in spanned) or line.texts)
    fit = _build_fit(own, component, flow, recogniser)
    total = (Candidate(TOTAL, SURE, reason="this header row does not divide its figures"),)
    whole = total if TOTAL in list_codes(flow, component) else ()
    return replace(fit, line=line, meanings={text: fit.meanings.get(text, whole) for text in line.texts})


def _build_fit(line: Line, component: str, flow: Flow, recogniser: Recogniser) -> Fit:
    if not may_be_time(line.source) and is_time(component, flow):
        return Fit(line, component, score=0.0, meanings={})
    meanings = find_line_meanings(line, component, flow, recogniser)
    if component == ITEM:
        meanings = read_granted_statuses(meanings, line.head, flow, recogniser)
        meanings = read_total_of_decisions(meanings, recogniser)
    if line.periods:
        sure = TITLE_YEAR_SCORE if line.year and not line.is_dated else 1.0
        return Fit(line, component, score=sure if is_time(component, flow) else 0.0, meanings=meanings)
    understood = [
        candidates
        for candidates in meanings.values()
        if max((candidate.confidence for candidate in candidates), default=0.0) >= MIN_CONFIDENCE
    ]
    if has_several_measures(meanings, component, recogniser):
        return Fit(line, component, score=SURE, meanings=meanings)
    if understood and component == AGE and has_ages(line, recogniser):
        return Fit(line, component, score=1.0, meanings=meanings)
    telling = sum(candidates[0].code not in SHARED_CODES for candidates in understood)
    is_part = bool(line.upper) and not has_areas(component, flow)  # “of which women”
    same = len({candidates[0].code for candidates in understood}) < 2 and not (is_time(component, flow) or is_part)
    same &= not (line.is_of_only_row and has_areas(component, flow))
    if not telling or telling < MIN_TELLING_SHARE * len(understood) or same:
        return Fit(line, component, score=0.0, meanings=meanings)
    totals = [text for text in line.texts if not meanings[text] and is_total(text, recogniser)]
    apart = (
        len(totals)
        if is_time(component, flow)
        else find_groups_of_labels(line, component, meanings, flow, recogniser=recogniser)
    )
    counted = len(line.texts) - apart  # totals of years and groups of countries are asked separately
    return Fit(line, component, score=round(len(understood) / counted, 3), meanings=meanings)


def find_groups_of_labels(
    line: Line,
    component: str,
    meanings: Mapping[str, tuple[Candidate, ...]],
    flow: Flow,
    recogniser: Recogniser,
) -> int:
    if not has_areas(component, flow):
        return 0
    return sum(not meanings[text] and names_group(text, recogniser) for text in line.texts)


def get_list_id(component: str, flow: Flow) -> str:
    codelist = flow.codelist(component) if component in flow.structure else None
    return codelist.ref.id if codelist else ""


def has_areas(component: str, flow: Flow) -> bool:
    return get_list_id(component, flow) in AREA_LISTS


def is_total(text: str, recogniser: Recogniser) -> bool:
    return any(candidate.code == TOTAL for candidate in recogniser.shared(text))


def list_codelist_components(component: str, flow: Flow) -> tuple[str, ...]:
    codelist = flow.codelist(component)
    other_dimensions = (dimension for dimension in flow.structure.key if dimension != component)
    listed = ((dimension, flow.codelist(dimension)) for dimension in other_dimensions if codelist)
    return (
        component,
        *(dimension for dimension, its_list in listed if codelist and its_list and its_list.ref.id == codelist.ref.id),
    )


def has_ages(line: Line, recogniser: Recogniser) -> bool:
    is_named = AGE in {candidate.code for candidate in recogniser.vocabulary.inside("ROLE", line.head)}
    return is_named and all(recogniser.candidates(text, AGE) for text in line.texts)


def find_line_meanings(
    line: Line, component: str, flow: Flow, recogniser: Recogniser, *, m49: bool = False
) -> Mapping[str, tuple[Candidate, ...]]:
    if line.periods and is_time(component, flow):
        periods = {text: (Candidate(period, SURE, reason="year and part of it"),) for text, period in line.periods}
        return {text: periods.get(text, ()) for text in line.texts}
    cut = dict(line.cut)
    texts = tuple(dict.fromkeys([*(text for text in line.texts if text not in cut), *(whole for _, whole in line.cut)]))
    read = partial(find_meanings, component=component, flow=flow, recogniser=recogniser, head=line.head, m49=m49)
    wholes = read(texts)
    meanings_by_label = {text: wholes[text] for text in line.texts if text not in cut}
    for text, whole in line.cut:
        alone = read((text,))[text]
        meanings_by_label[text] = (*meanings_by_label.get(text, ()), *lower_confidence(whole, wholes[whole], alone))
    meanings: Mapping[str, tuple[Candidate, ...]] = {text: meanings_by_label[text] for text in line.texts}
    explained = read(tuple(dict.fromkeys(line.explained.values()))) if line.explained else {}
    for text, written in line.explained.items():
        spelt_out = explained[written]
        is_read = text in meanings and (spelt_out or len(text) == 1)
        meanings = {**meanings, text: spelt_out} if is_read else meanings
    return meanings


def is_time(component: str, flow: Flow) -> bool:
    return flow.structure.time is not None and component == flow.structure.time.id


def find_meanings(
    texts: tuple[str, ...], component: str, flow: Flow, recogniser: Recogniser, head: str = "", *, m49: bool = False
) -> Mapping[str, tuple[Candidate, ...]]:
    """Recognise texts as codes of a component's codelist; with `m49`, regions are defined as in M49."""
    if is_time(component, flow):
        return find_periods(texts, recogniser)
    codelist = flow.codelist(component)
    if codelist is None:
        return dict.fromkeys(texts, ())
    concept = CONCEPTS.get(codelist.ref.id, component)
    if codelist.ref.id == "CL_AREA":
        partners = recognise_texts(texts, "PARTNER", recogniser, m49=m49)
        by_concept = {
            text: find_world_candidates(text, candidates, recogniser) for text, candidates in partners.items()
        }
    else:
        by_concept = dict(recognise_texts(texts, concept, recogniser, head, m49=m49))
    names = index_codes_by_name(flow, component)
    codes = list_codes(flow, component) - {TOTAL_AREA}  # the total of which areas?
    meanings = {}
    inside: Mapping[str, tuple[Candidate, ...]] | None = None
    for text, candidates in by_concept.items():
        listed = tuple(
            candidate for candidate in map(partial(use_listed_code, codes=codes), candidates) if candidate.code in codes
        )
        if text in codes and not (concept == "SEX" and listed and listed[0].is_applied):  # “M” beside “H” means women
            listed = (Candidate(text, 0.99, reason="a code of the list"),)
        elif (named := names.get(plain(text)) or names.get(plain(bare(text)))) and (
            named in codes and (not listed or _is_less_certain(listed, codelist.ref.id))
        ):
            listed = (Candidate(named, CODELIST_NAME_CONFIDENCE, reason="name in the codelist"),)
        elif not listed and concept in INSIDE_CONCEPTS:
            inside = find_inner_codes(texts, concept, recogniser) if inside is None else inside
            listed = tuple(candidate for candidate in inside.get(text, ()) if candidate.code in codes)
        listed = listed or tuple(
            candidate
            for candidate in find_count_candidates(component, text, flow, recogniser)
            if candidate.code in codes
        )
        if not any(candidate.is_applied for candidate in listed):
            in_both = tuple(
                candidate
                for candidate in recognise_bilingual_label(
                    text, concept, recogniser, {} if codelist.ref.id in AREA_LISTS else names
                )
                if candidate.code in codes
            )
            listed = in_both if not listed or is_confirmed_by(in_both, listed) else listed
        if not listed and codelist.ref.id in AREA_LISTS:
            listed = tuple(candidate for candidate in recognise_continent(text, recogniser) if candidate.code in codes)
        meanings[text] = listed
    meanings |= resolve_bilingual_labels(meanings, concept, recogniser)
    totals = [text for text, candidates in by_concept.items() if candidates and candidates[0].code == TOTAL]
    return meanings if TOTAL in codes else {**meanings, **find_total_of_parts(totals, meanings, codelist)}


def find_total_of_parts(
    totals: Sequence[str], meanings: Mapping[str, tuple[Candidate, ...]], codelist: ItemScheme
) -> Mapping[str, tuple[Candidate, ...]]:
    """Read the total of a list without a code for totals as the code that contains all other labels."""
    parts = {candidates[0].code for candidates in meanings.values() if candidates and candidates[0].is_applied}
    whole = find_whole_code(parts, codelist) if len(totals) == 1 and len(parts) == len(meanings) - 1 else ""
    return {totals[0]: (Candidate(whole, CODE_CONFIDENCE, reason="the total of the other labels"),)} if whole else {}


def is_confirmed_by(in_both: tuple[Candidate, ...], listed: tuple[Candidate, ...]) -> bool:
    codes = {candidate.code for candidate in listed}
    return any(candidate.code in codes and (candidate.is_applied or len(codes) == 1) for candidate in in_both)


def find_count_candidates(component: str, text: str, flow: Flow, recogniser: Recogniser) -> tuple[Candidate, ...]:
    if component in ITEMS:
        return find_measure_codes(text, component, flow, recogniser)
    return recognise_items(component, text, recogniser.vocabulary) or find_total_of_count(text, flow, recogniser)


def find_total_of_count(text: str, flow: Flow, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """Read “Total emigrants” as the total of a dataflow that counts only them; “total decisions” are an item."""
    if not set(ITEMS).isdisjoint(flow.structure.key):
        return ()
    reading = read_title(text, recogniser)
    counts = {(mention.concept, mention.code) for mention in reading.of(*COUNTS)}
    is_total = bool(reading.of("ALL", "TOTAL")) and bool(counts) and counts <= find_subjects(flow, recogniser)
    explained = {mention.at for mention in reading.of(*COUNTS, *UNLIMITING_CONCEPTS)}
    limits = (
        mention.at not in explained or mention.inner or mention.negated or mention.concept in (*AS_DIMENSION, "GROUP")
        for mention in reading.mentions
        if mention.code != TOTAL
    )
    if not is_total or reading.unexplained or any(limits):
        return ()
    return (Candidate(TOTAL, CODELIST_NAME_CONFIDENCE, reason="the overall total"),)


def _is_less_certain(listed: tuple[Candidate, ...], codelist: str) -> bool:
    return codelist not in AREA_LISTS and listed[0].confidence < CODELIST_NAME_CONFIDENCE


def use_listed_code(candidate: Candidate, codes: frozenset[str]) -> Candidate:
    """Replace a code by that of the codelist for all other countries, or for less than a year."""
    own = OWN_REST_CODES if candidate.code == REST else (UNDER_ONE_YEAR.get(candidate.code, ""),)
    listed = next((code for code in own if code in codes), "")
    return replace(candidate, code=listed) if listed and candidate.code not in codes else candidate


def find_periods(texts: tuple[str, ...], recogniser: Recogniser) -> Mapping[str, tuple[Candidate, ...]]:
    line_periods = read_line_periods(texts, recogniser.vocabulary)
    candidates: dict[str, tuple[Candidate, ...]] = {
        text: (moment.candidate,) for text, moment in line_periods.moments.items()
    }
    candidates |= {
        text: (Candidate(text[:4], ASKED, reason="a year, but when does it begin?"),) for text in line_periods.split
    }
    candidates |= {text: list_possible_parts(text, line_periods.numbered)[:1] for text in line_periods.numbered}
    return {text: candidates.get(text, ()) for text in texts}


@lru_cache(maxsize=256)
def recognise_texts(
    texts: tuple[str, ...], concept: str, recogniser: Recogniser, head: str = "", *, m49: bool = False
) -> Mapping[str, tuple[Candidate, ...]]:
    return recognise_list(texts, concept, recogniser, head=head, m49=m49)


def find_world_candidates(
    text: str, candidates: tuple[Candidate, ...], recogniser: Recogniser
) -> tuple[Candidate, ...]:
    areas = recogniser.countries.candidates(text) if candidates and candidates[0].code == "_T" else candidates
    return areas or candidates


@lru_cache(maxsize=1024)
def list_codes(flow: Flow, component: str) -> frozenset[str]:
    return frozenset(item.id for item in flow.codelist(component) or ())


@lru_cache(maxsize=1024)
def index_codes_by_name(flow: Flow, component: str) -> Mapping[str, str]:
    """Return the codes of a component by name and by code, in lower case without signs."""
    codes_by_name: dict[str, set[str]] = {}
    for item in flow.codelist(component) or ():
        codes = [item.id] if len(item.id) >= MIN_CODE_LETTERS and not has_areas(component, flow) else []
        for name in (*codes, *(name for _, name in item.name)):
            codes_by_name.setdefault(plain(name), set()).add(item.id)
    return {name: next(iter(codes)) for name, codes in codes_by_name.items() if len(codes) == 1 and name}
