"""Scores of the benchmarking study and their sentences."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence rendered on display: text id and values.

    `words` fill placeholders with texts, `numbers` with localized numbers.
    """

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
