"""Reading of components from lines, with omissions and questions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise

from sdmxmig.catalogue.item_schemes import is_added
from sdmxmig.conversion.recognition import APPLIED, Candidate, Recogniser
from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, ReadTitle, read_title
from sdmxmig.conversion.recognition.recogniser import recognise_value
from sdmxmig.conversion.recognition.times import parse_month_span
from sdmxmig.conversion.suggestion.days import ORDER_REASON, Days, ask_about_days, find_days
from sdmxmig.conversion.suggestion.line_sources import SECTION, build_extraction
from sdmxmig.conversion.suggestion.lines import (
    AREA_LISTS,
    CODE_CONFIDENCE,
    Fit,
    FlowKnowledge,
    Line,
    get_list_id,
    has_areas,
    is_time,
    is_total,
    list_codelist_components,
)
from sdmxmig.conversion.suggestion.measures import CLOSED_TOO, ITEM, find_item_of_moves, find_total_with_closed
from sdmxmig.conversion.suggestion.nationals import BIRTH, classify_birth
from sdmxmig.conversion.suggestion.periods import (
    IN_HEAD,
    SLASHED_DATE,
    YEAR,
    PeriodLabels,
    apply_number_answer,
    apply_year_answer,
    build_year_expression,
    find_frequency,
    find_month_format,
    list_possible_parts,
    list_possible_periods,
    read_line_periods,
    select_years,
)
from sdmxmig.conversion.suggestion.periods import NUMBER_REASON as NUMBER
from sdmxmig.conversion.suggestion.questions import (
    ABOVE,
    LEAVE_OUT,
    Decisions,
    Question,
    ask,
    build_decided_question,
    decided,
    find_answer_to_sums,
    keep_first_of_each_code,
)
from sdmxmig.conversion.suggestion.region_names import (
    GROUP_WITHOUT_CODE,
    REGION,
    find_remainder_code,
    find_remainders_of_total,
    has_no_code,
    propose_code,
    resolve_regions,
    resolve_remainders,
)
from sdmxmig.conversion.suggestion.sums_of_parts import (
    Figures,
    exceeds,
    find_groups_by_sums,
    find_parts_below,
    is_of_group,
)
from sdmxmig.conversion.suggestion.title_values import (
    MAX_OFFERED,
    OTHERS,
    STATUS_OF,
    list_other_codes,
    names_citizenship,
)
from sdmxmig.conversion.suggestion.unused_lines import NOT_RECOGNISED, OUT
from sdmxmig.conversion.suggestion.year_and_month import match_parts
from sdmxmig.primitives.lazily import rapidfuzz
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, ComponentMap, PeriodFormat

CONTEXT_CONFIDENCE = 0.5
TOTAL, REST = "_T", "_O"
LABEL_SEPARATORS = re.compile(r"[,،(:–—]|\s-\s")
SUM_REASON = "it may be the sum of the countries listed or of those not listed"
DAILY = "D"
DITTO_MARKS = frozenset(
    {'"', "''", "”", "“", "″", "〃", "״", "do", "do.", "Do.", "ditto", "Ditto", "idem", "Idem", "id.", "dto."}
)
"""Signs and words that repeat the label above."""
DITTO_REASON = (
    "it stands for the label above, which a mapping cannot repeat: write that label into the cells, or leave them empty"
)
EVERYONE = Candidate(TOTAL, 0.2, reason="everyone in the country")
PLACE_DIMENSIONS = ("C_BIRTH", "C_RESIDENCE", "C_DESTINATION")
"""Countries of birth or residence; citizens of a country may be from any of them."""
PEOPLE_REASON = "the name of a people, not of a country"
REPORTING = "REF_AREA"
MAX_SHARE_OF_COUNTRY = 2.1
"""Maximum sum of all figures, those of the country among them, as a multiple of the country's."""
LEVELS, LEVEL_TOLERANCE = (3, 4), 0.1
"""Such multiples in two and three levels of regions, and the part that may be missing or rounded."""
PART_REASON = "its figures are part of those of another label, which would be counted twice"
TOTAL_REASON = "everyone in the reporting country, or only its own citizens or natives?"
PEOPLE_QUESTION = "the people of the reporting country, which is not stated"
RESIDENCE, UNKNOWN, UNDETERMINED, AGES = "C_RESIDENCE", "_U", "UNDET", "CL_AGE"
BREAKDOWNS = ("SEX", *STATUS_OF.values())
"""Breakdowns of people whose labels may be in one line: “Total, Men, Women, of which foreigners”."""
ELSEWHERE = {"CTZ_STATUS": "FC", "BIRTH_STATUS": "FB"}
UNINFORMATIVE = ("ALL", "ARTICLE", "JOINING", "OFWHICH", "PLAIN", "ROLE", "TOTAL", "WORDING")
MIN_CODES, MIN_KNOWN_SHARE = 3, 2 / 3
SEVERAL = 2
"""Number of countries with their own total, and of labels in one question."""
SPAN_LENGTHS = frozenset({"2", "3", "4", "5", "10", "20", "30"})
"""Lengths in years with a frequency."""
PERIOD_HINT = "not a period: write a half-year as 2023-S1, a quarter as 2023-Q1, nine months as 2023-01-01/P9M"
MONTHS_REASON = "to which year do these months belong? The other labels follow the same pattern"


@dataclass(frozen=True, slots=True)
class ComponentReading:
    """A component as read from a line; `group` is a second component of the same line."""

    component: ComponentMap
    left_out: tuple[tuple[str, str], ...]
    _: KW_ONLY
    freq: str
    questions: tuple[Question, ...]
    group: ComponentMap | None = None


def read_line(
    fit: Fit,
    sheet: str,
    known: FlowKnowledge,
    decisions: Decisions,
    *,
    alone: bool,
    titled: frozenset[str],
    area: str | None,
    columns: Sequence[Figures],
) -> ComponentReading:
    """Read a component from its line by date patterns or labels.

    `alone`: it is the only component, so equal codes conflict. `titled` are the countries in titles. `area` is the
    reporting country, empty if unknown, None if there are several. `columns` are the figures by label.
    """
    base, questions = propose_line(fit, sheet, known)
    if known.flow.structure.time and fit.component == known.flow.structure.time.id:
        return read_periods(base, fit, sheet, known=known, decisions=decisions, line_questions=questions)
    name = f"codes {fit.component}"
    sums = find_sums(fit, columns, known)
    fit, regions, varying = resolve_regions(ask_about_total(fit, area, known), sheet, known, decisions, sums=sums)
    first = merge_labels_by_year(tuple(fit.meanings))
    is_total_left_out = decided(decisions, sheet, f"fixed {STATUS_OF.get(fit.component, '')}") == LEAVE_OUT
    direct_answers = {
        text: find_label_decision(decisions, sheet, component=fit.component, text=text, known=known)
        or (LEAVE_OUT if is_total_left_out and choose_certain_code(fit, candidates) == TOTAL else "")
        for text, candidates in fit.meanings.items()
    }
    answers = {
        text: direct_answers[text] or direct_answers[first[text]] or varying.get(text, "") for text in fit.meanings
    }
    whole_country = find_whole_country(fit, area, columns, sums, known)
    sure = {
        text: answers[text]
        or whole_country.get(text, choose_certain_code(fit, candidates) or find_total(text, fit, known))
        for text, candidates in fit.meanings.items()
    }
    sure |= dict.fromkeys((text for text in find_region_rest(sure, fit.line.indented, known) if not answers[text]), "")
    unread = [
        text for text, code in sure.items() if code in {"", UNKNOWN, find_rest_code(sure, area)} and not answers[text]
    ]
    groups = {
        **find_groups({text: find_equivalent_labels(text, fit.line) for text in unread}, fit.component, area, known),
        **find_others({text: sure[text] for text in unread}, frozenset(sure.values()), fit.component, known),
    }
    sure |= dict.fromkeys(groups, "")
    of_groups = find_group_remainders(sure, groups, area, columns, known)
    sure |= dict.fromkeys((text for text in of_groups if not answers[text]), "")
    open_codes = {text: code for text, code in sure.items() if text not in (*groups, *whole_country)}
    summed = find_summed_codes(fit, open_codes, sums, columns, area, known=known)
    rests, varying_rests = resolve_remainders(
        fit, open_codes, sheet, known, decisions=decisions, sums=sums, summed=summed
    )
    questions += (*regions, *rests)
    answers |= {text: answer for text, answer in varying_rests.items() if answer}
    sure |= {text: answer for text, answer in varying_rests.items() if answer}
    unsaid = {text: code for text, code in sure.items() if not answers[text]}
    uncoded_ages = find_uncoded_ages(unsaid, fit, known)
    reasons_against = {
        **find_uncoded_groups(unsaid, fit, known),
        **{text: explain_sum(sums[text]) for text in unsaid if summed.get(text) == LEAVE_OUT and text in sums},
        **uncoded_ages,
        **(find_parts(unsaid, known) if alone else {}),
        **find_parts_of_places(unsaid, fit, known),
        **find_named_totals(unsaid, sure, titled),
        **find_remainders(unsaid, known),
        **find_labels_of_citizens(unsaid, fit, known),
        **{text: TOTAL_REASON for text in unsaid if EVERYONE in fit.meanings[text]},
        **{text: reason for text, reason in of_groups.items() if reason and text in unsaid},
        **(find_total_with_closed(sure, unsaid, known.recogniser) if fit.component == ITEM else {}),
    }
    own = find_label_of_nationals(groups, frozenset(sure.values()), fit.component, area, known=known)
    groups = {text: status for text, status in groups.items() if text not in own}
    sure |= own
    summed = {text: code for text, code in summed.items() if not (text in own or of_groups.get(text))} | {
        text: LEAVE_OUT for text, reason in reasons_against.items() if reason in (CLOSED_TOO, PART_REASON)
    }
    codes, left_out = list[tuple[str, str]](), list[tuple[str, str]]()
    for text, candidates in fit.meanings.items():
        if text in groups:
            codes.append((text, TOTAL))
            continue
        code = "" if text in reasons_against else sure[text]
        if answers[text]:
            questions.append(build_decided_question(sheet, name, text, code))
        if code and code != LEAVE_OUT:
            codes += [(text, code)] if code != text else []
            continue
        left_out.append((text, LEFT_OUT_BY_ANSWER if answers[text] else NOT_RECOGNISED))
        if not (answers[text] or text in (*varying, *varying_rests) or (first[text] != text and not sure[first[text]])):
            reason = (
                DITTO_REASON
                if text in DITTO_MARKS
                else PEOPLE_QUESTION
                if text in own
                else reasons_against.get(text, "not recognised")
            )
            is_final = text in uncoded_ages or of_groups.get(text) or (text == fit.line.whole and reason == CLOSED_TOO)
            near = add_omissions(() if is_final else offer_codes(text, candidates, fit, area, known=known), text, fit)
            questions.append(propose_code(ask(sheet, name, reason, label=text, others=near), summed.get(text, "")))
    is_listed = TOTAL in (known.flow.codelist(fit.component) or ())
    codes += [(text, TOTAL) for text in fit.line.upper if is_listed]
    left_out += [(text, NOT_RECOGNISED) for text in fit.line.upper if not is_listed]
    return ComponentReading(
        replace(base, codes=tuple(codes)),
        tuple(left_out),
        freq="",
        questions=tuple(questions),
        group=build_group_component(base, groups),
    )


def find_sums(fit: Fit, columns: Sequence[Figures], known: FlowKnowledge) -> Mapping[str, tuple[str, ...]]:
    """Return regions, totals, and labels without a certain code, that are sums of the labels below them."""
    if fit.component == REGION:
        figures = {text: [column.get(text) for column in columns] for text in fit.meanings}
        each = [text for text, above in zip(figures, [None, *figures.values()], strict=False) if figures[text] != above]
        return find_groups_by_sums(columns, each, fit.meanings.keys())
    if not has_areas(fit.component, known.flow):
        return {}
    codes = {text: choose_certain_code(fit, candidates) for text, candidates in fit.meanings.items()}
    wholes = {"", TOTAL, *known.recogniser.regions.compositions}
    sums = find_groups_by_sums(columns, tuple(codes), {text for text, code in codes.items() if code in wholes})
    return {group: parts for group, parts in sums.items() if any(codes[part] or part in sums for part in parts)}


def find_summed_codes(
    fit: Fit,
    codes: Mapping[str, str],
    sums: Mapping[str, Sequence[str]],
    columns: Sequence[Figures],
    area: str | None,
    *,
    known: FlowKnowledge,
) -> Mapping[str, str]:
    """Return the codes that labels or sums show: groups of listed countries are left out, the rest of a total is other.

    The sum of all countries may be a total or all foreigners. The rest of a region has a code of its own if the list
    has it, unless countries and remainders exceed the total.
    """
    listed = select_countries(codes.values()) - {area}
    countries = {text for text, code in codes.items() if code in listed}
    rests = {text: find_remainder_code(text, fit, known) for text in codes if text not in sums and not codes[text]}
    coded = listed - known.recogniser.regions.compositions.keys() | {REST, UNKNOWN}
    others = [text for text, code in codes.items() if code in coded or rests.get(text)]
    totals = [text for text, code in codes.items() if code == TOTAL]
    is_too_much = any(exceeds(column, total, others) for total in totals for column in columns)
    remainders = find_remainders_of_total(fit, codes, sums, known)
    summed = dict.fromkeys(remainders, REST) if len(remainders) == 1 else {}
    for text in (text for text, code in codes.items() if not code):
        is_group = text in sums and has_no_code(text, fit.meanings[text], known)
        is_group |= SEVERAL <= len(countries.intersection(sums.get(text, ()))) < len(countries)
        if is_group or any(text in sums[whole] for whole in countries & sums.keys()):
            summed[text] = LEAVE_OUT
        if rests.get(text) and not is_too_much:
            summed[text] = rests[text]
    return summed


def explain_sum(parts: Sequence[str]) -> str:
    return f"its figures are the sums of the rows “{parts[0]}” to “{parts[-1]}”"


TITLE_ABOVE = Candidate(ABOVE, 0.1, reason="its rows belong to the title above")
OMIT_ROWS = Candidate(LEAVE_OUT, 0.1, reason="leave out the rows below it")


def add_omissions(offered: Iterable[Candidate], text: str, fit: Fit) -> tuple[Candidate, ...]:
    """Offer to leave out a label; a title between rows includes the rows below it."""
    if fit.line.source != SECTION:
        return (*keep_first_of_each_code(offered), OUT)
    above = (TITLE_ABOVE,) if text != fit.line.texts[0] else ()
    return (*keep_first_of_each_code(offered), *above, OMIT_ROWS)


def find_uncoded_groups(codes: Mapping[str, str], fit: Fit, known: FlowKnowledge) -> dict[str, str]:
    texts = [text for text, code in codes.items() if not code] if has_areas(fit.component, known.flow) else []
    return {text: GROUP_WITHOUT_CODE for text in texts if has_no_code(text, fit.meanings[text], known)}


AGE_OF_PEOPLE = "AGE"
AGES_WITHOUT_CODE = "the list of ages has no code for this group: add one, or leave the group out"


def find_uncoded_ages(codes: Mapping[str, str], fit: Fit, known: FlowKnowledge) -> dict[str, str]:
    """Find ages such as “26-40” that are understood but have no code; similar codes are different ages."""
    if get_list_id(fit.component, known.flow) != AGES:
        return {}
    listed = known.flow.codelist(fit.component) or ()
    meanings = {
        text: choose_best(known.recogniser.candidates(text, AGE_OF_PEOPLE)) for text, code in codes.items() if not code
    }
    return {text: AGES_WITHOUT_CODE for text, meaning in meanings.items() if meaning and meaning.code not in listed}


def get_codes(candidates: Sequence[Candidate]) -> frozenset[str]:
    return frozenset(candidate.code for candidate in candidates)


def ask_about_total(fit: Fit, area: str | None, known: FlowKnowledge) -> Fit:
    doubted = {
        text: (replace(candidates[0], confidence=CONTEXT_CONFIDENCE), EVERYONE)
        for text, candidates in fit.meanings.items()
        if candidates[:1] and candidates[0].code == area and (text == fit.line.whole or TOTAL in get_codes(candidates))
    }
    return replace(fit, meanings={**fit.meanings, **doubted}) if has_areas(fit.component, known.flow) else fit


def read_total_of_parts(fit: Fit, area: str, sheet: str, known: FlowKnowledge, decisions: Decisions) -> Fit:
    """Read the total of parts of the reporting country as that country; if countries are listed, it is asked."""
    if fit.component != REPORTING or not area:
        return fit
    totals = [text for text in fit.meanings if is_total(text, known.recogniser)]
    others = {
        decided(decisions, sheet, f"codes {REPORTING}", text) or choose_certain_code(fit, each)
        for text, each in fit.meanings.items()
        if text not in totals
    }
    parts = {"", LEAVE_OUT, *(item.id for item in known.flow.codelist(REPORTING) or () if is_added(item))}
    confidence = CODE_CONFIDENCE if others <= parts else CONTEXT_CONFIDENCE
    country = Candidate(area, confidence, reason="the total of the parts of the country")
    return replace(fit, meanings={**fit.meanings, **dict.fromkeys(totals, (country,))})


def propose_line(fit: Fit, sheet: str, known: FlowKnowledge) -> tuple[ComponentMap, list[Question]]:
    """Read a component from a line without its labels, and ask whether it is that component."""
    source = fit.line.source
    others = tuple(Candidate(name, fit.score, reason="also possible") for name in fit.alternatives)
    chosen = Candidate(fit.component, compute_confidence(fit, known), reason=explain_fit(fit))
    if others and has_areas(fit.component, known.flow):  # no order of the components says whose country it is
        others, chosen = (chosen, *others), Candidate("", 0.0, reason=chosen.reason)
    question = Question(sheet, f"line {source}", label="", chosen=chosen, others=others)
    place, taken = build_extraction(source)
    carried = fit.line.carried and source != SECTION
    return ComponentMap(fit.component, place, carried=carried, take=taken), [question]


def compute_confidence(fit: Fit, known: FlowKnowledge) -> float:
    codes = {candidates[0].code for candidates in fit.meanings.values() if candidates and candidates[0].is_applied}
    few = SEVERAL if is_time(fit.component, known.flow) else MIN_CODES
    known_count = sum(bool(candidates) and candidates[0].is_applied for candidates in fit.meanings.values())
    is_known = len(codes) >= few and known_count >= MIN_KNOWN_SHARE * len(fit.line.texts) and not fit.line.year
    is_coded = get_list_id(fit.component, known.flow) not in ("", *AREA_LISTS) or is_time(fit.component, known.flow)
    by_labels = known_count / max(len(fit.line.texts), 1)
    is_doubted = bool(fit.alternatives) or fit.score < round(by_labels, 3)  # by more than the unknown labels
    return max(fit.score, APPLIED) if is_known and is_coded and not is_doubted else fit.score


def build_group_component(base: ComponentMap, groups: Mapping[str, str]) -> ComponentMap | None:
    status = STATUS_OF.get(base.component, "")
    return replace(base, component=status, codes=tuple(groups.items()), otherwise=TOTAL) if groups else None


def merge_labels_by_year(texts: Sequence[str]) -> Mapping[str, str]:
    """Map each label to the first label that differs only in the year, so that one answer covers both.

    >>> dict(merge_labels_by_year(["2005 Work", "2006 Work", "2006 Study", "Total"]))
    {'2005 Work': '2005 Work', '2006 Work': '2005 Work', '2006 Study': '2006 Study', 'Total': 'Total'}
    """
    words = {text: " ".join(YEAR.sub(" ", text).split()) for text in texts if len(YEAR.findall(text)) == 1}
    first: dict[str, str] = {}
    for text, label_words in words.items():
        first.setdefault(label_words, text)
    return {text: first[words[text]] if words.get(text) else text for text in texts}


def find_equivalent_labels(text: str, line: Line) -> tuple[str, ...]:
    return tuple(twin for pairs in line.twins for label, twin in pairs if label == text)


def find_groups(
    texts: Mapping[str, Sequence[str]], component: str, area: str | None, known: FlowKnowledge
) -> dict[str, str]:
    """Find labels of groups in a line of countries (“Foreigners”): totals over countries, not of the population."""
    status = STATUS_OF.get(component, "")
    if status not in known.flow.structure.key:
        return {}
    listed = known.flow.codelist(status) or ()
    codes: dict[str, set[str]] = {}
    codes_of = known.vocabulary.codes
    for text, twins in texts.items():
        if not {status, f"{status} {area}"}.isdisjoint(codes_of("LOOSE", plain(bare(text)))):
            continue  # “nepilsoņi” may be foreign citizens, or of undetermined citizenship
        readings = (read_title(label, known.recogniser) for label in (text, *twins))
        understood = [reading for reading in readings if not reading.unexplained]
        if understood and all(map(is_group, understood)):
            codes[text] = {mention.code for reading in understood for mention in reading.of(status)}
    return {
        text: min(text_codes)
        for text, text_codes in codes.items()
        if len(text_codes) == 1 and min(text_codes) in listed
    }


def find_others(
    texts: Mapping[str, str], codes: frozenset[str], component: str, known: FlowKnowledge
) -> dict[str, str]:
    """Find labels that mean all other countries: “Abroad”, “Non-Kenya”, “Other” beside the reporter alone."""
    status = STATUS_OF.get(component, "")
    listed = known.flow.codelist(status) if status in known.flow.structure.key else None
    if listed is None or ELSEWHERE[status] not in listed:
        return {}
    labels = [text for text, code in texts.items() if code == REST or is_abroad(bare(text), known)]
    for text in texts:
        reading = read_title(text, known.recogniser)
        negated = {mention.code for mention in reading.of(COUNTRY) if mention.negated}
        besides = {mention.concept for mention in reading.mentions} - {COUNTRY, "NEGATION", *UNINFORMATIVE}
        is_negated = len(negated) == 1 and negated <= codes and not besides and not reading.unexplained
        born, country = classify_birth(text, known) if status == BIRTH else ("", "")
        labels += [text] if is_negated or (born == ELSEWHERE[BIRTH] and country in codes) else []
    return dict.fromkeys(labels, ELSEWHERE[status])


def select_countries(codes: Iterable[str]) -> set[str]:
    return {code for code in codes if code and code != LEAVE_OUT and not code.startswith("_")}


def find_rest_code(codes: Mapping[str, str], area: str | None) -> str:
    """Return the code for other countries if a line has only the reporting country."""
    return REST if select_countries(codes.values()) == {area} else ""


def find_total(text: str, fit: Fit, known: FlowKnowledge) -> str:
    """Return the total for labels such as “from abroad” among countries of residence: all moves cross a border."""
    is_listed = fit.component == RESIDENCE and TOTAL in (known.flow.codelist(RESIDENCE) or ())
    return TOTAL if is_listed and is_abroad(bare(text), known, in_all=True) else ""


def find_whole_country(
    fit: Fit,
    area: str | None,
    columns: Sequence[Figures],
    sums: Mapping[str, Sequence[str]],
    known: FlowKnowledge,
) -> dict[str, str]:
    """Find the total among regions: the sum of all others. Labels that may be the whole country have no code.

    They have the name of the country, as the state of México has too, or about as many people as all others together,
    in one level of regions or several.
    """
    if fit.component != REGION:
        return {}
    whole = fit.line.whole or find_sum_of_levels(columns, sums)
    named = {text: known.recogniser.candidates(text, "PARTNER")[:1] for text in fit.meanings if area}
    doubted = {text for text, found in named.items() for each in found if each.is_applied and each.code == area}
    if not any(whole or choose_certain_code(fit, each) == TOTAL for each in fit.meanings.values()):
        listed = [(column, figures) for column in columns if (figures := float(sum(filter(None, column.values()))))]
        doubted |= {
            text
            for text in fit.meanings
            if listed and all(are_levels(float(column.get(text) or 0), figures) for column, figures in listed)
        }
    return {text: TOTAL if text == whole else "" for text in fit.meanings if text in {*doubted, whole}}


def are_levels(figure: float, every: float) -> bool:
    """Check whether a figure may be a country above its regions: about half of all, or one of few equal shares."""
    shares = every / figure if figure else 0
    return 0 < shares < MAX_SHARE_OF_COUNTRY or any(abs(shares - count) < LEVEL_TOLERANCE for count in LEVELS)


def find_sum_of_levels(columns: Sequence[Figures], sums: Mapping[str, Sequence[str]]) -> str:
    """Find the label above all others in several levels; a region may be repeated as its only part."""
    every = {text: tuple(column.get(text) for column in columns) for column in columns for text in column}
    for whole, parts in sums.items():
        below = {*parts}.union(*(sums.get(part, ()) for part in parts))
        if {every[text] for text in every if text != whole} == {every.get(text) for text in below}:
            return whole
    return ""


def is_abroad(label: str, known: FlowKnowledge, *, in_all: bool = False) -> bool:
    """Check whether a label means all other countries; `in_all` with a word for a total, as in “total abroad”."""
    codes, words = known.vocabulary.codes, plain(label).split()
    parts = [(words[:at], words[at:]) for at in range(1, len(words))]
    rests = [
        rest for one, other in parts for total, rest in ((one, other), (other, one)) if codes("TOTAL", " ".join(total))
    ]
    return any(codes("ABROAD", " ".join(rest)) for rest in (rests if in_all else [words, *rests]))


def find_label_of_nationals(
    groups: Mapping[str, str], codes: frozenset[str], component: str, area: str | None, *, known: FlowKnowledge
) -> dict[str, str]:
    """Find the one label of nationals in a list of countries, such as “Native-born”: it means the reporting country.

    Empty next to a group of foreign-born. The code is empty if the country is unknown.
    """
    elsewhere = ELSEWHERE.get(STATUS_OF.get(component, ""), "")
    own = [text for text, status in groups.items() if status == OTHERS.get(elsewhere)]
    countries = select_countries(codes)
    is_divided = elsewhere in groups.values() and REST not in codes
    listed = known.flow.codelist(component) or ()
    if area is None or len(own) != 1 or not countries or is_divided or area in codes - {""}:
        return {}
    return {own[0]: area} if not area or area in listed else {}


def find_labels_of_citizens(unsaid: Collection[str], fit: Fit, known: FlowKnowledge) -> dict[str, str]:
    """Find labels of citizens or a people among countries (“of whom: Maltese nationals”), unless most labels are."""
    if fit.component not in PLACE_DIMENSIONS:
        return {}
    recogniser = known.recogniser
    shared = {text for text, candidates in fit.meanings.items() if candidates and candidates[0].code.startswith("_")}
    labels = {text: strip_of_which(bare(text), recogniser.vocabulary) for text in fit.meanings if text not in shared}
    peoples = [text for text, label in labels.items() if names_people(label, recogniser)]
    return {text: PEOPLE_REASON for text in peoples if text in unsaid} if 2 * len(peoples) < len(labels) else {}


def names_people(label: str, recogniser: Recogniser) -> bool:
    countries, vocabulary = recogniser.countries, recogniser.vocabulary
    if names_citizenship(label, recogniser):
        return True
    words = [word for word in label.split() if not vocabulary.codes("UNIT", plain(word))]
    is_state = countries.is_name(label) or bool(vocabulary.codes("STATE", plain(label)))
    return not is_state and bool(words) and all(map(countries.is_demonym, words))


def is_group(reading: ReadTitle) -> bool:
    groups = {mention.at for mention in reading.of(*STATUS_OF.values())}
    besides = (mention for mention in reading.mentions if mention.at not in groups and mention.code != TOTAL)
    other_concepts = {mention.concept for mention in besides} - {*UNINFORMATIVE}
    return bool(groups) and not (
        reading.unexplained or other_concepts or any(mention.negated for mention in reading.mentions)
    )


def find_label_decision(decisions: Decisions, sheet: str, component: str, text: str, known: FlowKnowledge) -> str:
    answers = (
        decided(decisions, sheet, f"codes {name}", text) for name in list_codelist_components(component, known.flow)
    )
    return find_answer_to_sums(decisions, sheet, component, text) or next(filter(None, answers), "")


def find_named_totals(unsaid: Mapping[str, str], sure: Mapping[str, str], titled: frozenset[str]) -> dict[str, str]:
    countries = {code for code in sure.values() if code and code not in (TOTAL, REST)}
    if len(countries) < SEVERAL or not countries <= titled:
        return {}
    reason = "a total of the countries in the titles, or of all countries?"
    return {text: reason for text, code in unsaid.items() if code == TOTAL}


def find_remainders(codes: Mapping[str, str], known: FlowKnowledge) -> Mapping[str, str]:
    """Ask whether “Other countries, total” adds up the listed countries, which would then be counted twice."""
    vocabulary = known.vocabulary
    last = {text: LABEL_SEPARATORS.split(text.strip(" ()"))[1:] for text, code in codes.items() if code == REST}
    return {text: SUM_REASON for text, words in last.items() if words and vocabulary.codes("TOTAL", plain(words[-1]))}


def read_periods(
    base: ComponentMap,
    fit: Fit,
    sheet: str,
    known: FlowKnowledge,
    decisions: Decisions,
    line_questions: Sequence[Question],
) -> ComponentReading:
    """Read the periods of a line; one answer applies to all open years such as 2019/20."""
    name = f"codes {fit.component}"
    answers = {text: code for text in fit.line.texts if (code := decided(decisions, sheet, name, text))}
    spans = find_spans(fit)
    answers |= apply_span_answer(spans, fit, answers)
    codes = {text: code for text, code in answers.items() if code != LEAVE_OUT}
    line_periods = PeriodLabels({}) if fit.line.periods else read_line_periods(fit.line.texts, known.vocabulary)
    split = line_periods.split
    codes |= apply_year_answer(split, codes)
    codes |= apply_number_answer(line_periods.numbered, codes)
    codes |= apply_year_answer(select_years(fit.line.texts), find_year_starts(codes)) if not fit.line.periods else {}
    daily = decided(decisions, sheet, "fixed FREQ") == DAILY
    days = find_days(fit, known, answers)
    days = Days(codes={}, waiting={}) if daily and len(days.orders) < 2 else days
    codes |= days.codes
    months = find_bare_months([text for text in fit.line.texts if not fit.meanings[text]], known)
    alike = apply_month_answer(months, answers)
    codes |= alike
    component, freq = build_period_component(base, fit, known, codes, waiting=days.undecided)
    undecided = [text for text in fit.line.texts if text not in answers and text not in codes]
    unknown = [text for text in undecided if not fit.meanings[text] or text in spans]
    split = tuple(text for text in split if text in undecided)
    numbered = tuple(text for text in line_periods.numbered if text in undecided)
    months = {text: month for text, month in months.items() if text in undecided}
    questions = [build_decided_question(sheet, name, text, code) for text, code in answers.items()]
    strange = [text for text in unknown if text not in months and text not in [*spans][1:]]
    read = [candidate.code for candidates in fit.meanings.values() for candidate in candidates]
    for text in strange:
        months_named = parse_month_span(text, known.vocabulary)
        part = Candidate(months_named, 0.8, reason="the months that the label names")
        reason = ORDER_REASON if SLASHED_DATE.fullmatch(text) else PERIOD_HINT
        chosen = part if months_named else Candidate("", 0.0, reason=spans.get(text, reason))
        questions.append(Question(sheet, name, label=text, chosen=chosen, others=(*fit.meanings[text][:1], OUT)))
    for text, month in tuple(months.items())[:1]:
        years = [code for code in read if code.isdecimal()]
        questions.append(ask(sheet, name, MONTHS_REASON, label=text, others=list_likely_months(month, years)))
    for text in split[:1]:
        periods = list_possible_periods(text, known.vocabulary)
        near = tuple(Candidate(period, 0.3, reason="as for the other labels") for period in periods)
        questions.append(ask(sheet, name, "when does this year begin?", label=text, others=near))
    for text in numbered[:1]:
        questions.append(ask(sheet, name, NUMBER, label=text, others=list_possible_parts(text, line_periods.numbered)))
    for text in days.waiting:
        reason, near = ask_about_days(text, days, known)
        questions.append(ask(sheet, name, reason, label=text, others=near))
    left_out = [(text, LEFT_OUT_BY_ANSWER) for text, code in answers.items() if code == LEAVE_OUT]
    left_out += [
        (text, NOT_RECOGNISED) for text in (*unknown, *split, *numbered, *sorted(days.undecided), *fit.line.upper)
    ]
    whole = {text: candidates[0].code for text, candidates in fit.meanings.items() if candidates} if not freq else {}
    listed = {text: code for text, code in {**whole, **dict(component.codes)}.items() if answers.get(text) != LEAVE_OUT}
    is_mixed = len({find_frequency(code) for code in listed.values()}) > 1
    lengths = build_frequency_component(base, listed) if (fit.line.periods or alike or is_mixed) and not freq else None
    return ComponentReading(
        component,
        tuple(left_out),
        freq=freq or ("A" if split or days.waiting else "M" if numbered else ""),
        questions=(*line_questions, *questions),
        group=lengths,
    )


def find_year_starts(codes: Mapping[str, str]) -> Mapping[str, str]:
    """Return the answers about years that do not begin on 1 January.

    >>> find_year_starts({"2020": "2019-10-01/P1Y", "2021": "2021"})
    {'2020': '2019-10-01/P1Y'}
    """
    return {text: code for text, code in codes.items() if code.endswith("/P1Y")}


def build_frequency_component(base: ComponentMap, periods: Mapping[str, str]) -> ComponentMap | None:
    codes = tuple((text, find_frequency(code)) for text, code in periods.items())
    return replace(base, component="FREQ", codes=codes) if codes else None


def find_region_rest(codes: Mapping[str, str], indented: frozenset[str], known: FlowKnowledge) -> tuple[str, ...]:
    listed = list(codes.items())
    regions = [at for at, (_, code) in enumerate(listed) if known.recogniser.regions.is_group(code)]
    remaining_labels = [
        (at, text) for at, (text, code) in enumerate(listed) if code == REST and regions and at > regions[0]
    ]
    return tuple(text for at, text in remaining_labels if at < regions[-1] or text in indented)


def find_group_remainders(
    codes: Mapping[str, str],
    groups: Mapping[str, str],
    area: str | None,
    columns: Sequence[Figures],
    known: FlowKnowledge,
) -> Mapping[str, str]:
    """Find remainders of a group by their figures, such as “Other countries” after “EU”, with a reason.

    The reason is that a remainder is the sum of labels below it, or empty.
    """
    regions = known.recogniser.regions.compositions
    countries = select_countries(codes.values()) - {area, *regions}
    listed = [text for text, code in codes.items() if code in countries]
    foreigners = [text for text, status in groups.items() if status in ELSEWHERE.values()]
    wholes = foreigners or [text for text, code in codes.items() if code == TOTAL]
    others = [text for text, code in codes.items() if text not in wholes and code in ("", area, *regions)]
    uncoded = [text for text in others if not codes[text]]
    rests = [text for text, code in codes.items() if code == REST and len(wholes) == 1]
    return {
        rest: f"it is the sum of “{', '.join(parts)}”, which are listed"
        if (parts := find_parts_below(columns, rest, listed))
        else ""
        for rest in rests
        if is_of_group(columns, rest, wholes[0], listed, others, uncoded=uncoded)
    }


def choose_certain_code(fit: Fit, candidates: Sequence[Candidate]) -> str:
    if not candidates or (len(candidates) > 1 and candidates[1].confidence >= candidates[0].confidence):
        return ""
    local = fit.component in ("AGE", "SEX") and fit.score >= 0.8 and candidates[0].confidence >= CONTEXT_CONFIDENCE
    return candidates[0].code if candidates[0].is_applied or local else ""


def offer_codes(
    text: str, candidates: Sequence[Candidate], fit: Fit, area: str | None, *, known: FlowKnowledge
) -> Iterable[Candidate]:
    near = offer_undetermined(text, fit, area, known) or tuple(candidates) or find_similar_codes(text, fit, area, known)
    return offer_total(add_opposites(near[:MAX_NEAR], fit, known), text, fit, known)


def find_similar_codes(text: str, fit: Fit, area: str | None, known: FlowKnowledge) -> tuple[Candidate, ...]:
    codelist = known.flow.codelist(fit.component)
    if codelist is None:
        return ()
    if codelist.ref.id in AREA_LISTS:
        is_reporter = fit.component == REPORTING  # a part of the country resembles other countries by chance: Algarve
        alike = () if is_reporter else known.recogniser.near(text, "PARTNER")
        near = tuple(candidate for candidate in alike if candidate.code in codelist)
        is_own = REPORTING in known.vocabulary.codes("ROLE", plain(bare(text)))
        own = (area,) if area and is_own else ()
        return near or list_code_candidates((*own, REST, UNKNOWN), fit, known)
    label = plain(bare(text))
    if codelist.ref.id == AGES and not any(sign.isdecimal() for sign in label):
        groups = [mention.code for mention in read_title(text, known.recogniser).of("GROUP")]
        ages = dict.fromkeys(
            code for group in groups for code in known.vocabulary.codes("AGES_OF", plain(f"group {group}"))
        )
        return tuple(Candidate(code, 0.3, reason=str(codelist[code].name)) for code in ages if code in codelist)
    if fit.component == "ACC_ITEM" and (item := find_item_of_moves(text, known.recogniser)):
        return list_code_candidates((item,), fit, known)
    parts = LABEL_SEPARATORS.split(text)
    inside = {each.code for part in parts for each in recognise_value(part, fit.component, known.vocabulary)}
    if inside and len(parts) > 1:  # “Work, less than 3 months”
        return list_code_candidates(sorted(inside), fit, known)
    scored = [
        (max(rapidfuzz.fuzz.ratio(label, plain(name)) for _, name in item.name), item) for item in codelist if item.name
    ]
    like = [(score, item) for score, item in scored if score >= MIN_LIKENESS]
    best = sorted(like, key=lambda pair: (-pair[0], pair[1].id))[:MAX_NEAR]
    near = tuple(Candidate(item.id, round(score / 125, 2), reason=str(item.name)) for score, item in best)
    countries = get_codes(known.recogniser.candidates(text, "PARTNER")) if fit.component in ELSEWHERE else ()
    if countries and area not in countries:
        near = list_code_candidates((ELSEWHERE[fit.component], UNKNOWN), fit, known)
    is_listed = len(codelist) <= MAX_OFFERED  # all its codes are offered
    return near or (() if is_listed else list_code_candidates((REST, UNKNOWN), fit, known))


MIN_LIKENESS, MAX_NEAR = 45, 10
"""Minimum similarity (0–100) of a label and the name of a code offered first for it, and how many are offered."""


def add_opposites(near: Sequence[Candidate], fit: Fit, known: FlowKnowledge) -> tuple[Candidate, ...]:
    """Offer foreign citizens beside citizens, and so on: “Non-citizens” resembles “citizens”."""
    opposites = {OTHERS.get(candidate.code) for candidate in near}
    return (*near, *(other for other in list_other_codes(fit.component, "", known.flow) if other.code in opposites))


def offer_total(near: Sequence[Candidate], text: str, fit: Fit, known: FlowKnowledge) -> Iterable[Candidate]:
    """Offer the total for a label with a word for totals, a sum of the others, and a label of another breakdown."""
    if fit.component == REGION:
        return (Candidate(TOTAL, 0.3, reason=""), *near)
    if TOTAL not in (known.flow.codelist(fit.component) or ()):
        return near
    if name := find_other_component(text, fit, known):
        of_all = Candidate(TOTAL, 0.3, reason=f"the label is a value of {name}")
        return (of_all, *(each for each in near if each.code != TOTAL))
    if text == fit.line.whole:
        proven = Candidate(TOTAL, 0.3, reason="its figures are the sums of the other figures")
        return (proven, *(each for each in near if each.code != TOTAL))
    found = () if TOTAL in get_codes(fit.meanings[text]) else known.vocabulary.inside("TOTAL", text)
    return (*near, *(Candidate(TOTAL, 0.3, reason=candidate.reason) for candidate in found[:1]))


def find_other_component(text: str, fit: Fit, known: FlowKnowledge) -> str:
    """Return the breakdown that a label belongs to, if it differs from that of its line: the sex of “Men”."""
    label = plain(bare(strip_of_which(text, known.vocabulary)))
    others = [name for name in BREAKDOWNS if name != fit.component and name in known.flow.structure]
    others = others if fit.component in BREAKDOWNS else []
    return next((name for name in others if known.vocabulary.codes(name, label)), "")


def offer_undetermined(text: str, fit: Fit, area: str | None, known: FlowKnowledge) -> tuple[Candidate, ...]:
    """Offer undetermined nationality and other countries for people without a citizenship: “Latvian non-citizens”."""
    status = STATUS_OF.get(fit.component, "")
    codes = {mention.code for mention in read_title(text, known.recogniser).of(status)}
    is_loose = f"{status} {area}" in known.vocabulary.codes("LOOSE", plain(bare(text)))
    return list_code_candidates((UNDETERMINED, REST), fit, known) if is_loose or UNDETERMINED in codes else ()


def list_code_candidates(codes: Sequence[str], fit: Fit, known: FlowKnowledge) -> tuple[Candidate, ...]:
    listed = known.flow.codelist(fit.component)
    return tuple(Candidate(code, 0.1, reason=str(listed[code].name)) for code in codes if listed and code in listed)


def find_parts(codes: Mapping[str, str], known: FlowKnowledge) -> dict[str, str]:
    """Find labels of a part and its whole that have the same code: “By decree” and “of which naturalisations”."""
    parts = [text for text in codes if strip_of_which(text, known.vocabulary) != text]
    wholes = [text for text in codes if text not in parts]
    pairs = [(part, whole) for part in parts for whole in wholes if codes[whole] == codes[part] != ""]
    return {text: f"“{other}” also has the code {codes[text]}" for pair in pairs for text, other in (pair, pair[::-1])}


def find_parts_of_places(codes: Mapping[str, str], fit: Fit, known: FlowKnowledge) -> dict[str, str]:
    """Find labels without a codelist that count part of another label again, such as “of which large towns”."""
    texts = codes if fit.component == REGION else ()
    return {text: PART_REASON for text in texts if strip_of_which(text, known.vocabulary) != text}


def explain_fit(fit: Fit) -> str:
    if fit.line.year:
        return f"the labels are parts of a year, and the titles name {fit.line.year}"
    known_count = sum(bool(candidates) for candidates in fit.meanings.values())
    return f"{known_count} of {len(fit.line.texts)} labels are recognised" + (
        f", under “{fit.line.head}”" if fit.line.head else ""
    )


def find_spans(fit: Fit) -> Mapping[str, str]:
    periods = {text: candidates[0].code for text, candidates in fit.meanings.items() if candidates}
    several = {text: period for text, period in periods.items() if "/P" in period and not period.endswith("/P1Y")}
    spans = dict.fromkeys(several, "a period of several years among single years")
    others = [period for text, period in periods.items() if text not in spans]
    return spans if any(map(str.isdecimal, others)) else dict.fromkeys(several if others else (), PERIOD_HINT)


def apply_span_answer(spans: Collection[str], fit: Fit, answers: Mapping[str, str]) -> dict[str, str]:
    """Apply the answer about the first of several spans of years to the others, with their own periods."""
    own = {text: fit.meanings[text][0].code for text in spans}
    first = next(iter(spans), "")
    decision = answers.get(first, "")
    alike = own if decision == own.get(first) else dict.fromkeys(own, decision) if decision == LEAVE_OUT else {}
    return {text: code for text, code in alike.items() if text not in answers}


def build_period_component(
    base: ComponentMap,
    fit: Fit,
    known: FlowKnowledge,
    answers: Mapping[str, str],
    waiting: frozenset[str] = frozenset(),
) -> tuple[ComponentMap, str]:
    listed = read_line_periods(fit.line.texts, known.vocabulary).moments
    if fit.line.periods:
        joint = {**dict(fit.line.periods), **answers}
        lengths = {period.freq if (period := parse(code)) else "A" for code in joint.values()}
        return replace(base, codes=tuple(joint.items())), lengths.pop() if len(lengths) == 1 else ""
    gone = {*find_spans(fit), *answers, *waiting}
    moments = {text: moment for text, moment in listed.items() if text not in gone}
    freqs, patterns = {moment.freq for moment in moments.values()}, {moment.pattern for moment in moments.values()}
    freqs |= {"A" if code.endswith("Y") else find_frequency(code) for code in answers.values()}
    freq = next(iter(freqs)) if len(freqs) == 1 else ""
    periods = [moment.period for moment in moments.values()]
    freq = (find_span_frequency([*periods, *answers.values()]) or find_step_frequency(periods)) if freq == "A" else freq
    base = replace(base, codes=tuple(answers.items()))
    if IN_HEAD in patterns and patterns <= {IN_HEAD, "yyyy"}:
        return replace(base, take=build_year_expression(moments), periods=PeriodFormat(("yyyy",))), freq
    if len(patterns) == 1 and "" not in patterns:
        return replace(base, periods=PeriodFormat(tuple(patterns))), freq
    if freqs == {"M"} and (months := find_month_format({text: moment.period for text, moment in moments.items()})):
        return replace(base, periods=months), freq
    codes = tuple((text, moment.period) for text, moment in moments.items() if moment.period != text)
    return replace(base, codes=(*base.codes, *codes)), freq


def find_span_frequency(periods: Sequence[str]) -> str:
    """Return the frequency of spans of years of equal length; empty without such spans.

    >>> (find_span_frequency(["2010-01-01/P5Y", "2015-01-01/P5Y"]),
    ...  find_span_frequency(["2010-01-01/P5Y", "2015"]), find_span_frequency(["2010/P6Y"]))
    ('A5', '', '')
    """
    lengths = {period.partition("/P")[2].removesuffix("Y") for period in periods}
    length = lengths.pop() if len(lengths) == 1 else ""
    return f"A{length}" if length in SPAN_LENGTHS else ""


def find_step_frequency(years: Sequence[str]) -> str:
    """Return the frequency of years: each, every fifth or every tenth.

    >>> find_step_frequency(["1990", "1995", "2000", "2004"]), find_step_frequency(["2019", "2020", "2021"])
    ('A5', 'A')
    """
    plain_years = sorted({int(year) for year in years if year.isdecimal()})
    gaps = [after - before for before, after in pairwise(plain_years)]
    common = max(set(gaps), key=gaps.count) if len(gaps) > 1 else 1
    return f"A{common}" if common in (5, 10) and min(gaps) > 1 else "A"


MIN_MONTHS = 3
MONTH_DIGITS = 2


def find_bare_months(texts: Sequence[str], known: FlowKnowledge) -> Mapping[str, str]:
    parts = match_parts(texts, known.recogniser)
    months = {text: code for text, code in parts.items() if len(code) == MONTH_DIGITS and code.isdecimal()}
    follow = all(before < after for before, after in pairwise(months.values()))
    return months if len(months) >= MIN_MONTHS and follow else {}


def apply_month_answer(months: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    answer = next((answers[text] for text, month in months.items() if answers.get(text, "").endswith(f"-{month}")), "")
    year = answer.rpartition("-")[0]
    return {text: f"{year}-{month}" for text, month in months.items() if text not in answers} if year else {}


def list_likely_months(month: str, years: Sequence[str]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(f"{year}-{month}", 0.4, reason="a year of the line") for year in sorted(set(years), reverse=True)[:3]
    )
