"""Regions of varying composition, asked once per line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.candidates import DOUBTED
from sdmxmig.conversion.recognition.groups import names_group
from sdmxmig.conversion.recognition.regions import OF_M49, VARIES
from sdmxmig.conversion.suggestion.ambiguities import list_of
from sdmxmig.conversion.suggestion.lines import AREA_LISTS, Fit, FlowKnowledge, meanings_of, same_list
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, DECIDED, LEAVE_OUT, Decisions, Question, decided

LEAST = 3
PART, RESTS = "regions", "rests"
SEVERAL = 2
"""So many labels for groups of countries, or for what remains of them, are one question."""
REST = "_O"
SAID_LAST = ("_T", "_U", "STLS")


def with_regions(
    fit: Fit, sheet: str, known: FlowKnowledge, decisions: Decisions
) -> tuple[Fit, tuple[Question, ...], Mapping[str, str]]:
    """Apply the answer about regions; ask otherwise.

    Numbered regions are certain.
    """
    regions = in_m49(fit, known)
    if not regions:
        return fit, (), {}
    fit_of_m49 = replace(fit, meanings={**fit.meanings, **{text: (region,) for text, region in regions.items()}})
    if are_numbered(fit, regions):
        return fit_of_m49, (), {}
    label = "; ".join(regions)
    answers = (
        decided(decisions, sheet, f"{PART} {component}", label) for component in same_list(fit.component, known.flow)
    )
    answer = next(filter(None, answers), "")
    unanswered = [text for text in regions if not decided(decisions, sheet, f"codes {fit.component}", text)]
    questions = (question_of(fit.component, sheet, label, regions, answer=answer),) if unanswered else ()
    return (fit_of_m49, questions, {}) if answer == AS_IT_IS else (fit, questions, dict.fromkeys(regions, answer))


def with_rests(
    fit: Fit, codes: Mapping[str, str], sheet: str, known: FlowKnowledge, decisions: Decisions
) -> tuple[tuple[Question, ...], Mapping[str, str]]:
    """Ask about groups and remainders such as “Other Africa”.

    Without a code they are left out.
    """
    if list_of(fit.component, known.flow) not in AREA_LISTS:
        return (), {}
    rests = [text for text, code in codes.items() if not code and has_no_code(text, fit.meanings[text], known)]
    last = next((text for text in reversed(list(codes)) if fit.meanings[text] and codes[text] not in SAID_LAST), "")
    rests = [text for text in rests if text != last or not is_all_others(text, known)]
    if len(rests) < SEVERAL:
        return (), {}
    label = "; ".join(rests)
    answers = (
        decided(decisions, sheet, f"{RESTS} {component}", label) for component in same_list(fit.component, known.flow)
    )
    answer = next(filter(None, answers), "")
    reason = "no code holds these groups of countries or what remains of them: do they stay out? Else give each a code"
    chosen = Candidate(answer, 1.0, reason=DECIDED) if answer else Candidate("", 0.0, reason=reason)
    choices = () if answer else (Candidate(LEAVE_OUT, 0.5, reason="they stay out"),)
    return (Question(sheet, f"{RESTS} {fit.component}", label=label, chosen=chosen, others=choices),), dict.fromkeys(
        rests, answer
    )


def is_all_others(text: str, known: FlowKnowledge) -> bool:
    return REST in {candidate.code for candidate in known.recogniser.shared(text)}


def has_no_code(text: str, candidates: Sequence[Candidate], known: FlowKnowledge) -> bool:
    if candidates and candidates[0].code == REST:
        return True
    near = all(candidate.varies and candidate.confidence <= DOUBTED for candidate in candidates)
    return near and names_group(text, known.recogniser)


def in_m49(fit: Fit, known: FlowKnowledge) -> Mapping[str, Candidate]:
    """The regions of M49 that labels mean if they are composed as there, of those whose composition varies."""
    codelist = known.flow.codelist(fit.component)
    if codelist is None or codelist.ref.id not in AREA_LISTS:
        return {}
    open_labels = [
        text
        for text, candidates in fit.meanings.items()
        if candidates and candidates[0].varies and not candidates[0].is_applied
    ]
    if not open_labels:
        return {}
    line = fit.line
    meanings = meanings_of(
        line.texts, fit.component, flow=known.flow, recogniser=known.recogniser, head=line.head, m49=True
    )
    listed = known.recogniser.regions.compositions
    regions = {}
    for text in open_labels:
        code, sure = fit.meanings[text][0].code, fit.meanings[text][0].confidence
        if meanings[text] and meanings[text][0].is_applied:
            regions[text] = meanings[text][0]
        elif sure >= VARIES and code in listed and listed[code].is_m49:  # M49's by another name: “Ozeanien”
            regions[text] = Candidate(code, OF_M49, reason="a region of M49 by another name")
    return regions


def are_numbered(fit: Fit, regions: Mapping[str, Candidate]) -> bool:
    numbers = dict(fit.line.numbers)
    same = [text for text, candidates in fit.meanings.items() if candidates and numbers.get(text) == candidates[0].code]
    return len(same) >= LEAST and all(numbers.get(text) == region.code for text, region in regions.items())


def question_of(component: str, sheet: str, label: str, regions: Mapping[str, Candidate], answer: str) -> Question:
    if answer:
        return Question(sheet, f"{PART} {component}", label=label, chosen=Candidate(answer, 1.0, reason=DECIDED))
    codes = ", ".join(dict.fromkeys(region.code for region in regions.values()))
    reason = f"are these regions composed as in UN M49 ({codes})? Others count other countries to them"
    chosen = Candidate("", 0.0, reason=reason)
    choices = (
        Candidate(AS_IT_IS, 0.5, reason="composed as in UN M49"),
        Candidate(LEAVE_OUT, 0.5, reason="not composed so"),
    )
    return Question(sheet, f"{PART} {component}", label=label, chosen=chosen, others=choices)
