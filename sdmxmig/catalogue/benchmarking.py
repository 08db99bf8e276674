"""Questions, answers, plans and declared evidence of the benchmarking study."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The requirements of an indicator for a term.

    `sources` are items of module H (sheets S05–S14) or G. `conditions` map questions to sufficient answers. `variables`
    are by default the primary topics. `without` is the feasibility if the answer to the item is no.
    """

    term: str
    sources: tuple[str, ...]
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    without: str = "F1"
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


COMMENTED_FLOWS = ("DF_IMM", "DF_EMI", "DF_ACCOUNT", "DF_POP")
"""Dataflows on which page one quotes a comment of the profile: causes of changes, and newer facts on migrants."""

COUNTRY_CODE = "_Z"

CONFIRMED, PUBLIC, REPORTED, INFERRED, NOT_VERIFIED = "CONFIRMED", "PUBLIC", "REPORTED", "INFERRED", "NOT_VERIFIED"

PUBLIC_EVIDENCE = (PUBLIC, REPORTED)

EVIDENCE_ORDER = (CONFIRMED, PUBLIC, REPORTED, INFERRED, NOT_VERIFIED)
"""The classes of evidence, as in CL_EVIDENCE."""

UNKNOWN, NOT_APPLICABLE = "unknown", "not applicable"

QUOTATION = re.compile(r"(?P<source>[^,:]+), (?P<place>[^:]+): (?P<words>\S.*)", re.DOTALL)
"""A passage of a source with its key and place: ``G1, page 3: the words``."""


def is_proven(evidence: str, quoted: str, sources: Collection[str]) -> bool:
    """Check whether the office confirms an answer, or a passage of a cited source is quoted for it."""
    quotation = QUOTATION.fullmatch(quoted)
    is_quoted = quotation is not None and quotation["source"] in sources
    return evidence == CONFIRMED or (evidence != NOT_VERIFIED and is_quoted)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in a profile.

    `answer` is a code, empty if unknown. `evidence` is a code of CL_EVIDENCE, empty if not verified. `quoted` is a
    QUOTATION or empty. `is_refused` answers lack evidence and are ignored.
    """

    item: str
    answer: str = ""
    _: KW_ONLY
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    evidence: str = ""
    quoted: str = ""
    question: Text = Text()
    subject: str = COUNTRY_CODE
    is_refused: bool = field(default=False, compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def is_verified(self) -> bool:
        """Check whether the office, a source or data support the answer."""
        return self.evidence not in ("", NOT_VERIFIED) and not self.is_refused

    @property
    def is_empty(self) -> bool:
        parts = (self.answer, self.evidence, self.quoted, self.practice, self.question, self.sources)
        return not any(parts)


@dataclass(frozen=True, slots=True)
class Profile:
    """A country's profile.

    `signed_off` is empty if not reviewed. `about` are answers by subject and item; `sources` are citations by key.
    """

    area: str
    year: str
    _: KW_ONLY
    answers: Mapping[str, Answer]
    about: Mapping[str, Mapping[str, Answer]]
    sources: Mapping[str, str]
    signed_off: str = ""
    place: Place | None = field(default=None, compare=False)

    def of(self, item: str, subject: str = COUNTRY_CODE) -> Answer:
        answers = self.answers if subject == COUNTRY_CODE else self.about.get(subject, {})
        return answers.get(item) or Answer(item, subject=subject)

    @property
    def is_answered(self) -> bool:
        return any(answer.answer or answer.practice for answer in self.iterate_answers())

    @property
    def is_from_public_sources(self) -> bool:
        return not self.signed_off and any(answer.evidence in PUBLIC_EVIDENCE for answer in self.iterate_answers())

    def iterate_answers(self) -> Iterator[Answer]:
        for answers in (self.answers, *self.about.values()):
            yield from answers.values()


@dataclass(frozen=True, slots=True)
class Scale:
    """An answer scale: codes, labels and points (None if not counted).

    `gaps` are ``whole`` or ``partial``. `silent` answers are ``unknown`` or ``not applicable``. `shown_as` maps answers
    without points to the one displayed.
    """

    id: str
    labels: tuple[tuple[str, Text], ...]
    _: KW_ONLY
    points: tuple[tuple[str, Decimal | None], ...]
    name: Text = Text()
    gaps: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, Text], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    shown_as: tuple[tuple[str, str], ...] = ()

    def label(self, code: str) -> Text:
        return dict(self.labels).get(code, Text())

    def gap(self, code: str) -> str:
        return dict(self.gaps).get(code, "")

    def action(self, code: str) -> Text:
        return dict(self.actions).get(code, Text())

    def silence(self, code: str) -> str:
        return dict(self.silent).get(code, "") if code else UNKNOWN

    def is_below_best(self, code: str) -> bool:
        points = dict(self.points).get(code)
        return bool(self.gap(code)) or (points is not None and points < self.most)

    @property
    def most(self) -> Decimal:
        return max((number for _, number in self.points if number is not None), default=Decimal(0))

    def level(self, code: str) -> int | None:
        """Return the level of an answer in quarters of the maximum; None if it has no points."""
        points_of_code = dict(self.points).get(dict(self.shown_as).get(code, code))
        if points_of_code is None or not self.most:
            return None
        return int((4 * points_of_code / self.most).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """A benchmarking item.

    `scale` is empty for free text. `of` is empty (country), ``indicator``, ``source``, ``product`` or ``action``.
    `checked` is the passage of the published standard with which the text was compared, or empty. `group` is a code of
    CL_DEF_GROUP, `driver` of CL_FEAS_DRIVER. `is_short` items are in the short form.
    """

    id: str
    module: str
    _: KW_ONLY
    name: Text
    recommendation: Text
    scale: str
    action: Text = Text()
    status: str = "candidate"
    source: str = ""
    of: str = ""
    weight: Decimal | None = None
    group: str = ""
    driver: str = ""
    is_short: bool = False
    number: Text = Text()
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A standard action.

    `type`, `phase` and `cost` are codes of ACTION_TYPE, PHASE and COST; `months` is the usual duration. The action
    `closes` items and differences, `unlocks` indicators, and adds `topics` to the indicators in `details`. `after`
    lists prerequisites. `gain` is 1 for the most useful actions.
    """

    id: str
    name: Text
    _: KW_ONLY
    type: str
    phase: str
    cost: str
    months: int
    closes: tuple[str, ...]
    gain: str = ""
    unlocks: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    responsible: Text = Text()
    partners: tuple[Text, ...] = ()
    output: Text = Text()
    verification: Text = Text()
    risk: Text = Text()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """A duration class with its maximum in months (None: open) and feasibility."""

    id: str
    up_to: int | None
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapPlan:
    """Standard actions and the parameters of their order. At most `pace` proposed actions start in a quarter."""

    proposals: tuple[Proposal, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    feasibility: Mapping[str, Decimal] = field(default_factory=dict)
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    pace: int = 1


@dataclass(frozen=True, slots=True)
class SharedGap:
    id: str
    subjects: tuple[str, ...]
    name: Text = Text()
    action: Text = Text()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in data that is a gap, with its quality issue and the action that closes it.

    A count that differs from annual figures is a gap only if these continue for more than `revision_years` after it,
    since earlier figures precede the final count.
    """

    id: str
    issue: str
    _: KW_ONLY
    name: Text
    action: Text
    revision_years: int = 0
    place: Place | None = field(default=None, compare=False)


PROBE_KINDS = ("shown", "yearly", "attribute", "same", "code", "unknown", "findings")
"""Kinds of probes for country items; see ``structures/evidence.toml``."""

INDICATOR_FIELDS = ("values", "topics", "delay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe of the data for an item.

    `by` lists dimensions required together; `least` is a number of consecutive years; `contradicts` maps results to
    answers that they rule out.
    """

    item: str
    kind: str
    contradicts: Mapping[str, tuple[str, ...]]
    flows: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    of: Mapping[str, str] = field(default_factory=dict)
    attribute: str = ""
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    least: int = 0
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    items: Mapping[str, BenchmarkItem]
    scales: Mapping[str, Scale]
    flows: Mapping[str, Flow]
    rules: Collection[str]
    identities: Collection[str]
    indicators: Collection[str]
    lists: Mapping[str, ItemScheme]

    def answers(self, item: str) -> tuple[str, ...]:
        scale = self.scales.get(self.items[item].scale)
        return tuple(code for code, _ in scale.labels) if scale else ()

    def check(self, kind: str, names: Sequence[str], known_names: Collection[str], place: Place | None) -> None:
        for name in names:
            check_known(kind, name, sorted(known_names), place)

    def check_components(self, flow: str, components: Sequence[str], place: Place | None) -> None:
        self.check("dataflow", [flow], self.flows, place)
        component_ids = [component.id for component in self.flows[flow].structure.components]
        self.check(f"component of {flow}", components, component_ids, place)


def read_declared_file(folders: Sequence[Path], name: str) -> Declared | None:
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    return Declared.parse_once(path.name, path.read_bytes()) if path else None
