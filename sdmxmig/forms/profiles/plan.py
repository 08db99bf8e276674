"""Contents of a profile form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import chain

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import COMMENTED_FLOWS, COUNTRY_CODE, Answer, BenchmarkItem, Profile, Scale
from sdmxmig.catalogue.showing.names import index_names
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.findings import Rule

SPARE_BLOCKS = {"product": 5, "action": 10, "comment": 10, "abbreviation": 10}
OBSTACLES = "obstacles"


@dataclass(frozen=True, slots=True)
class FormQuestion:
    item: BenchmarkItem
    answer: Answer
    is_core: bool


@dataclass(frozen=True, slots=True)
class FormBlock:
    """Questions about a subject; `slot` numbers unnamed subjects from 1."""

    subject: str
    questions: tuple[FormQuestion, ...]
    _: KW_ONLY
    slot: int = 0
    name: Text = Text()
    about: Text = Text()
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSheet:
    id: str
    module: str
    kind: str
    blocks: tuple[FormBlock, ...]

    @property
    def questions(self) -> Iterator[FormQuestion]:
        for block in self.blocks:
            yield from block.questions


def plan(catalogue: Catalogue, asked: QuestionPlan, profile: Profile, *, short: bool = False) -> tuple[FormSheet, ...]:
    """Plan the sheets; a `short` form has only marked items and core indicators."""
    items = [item for item in asked.items.values() if item.is_short or not short]
    sheets = []
    for module in dict.fromkeys(item.module for item in items):
        block = build_country_block(profile, [item for item in items if item.module == module])
        sheets.append(FormSheet(id=module, module=module, kind="", blocks=(block,)))
    for kind, questions in asked.about.items():
        if short and kind != "indicator":
            continue
        subjects = list(list_blocks(catalogue, asked, kind, short=short))
        for suffix, group in group_questions(questions.values(), short=short):
            module = group[0].module
            filled = tuple(fill_block(profile, block, group, is_core=is_core) for block, is_core in subjects)
            sheet_blocks = (
                (*filled, *list_country_named_blocks(profile, kind, group)) if kind in SPARE_BLOCKS else filled
            )
            sheets.append(FormSheet(id=module + suffix, module=module, kind=kind, blocks=sheet_blocks))
    return tuple(sheets)


def group_questions(
    questions: Iterable[BenchmarkItem], *, short: bool
) -> Iterator[tuple[str, Sequence[BenchmarkItem]]]:
    items = list(questions)
    plain = [item for item in items if not item.driver]
    obstacles = [item for item in items if item.driver]
    if plain:
        yield "", plain
    if obstacles and not short:
        yield f".{OBSTACLES}", obstacles


def build_country_block(profile: Profile, items: Sequence[BenchmarkItem]) -> FormBlock:
    in_stages = sorted(items, key=lambda item: not item.is_short)
    questions = (FormQuestion(item, profile.of(item.id), is_core=item.is_short) for item in in_stages)
    return FormBlock(COUNTRY_CODE, tuple(questions))


def list_blocks(
    catalogue: Catalogue, asked: QuestionPlan, kind: str, *, short: bool
) -> Iterator[tuple[FormBlock, bool]]:
    for subject in asked.subjects.get(kind, ()):
        if kind == "indicator":
            indicator = catalogue.indicators[subject]
            is_core = indicator.tier == "core"
            if is_core or not short:
                about = indicator.purpose.question
                yield FormBlock(subject, (), name=indicator.name, about=about, status=indicator.status), is_core
        else:
            item = asked.items[subject]
            yield FormBlock(subject, (), name=item.name, about=item.recommendation, status=item.status), False


def fill_block(profile: Profile, block: FormBlock, items: Sequence[BenchmarkItem], *, is_core: bool) -> FormBlock:
    first = None if items[0].driver else items[0]
    questions = tuple(
        FormQuestion(item, profile.of(item.id, block.subject), is_core=is_core and item is first) for item in items
    )
    return replace(block, questions=questions)


def list_country_named_blocks(profile: Profile, kind: str, items: Sequence[BenchmarkItem]) -> Iterator[FormBlock]:
    item_ids = {item.id for item in items}
    named = [subject for subject, answers in profile.about.items() if item_ids & answers.keys()]
    for slot, subject in enumerate([*named, *[""] * SPARE_BLOCKS[kind]], start=1):
        questions = tuple(
            FormQuestion(item, profile.of(item.id, subject or COUNTRY_CODE), is_core=False) for item in items
        )
        yield FormBlock(subject, questions, slot=slot)


BLOCK_KINDS = {
    "indicators": "indicator",
    "inventory": "source",
    "products": "product",
    "actions": "action",
    "comments": "comment",
    "abbreviations": "abbreviation",
}
ITEM_LIST = "CL_BENCH_ITEM"
ISSUE_LIST = "CL_QUALITY_ISSUE"
ACKNOWLEDGEMENTS = "ACKNOWLEDGEMENTS"
EVIDENCE_LIST = "CL_EVIDENCE"
SOURCES_MODULE = "H"
"""The module whose items are sources; each has its own sheet."""


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """Questions by subject.

    `removed` indicators are not in the published standard; `commented` lists ids that may have comments (empty: all).
    """

    items: Mapping[str, BenchmarkItem]
    about: Mapping[str, Mapping[str, BenchmarkItem]]
    _: KW_ONLY
    subjects: Mapping[str, tuple[str, ...]]
    scales: Mapping[str, Scale] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    commented: tuple[str, ...] = ()
    evidence: Mapping[str, Text] = field(default_factory=dict)

    def scale(self, item: str) -> Scale | None:
        question = next((items[item] for items in (self.items, *self.about.values()) if item in items), None)
        return self.scales.get(question.scale) if question else None


def select_questions(
    items: Iterable[BenchmarkItem],
    questions: Iterable[BenchmarkItem],
    indicators: Iterable[str],
    scales: Mapping[str, Scale],
    rules: Mapping[str, Rule],
) -> QuestionPlan:
    about: dict[str, dict[str, BenchmarkItem]] = {kind: {} for kind in BLOCK_KINDS.values()}
    for question in questions:
        if question.of in about:
            about[question.of][question.id] = question
    by_id = {item.id: item for item in items}
    sources = tuple(item.id for item in by_id.values() if item.module == SOURCES_MODULE)
    return QuestionPlan(
        by_id, about, subjects={"indicator": tuple(indicators), "source": sources}, scales=scales, rules=rules
    )


def read_questions(catalogue: Catalogue) -> QuestionPlan:
    items, questions = catalogue.items.values(), catalogue.questions.values()
    all_asked = select_questions(
        items, questions, indicators=catalogue.indicators, scales=catalogue.scales, rules=catalogue.rules
    )
    return replace(
        all_asked,
        removed=catalogue.standard.removed,
        commented=list_commentable_ids(catalogue),
        evidence=index_names(catalogue, EVIDENCE_LIST),
    )


def list_commentable_ids(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the ids that may have comments in the report, and that of the acknowledgements."""
    issues = (
        artefact.ids
        for ref, artefact in catalogue.artefacts.items()
        if ref.id == ISSUE_LIST and isinstance(artefact, ItemScheme)
    )
    named = (
        *catalogue.items,
        *catalogue.indicators,
        *catalogue.rules,
        *(gap.id for gap in catalogue.study.same_gaps),
        *(difference.id for difference in catalogue.study.differences),
        *(proposal.id for proposal in catalogue.plan.proposals),
        *chain.from_iterable(issues),
    )
    return (ACKNOWLEDGEMENTS, *COMMENTED_FLOWS, *dict.fromkeys(named))
