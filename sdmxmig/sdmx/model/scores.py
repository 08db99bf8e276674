"""Scores of the benchmarking study: what they are made of, and sentences that are said when they are shown."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that is made when it is shown: the id of its text, and what stands in its places.

    The text is ``Assessment.sentences[id]``, in all languages, with places such as ``{years}``. `words` fill them with
    texts, several of them as a list; `numbers` with numbers that are written as the reader's language writes them.
    """

    id: str
    words: tuple[tuple[str, tuple[Text, ...]], ...] = ()
    _: KW_ONLY
    numbers: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedNumber:
    """A number of the assessment with all that it rests on.

    `value` is None where nothing can be counted: neither not known nor not applicable is a zero. `formula` is the id of
    the text that prints the formula (``Assessment.sentences[formula]``). `inputs` are what went in, in order: an answer
    (``A01``, ``IMM_RATE.L01``, ``H06.S11``) or a figure of the data by its key, each with its points, code or value. It
    changes when one of them changes, and only then.
    """

    value: Decimal | None = None
    formula: str = ""
    _: KW_ONLY
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleScore:
    """How the items of one module are answered: ``asked = answered + not_applicable + unknown``.

    `score` is the share of the points that the answered items could have, each by its weight; `gaps` and `partial`
    count the answers that make a whole or a partial gap. Modules are never added up: temporary mobility (module E)
    lowers nothing but its own score.
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
