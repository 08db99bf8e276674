"""Evidence: what the data of a country show about the questions that its profile answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.scores import Statement

PROBES = ("shown", "yearly", "attribute", "same", "code", "unknown", "findings")
"""The ways to look at data for an item about the country: see ``structures/evidence.toml``."""
OF_INDICATORS = ("values", "topics", "delay")
"""The ways to look at what the data give for an indicator."""
ANSWERS, DATES = "answers", "dates"
"""What contradicts an answer without a look at the data: other answers, and the order of actions."""


CONTRADICTED = "_C"
"""The standing of an answer that the data contradict: the office is to confirm which of them is true."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at the data: about which item, for what, and which answers that contradicts.

    `flows` limit it to dataflows; `by` are dimensions that must be divided, all at once; `of` codes that a dimension
    must have; `attribute` is the component that is looked at, `codes` what is looked for. `rules` are those whose
    findings count, `least` is how many years in a row there must be. `contradicts` leads from what was found to answers
    that cannot be true then.
    """

    item: str
    kind: str
    _: KW_ONLY
    contradicts: Mapping[str, tuple[str, ...]]
    flows: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    of: Mapping[str, str] = field(default_factory=dict)
    attribute: str = ""
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    least: int = 0
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one look at the data found: in which dataflows, for which years, which topics or codes, each with its name.

    `said` is ``shown``, ``same`` or ``different``, or empty where `found` says it all. `contradicts` is true if the
    answer of the profile cannot be true then. Where findings of validation are the evidence, `found` are their rules
    and there are no years. `places` are the first cells of the last year that show it, `keys` name each dataflow with
    the last year in which that one shows it.
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
    """Two things that cannot both be true: an answer of the profile, and what the data or another answer show.

    `subject` is the country (``_Z``), an indicator, a source or an action, `item` the question and `answer` the code or
    the date that was given. `kind` is that of the look which found it (`PROBES`, `OF_INDICATORS`), ``answers`` for
    answers that exclude each other, or ``dates`` for those of an action that begins before one which it needs has
    ended; `sentence` says all of it. `evidence` are the keys of what speaks against the answer, `places` its cells.
    """

    kind: str
    subject: str
    _: KW_ONLY
    item: str
    answer: str
    sentence: Statement
    evidence: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownShare:
    """How many persons stand under “unknown” in a dimension of a dataflow, in the latest period that says so.

    `share` is a share of one of the total of that period.
    """

    flow: str
    dimension: str
    _: KW_ONLY
    period: str
    unknown: Decimal
    total: Decimal
    share: Decimal
    places: tuple[Place, ...] = ()


FOUND, DECLARED, NOT_FOUND, UNTESTED = "found", "declared", "not found", "not testable"
"""The states of an issue of quality."""


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """Whether what usually goes wrong is seen in the data: one issue of CL_QUALITY_ISSUE.

    `state` is ``found``, ``declared`` (answers of the profile say so, the data do not show it), ``not found`` (it was
    looked for, and is not there) or ``not testable`` (the data allow no look; `signs` is empty). `signs` say what was
    found, `rules` how many findings each bound rule gave.
    """

    issue: str
    state: str
    _: KW_ONLY
    signs: tuple[Statement, ...] = ()
    rules: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """One sign of being ready to disseminate and exchange: what the profile says, and what the workspace shows.

    `item` is the question of module K (or J) beside it, empty if there is none, `answer` its code. `shown` is ``yes``,
    ``partly``, ``no`` or ``unknown``; `count` of `total` is what it rests on, `sentence` says it.
    """

    id: str
    item: str
    _: KW_ONLY
    answer: str
    shown: str
    count: int
    total: int
    sentence: Statement


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a validation rule found something, with the name and severity that it has in the findings."""

    rule: str
    severity: str
    _: KW_ONLY
    findings: int
    name: Text = Text()
