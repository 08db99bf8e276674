"""Content read from a form or file, and its profile."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, EVIDENCE_ORDER, Answer, Profile, is_proven
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.plan import QuestionPlan
from sdmxmig.primitives.errors import find_nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.findings import FindingCollector
from sdmxmig.sdmx.model.rule_ids import RuleId

AREA, YEAR = re.compile(r"^[A-Z]{2}$"), re.compile(r"^\d{4}$")
SUBJECT_PATTERN = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
COMMENT_KIND = "comment"
OWN_KINDS = ("product", "action")
OWN_WORDS = ("action", COMMENT_KIND, "abbreviation")
MAX_LISTED = 12
KIND_NAMES = {COMMENT_KIND: "finding, gap or action"}
"""Names of subjects in messages, if they differ from the kind."""
NAME_PATTERN = re.compile(
    r"(?!(?:[yn]|yes|no|true|false|oui|non|s[ií]|да|нет|نعم|لا|是|否|\W*\d[\d\W]*)\s*\Z).*", re.IGNORECASE | re.DOTALL
)
"""Not a mere yes or no, nor a date alone: “no” would sign a profile off."""
FACT_SHAPES = {
    keys.AREA: (AREA, "GE"),
    keys.YEAR: (YEAR, "2024"),
    keys.SIGNED_OFF: (NAME_PATTERN, "Head of the office, 2026-11-22"),
}


@dataclass(frozen=True, slots=True)
class PlacedText:
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """An answer as it was written, unchecked, and the places of its parts."""

    kind: str
    answer: Answer
    places: Mapping[str, Place]


@dataclass(slots=True, kw_only=True)
class WrittenProfile:
    place: Place
    facts: dict[str, PlacedText] = field(default_factory=dict)
    sources: list[tuple[PlacedText, PlacedText]] = field(default_factory=list)
    entries: list[WrittenAnswer] = field(default_factory=list)


def build_profile(written: WrittenProfile, asked: QuestionPlan, collector: FindingCollector) -> Profile:
    sources = index_citations(written.sources, collector)
    answers_by_subject: dict[str, dict[str, Answer]] = {}
    entries = [entry for entry in written.entries if not entry.answer.is_empty]
    strangers = report_unknown_subjects(entries, asked, collector)
    signed_off = read_fact(written, keys.SIGNED_OFF, collector).strip()  # blanks are not a signature
    for entry in entries:
        is_known = (entry.kind, entry.answer.subject) not in strangers and is_asked(entry, asked, collector)
        if not is_known:
            continue
        answer = find_answer(entry, asked, sources, collector)
        if entry.kind not in OWN_WORDS:
            supported = is_supported(answer, asked, collector, signed_off=bool(signed_off))
            answer = replace(answer, is_refused=not supported)
        if answer.is_empty:
            continue
        first = answers_by_subject.setdefault(answer.subject, {}).setdefault(answer.item, answer)
        if first != answer and first.place:
            collector.add(RuleId.ANSWERED_TWICE, [entry.places[keys.ANSWER]], said=answer.item, other=str(first.place))
    return Profile(
        area=read_fact(written, keys.AREA, collector),
        year=read_fact(written, keys.YEAR, collector),
        answers=sort_answers(answers_by_subject.pop(COUNTRY_CODE, {}), asked.items),
        about=sort_subjects(answers_by_subject, asked),
        sources=sources,
        signed_off=signed_off,
        place=written.place,
    )


def read_fact(written: WrittenProfile, name: str, collector: FindingCollector) -> str:
    part = written.facts.get(name, PlacedText("", written.place))
    shape, example = FACT_SHAPES.get(name, (None, ""))
    if shape and not shape.fullmatch(part.text):
        collector.add(RuleId.UNFIT_FACT, [part.place], said=part.text, fact=name, expected=example)
        return ""
    return part.text


def index_citations(sources: Iterable[tuple[PlacedText, PlacedText]], collector: FindingCollector) -> dict[str, str]:
    citations: dict[str, str] = {}
    for key, citation in sources:
        if not key.text or not citation.text:
            collector.add(
                RuleId.INCOMPLETE_SOURCE, [citation.place if key.text else key.place], said=key.text or citation.text
            )
        if key.text and citations.setdefault(key.text, citation.text) != citation.text:
            collector.add(RuleId.ANSWERED_TWICE, [key.place], said=key.text, other=citations[key.text])
    return citations


def suggest_names(said: str, known: Collection[str]) -> dict[str, str]:
    """Return the nearest known name for each name, or the first if none is near."""
    near = find_nearest(said, known)
    listed = ", ".join([*known][:MAX_LISTED]) + (", …" if len(known) > MAX_LISTED else "")
    return {"nearest": near, "expected": "" if near else listed}


def find_answer(
    entry: WrittenAnswer, asked: QuestionPlan, sources: Mapping[str, str], collector: FindingCollector
) -> Answer:
    written = entry.answer
    for source in written.sources:
        if source not in sources:
            at = entry.places[keys.CITED]
            collector.add(RuleId.UNKNOWN_SOURCE, [at], said=source, **suggest_names(source, sources))
    evidence = written.evidence.upper()
    if evidence and evidence not in EVIDENCE_ORDER:
        at = entry.places[keys.EVIDENCE]
        collector.add(RuleId.UNKNOWN_EVIDENCE, [at], said=written.evidence, expected=", ".join(EVIDENCE_ORDER))
        evidence = ""
    return replace(
        written,
        answer=find_answer_code(entry, asked, collector),
        sources=tuple(source for source in dict.fromkeys(written.sources) if source in sources),
        evidence=evidence,
        place=entry.places[keys.ANSWER],
    )


def is_supported(answer: Answer, asked: QuestionPlan, collector: FindingCollector, *, signed_off: bool) -> bool:
    """Check whether an answer has evidence, and report it if not; signed-off answers count as confirmed."""
    scale = asked.scale(answer.item)
    if scale is None or not scale.is_below_best(answer.answer):
        return True
    is_signed = signed_off and not answer.evidence
    if not is_signed and not is_proven(answer.evidence, answer.quoted, answer.sources):
        parts = {"said": answer.answer, "item": answer.item}
        collector.add(RuleId.ANSWER_WITHOUT_EVIDENCE, [answer.place or Place("")], **parts)
        return False
    return True


def report_unknown_subjects(
    entries: Iterable[WrittenAnswer], asked: QuestionPlan, collector: FindingCollector
) -> set[tuple[str, str]]:
    """Return unknown subjects and invalid names by kind, and report each once."""
    first: dict[tuple[str, str], WrittenAnswer] = {}
    for entry in entries:
        first.setdefault((entry.kind, entry.answer.subject), entry)
    unknown = set()
    for (kind, subject), entry in first.items():
        at, subjects = [entry.places[keys.OF]], list_known_subjects(kind, asked, first)
        if subjects is not None and subject not in subjects:
            if subject not in asked.removed:
                words = {"kind": KIND_NAMES.get(kind, kind), **suggest_names(subject, subjects)}
                collector.add(RuleId.UNKNOWN_SUBJECT, at, said=subject, **words)
        elif kind and subjects is None and not SUBJECT_PATTERN.fullmatch(subject):
            collector.add(RuleId.UNFIT_NAME, at, said=subject)
        else:
            continue
        unknown.add((kind, subject))
    return unknown


def list_known_subjects(kind: str, asked: QuestionPlan, named: Iterable[tuple[str, str]]) -> Collection[str] | None:
    if kind == COMMENT_KIND and asked.commented:
        return (*asked.commented, *(subject for of, subject in named if of in OWN_KINDS))
    return asked.subjects.get(kind)


def is_asked(entry: WrittenAnswer, asked: QuestionPlan, collector: FindingCollector) -> bool:
    items, item = asked.about[entry.kind] if entry.kind else asked.items, entry.answer.item
    if item not in items:
        collector.add(RuleId.UNKNOWN_ITEM, [entry.places[keys.ID]], said=item, **suggest_names(item, items))
    return item in items


def find_answer_code(entry: WrittenAnswer, asked: QuestionPlan, collector: FindingCollector) -> str:
    item, answer = entry.answer.item, entry.answer.answer
    scale = asked.scale(item)
    codes = [code for code, _ in scale.labels] if scale else []
    if not answer or answer in codes:
        return answer
    at = [entry.places[keys.ANSWER]]
    if scale is None:
        collector.add(RuleId.CODE_INSTEAD_OF_WORDS, at, said=answer, item=item)
    else:
        collector.add(
            RuleId.ANSWER_NOT_IN_SCALE,
            at,
            said=answer,
            item=item,
            scale=scale.id,
            expected=", ".join(codes),
        )
    return ""


def sort_answers(answers: Mapping[str, Answer], items: Iterable[str]) -> dict[str, Answer]:
    return {item: answers[item] for item in items if item in answers}


def sort_subjects(
    answers_by_subject: Mapping[str, Mapping[str, Answer]], asked: QuestionPlan
) -> dict[str, dict[str, Answer]]:
    ordered_answers: dict[str, dict[str, Answer]] = {}
    for kind, items in asked.about.items():
        subjects: Sequence[str] = asked.subjects.get(kind) or tuple(answers_by_subject)
        for subject in subjects:
            answers = sort_answers(answers_by_subject.get(subject, {}), items)
            if answers:
                ordered_answers[subject] = {**ordered_answers.get(subject, {}), **answers}
    return ordered_answers
