"""Assignment of lines of labels to components."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import (
    AREA_LISTS,
    SHARED_CODES,
    Fit,
    FlowKnowledge,
    Line,
    assess_fit,
    find_line_meanings,
    get_list_id,
    has_areas,
    is_time,
)
from sdmxmig.conversion.suggestion.measures import APPLIED, DECIDED, ITEM
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.sdmx.model.data import Flow

ASYLUM = "ASYLUM"
"""The role of countries of asylum, to which people go and from which they return."""
DIMENSIONS_BY_ROLE: Mapping[str, tuple[str, ...]] = {
    "ORIGIN": ("C_BIRTH", "C_CITIZEN", "COUNTERPART_AREA", "C_RESIDENCE"),
    "DESTINATION": ("C_DESTINATION", "COUNTERPART_AREA", "REF_AREA", "C_RESIDENCE"),
    ASYLUM: ("C_DESTINATION", "COUNTERPART_AREA", "REF_AREA", "C_RESIDENCE"),
    "MIG_REASON": ("REASON", "GROUND", "MOB_TYPE"),
    "MONTH": ("TIME_PERIOD",),
    "STAY_DUR": ("STAY_DUR", "DUR_STAY"),
}
ABROAD, NEXT_RESIDENCE, EMIGRATION = frozenset({"DESTINATION", ASYLUM}), "C_RESIDENCE", "E"
"""The destination of emigrants is their next residence, and never the reporting country."""
ANY_AREA = frozenset({"AREA", "REGION"})
"""Roles of headers such as “country”, which leave open whose country it is."""
UNSAID_ROLES = ANY_AREA | {"ORIGIN"}
"""Roles of headers, such as “origin”, whose meaning a title may state."""
TRAIT = "TRAIT"
CONFUSED_DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "DURATION": ("CL_AGE",),
    "ETHNICITY": AREA_LISTS,
    "LANGUAGE": AREA_LISTS,
    "RELIGION": AREA_LISTS,
    "FORMER": AREA_LISTS,
    "YEAR": ("",),
}
FORMER_ROLE, FORMER_TRAIT = "C_FORMER", "FORMER"
"""The role of former citizenships, and the trait if no component has the role."""
ROW_CONCEPTS = frozenset({"CODE", "COMMENT", "OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT"})
"""Roles of columns outside dimensions."""
COUNTERPART = "COUNTERPART_AREA"
LENGTHS = ("DURATION", "STAY_DUR")
YEARS_OF_STAY = "DUR_STAY"
"""The component of stays in years, whose labels are also ages."""
MIN_FIT = 0.5
NAMED_SCORE, OTHER_NAME_SCORE, TITLE_SCORE, ANY_AREA_SCORE = 0.35, 0.5, 0.3, 0.05
NAME_SCORE = 0.9
PARTIAL_SCORE = 0.25
UNSHARED_LISTS = frozenset({"CL_PARTNER", "CL_AREA", "CL_AGE"})
"""Lists whose components have their own header; one header may give several of the others."""
UNDECIDED, PLACE = 0.6, "PLACE"
APPLICATIONS = frozenset({APPLIED, "APPLIED_FIRST", "APPLIED_SUBS"})


def assign(
    lines: Sequence[Line],
    components: Sequence[str],
    titles: Sequence[str],
    known: FlowKnowledge,
    *,
    decided: Mapping[LineSource, str] | None = None,
    same: frozenset[tuple[LineSource, LineSource]],
) -> tuple[Fit, ...]:
    """Assign each component to its best line; scores are 0 to 1.

    Headers and titles count for and against components. `decided` are user decisions; `same` are equivalent lines, of
    which the second needs a header.
    """
    flow, recogniser = known.flow, known.recogniser
    orders = decided or {}
    titled_roles = read_roles(titles, recogniser)
    traits = find_traits(titles, known) - find_traits([line.head for line in lines], known)
    roles_beside_traits = (
        read_roles([remove_traits(title, recogniser) for title in titles], recogniser) if traits else titled_roles
    )
    crossed = titled_roles | read_roles([line.head for line in lines if line.source.kind != "header"], recogniser)
    fits = [
        weigh_fit(
            assess_fit(line, component, flow, recogniser),
            crossed if line.source.kind == "header" else titled_roles,
            components,
            known,
        )
        for line in lines
        for component in components
        if line.source not in orders and (line.needed or not has_areas(component, flow))
    ]
    fits = [replace(fit, score=0.0) if is_trait(fit, traits, roles_beside_traits, known) else fit for fit in fits]
    fits = [replace(fit, score=0.0) if is_kind_of_application(fit, fits) else fit for fit in fits]
    chosen = [
        Fit(line, orders[line.source], score=1.0, meanings=interpret_labels(line, orders[line.source], known))
        for line in lines
        if orders.get(line.source) in flow.structure.key
    ]
    for next_fit in sorted(fits, key=lambda fit: (-fit.score, components.index(fit.component))):
        again = next_fit.score <= 1.0 + ANY_AREA_SCORE and any(
            (chosen_fit.line.source, next_fit.line.source) in same for chosen_fit in chosen
        )
        if (
            next_fit.score >= MIN_FIT
            and not again
            and not any(_is_conflicting(chosen_fit, next_fit, known) for chosen_fit in chosen)
        ):
            chosen.append(next_fit)
    fits_by_name = assign_by_name(lines, components, titles, chosen, same=same, known=known)
    chosen += [fit for fit in fits_by_name if not is_trait(fit, traits, roles_beside_traits, known)]
    twins = find_equivalent_sources(chosen, same)
    chosen += assign_uncoded_line([line for line in lines if line.source not in twins], components, chosen, known)
    evident = {
        fit.component for fit in chosen if fit.line.source in orders or is_evident(fit, titles, components, known)
    }
    contrary = find_unread_areas(chosen, titles, components, known)
    evident -= {fit.component for fit in chosen if contrary and has_areas(fit.component, flow)}
    sure = {*orders, *(fit.line.source for fit in chosen if fit not in fits)}
    return tuple(
        fit
        if fit.line.source in sure
        else add_alternatives(fit, fits, chosen=chosen, evident=evident, contrary=contrary, known=known)
        for fit in chosen
    )


def is_kind_of_application(fit: Fit, fits: Sequence[Fit]) -> bool:
    """Check whether a line only breaks down the decisions of another line by application: “first”, “subsequent”."""
    codes = {code for code, _ in list_sure_codes(fit)} if fit.component == ITEM else set[str]()
    others = (other for other in fits if other.component == ITEM and other.line.source != fit.line.source)
    return bool(codes) and codes <= APPLICATIONS and any((DECIDED, True) in list_sure_codes(other) for other in others)


def list_sure_codes(fit: Fit) -> set[tuple[str, bool]]:
    """Return the certain codes of a scored line, and whether several labels share each of them."""
    codes = [each[0].code for each in fit.meanings.values() if fit.score and each and each[0].is_applied]
    return {(code, codes.count(code) > 1) for code in codes}


def find_unread_areas(
    chosen: Sequence[Fit], titles: Sequence[str], components: Sequence[str], known: FlowKnowledge
) -> frozenset[str]:
    """Return country components named in titles that no line is read as."""
    readings = [read_title(title, known.recogniser) for title in titles]
    roles = {mention.code for reading in readings for mention in reading.of("ROLE")}
    named = find_named_area_components(roles, components, known.flow)
    return named if named.isdisjoint(fit.component for fit in chosen) else frozenset()


def find_named_area_components(roles: Iterable[str], components: Sequence[str], flow: Flow) -> frozenset[str]:
    named = {component for role in roles for component in find_role_components(role, flow) if component in components}
    return frozenset(component for component in named if has_areas(component, flow))


def find_role_components(role: str, flow: Flow) -> tuple[str, ...]:
    """Return the components of a flow that a role may name, most likely first."""
    if role in ABROAD and find_only_codes(flow).get("DIRECTION") == EMIGRATION:
        return (NEXT_RESIDENCE,)
    return tuple(component for component in DIMENSIONS_BY_ROLE.get(role, (role,)) if component in flow.structure)


def _is_conflicting(chosen: Fit, fit: Fit, known: FlowKnowledge) -> bool:
    if chosen.component == fit.component:
        return True
    shared = all(get_list_id(either.component, known.flow) not in UNSHARED_LISTS for either in (fit, chosen))
    return chosen.line.source == fit.line.source and not shared


def find_equivalent_sources(chosen: Sequence[Fit], same: Collection[tuple[LineSource, LineSource]]) -> set[LineSource]:
    read = {fit.line.source for fit in chosen}
    return {twin for source, twin in same if source in read}


def assign_by_name(
    lines: Sequence[Line],
    components: Sequence[str],
    titles: Sequence[str],
    chosen: Sequence[Fit],
    same: Collection[tuple[LineSource, LineSource]],
    known: FlowKnowledge,
) -> Iterator[Fit]:
    """Assign lines with few known labels by their heads, by titles, or, after a question, by the known labels."""
    used = {fit.line.source for fit in chosen} | find_equivalent_sources(chosen, same)
    open_lines = [line for line in lines if line.source not in used and is_open_line(line, known.recogniser)]
    assigned = {fit.component for fit in chosen}
    free = [
        component
        for component in components
        if component not in assigned and known.flow.codelist(component) is not None
    ]
    for line in open_lines:
        scores = {component: compute_known_share(line, component, known) for component in free}
        telling = [component for component in free if scores[component]]
        headed = find_named_components(free, [line.head], known)
        titled = find_named_components(free, titles, known) if len(open_lines) == 1 else set()
        roles = known.vocabulary.codes("ROLE", plain(bare(line.head)))
        if len(headed) == 1 and (headed >= {*telling} or names_other_component(roles, [*headed], known.flow)):
            yield build_named_fit(line, headed.pop(), NAME_SCORE, known)
        elif not headed and len(telling) == 1 and titled == {*telling}:
            yield build_named_fit(line, telling[0], NAME_SCORE, known)
        elif not headed and len(telling) == 1 and scores[telling[0]] >= PARTIAL_SCORE:
            fit = build_named_fit(line, telling[0], UNDECIDED, known)
            yield replace(fit, score=MIN_FIT) if has_only_letters(fit, known) else fit
        else:
            continue
        free = [component for component in free if component not in headed | {*telling}]


def compute_known_share(line: Line, component: str, known: FlowKnowledge) -> float:
    fit = assess_fit(line, component, known.flow, known.recogniser)
    telling = (text for text, candidates in fit.meanings.items() if candidates and not known.recogniser.shared(text))
    return fit.score if any(telling) else 0.0


def is_open_line(line: Line, recogniser: Recogniser) -> bool:
    return (
        line.needed
        and len(line.texts) > 1
        and not line.is_joined
        and not line.periods
        and not is_row_number(line, recogniser)
    )


def find_named_components(components: Sequence[str], texts: Sequence[str], known: FlowKnowledge) -> set[str]:
    return {_find_first_component(role, components, known.flow) for role in read_roles(texts, known.recogniser)} & {
        *components
    }


def build_named_fit(line: Line, component: str, score: float, known: FlowKnowledge) -> Fit:
    return Fit(line, component, score=score, meanings=find_line_meanings(line, component, known.flow, known.recogniser))


def assign_uncoded_line(
    lines: Sequence[Line], components: Sequence[str], chosen: Sequence[Fit], known: FlowKnowledge
) -> tuple[Fit, ...]:
    """Assign the only remaining line to the dimension without a codelist; always ask, since names stay unchanged."""
    flow = known.flow
    time = flow.structure.time_id
    free = [
        component
        for component in flow.structure.key
        if flow.codelist(component) is None and component in components and component != time
    ]
    free = [component for component in free if component not in {fit.component for fit in chosen}]
    used = {fit.line.source for fit in chosen}
    open_lines = [
        line
        for line in lines
        if line.source not in used
        and line.source.kind == "column"
        and len(line.texts) > 1
        and not is_row_number(line, known.recogniser)
    ]
    heads = {line.source: read_roles([line.head], known.recogniser) for line in open_lines}
    open_lines = [line for line in open_lines if not names_other_component(heads[line.source], components, flow)]
    open_lines = [line for line in open_lines if free[:1] and free[0] in heads[line.source]] or open_lines
    if len(free) != 1 or len(open_lines) != 1:
        return ()
    meanings = interpret_uncoded_labels(open_lines[0], known)
    read = {fit.component for fit in chosen} if free[0] not in heads[open_lines[0].source] else set(components)
    alternatives = tuple(component for component in components if has_areas(component, flow) and component not in read)
    return (Fit(open_lines[0], free[0], score=UNDECIDED, meanings=meanings, alternatives=alternatives),)


def names_other_component(roles: Iterable[str], components: Sequence[str], flow: Flow) -> bool:
    """Check whether a head such as “Age” names one component with a codelist, so unknown labels need a question."""
    named = {component for role in roles for component in find_role_components(role, flow) if component in components}
    return len(named) == 1 and all(flow.codelist(name) and not has_areas(name, flow) for name in named)


def is_row_number(line: Line, recogniser: Recogniser) -> bool:
    if set(recogniser.vocabulary.codes("ROLE", plain(bare(line.head)))) & ROW_CONCEPTS:
        return True
    numbers = [int(text) for text in line.texts if text.isdecimal()]
    return len(numbers) == len(line.texts) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def interpret_labels(line: Line, component: str, known: FlowKnowledge) -> Mapping[str, tuple[Candidate, ...]]:
    if known.flow.codelist(component) is None and not is_time(component, known.flow):
        return interpret_uncoded_labels(line, known)
    return find_line_meanings(line, component, known.flow, known.recogniser)


def interpret_uncoded_labels(line: Line, known: FlowKnowledge) -> Mapping[str, tuple[Candidate, ...]]:
    return {text: interpret_uncoded_label(text, line, known) for text in line.texts}


def interpret_uncoded_label(text: str, line: Line, known: FlowKnowledge) -> tuple[Candidate, ...]:
    """Return an uncoded label unchanged, or the code of a total, of unknown or of others, which every list has.

    The only country of the list is a total. Other countries and words such as “Kingdom” or “total” may be the whole or
    part of its name, such as Georgia.
    """
    if text == line.whole:
        return (Candidate(TOTAL, 0.95, reason="its figures are the sums of the other figures"),)
    candidates = known.recogniser.candidates(text, "PARTNER")
    sure = next((candidate for candidate in candidates[:1] if candidate.is_applied), None)
    if sure and sure.code in SHARED_CODES:
        return (sure,)
    parts = sum(label != text and label.startswith(text) for label in line.texts)
    if candidates and candidates[0].code == text and parts == len(line.texts) - 1:
        return (Candidate(TOTAL, 0.95, reason="the country that contains the other areas"),)
    stands = Candidate(text, 1.0, reason="the text, unchanged")
    is_whole = known.recogniser.countries.is_name(text)
    is_whole |= known.vocabulary.names_any((PLACE, "FORMAL"), text)
    is_whole |= any(known.vocabulary.inside("TOTAL", text))
    doubted = Candidate(TOTAL, UNDECIDED, reason="the country that contains the other areas")
    return (doubted, replace(stands, confidence=0.4)) if is_whole else (stands,)


def read_roles(titles: Sequence[str], recogniser: Recogniser) -> set[str]:
    return {candidate.code for title in titles for candidate in recogniser.vocabulary.inside("ROLE", title)}


def find_traits(texts: Sequence[str], known: FlowKnowledge) -> frozenset[str]:
    """Find traits in texts that no component expresses (“by duration of stay”), except years for annual events."""
    flow, recogniser = known.flow, known.recogniser
    traits = {candidate.code for text in texts for candidate in recogniser.vocabulary.inside(TRAIT, text)}
    traits |= {mention.code for text in texts for mention in read_title(text, recogniser).of(TRAIT)}
    if FORMER_ROLE in read_roles(texts, recogniser) and FORMER_ROLE not in flow.structure:
        traits.add(FORMER_TRAIT)
    return frozenset(traits if is_stock(flow) else traits - {"YEAR"})


def is_trait(fit: Fit, titled: frozenset[str], titled_roles: set[str], known: FlowKnowledge) -> bool:
    """Check whether the header or a title names a trait other than the component of the labels."""
    head = [fit.line.head]
    traits = find_traits(head, known)
    if not traits and not is_same_kind(read_roles(head, known.recogniser) - UNSAID_ROLES, fit, known):
        traits = (
            titled if is_time(fit.component, known.flow) or not is_same_kind(titled_roles, fit, known) else frozenset()
        )
    return any(get_list_id(fit.component, known.flow) in CONFUSED_DIMENSIONS[trait] for trait in traits)


def is_same_kind(roles: Iterable[str], fit: Fit, known: FlowKnowledge) -> bool:
    components = {component for role in roles for component in find_role_components(role, known.flow)}
    return any(get_list_id(component, known.flow) == get_list_id(fit.component, known.flow) for component in components)


def remove_traits(title: str, recogniser: Recogniser) -> str:
    remainder = title
    for mention in read_title(title, recogniser).of(TRAIT):
        remainder = remainder.replace(mention.phrase, " ")
    return remainder


def weigh_fit(fit: Fit, titled_roles: set[str], components: Sequence[str], known: FlowKnowledge) -> Fit:
    flow, recogniser = known.flow, known.recogniser
    head = plain(bare(fit.line.head))
    roles = recogniser.vocabulary.codes("ROLE", head) or tuple(
        candidate.code
        for candidate in recogniser.vocabulary.inside("ROLE", fit.line.head)
        if candidate.code != "OBS_VALUE"
    )
    roles = () if set(roles) == {"CODE"} else roles  # codes of unknown meaning
    score = fit.score
    is_unnamed = not any(YEARS_OF_STAY in DIMENSIONS_BY_ROLE.get(role, ()) for role in {*roles, *titled_roles})
    if not score or (fit.component == YEARS_OF_STAY and is_unnamed and not is_id_of(fit.line.head, fit.component)):
        return replace(fit, score=0.0)
    if is_id_of(fit.line.head, fit.component):
        score += 2 * NAMED_SCORE
    elif roles:
        score += _score_named_component(fit.component, roles, flow)
    if fit.component in {_find_first_component(role, components, flow) for role in titled_roles}:
        score += TITLE_SCORE if has_areas(fit.component, flow) else 0.0
    elif has_areas(fit.component, flow):
        is_any = bool(roles) and set(roles) <= ANY_AREA and not is_only_counterpart(fit.component, components, flow)
        score = min(score, UNDECIDED) if is_any else score
        score -= TITLE_SCORE if len(fit.line.texts) == 1 and not fit.line.is_of_only_row else 0.0
    return Fit(fit.line, fit.component, score=round(min(score, 1.5), 3), meanings=fit.meanings)


def is_only_counterpart(component: str, components: Sequence[str], flow: Flow) -> bool:
    """Check whether a country can only be the other country of a move; a lone citizenship may be a residence."""
    return component == COUNTERPART and not any(other != component and has_areas(other, flow) for other in components)


def is_id_of(head: str, component: str) -> bool:
    """Check whether a header is the id of a component: “Level of education” is LEVEL_OF_EDUCATION.

    >>> is_id_of("Level of education", "LEVEL_OF_EDUCATION"), is_id_of("", "SEX")
    (True, False)
    """
    return head == component or (bool(head) and plain(head).replace(" ", "_").upper() == component)


def _find_first_component(role: str, components: Sequence[str], flow: Flow) -> str:
    return next((component for component in find_role_components(role, flow) if component in components), role)


def _score_named_component(component: str, roles: Sequence[str], flow: Flow) -> float:
    for role in roles:
        role_components = find_role_components(role, flow)
        if component in role_components:
            return NAMED_SCORE - 0.05 * role_components.index(component)
        if role in ANY_AREA and has_areas(component, flow):
            return ANY_AREA_SCORE
    return -OTHER_NAME_SCORE


MIN_KINDS = 2


def is_evident(fit: Fit, titles: Sequence[str], components: Sequence[str], known: FlowKnowledge) -> bool:
    """Check whether header or title name the component unambiguously; “country of origin” has several meanings."""
    if fit.component in LENGTHS:
        codes = [candidates[0].code for candidates in fit.meanings.values() if candidates]
        are_kinds = sum(code.isalpha() for code in codes) >= MIN_KINDS  # lengths in months may be of something else
        return are_kinds or fit.component in read_roles([fit.line.head, *titles], known.recogniser)
    if not has_areas(fit.component, known.flow) or is_id_of(fit.line.head, fit.component):
        return True
    vocabulary = known.vocabulary
    head = vocabulary.codes("ROLE", plain(bare(fit.line.head))) or read_roles([fit.line.head], known.recogniser)
    for roles in (head, read_roles(titles, known.recogniser)):
        if areas := find_named_area_components(roles, components, known.flow):
            return areas == {fit.component}
        if roles is head and read_title(bare(fit.line.head), known.recogniser).unexplained:
            return False
    return False


def has_only_letters(fit: Fit, known: FlowKnowledge) -> bool:
    """Check whether all labels with codes are letters under a header of another component: “F” below “Purpose”."""
    roles = read_roles([fit.line.head], known.recogniser)
    is_named = any(fit.component in find_role_components(role, known.flow) for role in roles)
    read = [text for text, candidates in fit.meanings.items() if candidates]
    is_explained = bool(fit.line.explained) or not fit.line.head
    return not (is_named or is_explained) and all(len(text) == 1 for text in read)


def add_alternatives(
    fit: Fit,
    fits: Sequence[Fit],
    *,
    chosen: Sequence[Fit],
    evident: set[str],
    contrary: frozenset[str],
    known: FlowKnowledge,
) -> Fit:
    """Add the alternatives of a chosen fit and lower its confidence accordingly."""
    area = has_areas(fit.component, known.flow) and fit.component not in evident
    taken = evident if area else {chosen_fit.component for chosen_fit in chosen if chosen_fit is not fit}
    alternatives = tuple(
        alternative.component
        for alternative in fits
        if alternative.line == fit.line
        and alternative.component not in {*taken, fit.component}
        and (alternative.score >= fit.score - 0.1 or (area and alternative.score >= MIN_FIT))
        and (not area or not contrary or alternative.component in contrary)
    )
    unsaid = fit.component in LENGTHS and fit.component not in evident
    confidence = min(fit.score, UNDECIDED) if alternatives or unsaid else min(fit.score, 1.0)
    confidence = min(confidence, MIN_FIT) if has_only_letters(fit, known) else confidence
    return Fit(fit.line, fit.component, score=confidence, meanings=fit.meanings, alternatives=alternatives)
