"""Indicators of the framework and their calculation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.topics import Topics

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
    empty. Without `calculation` only the profile assesses it.
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
