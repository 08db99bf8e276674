"""Values that may apply to a whole table, such as an age, a country or a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue.ages import convert_to_usual_code
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.country_wordings import ALONE
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.mentions import (
    COUNTRY,
    HAN,
    Mention,
    ReadTitle,
    is_introduced,
    read_title,
    split_words,
)
from sdmxmig.conversion.recognition.recogniser import recognise_value
from sdmxmig.conversion.recognition.words import find_component, list_meanings
from sdmxmig.conversion.suggestion.assignment import LENGTHS, find_role_components
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, find_line_meanings, get_list_id, has_areas
from sdmxmig.conversion.suggestion.other_counts import is_event, is_stock
from sdmxmig.conversion.suggestion.stated_rules import RES_RULE
from sdmxmig.conversion.suggestion.title_values import (
    CITIZENS,
    FOREIGN,
    MULTIPLE,
    STATUS_OF,
    TOTAL,
    Setting,
    find_exclusion,
    find_other_countries,
    list_parts_of_country,
    names_citizenship,
    names_people,
    open_setting,
)
from sdmxmig.conversion.suggestion.words_inside import AGE, IN_TITLE, find_ages, find_half_ages
from sdmxmig.sdmx.model.data import Flow

AGES, BIRTH_STATUS, FOREIGN_BORN = "CL_AGE", "BIRTH_STATUS", "FB"
LIMITED_AGE = re.compile(r"Y_GE(?P<first>\d+)|Y0T(?P<last>\d+)")
AGE_BAND = re.compile(r"(?<!\d)(?P<first>\d{1,2})\s?[-–—]\s?(?P<last>\d{1,2})(?!\d)")
COMPARING_CONCEPTS = frozenset({"ABOVE", "AND_UNDER", "FROM_ON", "LESS", "OVER", "TILL", "UNDER", "UP_TO"})
ONE_OF = frozenset({"SEX", "CTZ_STATUS", "BIRTH_STATUS", "GROUP"})
TRAIT_CONCEPTS = frozenset(
    {"ETHNIC", "RELIGIOUS", "HOUSEHOLDS", "FAMILIES", "HEALTH", "AGRICULTURE", "WORKING_AGE", "DISABLED"}
)
OTHER_UNITS = frozenset({"HOUSEHOLDS", "FAMILIES"})
"""Traits that may also be counted: “immigrants by sex; families”."""
DIMENSIONS_BY_VALUE = ("RETURN_TYPE", "ASSISTANCE", "BORDER_TYPE", "TMP_LAB", "MOB_TYPE")
"""Dimensions whose values appear in titles as in labels: “forced returns”, “airports”."""
MIN_WORD_LETTERS, MAX_WORDS = 7, 6
"""Minimum number of letters in such words, and maximum number of words."""
WHOLE_VALUES = frozenset({("UNIT", "PS"), ("UNIT_MEASURE", "PS"), ("UNIT", "CASES")})


def ask_about_settings(
    settings: Sequence[Setting],
    lines: Sequence[Line],
    titles: Sequence[str],
    known: FlowKnowledge,
    *,
    notes: Sequence[str],
) -> tuple[Setting, ...]:
    flow, recogniser = known.flow, known.recogniser
    area = next((setting.chosen.code for setting in settings if setting.component == "REF_AREA"), "")
    open_areas = {setting.component for setting in settings if has_areas(setting.component, flow)}
    closed = any(has_areas(component, flow) and component not in open_areas for component in flow.structure.key)
    named = {} if closed else find_other_countries(titles, area, recogniser)
    said = {country: said for country, said in named.items() if country.code not in list_parts_of_country(area, flow)}
    groups = find_groups(titles, flow, recogniser)
    ages = tuple({candidate.code: candidate for candidate in find_ages_in_texts([*titles, *notes], known)}.values())
    ages = ages or tuple(find_half_ages(titles, recogniser))[:1]
    fixed = dict.fromkeys(flow.structure.key, "") | {setting.component: setting.chosen.code for setting in settings}
    fixed |= {name: group.code for name, group in groups.items() if group.code}
    doubted_settings = []
    for setting in settings:
        alone = find_constant_value(setting.component, lines, known)
        is_open = setting.component in open_areas
        others = tuple(country for country in said if said[country] not in open_areas - {setting.component})
        is_said = any(said[country] == setting.component for country in others)
        is_divided = fixed.get(STATUS_OF.get(setting.component, ""), TOTAL) in ("", FOREIGN, FOREIGN_BORN)
        may_be_own = is_open and not (is_said or is_divided)
        own = propose_nationals(setting.component, area, titles, known) if may_be_own else ()
        is_age = get_list_id(setting.component, flow) == AGES
        alternatives = ages if is_age else (*own, *others) if is_open else ()
        if alone and setting.component != "REF_AREA":
            doubted_settings.append(Setting(setting.component, alone, others=setting.others))
        elif is_applicant_group(setting, groups, settings):
            doubted_settings.append(setting)
        elif setting.chosen.code == TOTAL and alternatives:
            is_one = is_age or all(said.get(country) == setting.component for country in alternatives)
            doubted_settings.append(narrow_setting(setting, alternatives[:3], is_one=is_one))
        elif setting.chosen.code == TOTAL and setting.component in groups:
            doubted_settings.append(narrow_setting(setting, (groups[setting.component],), is_one=True))
        else:
            doubted_settings.append(setting)
    return tuple(doubted_settings)


def narrow_setting(setting: Setting, stated: Sequence[Candidate], *, is_one: bool) -> Setting:
    """Replace a total with the only code that the texts state; ask if they state several.

    `is_one` is false if the code may belong to several components: a country of birth or of citizenship.
    """
    codes = {candidate.code for candidate in stated}
    total = Candidate(TOTAL, 0.5, reason=f"all of them? {stated[0].reason[:1].upper()}{stated[0].reason[1:]}")
    if is_one and len(codes) == 1 and "" not in codes:
        return Setting(setting.component, replace(stated[0], confidence=0.75), others=(total,))
    near = tuple(candidate for candidate in stated if candidate.code)
    return open_setting(setting.component, total.reason, others=(total, *near), kept=TOTAL)


def is_applicant_group(setting: Setting, groups: Mapping[str, Candidate], settings: Sequence[Setting]) -> bool:
    """Check whether a group consists of asylum applicants, which does not limit the figures."""
    item = next((other_setting.chosen.code for other_setting in settings if other_setting.component == "PROT_ITEM"), "")
    group = groups.get(setting.component) if setting.component == "PROT_STATUS" else None
    return group is not None and group.code in ("ASY", "REFUGEE") and item.startswith("APPLIED")


def propose_nationals(component: str, area: str, titles: Sequence[str], known: FlowKnowledge) -> tuple[Candidate, ...]:
    """Find citizens of the reporting country: “of Kenyan nationality”, not “by nationality, Kenya”."""
    for title in titles:
        reading = read_title(title, known.recogniser)
        at = {
            mention.at
            for mention in reading.of("ROLE")
            if mention.code == component and not is_introduced(mention, reading)
        }
        order = sorted({mention.at for mention in reading.mentions if mention.concept != "ARTICLE"})
        for country in (mention for mention in reading.of(COUNTRY) if mention.code == area):
            place = order.index(country.at)
            inside = {candidate.code for candidate in known.vocabulary.inside("ROLE", country.phrase)}
            if component in inside or at & {*order[max(place - 1, 0) : place + 2]}:
                return (
                    Candidate(area, 0.75, reason=f"the title says “{country.phrase}” beside the name of the component"),
                )
            if component == "C_CITIZEN" and names_citizens(country, reading, known):
                return (Candidate(area, 0.75, reason=f"the title says “{country.phrase}”"),)
    return ()


def names_citizens(country: Mention, reading: ReadTitle, known: FlowKnowledge) -> bool:
    people = names_people(country.phrase, known.recogniser) and not is_introduced(country, reading)
    of_citizens = people or names_citizenship(country.phrase, known.recogniser)
    return of_citizens and not country.negated and CITIZENS not in known.flow.structure


def find_ages_in_texts(texts: Sequence[str], known: FlowKnowledge) -> Iterator[Candidate]:
    """Find ages in texts; for exclusions (“no se contabilizan los menores de 16 años”), the remaining ages."""
    for text in texts:
        limits = read_title(text, known.recogniser).of("EXCLUDING", "INCLUDING")
        leaves_out = any((limit.concept == "EXCLUDING") != limit.negated for limit in limits)
        for candidate in find_ages([text], known.recogniser):
            code = find_remaining_ages(candidate.code) if leaves_out else candidate.code
            if code in (known.flow.codelist(AGE) or ()):
                yield replace(candidate, code=code)
            else:
                yield replace(candidate, code="", reason=f"{candidate.reason}, ages that have no code")


def find_remaining_ages(age: str) -> str:
    """Return the remaining ages after an exclusion; empty unless they are an open range.

    >>> find_remaining_ages("Y_GE65"), find_remaining_ages("Y0T14"), find_remaining_ages("Y15T64")
    ('Y0T64', 'Y_GE15', '')
    """
    match = LIMITED_AGE.fullmatch(age)
    if match is None:
        return ""
    if match["last"]:
        return f"Y_GE{int(match['last']) + 1}"
    return convert_to_usual_code(f"Y_LT{match['first']}")


def find_groups(titles: Sequence[str], flow: Flow, recogniser: Recogniser) -> dict[str, Candidate]:
    """Find groups of people in titles, by the dimension that has them: “minors” are an age."""
    groups: dict[str, Candidate] = {}
    for title in titles:
        reading = read_title(title, recogniser)
        for mention in reading.of("GROUP"):
            component, code = convert_to_dimension(mention, flow)
            code = "" if component == AGE and has_other_ages(mention, code, reading) else code
            if left_out := find_exclusion(mention, reading):
                beside = split_words(reading.title)[max(mention.at - 1, 0) : mention.end + 1]
                is_part = any(word.written in reading.unexplained for word in beside)  # “mineurs accompagnants”
                code = find_remaining_ages(code) if component == AGE and not is_part else ""
            if component and not mention.negated and not is_breakdown(mention, reading):
                said = left_out or mention.phrase
                groups.setdefault(component, Candidate(code, IN_TITLE, reason=f"the title says “{said}”"))
        if is_stock(flow) and BIRTH_STATUS in flow.structure.key:
            for mention in find_movers(reading, recogniser):
                reason = f"the title says “{mention.phrase}”"
                by_residence = any(role.code == "C_RESIDENCE" for role in reading.of("ROLE"))
                code = "" if by_residence else FOREIGN_BORN  # “by last residence” counts natives who returned too
                groups.setdefault(BIRTH_STATUS, Candidate(code, IN_TITLE, reason=reason))
        has_rule = any(attribute.id == RES_RULE and attribute.mandatory for attribute in flow.structure.attributes())
        for component in (*DIMENSIONS_BY_VALUE, *(() if has_rule else LENGTHS)):
            for code, phrase in find_values(reading, component, recogniser) if component in flow.structure.key else ():
                known_code = code if code in (flow.codelist(component) or ()) else ""
                groups.setdefault(component, Candidate(known_code, IN_TITLE, reason=f"the title says “{phrase}”"))
    return groups


def find_movers(reading: ReadTitle, recogniser: Recogniser) -> Iterator[Mention]:
    """Yield nouns for people who moved, such as “migrants”, who are not the whole population of a stock."""
    for mention in reading.of("MEASURE"):
        is_subject = not mention.negated and not is_introduced(mention, reading)
        if mention.code in ("IMM", "MIG") and is_subject and not is_event(mention, recogniser.vocabulary):
            yield mention


def has_other_ages(group: Mention, code: str, reading: ReadTitle) -> bool:
    """Check whether a title limits an age group, “below working age”, or names parents: “Kinder von Ausländern”."""
    parents = {parent.at for parent in reading.of("GROUP", "CTZ_STATUS", "BIRTH_STATUS")}
    if group.code == "CHILDREN" and group.end in parents:
        return True
    if any(f"Y{band['first']}T{band['last']}" != code for band in AGE_BAND.finditer(reading.title)):
        return True
    articles = {mention.at for mention in reading.of("ARTICLE")}
    before = group.at - 1 if group.at - 1 not in articles else group.at - 2
    comparing = {at for part in reading.of("AGEPART") if part.code in COMPARING_CONCEPTS for at in part.span}
    return not comparing.isdisjoint((before, group.end))


def find_values(reading: ReadTitle, component: str, recogniser: Recogniser) -> Iterator[tuple[str, str]]:
    words = split_words(reading.title)[: min(reading.broken_down, default=None)]
    for size in range(min(MAX_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            written = [word.written for word in words[at : at + size]]
            phrase = ("" if HAN.search("".join(written)) else " ").join(written)
            lengths = recognise_value(phrase, component, recogniser.vocabulary) if component in LENGTHS else ()
            codes = [each.code for each in lengths] or recogniser.vocabulary.list_value_codes(component, plain(phrase))
            if len(phrase) >= MIN_WORD_LETTERS and len(codes) == 1 and codes[0] not in (TOTAL, "_O", "_U"):
                yield codes[0], phrase


def is_breakdown(mention: Mention, reading: ReadTitle) -> bool:
    """Check whether a phrase is a breakdown, unlike “lodged by unaccompanied minors”."""
    words = split_words(reading.title)
    is_counted = mention.code in OTHER_UNITS and words[mention.at].after_comma
    is_before_country = any(
        country.at == mention.end and not words[country.at].after_comma for country in reading.of("COUNTRY")
    )
    is_part = mention.concept == "PLACE" and words[mention.at].after_comma and is_before_country  # “mainland Portugal”
    if is_counted or is_part or is_named(mention, reading):
        return False
    if not is_introduced(mention, reading) or mention.concept not in ONE_OF or mention.code in TRAIT_CONCEPTS:
        return is_introduced(mention, reading)
    is_adjective = any(role.at == mention.end for role in reading.of("ROLE"))
    return is_adjective or any(
        is_introduced(group, reading) and group.at != mention.at for group in reading.of(*ONE_OF, "PLACE")
    )


def is_named(mention: Mention, reading: ReadTitle) -> bool:
    phrases = [
        other_mention.phrase
        for other_mention in reading.mentions
        if is_introduced(other_mention, reading) and other_mention.at != mention.at
    ]
    if mention.concept != "PLACE" or mention.code == ALONE:
        return mention.code == ALONE  # a part of the country by its name, behind “nach”
    return mention.phrase[:1].isupper() and bool(phrases) and all(phrase[:1].islower() for phrase in phrases)


def convert_to_dimension(mention: Mention, flow: Flow) -> tuple[str, str]:
    for component, (code,) in list_meanings("PEOPLE", mention.code) if mention.concept == "GROUP" else ():
        if component in flow.structure.key:
            return component, code if code in (flow.codelist(component) or ()) else ""
    return "", ""


def find_constant_value(component: str, lines: Sequence[Line], known: FlowKnowledge) -> Candidate | None:
    line = find_constant_line(component, lines, known)
    if line is None or (component == "UNIT_MEASURE" and has_multiples(line.texts, known)):
        return None  # “Thousand” is not a unit
    candidates = find_line_meanings(line, component, known.flow, known.recogniser)[line.texts[0]]
    return choose_best(candidates) or Candidate("", 0.0, reason=f"“{line.texts[0]}” is not recognised")


def find_constant_line(component: str, lines: Sequence[Line], known: FlowKnowledge) -> Line | None:
    """Find a line with one label whose header names a dimension, such as “15-64” under “Age group”."""
    for line in lines:
        if len(line.texts) != 1 or component not in known.flow.structure.key or not line.head:
            continue
        roles = known.vocabulary.codes("ROLE", plain(bare(line.head)))
        components = {next(iter(find_role_components(role, known.flow)), "") for role in roles}
        if component in components or line.head.upper() == component:
            return line
    return None


def find_constant_fits(lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge) -> tuple[Fit, ...]:
    """Return one-label lines that give a dimension, so that another label next year is noticed."""
    read, sources = {fit.component for fit in fits}, {fit.line.source for fit in fits}
    constants = []
    for component in known.flow.structure.key:
        line = find_constant_line(component, lines, known) if component not in read else None
        meaning = find_constant_value(component, lines, known)
        if line and meaning and meaning.is_applied and line.source not in sources and line.source.kind == "column":
            constants.append(Fit(line, component, score=1.0, meanings={line.texts[0]: (meaning,)}))
            sources.add(line.source)
    return tuple(constants)


def has_whole_numbers(texts: Sequence[str], known: FlowKnowledge) -> bool:
    """Check whether texts count persons or cases, so that “3,530” means thousands whatever the separator."""
    units = find_units(texts, known)
    return bool(units) and units <= WHOLE_VALUES


def has_multiples(texts: Sequence[str], known: FlowKnowledge) -> bool:
    return any(find_component(*unit)[0] == MULTIPLE for unit in find_units(texts, known))


def find_units(texts: Sequence[str], known: FlowKnowledge) -> set[tuple[str, str]]:
    readings = (read_title(text, known.recogniser) for text in texts if text)
    return {
        (mention.concept, mention.code)
        for reading in readings
        for mention in reading.of("UNIT", "UNIT_MEASURE", "UNIT_MULT")
    }


def ask_about_multiplier(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    names = {"0": "units", "3": "thousands", "6": "millions"}
    choices = tuple(Candidate(code, 0.3, reason=name) for code, name in names.items())
    reason = "the figures have decimals, and no multiplier is stated"
    return tuple(
        open_setting(setting.component, reason, others=choices, kept="0")
        if setting.component == "UNIT_MULT" and "usual" in setting.chosen.reason
        else setting
        for setting in settings
    )
