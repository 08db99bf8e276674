"""Profiles as data (DF_ASSESS), lossless, and as reference metadata.

There is one observation per answer: ITEM, SUBJECT (``_Z`` for the country), ANSWER_CODE, ANSWER_TEXT, SCORE,
EVIDENCE_CLASS, EVIDENCE, QUOTATION, OPEN_QUESTION. Sources and sign-off are items. Translations are lines that begin
with the language in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.artefact_heads import add_text_statuses
from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, Answer, Profile, Scale
from sdmxmig.forms.profiles.plan import (
    BLOCK_KINDS,
    ITEM_LIST,
    FormQuestion,
    FormSheet,
    QuestionPlan,
    plan,
    read_questions,
)
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.sdmx.frames import Origin, build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.structures import Metadataflow

ASSESSMENT_FLOW = "DF_ASSESS"
SIGNED_OFF_ITEM = "T01"
ANSWER_CODE = "ANSWER_CODE"
SOURCE_ITEM = "T02"
"""The item for citations; the source key is the subject."""
LIST_SEPARATOR = "; "
LANGUAGE_TAG = r"\[([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\] "
TAGGED_TEXT = re.compile(rf"{LANGUAGE_TAG}(.*?)(?=\n{LANGUAGE_TAG}|\Z)", re.DOTALL)
BRACKET = re.compile(r"\n(\\*\[)")
ESCAPED_BRACKET = re.compile(r"\n\\(\\*\[)")
HIDE, SHOW = r"\n\\\1", r"\n\1"
"""A line that begins with its own bracket is hidden behind a backslash."""

AnswerRow = dict[str, str]


def build_dataset(profile: Profile, flow: Flow, asked: QuestionPlan, respondent: str = COUNTRY_CODE) -> Dataset:
    key = {"REF_AREA": profile.area, "RESPONDENT": respondent, "TIME_PERIOD": profile.year}
    rows = [{**row, **key} for row in build_answer_rows(profile, asked)]
    structure = flow.structure
    columns = [component.id for component in structure.components if component.attachment in ("", "observation")]
    series = [{name: row[name] for name in structure.series_key} for row in rows]
    at_series = [*structure.series_key, *(component.id for component in structure.attributes("series"))]
    answers = Dataset(
        flow,
        build_text_frame(columns, rows),
        series=build_text_frame(at_series, series),
        attributes={},
        origins=build_origins(list_origins(profile)),
    )
    return add_text_statuses(answers)


def list_origins(profile: Profile) -> Iterator[Origin]:
    number = bool(profile.signed_off) + len(profile.sources)
    for row, answer in enumerate(profile.iterate_answers(), start=number):
        place = answer.place
        if place and place.cell:
            yield (row, ANSWER_CODE, place.file, place.sheet, *parse_cell(place.cell))


def locate_findings(findings: Findings, profile: Profile) -> Findings:
    by_answer = {(answer.item, answer.subject): answer.place for answer in profile.iterate_answers()}
    located_findings = []
    for finding in findings.items:
        key = dict(finding.key)
        place = by_answer.get((key.get("ITEM", ""), key.get("SUBJECT", COUNTRY_CODE)))
        has_cell = finding.place is not None and finding.place.cell
        located_findings.append(finding if has_cell else replace(finding, place=place or profile.place))
    return Findings(tuple(located_findings), findings.verdicts)


def build_answer_rows(profile: Profile, asked: QuestionPlan) -> Iterator[AnswerRow]:
    if profile.signed_off:
        yield {"ITEM": SIGNED_OFF_ITEM, "SUBJECT": COUNTRY_CODE, "ANSWER_TEXT": profile.signed_off}
    for source, citation in profile.sources.items():
        if LIST_SEPARATOR.strip() in source:
            message = f"“{source}” cannot be the key of a source in a list."
            raise InputError(message, profile.place, "Write letters and digits, such as G1.")
        yield {"ITEM": SOURCE_ITEM, "SUBJECT": source, "ANSWER_TEXT": citation}
    item_ids = {*asked.items, *(item for of_kind in asked.about.values() for item in of_kind)}
    for answer in profile.iterate_answers():
        if answer.item not in item_ids:
            raise InputError(f"There is no benchmarking item “{answer.item}”.", answer.place)
        yield {"ITEM": answer.item, "SUBJECT": answer.subject, **build_answer_values(answer, asked.scale(answer.item))}


def build_answer_values(answer: Answer, scale: Scale | None) -> AnswerRow:
    points = dict(scale.points).get(answer.answer) if scale else None
    values = {
        ANSWER_CODE: answer.answer,
        "ANSWER_TEXT": encode_text(answer.practice),
        "SCORE": "" if points is None else f"{points:f}",
        "EVIDENCE": LIST_SEPARATOR.join(answer.sources),
        "EVIDENCE_CLASS": answer.evidence,
        "QUOTATION": answer.quoted,
        "OPEN_QUESTION": encode_text(answer.question),
    }
    return {component: value for component, value in values.items() if value}


def encode_text(text: Text, language: str = "en") -> str:
    r"""Write a text in all its languages; a text in this language only is unchanged unless ambiguous.

    >>> encode_text(Text.of(en="Yes."))
    'Yes.'
    >>> encode_text(Text.of(en="Yes.", fr="Oui."))
    '[en] Yes.\n[fr] Oui.'
    """
    if [tag for tag, _ in text.values] == [language] and not TAGGED_TEXT.match(text.values[0][1]):
        return text.values[0][1]
    return "\n".join(f"[{tag}] {BRACKET.sub(HIDE, value)}" for tag, value in text.values)


def decode_text(written: str, language: str = "en") -> Text:
    r"""Parse a text written by `encode_text` in the same language.

    >>> decode_text("[en] Yes.\n[fr] Oui.").in_language("fr")
    'Oui.'
    """
    if not TAGGED_TEXT.match(written):
        return Text.of({language: written})
    return Text(tuple((match[1], ESCAPED_BRACKET.sub(SHOW, match[2])) for match in TAGGED_TEXT.finditer(written)))


def build_profile(dataset: Dataset) -> Profile:
    rows = [dict(row) for row in dataset.observations.iter_rows(named=True)]
    keys = {(row["REF_AREA"], row["TIME_PERIOD"], row["RESPONDENT"]) for row in rows}
    if len(keys) != 1:
        respondents = ", ".join(sorted(" ".join(str(part) for part in key) for key in keys)) or "none"
        hint = "Choose the answers of one country, year and respondent."
        raise InputError(f"A profile has the answers of one respondent, not of {respondents}.", hint=hint)
    ((area, year, _),) = keys
    return build_profile_from_rows(str(area), str(year), rows)


def build_profile_from_rows(area: str, year: str, rows: Sequence[Mapping[str, str | None]]) -> Profile:
    answers_by_subject: dict[str, dict[str, Answer]] = {}
    for row in rows:
        if row["ITEM"] not in (SIGNED_OFF_ITEM, SOURCE_ITEM):
            answers_by_subject.setdefault(str(row["SUBJECT"]), {})[str(row["ITEM"])] = find_answer(row)
    signed = [row.get("ANSWER_TEXT") or "" for row in rows if row["ITEM"] == SIGNED_OFF_ITEM]
    return Profile(
        area=area,
        year=year,
        answers=answers_by_subject.pop(COUNTRY_CODE, {}),
        about=answers_by_subject,
        sources={str(row["SUBJECT"]): row.get("ANSWER_TEXT") or "" for row in rows if row["ITEM"] == SOURCE_ITEM},
        signed_off=signed[0].strip() if signed else "",  # blanks are not a signature
    )


def find_answer(row: Mapping[str, str | None]) -> Answer:
    cited, text, question = (row.get(name) or "" for name in ("EVIDENCE", "ANSWER_TEXT", "OPEN_QUESTION"))
    return Answer(
        str(row["ITEM"]),
        row.get("ANSWER_CODE") or "",
        practice=decode_text(text) if text else Text(),
        sources=tuple(cited.split(LIST_SEPARATOR)) if cited else (),
        evidence=row.get("EVIDENCE_CLASS") or "",
        quoted=row.get("QUOTATION") or "",
        question=decode_text(question) if question else Text(),
        subject=str(row["SUBJECT"]),
    )


MAX_NAMED_ITEMS = 12
AnswerCells = Mapping[tuple[str, str], Place]
"""The cell in which an item is answered, by item and subject."""


def report_missing(profile: Profile, catalogue: Catalogue, cells: AnswerCells) -> Findings:
    collector = FindingCollector(ASSESSMENT_FLOW, catalogue.rules)
    names = catalogue.item_scheme(ITEM_LIST)
    for sheet in plan(catalogue, read_questions(catalogue), profile):
        questions = list(sheet.questions)
        module = {f"module@{language}": name for language, name in names[sheet.module].name}
        module["module"] = module.get("module@en", sheet.module)
        core = [question for question in questions if question.is_core and not is_answered(question)]
        bare = [question for question in questions if is_answered(question) and not question.answer.sources]
        for rule_id, reported in ((RuleId.CORE_ITEMS_UNANSWERED, core), (RuleId.ANSWERS_WITHOUT_SOURCE, bare)):
            places = [find_answer_place(question, sheet, profile, cells) for question in reported]
            collector.add(rule_id, places, count=str(len(reported)), said=shorten_items(reported), **module)
    return Findings(tuple(collector.findings))


def is_answered(question: FormQuestion) -> bool:
    return bool(question.answer.answer if question.item.scale else question.answer.practice)


def find_answer_place(question: FormQuestion, sheet: FormSheet, profile: Profile, cells: AnswerCells) -> Place:
    item, subject = question.item.id, question.answer.subject
    table = next((name for name, kind in BLOCK_KINDS.items() if kind == sheet.kind), "items")
    key = ".".join([table, *([subject] if sheet.kind else []), item])
    file = profile.place.file if profile.place else ""
    return cells.get((item, subject)) or Place(file, key=key)


def shorten_items(questions: Sequence[FormQuestion]) -> str:
    items = [f"{question.answer.subject} {question.item.id}".removeprefix(f"{COUNTRY_CODE} ") for question in questions]
    more = f" … (+{len(items) - MAX_NAMED_ITEMS})" if len(items) > MAX_NAMED_ITEMS else ""
    return ", ".join(items[:MAX_NAMED_ITEMS]) + more


METADATAFLOW = "MDF_ASSESS"
AREA, YEAR, RESPONDENT, ITEM = "REF_AREA", "TIME_PERIOD", "RESPONDENT", "ITEM"
SUBJECT, CODE, EVIDENCE, CITED = "SUBJECT", "ANSWER_CODE", "EVIDENCE_CLASS", "EVIDENCE"
SINGLE_COLUMNS = (SUBJECT, CODE, EVIDENCE, "QUOTATION")
TEXT_COLUMNS = ("ANSWER_TEXT", "OPEN_QUESTION")


def build_metadata(
    profile: Profile, catalogue: Catalogue, asked: QuestionPlan, respondent: str = COUNTRY_CODE
) -> MetadataSet:
    target = Target(catalogue.flow(ASSESSMENT_FLOW).dataflow.ref.urn)
    head = {AREA: profile.area, YEAR: profile.year, RESPONDENT: respondent}
    attributes = [ReportedAttribute(name, (value,)) for name, value in head.items()]
    attributes += [build_attribute(row) for row in build_answer_rows(profile, asked)]
    name = Text.of(en=f"{ASSESSMENT_FLOW} {profile.area} {profile.year}")
    ref = Ref("MetadataSet", profile.area, id=f"{ASSESSMENT_FLOW}_{profile.area}_{profile.year}", version="1.0.0")
    return MetadataSet(find_metadataflow(catalogue).ref, (Report((target,), tuple(attributes)),), ref=ref, name=name)


def find_metadataflow(catalogue: Catalogue) -> Metadataflow:
    artefacts = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == METADATAFLOW)
    return next(metadataflow for metadataflow in artefacts if isinstance(metadataflow, Metadataflow))


def build_attribute(row: AnswerRow) -> ReportedAttribute:
    below = [ReportedAttribute(name, (row[name],)) for name in SINGLE_COLUMNS if name in row]
    below += [ReportedAttribute(name, text=decode_text(row[name])) for name in TEXT_COLUMNS if name in row]
    if CITED in row:
        below.append(ReportedAttribute(CITED, tuple(row[CITED].split(LIST_SEPARATOR))))
    return ReportedAttribute(ITEM, (row[ITEM],), attributes=tuple(below))


def build_profile_from_metadata(metadata_set: MetadataSet) -> Profile:
    if len(metadata_set.reports) != 1:
        raise InputError(f"A profile is one report, not {len(metadata_set.reports)}.", metadata_set.place)
    attributes = metadata_set.reports[0].attributes
    head = {attribute.id: attribute.values[0] for attribute in attributes if attribute.id != ITEM and attribute.values}
    if not {AREA, YEAR} <= head.keys():
        raise InputError("The report states no country and year.", metadata_set.place)
    return build_profile_from_rows(
        head[AREA], head[YEAR], [build_metadata_row(attribute) for attribute in attributes if attribute.id == ITEM]
    )


def build_metadata_row(attribute: ReportedAttribute) -> AnswerRow:
    row = {ITEM: attribute.values[0], SUBJECT: COUNTRY_CODE}
    for part in attribute.attributes:
        row[part.id] = encode_text(part.text) if part.text else LIST_SEPARATOR.join(part.values)
    return row
