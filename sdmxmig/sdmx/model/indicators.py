"""Indicators of the framework: what each one asks, where it belongs, and how it is computed from our dataflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.topics import Topics

ALSO = "+"
"""Stands between codes that are added up, as in SDMX queries: ``IRR_CROSS+REFUSED``."""
TOTAL = "_T"


@dataclass(frozen=True, slots=True)
class TermSelection:
    """One term of a calculation: which flow, and which codes of which dimensions (others are the total `_T`).

    Several codes with ``+`` between them are added up.
    """

    flow: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the populations for which an indicator is computed, with the terms of its calculation by name.

    `otherwise` are terms for the periods for which `terms` give no value, and `basis` says what they are, such as a
    census. What they give is a value of the indicator, but no sign that it is produced regularly.
    """

    id: str
    name: Text
    _: KW_ONLY
    terms: Mapping[str, TermSelection]
    otherwise: Mapping[str, TermSelection] = field(default_factory=dict)
    basis: Text = Text()


@dataclass(frozen=True, slots=True)
class SdgIndicator:
    """The indicator of the Sustainable Development Goals that an indicator disaggregates or repeats.

    `series` are codes of ``IAEG-SDGs:CL_SERIES``. `official_name` is empty where it was not read, `former_name` is the
    name before the latest review of the list. `disaggregation` says whether the custodian itself asks for migrants:
    ``N`` they are in the name, ``R`` a breakdown by migration or citizenship is recommended or foreseen, ``none``;
    empty where that was not read. `asks` is what the custodian asks to break down by, in our words. `status` is that of
    these facts, not of the choice of the indicator; `passage` names where they were read.
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
    """What an indicator is for: the policy question, objectives of the Global Compact, and whom it concerns.

    `objectives` are codes of ``CL_GCM_OBJECTIVE``. Each statement has a status of its own.
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
    """An indicator of the framework: what it is called, where it belongs, and how it is computed if it can be.

    `id` is ours and permanent; `un_number` is the number in the framework, empty until it is verified. `part` is ``A``
    or ``B``, `tier` ``core`` or ``additional``, `policy_area` ``PA1`` to ``PA6``, `order` its place there in our list.
    `status` says whether the text stands in the document that `source` names, at its `passage`, or is a candidate;
    `checked` is the passage of the published standard with which it was compared, empty until then. Without
    `calculation` the indicator is only assessed by the profile; `divided` are the terms that hold the population of a
    variant, the others the whole population. `note` is what a reader must know of every value. `topics` says where
    topics stand in dataflows.
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
        """What readers call it: its number in the framework where that is verified, else its id."""
        return self.un_number or self.id
