"""Columns or rows for another characteristic than their neighbours, such as “Period of arrival” beside “Sex”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title
from sdmxmig.conversion.suggestion.assignment import (
    LENGTHS,
    find_role_components,
    is_evident,
    is_trait,
    read_roles,
)
from sdmxmig.conversion.suggestion.line_sources import FIRST_COLUMN, SECTION, LineSource
from sdmxmig.conversion.suggestion.lines import (
    AGE,
    SHARED_CODES,
    TOTAL,
    Fit,
    FlowKnowledge,
    Line,
    find_line_meanings,
    has_areas,
    is_time,
    is_total,
    list_codes,
    list_lines,
    map_labels,
)
from sdmxmig.conversion.suggestion.measures import COUNTS
from sdmxmig.conversion.suggestion.nationals import find_birth_fits, find_national_fits
from sdmxmig.conversion.suggestion.other_measures import OtherMeasures
from sdmxmig.conversion.suggestion.questions import AND, AS_IT_IS, LEAVE_OUT, Basis, Question, decided
from sdmxmig.conversion.suggestion.regions import NON_DIMENSION_ROLES, Region
from sdmxmig.conversion.suggestion.sums_of_parts import have_equal_sums
from sdmxmig.conversion.suggestion.title_values import STATUS_OF, find_title_codes
from sdmxmig.conversion.suggestion.unused_lines import NOT_RECOGNISED
from sdmxmig.primitives.places import name_column
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, Skip
from sdmxmig.sdmx.model.sources import Source

BLOCKS = "blocks"
"""Questions about blocks of figures with another characteristic."""
LEAVE_OUT_QUESTION = "should their figures be left out?"
ASK_EACH = Candidate(AS_IT_IS, 0.5, reason="no: ask about each label")
PROPOSED_CONFIDENCE, READ_CONFIDENCE, MIN_LABELS = 0.6, 0.95, 2
MAX_LABELS = 40
"""Maximum number of labels of several characteristics in one line."""
OF_PEOPLE = frozenset({"AGE", "BIRTH_STATUS", "CTZ_STATUS", "SEX"})


@dataclass(frozen=True, slots=True)
class LabelBlock:
    """The labels of a line below one head, by column or row, and the components that have them as values."""

    head: str
    labels: Mapping[int, str]
    components: frozenset[str]


def skip_other_characteristics(measures: OtherMeasures, lines: Sequence[Line], basis: Basis) -> OtherMeasures:
    """Leave out blocks whose labels are not values of the neighbours' component, with one question per line."""
    for line in lines:
        upper = find_upper_line(line, basis.region)
        gone = measures.labels.get(line.source, frozenset())
        left = replace(line, texts=tuple(text for text in line.texts if text not in gone))
        listed = list_blocks(left, upper, basis) if upper else []
        blocks = [block for block in listed if upper and block.head not in measures.labels.get(upper.source, ())]
        others = find_others(blocks, line, basis.known)
        if upper and find_characteristics([block for block in blocks if block not in others], basis.known):
            measures = replace(measures, silent={**measures.silent, upper.source: frozenset(upper.texts)})
        if upper and others:
            measures = add_blocks(measures, line, upper, others, blocks, basis=basis)
    return measures


def read_blocks(basis: Basis, lines: Sequence[Line], wanted: Sequence[str], titles: Sequence[str]) -> Iterator[Fit]:
    """Read blocks of several characteristics in one line: figures by sex are for all ages, and vice versa."""
    known = basis.known
    for line in lines:
        upper = find_upper_line(line, basis.region)
        blocks = list_blocks(line, upper, basis) if upper else []
        by_component = find_characteristics(blocks, known)
        for name, own_blocks in by_component.items() if {*wanted} >= by_component.keys() else ():
            own = {text for block in own_blocks for text in block.labels.values()}
            others = {text for block in blocks if block not in own_blocks for text in block.labels.values()}
            texts = tuple(text for text in line.texts if text in own)
            own_line = replace(line, head=own_blocks[0].head, texts=texts)
            own_people = (find([own_line], basis.area, known) for find in (find_national_fits, find_birth_fits))
            own_fit = next((fit for fit in chain.from_iterable(own_people) if fit.component == name), None)
            read = own_fit.meanings if own_fit else find_line_meanings(own_line, name, known.flow, known.recogniser)
            codes = find_common_items(name, read, titles, known) if name in COUNTS else (TOTAL,)
            reason = "a value of another characteristic"
            total = tuple(Candidate(code, READ_CONFIDENCE / len(codes), reason=reason) for code in codes)
            meanings = {text: read.get(text, total) for text in line.texts}
            several = {text for text in own & others if not is_total(text, known.recogniser)}
            yield Fit(line, name, score=1.0, meanings={**meanings, **dict.fromkeys(several, ())})


def find_common_items(
    name: str, read: Mapping[str, Sequence[Candidate]], titles: Sequence[str], known: FlowKnowledge
) -> tuple[str, ...]:
    """Return the items that titles name, else the one above all that labels name."""
    items = known.flow.codelist(name) or ()
    parents = {item.parent for item in items if item.id in {each[0].code for each in read.values() if each}}
    stated = find_title_codes(name, known.flow, titles, known.recogniser)
    return tuple(stated) or (tuple(parents) if len(parents) == 1 and all(parents) else ())


def read_side_by_side(basis: Basis, lines: Sequence[Line], wanted: Sequence[str]) -> Iterator[Fit]:
    """Read “Total, Men, Women, Work, Family” as sex and reason if the figures of each have the same sums."""
    known = basis.known
    names = [name for name in wanted if TOTAL in list_codes(known.flow, name) and not has_areas(name, known.flow)]
    for line in lines:
        texts = tuple(text for text in line.texts if not is_total(text, known.recogniser))
        if not MIN_LABELS * MIN_LABELS <= len(texts) <= MAX_LABELS:
            continue
        own_line = replace(line, texts=texts)
        read = {name: find_line_meanings(own_line, name, known.flow, known.recogniser) for name in names}
        labels_by_name: dict[str, list[str]] = {}
        for text in texts:
            sure = {name: candidates[0].confidence for name in names if (candidates := read[name][text])}
            labels_by_name.setdefault(max(sure, key=sure.__getitem__, default=""), []).append(text)
        groups = [*labels_by_name.values(), *([text] for text in line.texts if text not in texts)]
        others = [other for other in lines if other is not line]
        is_divided = len(labels_by_name) > 1 and min(map(len, labels_by_name.values())) >= MIN_LABELS
        if not is_divided or "" in labels_by_name or not have_equal_sums(basis.region, line, others, groups):
            continue
        total = (Candidate(TOTAL, READ_CONFIDENCE, reason="a value of another characteristic"),)
        for name, own in labels_by_name.items():
            yield Fit(
                line,
                name,
                score=1.0,
                meanings={text: read[name][text] if text in own else total for text in line.texts},
            )


def read_parts_of_group(basis: Basis, lines: Sequence[Line], wanted: Sequence[str]) -> Iterator[Fit]:
    """Read “Nationals, Foreigners, of which women” as both; the group divided by “of which” is proposed."""
    known = basis.known
    for line in lines:
        wholes = {text: strip_of_which(text, known.vocabulary) for text in line.texts}
        parts = {text for text, whole in wholes.items() if whole != text}
        bare_line = replace(line, texts=tuple(dict.fromkeys(wholes.values())))
        components = find_components(bare_line, known) if parts else {}
        of_parts, of_others = (
            {name for text in texts for name in components.get(wholes[text], ()) if name in OF_PEOPLE}
            for texts in (parts, {*line.texts} - parts)
        )
        count = sum(not of_others.isdisjoint(components.get(text, ())) for text in {*line.texts} - parts)
        if (
            count < MIN_LABELS
            or len(of_parts) != 1
            or len(of_others) != 1
            or of_parts == of_others
            or not {*wanted} >= of_parts | of_others
        ):
            continue
        total: tuple[Candidate, ...] = (Candidate(TOTAL, READ_CONFIDENCE, reason="a value of another characteristic"),)
        own = find_line_meanings(bare_line, min(of_others), known.flow, known.recogniser)
        of_part = find_line_meanings(bare_line, min(of_parts), known.flow, known.recogniser)
        meanings, group = {text: own.get(text, ()) for text in line.texts if text not in parts}, total
        for _, text in sorted(map_labels(basis.region, line).items()):
            if text in parts:
                meanings[text] = (replace(group[0], confidence=PROPOSED_CONFIDENCE), *total)
            else:
                group = meanings.get(text) or total
        divided = {text: of_part.get(wholes[text], ()) if text in parts else total for text in line.texts}
        yield Fit(line, min(of_others), score=1.0, meanings=meanings)
        yield Fit(line, min(of_parts), score=1.0, meanings=divided)


def find_characteristics(blocks: Sequence[LabelBlock], known: FlowKnowledge) -> Mapping[str, list[LabelBlock]]:
    """Return the blocks of each of several characteristics; empty if some are not understood."""
    by_component: dict[str, list[LabelBlock]] = {}
    for block in blocks:
        is_shared = all(known.recogniser.shared(text) for text in block.labels.values())
        if len(block.components) == 1 and block.head and names_characteristic(block.head, known):
            by_component.setdefault(min(block.components), []).append(block)
        elif block.components or not is_shared:
            return {}
    have_totals = all(
        TOTAL in list_codes(known.flow, name) or has_areas(name, known.flow) or name in COUNTS for name in by_component
    )
    return by_component if len(by_component) > 1 and have_totals else {}


def find_upper_line(line: Line, region: Region) -> Line | None:
    """Return the header row above another one, or the titles between rows; None if they do not begin a block."""
    if line.source.kind == "header" and line.source.is_numbered and not line.source.part:
        above = LineSource(Source("header", (line.source.number or 1) - 1))
        return next((each for each in list_lines(region) if each.source == above), None)
    titles = tuple(dict.fromkeys(region.section_titles.values()))
    return Line(SECTION, "", texts=titles) if line.source == FIRST_COLUMN and titles and not line.upper else None


def list_blocks(line: Line, upper: Line, basis: Basis) -> list[LabelBlock]:
    region = basis.region
    texts = {at: text for at, text in map_labels(region, line).items() if text in line.texts}
    if upper.source == SECTION:
        texts = {row: text for row, text in texts.items() if row in region.counted}
    heads = place_heads(texts, upper, region)
    by_head: dict[str, dict[int, str]] = {}
    for at, text in texts.items():
        head = heads.get(at, "")
        by_head.setdefault("" if head == text else head, {})[at] = text
    if len(by_head.keys() - {""}) == 0 or len(by_head) < MIN_LABELS:
        return []
    blocks = []
    for head, labels in by_head.items():
        own = replace(line, head=head, texts=tuple(dict.fromkeys(labels.values())))
        components = find_named_components(own, basis.known)
        blocks.append(LabelBlock(head, labels, components or find_area_component(own, basis.known)))
    return blocks


def find_named_components(line: Line, known: FlowKnowledge) -> frozenset[str]:
    """Return the component of the labels that the head names, or all of them; lengths in months are not ages."""
    components = frozenset().union(*find_components(line, known).values())
    roles = read_roles([line.head], known.recogniser)
    ages = find_line_meanings(line, AGE, known.flow, known.recogniser) if AGE in components else {}
    in_months = any(candidates and candidates[0].code.startswith("M") for candidates in ages.values())
    traits = frozenset({"DURATION"}) if in_months else frozenset()
    fits = (Fit(line, name, score=1.0, meanings={}) for name in components)
    components -= {fit.component for fit in fits if is_trait(fit, traits, set(), known)}
    named = (find_role_components(role, known.flow) for role in roles)
    firsts = (next((name for name in names if name in components), "") for names in named)
    return frozenset(firsts) - {""} or components


def find_area_component(line: Line, known: FlowKnowledge) -> frozenset[str]:
    """Return the component of countries that the head of a block names, if most of its labels are countries."""
    roles = [role.code for role in read_title(line.head, known.recogniser).of("ROLE")]
    named = {name for role in roles for name in find_role_components(role, known.flow)[:1]}
    names = frozenset(name for name in named if name in known.flow.structure.key and has_areas(name, known.flow))
    if len(names) != 1:
        return frozenset()
    meanings = find_line_meanings(line, min(names), known.flow, known.recogniser)
    count = sum(bool(candidates) and candidates[0].is_applied for candidates in meanings.values())
    return names if 2 * count > len(meanings) else frozenset()


def place_heads(texts: Mapping[int, str], upper: Line, region: Region) -> Mapping[int, str]:
    if upper.source != SECTION:
        return map_labels(region, upper)
    titles = region.section_titles
    return {row: titles[max((at for at in titles if at < row), default=0)] for row in texts if row > min(titles)}


def find_components(line: Line, known: FlowKnowledge) -> dict[str, frozenset[str]]:
    """Return the components, except countries and periods, that certainly have every label as a value."""
    components: dict[str, set[str]] = {}
    key = [name for name in known.flow.structure.key if known.flow.codelist(name) and not is_time(name, known.flow)]
    for name in (name for name in key if not has_areas(name, known.flow)):
        for text, candidates in find_line_meanings(line, name, known.flow, known.recogniser).items():
            if candidates and candidates[0].is_applied and candidates[0].code not in SHARED_CODES:
                components.setdefault(text, set()).add(name)
    return {text: frozenset(names) for text, names in components.items()}


def find_others(blocks: Sequence[LabelBlock], line: Line, known: FlowKnowledge) -> list[LabelBlock]:
    """Return the blocks with a head for another characteristic than that of the blocks to read."""
    read = any(block.components for block in blocks)
    others = [block for block in blocks if read and block.head and has_other_characteristic(block, line, known)]
    own = [block for block in blocks if block not in others]
    named = [block for block in own if block.head and block.components and names_characteristic(block.head, known)]
    if not find_characteristics(own, known):
        others += [block for block in named[1:] if block.components.isdisjoint(named[0].components)]
    return [block for block in others if not shares_labels(block, blocks, known)]


def shares_labels(block: LabelBlock, blocks: Sequence[LabelBlock], known: FlowKnowledge) -> bool:
    elsewhere = {text for other in blocks if other is not block for text in other.labels.values()}
    return any(text in elsewhere and not known.recogniser.shared(text) for text in block.labels.values())


def has_other_characteristic(block: LabelBlock, line: Line, known: FlowKnowledge) -> bool:
    flow, recogniser = known.flow, known.recogniser
    reading = read_title(block.head, recogniser)
    # “Age (years)” names a unit, not the periods.
    roles = {role.code for role in reading.of("ROLE")} - NON_DIMENSION_ROLES - {"OBS_VALUE", "TIME_PERIOD"}
    named = {name for role in roles for name in find_role_components(role, flow)}
    named |= {STATUS_OF[name] for name in named & STATUS_OF.keys()}
    if block.components:
        own = replace(line, head=block.head, texts=tuple(dict.fromkeys(block.labels.values())))
        read = {
            name: find_line_meanings(own, name, flow, recogniser) for name in block.components.intersection(LENGTHS)
        }
        fits = [Fit(own, name, score=1.0, meanings=meanings) for name, meanings in read.items()]
        is_unsaid = not all(is_evident(fit, (), (), known) for fit in fits)
        return is_unsaid or (bool(roles) and named.isdisjoint(block.components))
    head = Line(line.source, "", texts=(block.head,))
    if recogniser.shared(block.head) or find_components(head, known):
        return False
    texts = tuple(dict.fromkeys(text for text in block.labels.values() if not recogniser.shared(text)))
    time = flow.structure.time_id
    periods = find_line_meanings(replace(line, texts=texts), time, flow, recogniser) if time and texts else {}
    is_of_figures = bool(periods) and all(periods.values()) and not names_other_years(reading)
    return len(texts) >= MIN_LABELS and not is_of_figures


def names_other_years(head: ReadTitle) -> bool:
    """Check whether the years below a head date something other than the figures: “year of arrival”."""
    return bool(head.of("OTHER_YEAR")) or (bool(head.unexplained) and not head.of("MEASURE", "UNIT"))


def add_blocks(
    measures: OtherMeasures,
    line: Line,
    upper: Line,
    others: Sequence[LabelBlock],
    blocks: Sequence[LabelBlock],
    *,
    basis: Basis,
) -> OtherMeasures:
    question = ask_about_blocks(line, others, basis)
    answer = decided(basis.decisions, basis.sheet, question.part, question.label)
    if answer == AS_IT_IS:
        return replace(measures, questions=(*measures.questions, question))
    reason = LEFT_OUT_BY_ANSWER if answer == LEAVE_OUT else NOT_RECOGNISED
    skips = tuple(skip for block in others for skip in skip_block(block, line, upper, reason))
    kept = {text for block in blocks if block not in others for text in block.labels.values()}
    out = frozenset(text for block in others for text in block.labels.values()) - kept
    heads = frozenset(block.head for block in others)
    names_blocks = all(names_characteristic(text, basis.known) for text in {*upper.texts} - heads)
    gone = {line.source: out, upper.source: frozenset(upper.texts) if names_blocks else heads}
    labels = {source: measures.labels.get(source, frozenset()) | texts for source, texts in gone.items()}
    is_of_rows = upper.source == SECTION
    return replace(
        measures,
        rows=(*measures.rows, *(skips if is_of_rows else ())),
        columns=(*measures.columns, *(() if is_of_rows else skips)),
        labels={**measures.labels, **labels},
        questions=(*measures.questions, question),
    )


def names_characteristic(head: str, known: FlowKnowledge) -> bool:
    """Check whether a head names the characteristic of its labels, such as “Sex”, and is not itself a value."""
    line = Line(SECTION, "", texts=(head,))
    names = [name for name in known.flow.structure.key if known.flow.codelist(name) or is_time(name, known.flow)]
    meanings = (find_line_meanings(line, name, known.flow, known.recogniser)[head] for name in names)
    return not any(candidate.code not in SHARED_CODES for candidates in meanings for candidate in candidates[:1])


def skip_block(block: LabelBlock, line: Line, upper: Line, reason: str) -> Iterator[Skip]:
    if upper.source == SECTION:
        yield Skip(block.head, reason, headers=(0,))
        return
    for column, text in block.labels.items():
        yield Skip(text, reason, headers=(line.source.number or 1,), column=name_column(column))


def ask_about_blocks(line: Line, others: Sequence[LabelBlock], basis: Basis) -> Question:
    heads = AND.join(block.head for block in others)
    labels = ", ".join(dict.fromkeys(text for block in others for text in block.labels.values()))
    reason = f"the labels “{labels}” show a different characteristic from their neighbours: {LEAVE_OUT_QUESTION}"
    chosen = Candidate(LEAVE_OUT, PROPOSED_CONFIDENCE, reason=reason)
    return Question(basis.sheet, f"{BLOCKS} {line.source}", label=heads, chosen=chosen, others=(ASK_EACH,))
