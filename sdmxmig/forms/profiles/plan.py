"""What a form of the profile asks for: its sheets, what each is about, and what a profile already says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.profiles.asked import Asked
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.profile import COUNTRY, Answer, BenchmarkItem, Profile

SPARE = {"product": 5, "action": 10, "comment": 10, "abbreviation": 10}
"""So many empty places a form has for what the country names itself, beside those that the profile names."""
OBSTACLES = "obstacles"
"""Stands behind the id of a module where its questions about obstacles have a sheet of their own."""


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One row of a form: the item that is asked, and what the profile says."""

    item: BenchmarkItem
    answer: Answer
    _: KW_ONLY
    is_core: bool


@dataclass(frozen=True, slots=True)
class FormBlock:
    """The questions about one subject.

    `subject` is empty in a place that the country gives a name to; such places are counted by `slot` from 1, others
    have 0. `name`, `about` and `status` say what the subject is.
    """

    subject: str
    questions: tuple[FormQuestion, ...]
    _: KW_ONLY
    slot: int = 0
    name: Text = Text()
    about: Text = Text()
    status: str = ""


@dataclass(frozen=True, slots=True)
class FormSheet:
    """One sheet of a form: the module, the kind of subject (empty: the country), and its blocks."""

    id: str
    module: str
    _: KW_ONLY
    kind: str
    blocks: tuple[FormBlock, ...]

    @property
    def questions(self) -> Iterator[FormQuestion]:
        """All questions of the sheet."""
        for block in self.blocks:
            yield from block.questions


def plan(catalogue: Catalogue, asked: Asked, profile: Profile, *, short: bool = False) -> tuple[FormSheet, ...]:
    """The sheets of a form: the modules about the country, then indicators, sources, products and actions.

    The `short` form has the items that are marked for it, and of the indicators the core ones.
    """
    items = [benchmark_item for benchmark_item in asked.items.values() if benchmark_item.is_short or not short]
    sheets = [
        FormSheet(
            module,
            module,
            kind="",
            blocks=(
                country_block(profile, [benchmark_item for benchmark_item in items if benchmark_item.module == module]),
            ),
        )
        for module in dict.fromkeys(benchmark_item.module for benchmark_item in items)
    ]
    for kind, questions in asked.about.items():
        if short and kind != "indicator":
            continue
        subjects = list(blocks(catalogue, asked, kind, short=short))
        for suffix, group in groups(questions.values(), short=short):
            module = group[0].module
            filled = tuple(filled_in(profile, block, group, is_core=is_core) for block, is_core in subjects)
            sheet_blocks = (*filled, *named_by_country(profile, kind, group)) if kind in SPARE else filled
            sheets.append(FormSheet(module + suffix, module, kind=kind, blocks=sheet_blocks))
    return tuple(sheets)


def groups(questions: Iterable[BenchmarkItem], *, short: bool) -> Iterator[tuple[str, Sequence[BenchmarkItem]]]:
    """The questions of a kind of subject by sheet: those about obstacles have one of their own."""
    items = list(questions)
    plain = [benchmark_item for benchmark_item in items if not benchmark_item.driver]
    obstacles = [benchmark_item for benchmark_item in items if benchmark_item.driver]
    if plain:
        yield "", plain
    if obstacles and not short:
        yield f".{OBSTACLES}", obstacles


def country_block(profile: Profile, items: Sequence[BenchmarkItem]) -> FormBlock:
    """The questions of a module about the country: the core ones first, which are the first stage of the long form."""
    in_stages = sorted(items, key=lambda benchmark_item: not benchmark_item.is_short)
    return FormBlock(
        COUNTRY,
        tuple(
            FormQuestion(benchmark_item, profile.of(benchmark_item.id), is_core=benchmark_item.is_short)
            for benchmark_item in in_stages
        ),
    )


def blocks(catalogue: Catalogue, asked: Asked, kind: str, *, short: bool) -> Iterator[tuple[FormBlock, bool]]:
    """The subjects of a kind that are known beforehand, and whether each is a core one."""
    for subject in asked.subjects.get(kind, ()):
        if kind == "indicator":
            indicator = catalogue.indicators[subject]
            is_core = indicator.tier == "core"
            if is_core or not short:
                yield (
                    FormBlock(
                        subject,
                        (),
                        slot=0,
                        name=indicator.name,
                        about=indicator.purpose.question,
                        status=indicator.status,
                    ),
                    is_core,
                )
        else:
            item = asked.items[subject]
            yield FormBlock(subject, (), slot=0, name=item.name, about=item.recommendation, status=item.status), False


def filled_in(profile: Profile, block: FormBlock, items: Sequence[BenchmarkItem], *, is_core: bool) -> FormBlock:
    """A block with its questions; of a core indicator, availability belongs to the short form."""
    first = None if items[0].driver else items[0]
    questions = tuple(
        FormQuestion(
            benchmark_item, profile.of(benchmark_item.id, block.subject), is_core=is_core and benchmark_item is first
        )
        for benchmark_item in items
    )
    return FormBlock(block.subject, questions, slot=block.slot, name=block.name, about=block.about, status=block.status)


def named_by_country(profile: Profile, kind: str, items: Sequence[BenchmarkItem]) -> Iterator[FormBlock]:
    """The subjects that the profile names, and empty places for more."""
    item_ids = {benchmark_item.id for benchmark_item in items}
    named = [subject for subject, answers in profile.about.items() if item_ids & answers.keys()]
    for slot, subject in enumerate([*named, *[""] * SPARE[kind]], start=1):
        questions = tuple(
            FormQuestion(benchmark_item, profile.of(benchmark_item.id, subject or COUNTRY), is_core=False)
            for benchmark_item in items
        )
        yield FormBlock(subject, questions, slot=slot)
