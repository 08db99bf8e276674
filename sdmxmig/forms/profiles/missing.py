"""Missing answers and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.profiles.asked import ITEMS, KINDS, asked_by
from sdmxmig.forms.profiles.dataset import FLOW
from sdmxmig.forms.profiles.plan import FormQuestion, FormSheet, plan
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.finding_collector import FindingCollector
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.profile import COUNTRY, Profile
from sdmxmig.sdmx.model.rule_ids import RuleId

NAMED = 12
"""So many items a message names before it only counts them."""
AnswerCells = Mapping[tuple[str, str], Place]
"""The cell in which an item is answered, by item and subject."""


def missing(profile: Profile, catalogue: Catalogue, cells: AnswerCells) -> Findings:
    """Report missing answers and sources, one finding per module."""
    collector = FindingCollector(FLOW, catalogue.rules)
    names = catalogue.item_scheme(ITEMS)
    for sheet in plan(catalogue, asked_by(catalogue), profile):
        questions = list(sheet.questions)
        module = {f"module@{language}": name for language, name in names[sheet.module].name}
        module["module"] = module.get("module@en", sheet.module)
        core = [question for question in questions if question.is_core and not is_answered(question)]
        bare = [question for question in questions if is_answered(question) and not question.answer.sources]
        for rule_id, reported in ((RuleId.CORE_ITEMS_UNANSWERED, core), (RuleId.ANSWERS_WITHOUT_SOURCE, bare)):
            places = [place_of(question, sheet, profile, cells) for question in reported]
            collector.add(rule_id, places, count=str(len(reported)), said=items_in_short(reported), **module)
    return Findings(tuple(collector.findings))


def is_answered(question: FormQuestion) -> bool:
    return bool(question.answer.answer if question.item.scale else question.answer.practice)


def place_of(question: FormQuestion, sheet: FormSheet, profile: Profile, cells: AnswerCells) -> Place:
    item, subject = question.item.id, question.answer.subject
    table = next((name for name, kind in KINDS.items() if kind == sheet.kind), "items")
    key = ".".join([table, *([subject] if sheet.kind else []), item])
    file = profile.place.file if profile.place else ""
    return cells.get((item, subject)) or Place(file, key=key)


def items_in_short(questions: Sequence[FormQuestion]) -> str:
    items = [f"{question.answer.subject} {question.item.id}".removeprefix(f"{COUNTRY} ") for question in questions]
    more = f" … (+{len(items) - NAMED})" if len(items) > NAMED else ""
    return ", ".join(items[:NAMED]) + more
