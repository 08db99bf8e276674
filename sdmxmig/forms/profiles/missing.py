"""What a profile does not say yet: core items without an answer, and answers without a source."""

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
    """The core items that are not answered and the answers that name no source, one finding a module.

    `cells` say where each item is answered in the form; without them the place is the key of the file.
    """
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
    """Whether there is a code, or words where words are asked for."""
    return bool(question.answer.answer if question.item.scale else question.answer.practice)


def place_of(question: FormQuestion, sheet: FormSheet, profile: Profile, cells: AnswerCells) -> Place:
    """Where an item is answered."""
    item, subject = question.item.id, question.answer.subject
    table = next((name for name, kind in KINDS.items() if kind == sheet.kind), "items")
    key = ".".join([table, *([subject] if sheet.kind else []), item])
    file = profile.place.file if profile.place else ""
    return cells.get((item, subject)) or Place(file, key=key)


def items_in_short(questions: Sequence[FormQuestion]) -> str:
    """The items in short, with their subjects; only the first ones if there are many."""
    items = [f"{question.answer.subject} {question.item.id}".removeprefix(f"{COUNTRY} ") for question in questions]
    more = f" … (+{len(items) - NAMED})" if len(items) > NAMED else ""
    return ", ".join(items[:NAMED]) + more
