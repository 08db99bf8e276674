"""Lines not used by any component: omissions and questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.groups import find_remainder, names_group
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.suggestion.assignment import find_role_components
from sdmxmig.conversion.suggestion.cut_labels import recognise_country
from sdmxmig.conversion.suggestion.figures import counts_up
from sdmxmig.conversion.suggestion.line_sources import FIRST_COLUMN, SECTION, LeftOut, LineSource, find_script
from sdmxmig.conversion.suggestion.lines import (
    REST,
    Fit,
    FlowKnowledge,
    Line,
    assess_fit,
    is_time,
    is_total,
    map_labels,
    recognise_texts,
)
from sdmxmig.conversion.suggestion.measures import COUNTS
from sdmxmig.conversion.suggestion.nationals import classify_citizenship
from sdmxmig.conversion.suggestion.other_measures import starts_with_of_which
from sdmxmig.conversion.suggestion.periods import read_line_periods
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Basis, Question, ask, build_only_label, decided
from sdmxmig.conversion.suggestion.region_names import propose_code
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.stated_rules import RES_RULE, find_rule_in_column
from sdmxmig.conversion.suggestion.sums_of_parts import find_summed_rows, find_whole
from sdmxmig.conversion.suggestion.title_values import CITIZENS, FOREIGN, NATIONAL
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, TO_CONFIRM

MIN_ROWS_OF_SUM = 3
"""Minimum number of rows that a subtotal and its parts have."""
MIN_NUMBERS = 4
"""Minimum number of labels that go with others beyond chance."""
MAX_LISTED_CELLS = 8
MAX_OFFERED = 3
"""Maximum number of labels of a line offered as the only one to read."""
OUT = Candidate(LEAVE_OUT, 0.1, reason="leave out its figures")
NOT_RECOGNISED = f"not recognised: {TO_CONFIRM}"
PART_REASON = "a part of the row above that is not read"
MIN_CODED_SHARE = 0.6
CHANGE_CONCEPTS = ("CHANGE", "PERCENT")
"""Units of changes, and of parts of a whole."""
NON_FIGURE_ROLES = frozenset({"CODE", "COMMENT"})
CODE = re.compile(r"\S*\d\S*")
"""Labels that may be codes: without blanks, with a digit."""
SHORT_CODE = re.compile(r"[A-Z0-9_.-]{1,15}")
PLACE_CONFIDENCE = 0.5
REPORTING, COUNTRY, PLACE = "REF_AREA", "C_CITIZEN", "PLACE"


def find_repeated_rests(region: Region, known: FlowKnowledge) -> frozenset[str]:
    """Return remainders among repeated rows: a second “Other” may belong to another group with the same figures."""
    texts = {text for row, text in region.fold_column(region.side) if row in region.again}
    return frozenset(text for text in texts if REST in {each.code for each in known.recogniser.shared(text)})


def find_unused_lines(
    basis: Basis, fits: Sequence[Fit], lines: Sequence[Line], lines_of_others: Sequence[Line] = ()
) -> tuple[tuple[LeftOut, ...], tuple[Question, ...]]:
    """Find unused lines, with labels left out and questions. Only totals are kept; equivalent lines are ignored."""
    region, known = basis.region, basis.known
    sources, same = {fit.line.source for fit in fits}, find_same_lines(region, lines, known)
    telling = [*(fit.line for fit in fits if fit.component in known.flow.structure.key), *lines_of_others]
    left_out: list[LeftOut] = []
    questions: list[Question] = []
    several = region.repeated | find_repeated_rests(region, known)
    repeated = sorted(several & find_repeated_labels(region, telling)) if several else []
    below = [line for line in lines if line.upper and len(line.texts) == 1 and line.source not in sources]
    parts = [line for line in below if starts_with_of_which(line.texts[0], known.vocabulary)]
    left_out += [(line.source, line.texts[0], PART_REASON) for line in parts]
    repeated = [line.texts[0] for line in below if line not in parts] or repeated
    if repeated and (below or not any(SECTION in line.source.parts or line.upper for line in lines)):
        label = ", ".join(repeated[:3])
        is_confirmed = decided(basis.decisions, basis.sheet, "rows", label) == LEAVE_OUT
        left_out += [(FIRST_COLUMN, text, LEFT_OUT_BY_ANSWER if is_confirmed else NOT_RECOGNISED) for text in repeated]
        cells = [
            format_cell(region.table.row_number(row), region.side) + " (hidden)" * (row in region.table.hidden_rows)
            for row, text in region.fold_column(region.side)
            if text in repeated[:3]
        ]
        where = f"{', '.join(cells[:MAX_LISTED_CELLS])}{', …' if len(cells) > MAX_LISTED_CELLS else ''}"
        reason = f"they appear in several rows ({where}) and look the same: correct the table, or leave them out"
        are_sums = find_subtotals(region, lines).issuperset(repeated)
        if are_sums:
            reason = f"each is the sum of neighbouring rows ({where}): leave them out"
        question = ask(region.name, "rows", reason, label=label, others=(OUT,))
        questions.append(propose_code(question, LEAVE_OUT if are_sums else ""))
    for line in lines:
        texts = line.texts
        roles = set(known.vocabulary.codes("ROLE", plain(bare(line.head))))
        others_tell = any(other is not line and other.source.kind != "header" for other in lines)
        is_silent = len(texts) < 2 or (others_tell and not roles.isdisjoint(NON_FIGURE_ROLES))
        if line.source in sources or is_silent or is_change(line.head, known):
            continue
        if line.source == SECTION:
            if not line.needed and region.again:
                continue  # the main countries above all
            upper = list_labels_without_total(texts, line, known) if any(line.upper for line in lines) else []
            left_out += [(FIRST_COLUMN, text, NOT_RECOGNISED) for text in (*sorted(region.repeated), *upper)]
        elif sources & {source for source, twin in same if twin == line.source} or is_identifier(region, line, telling):
            questions += [ask_about_numbers(region, line)] if may_count(line, known) else []
            continue
        else:
            left_out += [(line.source, text, NOT_RECOGNISED) for text in list_labels_without_total(texts, line, known)]
        whole = find_whole(region, line, lines)
        own = (
            [whole] if whole and recognise_country(whole, known.recogniser) == basis.area else []
        )  # beside its regions
        questions.append(ask_about_line(region, line, fits, find_totals(texts, known) or own, known=known))
    return tuple(left_out), tuple(questions)


def find_subtotals(region: Region, lines: Sequence[Line]) -> frozenset[str]:
    """Return repeated labels without titles to tell them apart, if each is the sum of rows right below or above it."""
    repeated = frozenset[str]() if any(SECTION in line.source.parts for line in lines) else region.repeated
    rows = [row for row, text in region.fold_column(region.side) if text in repeated and row in region.counted]
    sums = find_summed_rows(region, rows) if len(rows) * MIN_ROWS_OF_SUM <= len(region.counted) else {}
    are_sums = len(sums) == len(rows) and sums.keys().isdisjoint(frozenset().union(*sums.values()))
    return repeated & find_repeated_labels(region, lines) if are_sums else frozenset()


def find_repeated_labels(region: Region, telling: Sequence[Line]) -> frozenset[str]:
    behind = [
        map_labels(region, replace(line, source=source))
        for line in telling
        for source in line.source.parts
        if source.kind == "column" and not source.is_numbered
    ]
    keys = [(text, *(texts.get(row, "") for texts in behind)) for row, text in region.fold_column(region.side)]
    return frozenset(key[0] for key, times in Counter(keys).items() if times > 1)


def may_count(line: Line, known: FlowKnowledge) -> bool:
    vocabulary, head = known.vocabulary, plain(bare(line.head))
    known_head = not head or vocabulary.codes("ROLE", head) or vocabulary.codes("PLAIN", head)
    if known_head or not all(text.isdecimal() for text in line.texts) or counts_up(line.texts):
        return False
    return not any(text.startswith("0") for text in line.texts) and len(set(map(len, line.texts))) > 1


def ask_about_numbers(region: Region, line: Line) -> Question:
    reason = f"the numbers under “{line.head}” ({', '.join(line.texts[:3])}) have no meaning yet: are they codes?"
    accepted = Candidate(AS_IT_IS, 0.5, reason="yes: they are codes")
    return ask(region.name, "numbers", reason, label=line.head, others=(accepted,))


def is_change(head: str, known: FlowKnowledge) -> bool:
    return any(candidate.code in CHANGE_CONCEPTS for candidate in known.vocabulary.inside("UNIT", head))


def list_labels_without_total(texts: Sequence[str], line: Line, known: FlowKnowledge) -> list[str]:
    totals = find_totals(texts, known)
    out = [text for text in texts if len(totals) != 1 or text not in totals]
    return [*out, *([""] if line.has_gaps else [])]


def find_totals(texts: Sequence[str], known: FlowKnowledge) -> list[str]:
    return [text for text in texts if is_total(text, known.recogniser)]


IGNORED = Candidate(AS_IT_IS, 0.1, reason="ignore these labels: they only group or describe others")


def ask_about_line(
    region: Region, line: Line, fits: Sequence[Fit], totals: Sequence[str], *, known: FlowKnowledge
) -> Question:
    texts = line.texts
    what = f"{line.head}: " * bool(line.head) + f"{', '.join(texts[:3])}{' …' if len(texts) > 3 else ''}"
    reason = "its labels differ, and the table does not name the characteristic"
    closed = {"FREQ", *find_only_codes(known.flow), *(fit.component for fit in fits)}
    head, titles = (find_named_components(texts, known) for texts in ([line.head], region.titles))
    open_dimensions = [name for name in known.flow.structure.key if name not in closed]
    parts = replace(line, texts=tuple(text for text in texts if text not in totals))
    counts = count_fitting_labels(parts, open_dimensions, known)
    open_dimensions.sort(key=lambda name: (name not in head, name not in titles, -counts[name], name in COUNTS))
    attributes = [RES_RULE] if any(any(find_rule_in_column(text, known)) for text in texts) else []
    attributes += [STATUS] if known.vocabulary.inside(STATUS, line.head) and STATUS in known.flow.structure else []
    names = (*attributes, *open_dimensions)[:3]
    near = [Candidate(name, 0.1, reason="not yet read from the table") for name in names]
    near += [IGNORED] if line.source != FIRST_COLUMN else []
    if line.source.is_numbered:
        reason_of_one, offered = "the other labels are left out", [*dict.fromkeys((*totals, *texts))][:MAX_OFFERED]
        near += [Candidate(build_only_label(text), 0.1, reason=reason_of_one) for text in offered]
    part, others = f"line {line.source}", tuple(near)
    is_grouping = line.source == SECTION and is_undivided(region, known)
    reason = "the labels below these titles add up to the total" if is_grouping else reason
    question = ask(region.name, part, reason, label=what, others=others)
    return propose_code(question, AS_IT_IS if is_grouping else "")


def is_undivided(region: Region, known: FlowKnowledge) -> bool:
    """Check whether a total is the sum of all other labels, each of which is below one title between the rows only."""
    texts = {row: text for row, text in region.fold_column(region.side) if row in region.counted}
    totals = {row for row, text in texts.items() if known.vocabulary.inside("TOTAL", text)}
    others = [text for row, text in texts.items() if row not in totals]
    rows = {str(row) for row in texts.keys() - totals}
    return len(others) == len(set(others)) and any(map(rows.issubset, find_summed_rows(region, totals).values()))


def group_countries(region: Region, known: FlowKnowledge) -> bool:
    """Check whether titles between the rows are groups of the countries below them, each listed in one group only.

    If only some of them name groups, sums have to show that they divide the total.
    """
    titles = dict.fromkeys(region.section_titles.values())
    rows = region.counted - region.again if titles else frozenset[int]()
    texts = [text for row, text in region.fold_column(region.side) if row in rows]
    labels = [text for text in texts if not (known.recogniser.shared(text) or find_remainder(text, known.recogniser))]
    countries = [text for text in labels if recognise_country(text, known.recogniser).isalpha()]
    are_groups = [
        names_group(text, known.recogniser) or bool(known.recogniser.candidates(text, "PARTNER")) for text in titles
    ]
    is_listed = 2 * len(countries) > len(labels) and len(countries) == len(set(countries))
    return is_listed and (all(are_groups) or (any(are_groups) and is_undivided(region, known)))


def find_named_components(texts: Iterable[str], known: FlowKnowledge) -> frozenset[str]:
    roles = {candidate.code for text in texts for candidate in known.vocabulary.inside("ROLE", text)}
    return frozenset(component for role in roles for component in find_role_components(role, known.flow))


def count_fitting_labels(line: Line, components: Sequence[str], known: FlowKnowledge) -> Mapping[str, float]:
    """Count the labels of a line that fit each component; an uncoded component gets the rest."""
    counts = dict.fromkeys(components, 0.0)
    coded = [name for name in components if known.flow.codelist(name) is not None]
    for name in coded:
        meanings = assess_fit(line, name, known.flow, known.recogniser).meanings if name != REPORTING else {}
        telling = [text for text, candidates in meanings.items() if candidates and not known.recogniser.shared(text)]
        counts[name] = float(len(telling))
    if COUNTRY in counts and CITIZENS not in known.flow.structure.key:
        counts[COUNTRY] += sum(classify_citizenship(text, known)[0] in (NATIONAL, FOREIGN) for text in line.texts)
    places = sum(bool(read_title(text, known.recogniser).of(PLACE)) for text in line.texts)
    for name in components:
        if name not in coded and not is_time(name, known.flow):
            counts[name] = places + (0 if line.source.kind == "header" else PLACE_CONFIDENCE)
    return counts


def find_same_lines(
    region: Region, lines: Sequence[Line], known: FlowKnowledge
) -> frozenset[tuple[LineSource, LineSource]]:
    listed = [line for line in lines if line.source != SECTION and not line.is_joined and len(line.texts) > 1]
    pairs = permutations(listed, 2)
    return frozenset((line.source, twin.source) for line, twin in pairs if has_same_meaning(region, line, twin, known))


def has_same_meaning(region: Region, line: Line, twin: Line, known: FlowKnowledge) -> bool:
    """Check whether two lines differ only in words; different known countries do not correspond."""
    codes = any(all(map(SHORT_CODE.fullmatch, either.texts)) for either in (line, twin))
    if line.source.kind != twin.source.kind:
        return False
    texts, twin_texts = select_figure_texts(region, line), select_figure_texts(region, twin)
    if is_translation(line, twin):  # it may be present at some labels only
        positions = (
            texts.keys() & twin_texts.keys()
            if len(texts.keys() & twin_texts.keys()) >= MIN_NUMBERS
            else texts.keys() | twin_texts.keys()
        )
        texts, twin_texts = (
            {at: text for at, text in side_texts.items() if at in positions} for side_texts in (texts, twin_texts)
        )
    if len(set(texts.values())) != len(set(twin_texts.values())) and not codes:
        return False
    if len(line.texts) < MIN_NUMBERS and not codes and not has_same_labels(line, twin, known):
        return False
    if any(read_line_periods(either.texts, known.vocabulary).moments for either in (line, twin)):
        return False
    if codes and min(len(texts), len(twin_texts)) >= MIN_CODED_SHARE * max(len(texts), len(twin_texts)):
        texts = {position: text for position, text in texts.items() if position in twin_texts}  # a total has no code
        twin_texts = {position: text for position, text in twin_texts.items() if position in texts}
    pairs = {(text, twin_texts.get(position, "")) for position, text in texts.items()}
    if texts.keys() != twin_texts.keys() or not len(pairs) == len(set(texts.values())) == len(set(twin_texts.values())):
        return False
    return not any(are_different(text, counterpart, known) for text, counterpart in pairs)


def is_translation(line: Line, twin: Line) -> bool:
    if line.source.is_numbered == twin.source.is_numbered:
        return False
    scripts, twin_scripts = (
        {find_script(word) for text in (either.head, *either.texts) for word in text.split()} - {""}
        for either in (line, twin)
    )
    return len(scripts) == len(twin_scripts) == 1 and scripts != twin_scripts and bool(line.head) and bool(twin.head)


def add_twins(
    region: Region, line: Line, lines: Sequence[Line], same: Collection[tuple[LineSource, LineSource]]
) -> Line:
    twin_texts = [select_figure_texts(region, twin) for twin in lines if (line.source, twin.source) in same]
    texts = select_figure_texts(region, line) if twin_texts else {}
    pairs = (
        {texts[at]: texts_of_twin[at] for at in texts.keys() & texts_of_twin.keys()} for texts_of_twin in twin_texts
    )
    return replace(line, twins=tuple(tuple(sorted(labels.items())) for labels in pairs))


def select_figure_texts(region: Region, line: Line) -> Mapping[int, str]:
    texts = map_labels(region, line)
    return texts if line.source.kind == "header" else {row: texts[row] for row in texts if row in region.counted}


def has_same_labels(line: Line, twin: Line, known: FlowKnowledge) -> bool:
    meanings = ([*group_meanings(either, known)] for either in (line, twin))
    return any(all(codes) and codes == twin_codes for codes, twin_codes in zip(*meanings, strict=True))


def group_meanings(line: Line, known: FlowKnowledge) -> Iterator[list[str]]:
    for concept in ("SEX", "PARTNER", "AGE"):
        listed = map(choose_best, recognise_texts(line.texts, concept, known.recogniser).values())
        yield [meaning.code if meaning and meaning.is_applied else "" for meaning in listed]
    yield [classify_citizenship(text, known)[0] for text in line.texts]


def are_different(text: str, counterpart: str, known: FlowKnowledge) -> bool:
    meanings = [choose_best(known.recogniser.candidates(label, "PARTNER")) for label in (text, counterpart)]
    sure = {candidate.code for candidate in meanings if candidate is not None and candidate.is_applied}
    return len(sure) == 2


def is_identifier(region: Region, line: Line, read: Sequence[Line]) -> bool:
    """Check whether labels are codes for combinations of other lines' labels."""
    if not all(CODE.fullmatch(text) for text in line.texts):
        return False
    along = [
        other_line for other_line in read if not other_line.is_joined and other_line.source.kind == line.source.kind
    ]
    codes = {position: text for position, text in map_labels(region, line).items() if text}
    texts_by_line = [map_labels(region, line) for line in along]
    joint = [
        texts_by_line,
        *([texts] for texts in texts_by_line),
        *([texts for texts in texts_by_line if texts is not dropped] for dropped in texts_by_line),
    ]
    return any(is_one_to_one(codes, combined) for combined in joint if combined)


def is_one_to_one(codes: Mapping[int, str], texts_by_line: Sequence[Mapping[int, str]]) -> bool:
    pairs = {(code, tuple(texts.get(position, "") for texts in texts_by_line)) for position, code in codes.items()}
    return len(pairs) == len({code for code, _ in pairs}) == len({key for _, key in pairs})
