"""Assignment of components: dimensions, table-wide values, attributes."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import bare, plain, sort_candidates
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, find_component
from sdmxmig.conversion.recognition.words import list_meanings as concept_meanings
from sdmxmig.conversion.suggestion.ambiguities import find_constant_fits
from sdmxmig.conversion.suggestion.assignment import (
    assign,
    find_equivalent_sources,
    find_role_components,
    find_traits,
    is_open_line,
    read_roles,
)
from sdmxmig.conversion.suggestion.line_sources import SECTION, LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, has_areas, is_time, list_codes, map_labels
from sdmxmig.conversion.suggestion.measures import (
    ACTION,
    DECIDED,
    DETAILS,
    GRANT,
    ITEM,
    ITEMS,
    MOVE_ITEMS,
    STOCK,
    find_codes_in_label,
    find_item_of_moves,
)
from sdmxmig.conversion.suggestion.measures import ASKED as MEASURES_ASKED
from sdmxmig.conversion.suggestion.measures import STATUS as MEASURES_STATUS
from sdmxmig.conversion.suggestion.measures import SURE as MEASURES_SURE
from sdmxmig.conversion.suggestion.nationals import classify_citizenship, find_birth_fits, find_national_fits
from sdmxmig.conversion.suggestion.other_characteristics import read_blocks, read_parts_of_group, read_side_by_side
from sdmxmig.conversion.suggestion.other_counts import is_joined
from sdmxmig.conversion.suggestion.other_measures import DIRECTION, has_directions
from sdmxmig.conversion.suggestion.questions import (
    ATTRIBUTES_OF_LINES,
    LEAVE_OUT,
    Basis,
    Decisions,
    build_only_label,
    decided,
    find_line_decisions,
)
from sdmxmig.conversion.suggestion.region_splitting import find_figures_below
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.stated_rules import RES_RULE, find_rule_in_column
from sdmxmig.conversion.suggestion.status_lines import find_status_fits
from sdmxmig.conversion.suggestion.sums_of_parts import find_whole, index_figures_by_part, parse_number
from sdmxmig.conversion.suggestion.surrounding_texts import cap_scores_of_wordy_heads, read_common_text
from sdmxmig.conversion.suggestion.title_values import (
    CITIZENS,
    FOREIGN,
    KIND,
    MEASURE,
    MULTIPLE,
    NATIONAL,
    TOTAL,
    YEAR,
    find_title_codes,
    list_codes_below,
)
from sdmxmig.conversion.suggestion.unused_lines import add_twins, find_same_lines, find_totals
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

SEVERAL = 2
SURE, ASKED = 0.95, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    basis: Basis
    lines: Sequence[Line]
    titles: Sequence[str]

    @property
    def known(self) -> FlowKnowledge:
        return self.basis.known


def find_fits(basis: Basis, lines: Sequence[Line], titles: Sequence[str]) -> tuple[Fit, ...]:
    region, known = basis.region, basis.known
    wanted, orders = list_open_dimensions(basis, lines), collect_line_decisions(basis, lines)
    lines = [replace(line, whole=find_whole(region, line, lines)) for line in lines]
    same = find_same_lines(region, lines, known)
    around = Surroundings(basis=basis, lines=lines, titles=titles)
    fits = tuple(read_title_as_total(fit, titles, known) for fit in find_dimension_fits(around, wanted, orders, same))
    fits = tuple(date_population(fit, fits, around) for fit in interpret_moves(fits, around, orders))
    items = {fit.line.source for fit in fits if fit.component in ITEMS}
    fits = tuple(fit for fit in fits if fit.component not in DETAILS or fit.line.source not in items)
    fits = (*fits, *find_detail_fits(fits, basis.sheet, known, basis.decisions))
    fits = (*fits, *find_fits_of_nationals(fits, find_equivalent_sources(fits, same), around))
    fits = tuple(compare_with_titles(fit, titles, known) for fit in fits)
    return add_table_wide_fits(fits, around, orders)


EMPTY_CONCEPTS = ("TOTAL", "ARTICLE", "PLAIN")


def read_title_as_total(fit: Fit, titles: Sequence[str], known: FlowKnowledge) -> Fit:
    """Read the sum of the other labels as the total if it repeats the titles: “Total immigrants”."""
    whole, codes = fit.line.whole, known.vocabulary.codes
    titled = {word for title in titles for word in plain(title).split()}
    words = plain(whole).split()
    more = [word for word in words if not any(codes(concept, word) for concept in EMPTY_CONCEPTS)]
    says_total = bool(more) or any(codes("TOTAL", word) for word in words)
    is_open = whole in fit.meanings and not any(candidate.is_applied for candidate in fit.meanings[whole])
    if not is_open or TOTAL not in list_codes(known.flow, fit.component) or not (says_total and {*more} <= titled):
        return fit
    meanings = {**fit.meanings, whole: (Candidate(TOTAL, SURE, reason="the sum of the others"),)}
    is_read = all(candidates and candidates[0].is_applied for candidates in meanings.values())
    return replace(fit, score=1.0 if is_read else fit.score, meanings=meanings)


ITEM_OF_ACCOUNT, MIGRATION = "ACC_ITEM", frozenset({"MIG", "IMM", "EMI"})


def interpret_moves(fits: tuple[Fit, ...], around: Surroundings, orders: Collection[LineSource]) -> tuple[Fit, ...]:
    """Read a line of arrivals, departures and their balance below a title of migration as items; the line is asked."""
    known = around.known
    titles = (read_title(title, known.recogniser) for title in around.titles)
    measures = (measure for title in titles for measure in title.of("MEASURE"))
    is_of_migration = any(measure.code in MIGRATION and not measure.negated for measure in measures)
    for line in around.lines if is_of_migration and list_codes(known.flow, ITEM_OF_ACCOUNT) >= MOVE_ITEMS else ():
        codes = {text: find_item_of_moves(text, known.recogniser) for text in line.texts}
        if not line.source.is_numbered or sorted(filter(None, codes.values())) != sorted(MOVE_ITEMS):
            continue
        own = next((fit for fit in fits if fit.line.source == line.source), None)
        others = tuple(fit for fit in fits if fit is not own)
        is_taken = line.source in orders if own is None else own.component != ITEM_OF_ACCOUNT
        if is_taken or any(fit.component == ITEM_OF_ACCOUNT for fit in others):
            continue
        meanings = {text: own.meanings[text] if own else () for text in line.texts}
        reason = "arrivals, departures and their balance"
        meanings |= {text: (Candidate(code, SURE, reason=reason),) for text, code in codes.items() if code}
        score = own.score if own and line.source in orders else ASKED
        return (*others, Fit(line, ITEM_OF_ACCOUNT, score=score, meanings=meanings))
    return fits


POPULATION, BEGINNING, END, AVERAGE, OFFERED = "POP", "POP_BEG", "POP_END", "POP_AVG", 0.3
CHANGES = (
    {"GROWTH": 1},
    {"NAT_INC": 1, "NET_MIG": 1},
    {"NAT_INC": 1, "FLW_IMM": 1, "FLW_EMI": -1},
    {"LBIRTH": 1, "DEATH": -1, "NET_MIG": 1},
    {"LBIRTH": 1, "DEATH": -1, "FLW_IMM": 1, "FLW_EMI": -1},
)
"""Items of the account, with signs, that add up to the change of the population in a year."""


def date_population(fit: Fit, fits: Sequence[Fit], around: Surroundings) -> Fit:
    """Date a population beside births and moves by sums; else ask whether it is of the beginning or end of a year."""
    known = around.known
    undated = [text for text in fit.line.texts if is_undated_population(text, fit, known)]
    if fit.component != ITEM_OF_ACCOUNT or len(undated) != 1:
        return fit
    codes = {text: candidates[0].code for text, candidates in fit.meanings.items() if candidates}
    years = next((other.line for other in fits if is_time(other.component, known.flow)), None)
    days = find_days_of_population(around, fit.line, {**codes, undated[0]: BEGINNING}, years)
    dated = tuple(Candidate(code, OFFERED, reason="a population") for code in (BEGINNING, END, AVERAGE))
    if len(days) == 1:
        dated = (Candidate(days.pop(), SURE, reason="births, deaths and moves add up to its change"),)
    return replace(fit, meanings={**fit.meanings, undated[0]: dated})


def is_undated_population(text: str, fit: Fit, known: FlowKnowledge) -> bool:
    reading = read_title(text, known.recogniser)
    is_population = {mention.code for mention in reading.of(MEASURE)} == {POPULATION} and not reading.unexplained
    return is_population and not any(candidate.is_applied for candidate in fit.meanings.get(text, ()))


def find_days_of_population(around: Surroundings, line: Line, codes: Mapping[str, str], years: Line | None) -> set[str]:
    """Find the items that the population can be: changes of a year follow its beginning and precede its end.

    `codes` are the items by label, with the population as that of the beginning.
    """
    others = [each for each in around.lines if each.source != line.source]
    series: dict[object, dict[int, Mapping[str, Decimal]]] = {}
    for (year, (_, *beside)), figures in index_figures_by_part(around.basis.region, line, others, years).items():
        if year.isdecimal():
            items = {codes[text]: figure for text, figure in figures.items() if text in codes and figure is not None}
            series.setdefault(tuple(beside), {})[int(year)] = items
    days = {BEGINNING, END} if years else set[str]()
    for by_year in series.values():
        for number, begun in by_year.items():
            following = by_year.get(number + 1, {})
            if {BEGINNING} <= begun.keys() & following.keys():
                growth = following[BEGINNING] - begun[BEGINNING]
                days &= {
                    day
                    for day, changed in ((BEGINNING, begun), (END, following))
                    for signs in CHANGES
                    if signs.keys() <= changed.keys()
                    and growth == sum(sign * changed[item] for item, sign in signs.items())
                }
    return days


COUNTRY, MAX_LABELS = "C_CITIZEN", 40


def find_fits_of_nationals(fits: Sequence[Fit], twins: Collection[LineSource], around: Surroundings) -> Iterator[Fit]:
    """Read “nationals” as citizens of the reporting country if the dataflow has no citizenship status."""
    key, area, known = around.known.flow.structure.key, around.basis.area, around.known
    if COUNTRY not in key or any(fit.component == COUNTRY for fit in fits) or CITIZENS in key or not area:
        return
    taken = {*twins, *(fit.line.source for fit in fits)}
    for line in around.lines:
        is_trait = bool(find_traits((line.head, *around.titles), known))
        is_free = line.source not in taken and is_open_line(line, known.recogniser) and not (line.upper or is_trait)
        if not is_free or len(line.texts) > MAX_LABELS:
            continue
        status_by_label = {text: classify_citizenship(text, known) for text in line.texts}
        statuses = {status for status, _ in status_by_label.values()}
        others = {country for _, country in status_by_label.values()} - {"", area}
        if {NATIONAL, FOREIGN} <= statuses <= {NATIONAL, FOREIGN, TOTAL} and not others:
            codes = {NATIONAL: area, TOTAL: TOTAL}
            meanings = {
                text: (Candidate(codes[status], SURE, reason="as the label states"),) if status in codes else ()
                for text, (status, _) in status_by_label.items()
            }
            yield Fit(line, COUNTRY, score=1.0, meanings=meanings)
            return


RECORDS_ITEM = "ADM_ITEM"


def compare_with_titles(fit: Fit, titles: Sequence[str], known: FlowKnowledge) -> Fit:
    """Match labels of administrative records with the titles: “first” below “work permits” is a kind of work permit.

    Other items, and all below “residence and work permits”, are doubted; the total of all kinds is their common item.
    """
    codelist = known.flow.codelist(fit.component) if fit.component == RECORDS_ITEM else None
    if codelist is None:
        return fit
    said = find_title_codes(fit.component, known.flow, titles, known.recogniser)
    ((titled, candidate),) = said.items() if len(said) == 1 else [("", None)]
    below = list_codes_below(titled, codelist) if titled else {item.id for item in codelist}
    read: dict[str, tuple[Candidate, ...]] = {}
    labelled = {text: candidates[0] for text, candidates in fit.meanings.items() if candidates}
    kinds_by_text = {
        text: {code for _, codes in concept_meanings(KIND, first.code) for code in codes}
        for text, first in labelled.items()
    }
    are_joined = any(
        is_joined(mention.span, reading)
        for reading in (read_title(title, known.recogniser) for title in titles)
        for mention in reading.of(MEASURE)
    ) and {first.code for first in labelled.values()}.isdisjoint(chain(*kinds_by_text.values()))
    for text, first in labelled.items():
        kinds = kinds_by_text[text] & below if titled else set()
        if are_joined and kinds_by_text[text]:
            codes = sorted({first.code, *kinds_by_text[text]})
            read[text] = tuple(replace(first, code=code, confidence=ASKED) for code in codes)
        elif kinds:
            read[text] = (replace(first, code=min(kinds)),)
        elif candidate and first.code not in below and titled not in list_codes_below(first.code, codelist):
            is_named = read_title(text, known.recogniser).of(MEASURE)
            read |= {} if is_named else {text: (replace(first, confidence=ASKED), candidate)}
    meanings = {**fit.meanings, **read}
    totals = find_totals(fit.line.texts, known)
    others = [candidates[:1] for text, candidates in meanings.items() if text not in totals]
    wholes = {codelist[first.code].parent if first.is_applied else "" for each in others for first in each}
    if len(totals) != 1 or len(wholes) != 1 or not all(others) or not wholes <= below - {""}:
        return replace(fit, meanings=meanings)
    meanings[totals[0]] = (Candidate(wholes.pop(), SURE, reason="the sum of the others"),)
    return replace(fit, score=1.0, meanings=meanings)


def list_open_dimensions(basis: Basis, lines: Sequence[Line]) -> list[str]:
    flow = basis.known.flow
    is_one_area = bool(basis.area) and not names_reporting_area(lines, basis.known)
    closed = {"FREQ", *find_only_codes(flow), *(["REF_AREA"] if is_one_area else [])}
    if any(line.source == SECTION and has_directions(line, basis.known.vocabulary) for line in lines):
        closed -= {DIRECTION}  # the rows of other directions are left out
    return [name for name in flow.structure.key if name not in closed]


def collect_line_decisions(basis: Basis, lines: Sequence[Line]) -> abc.Mapping[LineSource, str]:
    orders = find_line_decisions(basis.decisions, basis.sheet)
    check_line_decisions(orders, basis.region, basis.known)
    return {line.source: orders[str(line.source)] for line in lines if str(line.source) in orders}


def find_dimension_fits(
    around: Surroundings,
    wanted: Sequence[str],
    orders: abc.Mapping[LineSource, str],
    same: frozenset[tuple[LineSource, LineSource]],
) -> tuple[Fit, ...]:
    """Assign wanted dimensions to lines; `same` are equivalent lines."""
    known, area = around.known, around.basis.area
    undecided = [line for line in around.lines if line.source not in orders]
    first = (
        *find_national_fits(undecided, area, known),
        *find_birth_fits(undecided, area, known),
        *read_blocks(around.basis, undecided, wanted, around.titles),
        *read_parts_of_group(around.basis, undecided, wanted),
    )
    begun = {fit.line.source for fit in first}
    free = [line for line in undecided if line.source not in begun]
    read = {fit.component for fit in first}
    first = (*first, *read_side_by_side(around.basis, free, [name for name in wanted if name not in read]))
    components = {fit.component for fit in first}
    taken = {fit.line.source for fit in first} | find_equivalent_sources(first, same)
    free = [line for line in around.lines if line.source not in taken]
    twinned = [add_twins(around.basis.region, line, around.lines, same) for line in free]
    still_wanted = [name for name in wanted if name not in components]
    assigned = assign(twinned, still_wanted, around.titles, known, decided=orders, same=same)
    ordered = tuple(fit for fit in assigned if fit.line.source in orders)
    best = cap_scores_of_wordy_heads([fit for fit in assigned if fit.line.source not in orders], known)
    return (*first, *ordered, *add_reporter_alternative(best, area, around.titles, known))


def add_table_wide_fits(
    fits: tuple[Fit, ...], around: Surroundings, orders: abc.Mapping[LineSource, str]
) -> tuple[Fit, ...]:
    region, lines, known = around.basis.region, around.lines, around.known
    filled = [line for line in lines if len(line.texts) != 1 or read_common_text(region, line)]
    fits = (*fits, *find_constant_fits(filled, fits, known))
    fits = (*fits, *find_status_fits(region, lines, fits, known))
    fits = (*fits, *find_attribute_fits(lines, fits, known, orders))
    return read_label_multiples(fits, around)


def check_line_decisions(orders: abc.Mapping[str, str], region: Region, known: FlowKnowledge) -> None:
    for component in set(orders.values()) & set(known.flow.structure.key):
        sources = [source for source, ordered in orders.items() if ordered == component]
        if len(sources) > 1:
            message = f"Two lines of labels give {component}: {' and '.join(sources)}."
            only = build_only_label("LABEL")
            hint = f"Assign each to a different dimension, or write “{only}” to read one label of a line."
            raise InputError(message, Place(region.table.file, region.table.sheet), hint)


AS_WRITTEN, LARGE = "0", 100_000
SURE_SCORE, ASKED_SCORE = 0.95, 0.5
MIN_LETTERS = 4
MIN_MOST_SHARE = 0.5
"""Minimum share of the labels that must indicate it without a header."""


def find_attribute_fits(
    lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge, orders: abc.Mapping[LineSource, str]
) -> tuple[Fit, ...]:
    """Return columns that give an attribute of each row, by decision or by words; `fits` are the other components."""
    flow = known.flow
    taken, components = {fit.line.source for fit in fits}, {fit.component for fit in fits}
    closed = {*flow.structure.key, *find_only_codes(flow), *components}
    free = [attribute for attribute in ATTRIBUTES_OF_LINES if attribute in flow.structure and attribute not in closed]
    fit_by_attribute: dict[str, Fit] = {}
    for line in lines:
        if line.source in taken or line.source.kind in ("header", "section") or line.is_joined:
            continue
        for name in free:
            is_given = orders[line.source] == name if line.source in orders else can_give_component(line, name, known)
            if name not in fit_by_attribute and is_given:
                sure = ASKED_SCORE if YEAR.search(line.head) else SURE_SCORE  # of that year only, or of the whole row?
                fit_by_attribute[name] = Fit(line, name, score=sure, meanings=interpret(line, name, known))
                break
    return tuple(fit_by_attribute.values())


def can_give_component(line: Line, name: str, known: FlowKnowledge) -> bool:
    roles = set(known.vocabulary.codes("ROLE", plain(bare(line.head))))
    candidates_by_label = interpret(line, name, known)
    if name == RES_RULE:  # a length of stay may also divide the people: it is asked
        return not roles and all(text in list_codes(known.flow, name) for text in line.texts)
    if name in roles:
        return any(candidates_by_label.values()) if name == STATUS else len(line.texts) > 1
    understood = [candidates for text, candidates in candidates_by_label.items() if candidates and is_word(text)]
    return not roles and name == STATUS and len(understood) > MIN_MOST_SHARE * len(line.texts)


def is_word(text: str) -> bool:
    return len(text) >= MIN_LETTERS or bool(WITHOUT_BLANKS.search(text))


def interpret(line: Line, name: str, known: FlowKnowledge) -> dict[str, tuple[Candidate, ...]]:
    codes = list_codes(known.flow, name)
    return {text: tuple(_find_candidates(text, name, codes, known)) for text in line.texts}


def _find_candidates(text: str, name: str, codes: frozenset[str], known: FlowKnowledge) -> Iterator[Candidate]:
    if text in codes:
        yield Candidate(text, SURE_SCORE, reason="a code of the list")
        return
    if name == RES_RULE:
        yield from (candidate for candidate in find_rule_in_column(text, known) if candidate.code in codes)
        return
    words = known.vocabulary.candidates(name, text)
    yield from (candidate for candidate in sort_candidates(words) if candidate.code in codes)


UNIT_OPENING = re.compile(r"[(\[（,;，；]\s*$")
"""What precedes a unit in a label: “Men (persons)”."""


def read_label_multiples(fits: tuple[Fit, ...], around: Surroundings) -> tuple[Fit, ...]:
    """Read the unit of each label in a line with different units: “Men (thousands)”, “Women (persons)”.

    Other labels have the unit of the table, or none if their figures in thousands would be implausibly large.
    """
    known, components = around.known, {fit.component for fit in fits}
    lines = around.lines if MULTIPLE in known.flow.structure and MULTIPLE not in components else ()
    answer = decided(around.basis.decisions, around.basis.sheet, f"fixed {MULTIPLE}")
    titled = any(find_multiple(title, known, is_unit_line=False) for title in around.titles)
    for line in lines:
        has_key = any(fit.line.source == line.source and fit.component in known.flow.structure.key for fit in fits)
        stated = {text: find_multiple(text, known, is_unit_line=not has_key) for text in line.texts}
        usual = answer or (AS_WRITTEN if not titled and has_large_figures(line, stated, around.basis.region) else "")
        codes = {text: code or usual for text, code in stated.items()}
        is_read = any(stated.values()) and all(codes.values()) and len({*codes.values()}) >= SEVERAL
        if is_read and (has_key or has_distinct_units(line, fits, around.basis.region)):
            meanings = {text: (Candidate(code, SURE_SCORE, reason="the unit"),) for text, code in codes.items()}
            return (*(read_as_persons(fit, stated) for fit in fits), Fit(line, MULTIPLE, score=1.0, meanings=meanings))
    return fits


def has_large_figures(line: Line, stated: Mapping[str, str], region: Region) -> bool:
    """Check whether only figures below heads without a unit would be 100 million people or more in thousands."""
    if line.source.kind != "header" or not any(stated.values()):
        return False
    large = {
        head
        for head, texts in find_figures_below(region, line).items()
        if any((number := parse_number(text, is_stored=text.isdecimal())) and number >= LARGE for text in texts)
    }
    return bool(large) and not any(stated[head] for head in large)


def find_multiple(text: str, known: FlowKnowledge, *, is_unit_line: bool) -> str:
    """Return the code of the multiple that a label states; empty without a unit."""
    reading = read_title(text, known.recogniser)
    units = reading.of("UNIT", "UNIT_MEASURE", MULTIPLE)
    multiples = {find_component(unit.concept, unit.code) for unit in units}
    codes = {code for component, (code, *_) in multiples if component == MULTIPLE}
    if len(codes) == 1:
        return min(codes)
    is_stated = any(is_unit_line or UNIT_OPENING.search(text.partition(unit.phrase)[0]) for unit in units)
    return AS_WRITTEN if is_stated and not codes else ""


def has_distinct_units(line: Line, fits: Iterable[Fit], region: Region) -> bool:
    """Check whether every label of other lines has only one unit, so that no figure appears twice."""
    others = [map_labels(region, fit.line) for fit in fits if fit.line.source.kind == line.source.kind]
    keys = {(*(texts.get(at, "") for texts in others), text) for at, text in map_labels(region, line).items()}
    return bool(others) and len({key[:-1] for key in keys}) == len(keys)


def read_as_persons(fit: Fit, stated: Mapping[str, str]) -> Fit:
    """Read “thousands” below “Unit” as persons. Their multiple is its own component."""
    if fit.component != "UNIT_MEASURE":
        return fit
    persons = (Candidate("PS", SURE_SCORE, reason="persons, in a multiple"),)
    return replace(
        fit, meanings={text: each or (persons if stated.get(text) else ()) for text, each in fit.meanings.items()}
    )


REJECT_CODE = "REJECT"
STOCK_EVIDENCE = frozenset({STOCK})


def find_detail_fits(fits: Sequence[Fit], sheet: str, known: FlowKnowledge, decisions: Decisions) -> Iterator[Fit]:
    components = {fit.component for fit in fits}
    free = [name for name in DETAILS if name in known.flow.structure.key and name not in components]
    for fit in fits:
        if fit.component not in ITEMS:
            continue
        codes_of_labels = [find_codes_in_label(text, known.flow, known.recogniser)[0] for text in fit.line.texts]
        for name in (detail for detail in free if any(detail in codes for codes in codes_of_labels)):
            yield Fit(
                fit.line,
                name,
                score=1.0,
                meanings=dict(find_detail_meanings(fit, name, sheet, known, decisions=decisions)),
            )
        return


def find_detail_meanings(
    fit: Fit, name: str, sheet: str, known: FlowKnowledge, decisions: Decisions
) -> Iterator[tuple[str, tuple[Candidate, ...]]]:
    """Return the meaning of each label for a detail, or the total if none; ask after the label is confirmed."""
    listed = known.flow.codelist(name) or ()
    for text, candidates in fit.meanings.items():
        label_codes, understood = find_codes_in_label(text, known.flow, known.recogniser)
        codes = [code for code in sorted(label_codes.get(name, ())) if code in listed]
        answer = decided(decisions, sheet, f"codes {fit.component}", text)
        sure = candidates[0].code if candidates and candidates[0].is_applied else ""
        item = answer or sure
        is_none = item in ("", LEAVE_OUT) or (fit.component == ITEM and item != DECIDED)
        rejected = name != ACTION and label_codes.get(ACTION) == frozenset({REJECT_CODE})
        if name == ACTION and item == DECIDED and is_kind_of_protection(label_codes) and GRANT in listed:
            yield text, (Candidate(GRANT, MEASURES_ASKED, reason="a kind of protection: was it granted?"),)
        elif not (codes and item) and (is_none or rejected or understood or sure):
            yield text, (Candidate(TOTAL, MEASURES_SURE, reason="the label does not mention it"),)
        else:
            confidence = MEASURES_SURE if len(codes) == 1 else MEASURES_ASKED
            yield text, tuple(Candidate(code, confidence, reason="words for it") for code in codes)


def is_kind_of_protection(label_codes: Mapping[str, frozenset[str]]) -> bool:
    return (
        (MEASURES_STATUS in label_codes or ITEM in label_codes)
        and label_codes.get(ITEM, STOCK_EVIDENCE) <= STOCK_EVIDENCE
        and ACTION not in label_codes
    )


REF_AREA = "REF_AREA"
UNDECIDED_CONFIDENCE = 0.6


def names_reporting_area(lines: Iterable[Line], known: FlowKnowledge) -> bool:
    return any(len(line.texts) >= SEVERAL and REF_AREA in find_roles(line, known) for line in lines)


def add_reporter_alternative(
    fits: Sequence[Fit], area: str, titles: Sequence[str], known: FlowKnowledge
) -> tuple[Fit, ...]:
    titled_roles = frozenset(read_roles(titles, known.recogniser))
    return tuple(
        replace(fit, score=min(fit.score, UNDECIDED_CONFIDENCE), alternatives=(*fit.alternatives, REF_AREA))
        if area and may_be_reporters(fit, area, titled_roles, known)
        else fit
        for fit in fits
    )


def may_be_reporters(fit: Fit, area: str, titled_roles: frozenset[str], known: FlowKnowledge) -> bool:
    if fit.component == REF_AREA or not has_areas(fit.component, known.flow):
        return False
    roles = find_roles(fit.line, known) | titled_roles
    components = {component for role in roles for component in find_role_components(role, known.flow)}
    codes = {candidates[0].code for candidates in fit.meanings.values() if candidates}
    other_countries = {code for code in codes - {area} if code.isalpha()}
    return area in codes and len(other_countries) >= SEVERAL and fit.component not in components


def find_roles(line: Line, known: FlowKnowledge) -> frozenset[str]:
    roles = known.vocabulary.codes("ROLE", plain(bare(line.head)))
    return frozenset({*roles, *({REF_AREA} if line.head.strip().upper() == REF_AREA else ())})
