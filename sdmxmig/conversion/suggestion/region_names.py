"""Regions whose composition varies, columns that group countries, and former countries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations

from sdmxmig.catalogue.areas import FORMER_MARK
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.groups import find_remainder, names_group
from sdmxmig.conversion.recognition.labels import DOUBTED, choose_best, plain
from sdmxmig.conversion.recognition.regions import M49_CONFIDENCE, VARYING_CONFIDENCE
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import (
    MIN_CONFIDENCE,
    Fit,
    FlowKnowledge,
    Line,
    find_line_meanings,
    has_areas,
    is_time,
    list_codelist_components,
    map_labels,
    recognise_texts,
)
from sdmxmig.conversion.suggestion.questions import (
    ADD_UP,
    AND,
    AS_IT_IS,
    LEAVE_OUT,
    SUMS,
    Decisions,
    Question,
    ask,
    build_decided_question,
    decided,
    offer_keeping_or_leaving,
    split_remainder_codes,
)
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.sdmx.model.data import Attributes, Flow

MIN_REGIONS = 3
BOTH_LEVELS = "yes: keep both levels"
PART, RESTS, REGION = "regions", "rests", "REGION"
SEVERAL = 2
"""Minimum number of labels for groups of countries or remainders in one question."""
REST, TOTAL = "_O", "_T"
LAST_CODES = ("_T", "_U", "STLS", "UNDET")


def resolve_regions(
    fit: Fit, sheet: str, known: FlowKnowledge, decisions: Decisions, *, sums: Mapping[str, Sequence[str]]
) -> tuple[Fit, tuple[Question, ...], Mapping[str, str]]:
    """Apply the answer about regions; ask otherwise. Numbered regions are certain.

    Regions of the world that are `sums` of labels below them are redundant: the question proposes to leave them out.
    Those of a country are kept beside their parts.
    """
    within = {part for parts in sums.values() for part in parts}
    regions = find_m49_regions(fit, known)
    if fit.component == REGION:
        regions = {text: Candidate(text, 1.0, reason="") for text in fit.meanings if text in sums and text in within}
    if not regions:
        return fit, (), {}
    fit_of_m49 = replace(fit, meanings={**fit.meanings, **{text: (region,) for text, region in regions.items()}})
    if are_numbered(fit, regions):
        return fit_of_m49, (), {}
    label = "; ".join(regions)
    answers = (
        decided(decisions, sheet, f"{PART} {component}", label)
        for component in list_codelist_components(fit.component, known.flow)
    )
    answer = next(filter(None, answers), "")
    unanswered = [text for text in regions if not decided(decisions, sheet, f"codes {fit.component}", text)]
    question = build_question(fit.component, sheet, label, regions, answer=answer)
    kept = AS_IT_IS if fit.component == REGION else LEAVE_OUT if regions.keys() <= sums.keys() else ""
    question = propose_code(question, "" if answer else kept)
    questions = (question,) if unanswered else ()
    return (fit_of_m49, questions, {}) if answer == AS_IT_IS else (fit, questions, dict.fromkeys(regions, answer))


ALL_AS_THEY_ARE = Candidate(AS_IT_IS, 0.5, reason="yes: keep them all")
ASK_EACH_GROUP = Candidate(AS_IT_IS, 0.4, reason="ask about each of them")
AS_OTHERS = Candidate(ADD_UP, 0.5, reason="add them up as other countries")
OUT = Candidate(LEAVE_OUT, 0.3, reason="leave them out")
ASK_EACH_REGION = Candidate(LEAVE_OUT, 0.5, reason="no: ask about each region")


def resolve_region_names(
    texts: Sequence[str], sheet: str, known: FlowKnowledge, decisions: Decisions
) -> tuple[tuple[Question, ...], Mapping[str, str]]:
    """Ask once about labels with words such as “city” or “republic”, several of which cannot be the whole country."""
    is_country, inside = known.recogniser.countries.is_name, known.vocabulary.inside
    regions = [text for text in texts if not (is_country(text) or any(inside("TOTAL", text)))]
    if len(regions) < SEVERAL:
        return (), {}
    label, part = AND.join(regions), f"{PART} {REGION}"
    if answer := decided(decisions, sheet, part, label):
        kept = regions if answer == AS_IT_IS else ()
        return (build_decided_question(sheet, part, label, answer),), dict(zip(kept, kept, strict=True))
    choices = (ALL_AS_THEY_ARE, ASK_EACH_REGION)
    question = ask(sheet, part, "are these labels regions of the country?", label=label, others=choices)
    return (propose_code(question, AS_IT_IS),), dict.fromkeys(regions, "")


def resolve_remainders(
    fit: Fit,
    codes: Mapping[str, str],
    sheet: str,
    known: FlowKnowledge,
    decisions: Decisions,
    *,
    sums: Mapping[str, Sequence[str]],
    summed: Mapping[str, str],
) -> tuple[tuple[Question, ...], Mapping[str, str]]:
    """Ask about groups and remainders such as “Other Africa”, with the codes that labels or sums show (`summed`).

    Several remainders without a code that complete the total are other countries together. Regions of a country whose
    labels have words such as “city” are asked about together.
    """
    if fit.component == REGION:
        unknown = [text for text, code in codes.items() if not code and text not in sums]
        return resolve_region_names(unknown, sheet, known, decisions)
    if not has_areas(fit.component, known.flow):
        return (), {}
    rests = [text for text, code in codes.items() if not code and has_no_code(text, fit.meanings[text], known)]
    last = next((text for text in reversed(list(codes)) if fit.meanings[text] and codes[text] not in LAST_CODES), "")
    rests = [text for text in rests if text != last or not is_all_others(text, known)]
    remainders = find_remainders_of_total(fit, codes, sums, known)
    groups = [text for text in rests if text not in remainders] if len(remainders) >= SEVERAL else rests
    together = "together, these labels cover all countries that are not listed. Add up their figures?"
    apart = "which codes do these groups of countries or remainders have?"
    given = {text: summed.get(text, "") for text in groups}
    subtotals = [text for text, code in given.items() if code == LEAVE_OUT]
    told = [text for text, code in given.items() if code and [*given.values()].count(code) == 1 and code != LEAVE_OUT]
    untold = [text for text in groups if text not in (*subtotals, *told)]
    questions, codes_by_label = [], dict[str, str]()
    for kind, texts, reason, code in (
        (SUMS, remainders, together, ADD_UP),
        (RESTS, subtotals, "each of these is the sum of rows below or above it. Leave them out?", LEAVE_OUT),
        (RESTS, told, apart, AND.join(given[text] for text in told)),
        (RESTS, untold, apart, ""),
    ):
        if len(texts) < SEVERAL:
            continue
        label, part = AND.join(texts), f"{kind} {fit.component}"
        components = list_codelist_components(fit.component, known.flow)
        answer = next(filter(None, (decided(decisions, sheet, f"{kind} {name}", label) for name in components)), "")
        if answer == ASK_EACH_GROUP.code:
            continue
        are_rests = REST not in codes.values() and all(is_remainder(text, fit.meanings[text], known) for text in texts)
        choices = [*[AS_OTHERS] * (are_rests and not code), *[ASK_EACH_GROUP] * (kind == RESTS), OUT]
        question = propose_code(ask(sheet, part, reason, label=label, others=tuple(choices)), code)
        questions.append(build_decided_question(sheet, part, label, answer) if answer else question)
        codes_by_label |= zip(
            texts, split_remainder_codes(REST if answer == ADD_UP else answer, len(texts)), strict=True
        )
    return tuple(questions), codes_by_label


def find_remainders_of_total(
    fit: Fit, codes: Mapping[str, str], sums: Mapping[str, Sequence[str]], known: FlowKnowledge
) -> tuple[str, ...]:
    """Return the remainders without a code that are the total together with all listed countries and regions.

    A named group, such as ECOWAS, is no remainder, so the countries in question are not all others.
    """
    open_sums = {whole: parts for whole, parts in sums.items() if codes.get(whole, "") in ("", TOTAL, LEAVE_OUT)}
    wholes = [whole for whole in open_sums if codes.get(whole) == TOTAL]
    leaves = list_leaves(wholes[0], open_sums) if len(wholes) == 1 else ()
    rests = tuple(text for text in leaves if codes.get(text, "") in ("", REST))
    is_rest = (is_remainder(text, fit.meanings[text], known) for text in rests)
    return tuple(text for text in rests if not find_remainder_code(text, fit, known)) if all(is_rest) else ()


def is_remainder(text: str, candidates: Sequence[Candidate], known: FlowKnowledge) -> bool:
    is_other = bool(candidates) and candidates[0].code == REST
    return is_other or bool(find_remainder(text, known.recogniser) or any(known.vocabulary.inside("REST", text)))


def find_remainder_code(text: str, fit: Fit, known: FlowKnowledge) -> str:
    """Return the code that the list of the dimension has for the rest of a region, or an empty string."""
    code = find_remainder(text, known.recogniser)
    return code if code in (known.flow.codelist(fit.component) or ()) else ""


def list_leaves(whole: str, sums: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(leaf for part in sums[whole] for leaf in (list_leaves(part, sums) if part in sums else (part,)))


SUMMED_CONFIDENCE = 0.6
"""Confidence in a code that sums give to a group or a remainder of countries."""


def propose_code(question: Question, code: str) -> Question:
    return (
        replace(question, chosen=replace(question.chosen, code=code, confidence=SUMMED_CONFIDENCE))
        if code
        else question
    )


def is_all_others(text: str, known: FlowKnowledge) -> bool:
    return REST in {candidate.code for candidate in known.recogniser.shared(text)}


GROUP_WITHOUT_CODE = "the list has no code for this group of countries"


def has_no_code(text: str, candidates: Sequence[Candidate], known: FlowKnowledge) -> bool:
    if candidates and candidates[0].code == REST:
        return True
    near = all(candidate.varies and candidate.confidence <= DOUBTED for candidate in candidates)
    return bool(find_remainder(text, known.recogniser)) or (near and names_group(text, known.recogniser))


def find_m49_regions(fit: Fit, known: FlowKnowledge) -> Mapping[str, Candidate]:
    """Return varying regions that labels mean if composed as in M49."""
    if not has_areas(fit.component, known.flow):
        return {}
    open_labels = [
        text
        for text, candidates in fit.meanings.items()
        if candidates and candidates[0].varies and not candidates[0].is_applied
    ]
    if not open_labels:
        return {}
    meanings = find_line_meanings(fit.line, fit.component, known.flow, known.recogniser, m49=True)
    listed = known.recogniser.regions.compositions
    regions = {}
    for text in open_labels:
        code, sure = fit.meanings[text][0].code, fit.meanings[text][0].confidence
        if meanings[text] and meanings[text][0].is_applied:
            regions[text] = meanings[text][0]
        elif sure >= VARYING_CONFIDENCE and code in listed and listed[code].is_m49:  # of M49, as “Ozeanien”
            regions[text] = Candidate(code, M49_CONFIDENCE, reason="another name of a region of UN M49")
    return regions


def are_numbered(fit: Fit, regions: Mapping[str, Candidate]) -> bool:
    numbers = dict(fit.line.numbers)
    same = [text for text, candidates in fit.meanings.items() if candidates and numbers.get(text) == candidates[0].code]
    return len(same) >= MIN_REGIONS and all(numbers.get(text) == region.code for text, region in regions.items())


def build_question(component: str, sheet: str, label: str, regions: Mapping[str, Candidate], answer: str) -> Question:
    if answer:
        return build_decided_question(sheet, f"{PART} {component}", label, answer)
    codes = ", ".join(dict.fromkeys(region.code for region in regions.values()))
    reason = f"are these regions defined as in UN M49 ({codes})? Other definitions include other countries"
    kept = "yes: defined as in UN M49"
    if component == REGION:
        reason, kept = "each of these is the sum of regions below or above it. Keep both levels?", BOTH_LEVELS
    choices = (Candidate(AS_IT_IS, 0.5, reason=kept), Candidate(LEAVE_OUT, 0.5, reason="no: leave these sums out"))
    return ask(sheet, f"{PART} {component}", reason, label=label, others=choices)


MIN_MOST_SHARE = 0.5
"""Minimum share of areas among the labels."""
FEWER_CONFIDENCE = 0.7
SURE_CONFIDENCE = 0.95


def find_groupings(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[tuple[Line, Line], ...]:
    areas = [line for line in lines if lists_areas(line, known)]
    grouped: dict[LineSource, tuple[Line, Line]] = {}
    for coarse, fine in permutations(areas, 2):
        known_one = grouped.get(coarse.source)
        most = len(fine.texts) - 1 if lists_regions(coarse, known) else FEWER_CONFIDENCE * len(fine.texts)
        if (
            len(coarse.texts) <= most
            and is_grouping(region, coarse, fine)
            and (known_one is None or len(fine.texts) > len(known_one[1].texts))
        ):
            grouped[coarse.source] = (coarse, fine)
    return tuple(grouped.values())


def lists_areas(line: Line, known: FlowKnowledge) -> bool:
    if line.source.kind in ("header", "section") or len(line.texts) < 2:
        return False
    meanings = recognise_texts(
        tuple(line.explained.get(text, text) for text in line.texts), "PARTNER", known.recogniser
    ).items()
    areas = sum(
        bool(candidates) and (candidates[0].confidence >= MIN_CONFIDENCE or not text.isdecimal())
        for text, candidates in meanings
    )
    return areas > MIN_MOST_SHARE * len(line.texts)


def lists_regions(line: Line, known: FlowKnowledge) -> bool:
    meanings = recognise_texts(line.texts, "PARTNER", known.recogniser)
    return sum(
        bool(candidates) and candidates[0].code.isdecimal() for candidates in meanings.values()
    ) > MIN_MOST_SHARE * len(line.texts)


def is_grouping(region: Region, coarse: Line, fine: Line) -> bool:
    """Check whether each label of the fine line, including the gaps below it, has one label of the coarse line."""
    upper, lower = map_labels(region, coarse), map_labels(region, fine)
    pairs, above = set(), ""
    for row in sorted({*lower, *(upper if fine.carried else ())}):
        above = lower.get(row, "") or above
        pairs.add((above, upper.get(row, "")))
    return len(pairs) == len({text for text, _ in pairs}) and all(group for _, group in pairs)


def build_group_questions(grouped: Sequence[tuple[Line, Line]], sheet: str) -> Iterator[Question]:
    for coarse, fine in grouped:
        name = coarse.head or str(coarse.source)
        reason = f"“{name}” groups the labels of “{fine.head or fine.source}”, and adds no information"
        yield Question(
            sheet, f"unread {coarse.source}", label=name, chosen=Candidate("not read", SURE_CONFIDENCE, reason=reason)
        )


AREAS, TIME = "REF_AREA", "TIME_PERIOD"
FORMER_COUNTRIES_PART = "FORMER_PART"
SUCCESSORS = "SUCCESSORS"
"""The annotation of former countries with their successors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerCountry:
    """A former country: code, name, years and successors; `namesakes` keep its name."""

    code: str
    name: str
    since: int
    until: int
    successors: frozenset[str]
    namesakes: frozenset[str]


def ask_about_former_names(
    fits: Sequence[Fit], fixed: Attributes, known: FlowKnowledge, sheet: str
) -> tuple[Question, ...]:
    """Ask about lines with countries in years before their division."""
    years = list_read_years(fits, fixed, known)
    questions = []
    for fit in fits if years else ():
        read = {
            text: code.code
            for text, candidates in fit.meanings.items()
            if (code := choose_best(candidates)) and code.is_applied
        }
        labels_by_former = dict(
            find_former_countries(read, years, list_former_countries(known.flow, fit.component, known.vocabulary))
        )
        if labels_by_former:
            label = ", ".join(sorted({text for texts in labels_by_former.values() for text in texts}))
            listed = "; ".join(
                f"{' and '.join(f'“{text}”' for text in texts)} before {former.until}: "
                f"today’s territory, or {former.name} ({former.code})"
                for former, texts in labels_by_former.items()
            )
            choices = offer_keeping_or_leaving("today’s territory")
            questions.append(ask(sheet, "title", f"{listed}?", label=label, others=choices))
    return tuple(questions)


def find_former_countries(
    read: Mapping[str, str], years: Sequence[int], listed: Sequence[FormerCountry]
) -> Iterator[tuple[FormerCountry, tuple[str, ...]]]:
    """Find former countries that labels may mean; successors with the same name are doubted in each year."""
    for former in listed:
        within = [former.since <= year < former.until for year in years]
        codes = former.successors if all(within) else former.namesakes if any(within) else frozenset()
        labels = tuple(text for text, code in read.items() if code in codes)
        if labels and former.code not in read.values():
            yield former, labels


def list_read_years(fits: Sequence[Fit], fixed: Attributes, known: FlowKnowledge) -> tuple[int, ...]:
    periods = [dict(fixed).get(TIME, "")]
    for fit in fits:
        if is_time(fit.component, known.flow):
            periods += [candidates[0].code for candidates in fit.meanings.values() if candidates]
    return tuple(int(period[:4]) for period in periods if period[:4].isdecimal())


@lru_cache(maxsize=256)
def list_former_countries(flow: Flow, component: str, vocabulary: Vocabulary) -> tuple[FormerCountry, ...]:
    """Return former countries in a component's codelist, except former parts of existing countries."""
    codelist, areas = flow.codelist(component), flow.codelist(AREAS) if AREAS in flow.structure else None
    if codelist is None or areas is None or not has_areas(component, flow):
        return ()
    names = {item.id: plain(str(item.name)) for item in areas}
    former_by_name: dict[str, FormerCountry] = {}
    for item in areas:
        after = next(
            (str(annotation.text).split() for annotation in item.annotations if annotation.type == SUCCESSORS), []
        )
        if not after or not item.valid_to[:4].isdecimal() or item.id not in codelist:
            continue
        if vocabulary.codes(FORMER_COUNTRIES_PART, item.id.lower()):
            continue
        name = str(item.name).partition(FORMER_MARK.rstrip("]"))[0].strip()
        former_by_name[name] = FormerCountry(
            code=item.id,
            name=name,
            since=int(item.valid_from[:4] or 0),
            until=int(item.valid_to[:4]),
            successors=frozenset(after),
            namesakes=frozenset(code for code in after if f" {names.get(code, name)} " in f" {plain(name)} "),
        )
    return tuple(former_by_name.values())
