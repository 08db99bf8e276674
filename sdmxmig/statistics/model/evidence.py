"""Scores of the benchmarking study, evidence in a country's data for profile answers, and its sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import fill_message
from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence rendered on display: text id, and `words` and `numbers` for its placeholders."""

    id: str
    words: tuple[tuple[str, tuple[Text, ...]], ...] = ()
    numbers: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedNumber:
    """A number of the assessment with formula and inputs.

    `value` is None if it cannot be computed (not zero). `inputs` are answers (``A01``, ``IMM_RATE.L01``, ``H06.S11``)
    or data keys; they determine the number.
    """

    value: Decimal | None = None
    formula: str = ""
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleScore:
    """The score of a module: ``asked = answered + not_applicable + unknown``.

    `score` is the weighted share of possible points. Modules are never added.
    """

    module: str
    asked: int
    _: KW_ONLY
    answered: int
    not_applicable: int
    unknown: int
    gaps: int
    partial: int
    score: ExplainedNumber


ANSWERS, DATES = "answers", "dates"

CONTRADICTED = "_C"
"""An answer contradicted by data, for the office to confirm."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of a probe: dataflows, years, topics or codes.

    `said` is ``shown``, ``same``, ``different`` or empty. `contradicts` means that the answer cannot be true. `places`
    are cells of the last year.
    """

    item: str
    kind: str
    _: KW_ONLY
    flows: tuple[tuple[str, Text], ...]
    found: tuple[tuple[str, Text], ...]
    first: str
    last: str
    said: str = ""
    contradicts: bool = False
    places: tuple[Place, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An inconsistency between an answer and data or another answer.

    `subject` is ``_Z`` for the country. `kind` is that of a probe, ``answers``, or ``dates`` for an action that begins
    before one it needs has ended.
    """

    kind: str
    subject: str
    _: KW_ONLY
    item: str
    answer: str
    sentence: Statement
    evidence: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownShare:
    """Persons with an unknown code in a dimension, in the latest period; `share` is a fraction."""

    flow: str
    dimension: str
    period: str
    unknown: Decimal
    total: Decimal
    share: Decimal
    places: tuple[Place, ...] = ()


FOUND, DECLARED, NOT_FOUND, UNTESTED = "found", "declared", "not found", "not testable"
"""The states of an issue of quality."""


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """One quality issue of CL_QUALITY_ISSUE.

    `state` is ``found``, ``declared`` (in the profile only), ``not found`` (fully tested) or ``not testable`` (`signs`
    give the extent). `items` are questions whose answers explain it.
    """

    issue: str
    state: str
    signs: tuple[Statement, ...] = ()
    rules: tuple[tuple[str, int], ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueriedFigure:
    """A figure that a check questions, as the finding writes it and in a sentence for readers of a report."""

    observed: str
    sentence: Text


@dataclass(frozen=True, slots=True)
class RuleCount:
    """A rule's findings: number, severity, the figures that no other rule lists, and the office's `reasons`."""

    rule: str
    severity: str
    _: KW_ONLY
    findings: int
    figures: tuple[QueriedFigure, ...] = ()
    reasons: tuple[str, ...] = ()


MAX_DECIMALS = 2


def render_statement(statement: Statement, sentences: Mapping[str, Text], language: str = "en") -> str:
    """Render a statement in a language, with at most two decimals.

    >>> women, men = Text.of(en="Women", fr="Femmes"), Text.of(en="Men", fr="Hommes")
    >>> shares = Statement("share", (("what", (women, men)),), numbers=(("share", Decimal("12.50")),))
    >>> render_statement(shares, {"share": Text.of(en="{what}: {share}%", fr="{what} : {share} %")}, "fr")
    'Femmes, Hommes : 12,5 %'
    """
    template = sentences.get(statement.id, Text()).in_language(language)
    words = {place: join_texts(several, language) for place, several in statement.words}
    numbers = {place: write_number(value, language) for place, value in statement.numbers}
    return fill_message(template, words | numbers)


def join_texts(several: Sequence[Text], language: str) -> str:
    """Join texts with the separator of a language.

    >>> join_texts([Text.of(en="sex", zh="性别"), Text.of(en="age", zh="年龄")], "zh")
    '性别、年龄'
    """
    pattern = text.find_locale(language).list_patterns["standard"]["middle"]
    between = str(pattern).removeprefix("{0}").removesuffix("{1}")
    return between.join(title.in_language(language) for title in several)


def write_number(value: Decimal, language: str) -> str:
    rounded = round(value, MAX_DECIMALS)
    digits = f"{rounded:f}".rstrip("0").partition(".")[2] if "." in f"{rounded:f}" else ""
    return text.format_number(value, language, len(digits))
