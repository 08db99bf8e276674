"""Indicators of the framework and their calculation.

Topics: breakdowns of indicators and their dimensions. Indicators that each type of data source can provide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text

TOPIC, TOPIC_CODE = "TOPIC", "TOPIC_CODE"
"""The dimensions for topics without their own."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Dimensions of topics that have another name.

    `aliases` are by dataflow. `listed` are topics of TOPIC with codelists (None: national codes). `own_terms` are codes
    of IND_TERM in `own_flow`. `every_term` topics limit all terms.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    further: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    listed: Mapping[str, ItemScheme | None] = field(default_factory=dict)
    own_flow: str = ""
    own_terms: Mapping[str, str] = field(default_factory=dict)
    every_term: frozenset[str] = frozenset()

    def dimension(self, flow_id: str, topic: str) -> str:
        """Return the dimension of a topic in a dataflow, existing or not.

        >>> Topics({"DF_EMISTOCK": {"C_RESIDENCE": "COUNTERPART_AREA"}}).dimension("DF_EMISTOCK", "C_RESIDENCE")
        'COUNTERPART_AREA'
        """
        return self.aliases.get(flow_id, {}).get(topic, topic)


ALSO = "+"
"""Separates codes to be added, as in SDMX queries: ``IRR_CROSS+REFUSED``."""
TOTAL = "_T"


@dataclass(frozen=True, slots=True)
class TermSelection:
    """A term of a calculation: a flow and codes; other dimensions are at the total `_T`.

    Codes joined by ``+`` are added.
    """

    flow: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A population of an indicator with its terms.

    `otherwise` are substitutes for periods without values, described by `basis`; they do not show regular production.
    """

    id: str
    name: Text
    _: KW_ONLY
    terms: Mapping[str, TermSelection]
    otherwise: Mapping[str, TermSelection] = field(default_factory=dict)
    basis: Text = Text()


@dataclass(frozen=True, slots=True)
class SdgIndicator:
    """An SDG indicator that is disaggregated or repeated.

    `series` are codes of ``IAEG-SDGs:CL_SERIES``. `official_name` is empty if not verified. `disaggregation`: ``N``
    (migrants in the name), ``R`` (breakdown recommended or foreseen), ``none``, or empty if not verified. `status`
    concerns these facts, not the choice of indicator.
    """

    number: str
    series: tuple[str, ...] = ()
    _: KW_ONLY
    official_name: str = ""
    former_name: str = ""
    disaggregation: str = ""
    asks: str = ""
    status: str = "candidate"
    source: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """The purpose of an indicator: policy question and objectives (``CL_GCM_OBJECTIVE``).

    Each has a status.
    """

    question: Text = Text()
    question_status: str = "candidate"
    _: KW_ONLY
    objectives: tuple[str, ...] = ()
    objectives_status: str = "candidate"
    by_sex: bool = False
    by_sex_status: str = "candidate"
    for_children: bool = False
    for_children_status: str = "candidate"


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of the framework.

    `id` is permanent; `un_number` is empty until verified. `part`: ``A`` or ``B``; `tier`: ``core`` or ``additional``;
    `policy_area`: ``PA1`` to ``PA6``. `checked` is the passage of the published standard compared with the text, or
    empty. Without `calculation` only the profile assesses it; if `is_proxy`, its values only approximate it.
    """

    id: str
    name: Text
    _: KW_ONLY
    part: str
    tier: str
    policy_area: str
    measure: str
    unit: str
    calculation: str = ""
    is_proxy: bool = False
    variants: tuple[Variant, ...] = ()
    primary_topics: tuple[str, ...] = ()
    secondary_topics: tuple[str, ...] = ()
    status: str = "candidate"
    source: str = ""
    passage: str = ""
    checked: str = ""
    place: Place | None = field(default=None, compare=False)
    order: int = 0
    un_number: str = ""
    un_number_status: str = ""
    numerator: Text = Text()
    denominator: Text = Text()
    note: Text = Text()
    divided: tuple[str, ...] = ()
    sdg: SdgIndicator | None = None
    purpose: Purpose = Purpose()
    topics: Topics = field(default=Topics(), compare=False, repr=False)

    @property
    def code(self) -> str:
        return self.un_number or self.id


CAN, PARTLY, CANNOT, UNKNOWN = "Y", "P", "N", "?"
"""Codes of the scale YNP; `UNKNOWN` if undeclared."""
HOPE = (CANNOT, UNKNOWN, PARTLY, CAN)
"""The answers from the least hopeful to the most."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """The yield of a source for an indicator or topic.

    `why` are codes of CL_SRC_REASON, `needs` of CL_SRC_NEED.
    """

    answer: str
    why: tuple[str, ...] = ()
    _: KW_ONLY
    needs: tuple[str, ...] = ()
    status: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SourceYields:
    """The yields of all source types (CL_SRC_TYPE) by indicator and topic.

    `fulfilled` maps needs to sheet answers that satisfy them.
    """

    indicators: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    _: KW_ONLY
    fulfilled: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, source: str, indicator: str, topic: str = "") -> Yielded:
        """Return what a source provides for an indicator or topic.

        A topic never exceeds the indicator: the lower answer and all needs apply. `UNKNOWN` if undeclared.
        """
        whole = self.indicators.get((source, indicator), Yielded(UNKNOWN))
        if not topic or whole.answer in (CANNOT, UNKNOWN):
            return whole
        part = self.topics.get((source, topic), Yielded(UNKNOWN))
        answer = min(whole.answer, part.answer, key=HOPE.index)
        why = part.why if part.answer == answer else whole.why
        needs = tuple(dict.fromkeys((*whole.needs, *part.needs)))
        return Yielded(answer, why, needs=needs, status=part.status or whole.status, reference=part.reference)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for source, _ in self.indicators))


@dataclass(frozen=True, slots=True)
class Chance:
    """The potential of a country's source for an indicator.

    `item` is of module H. `recorded` topics are on its sheet, `lacking` not available from such sources, `asked`
    missing on the sheet.
    """

    item: str
    source: str
    _: KW_ONLY
    answer: str
    why: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
