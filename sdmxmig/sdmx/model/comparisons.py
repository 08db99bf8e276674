"""The declared contents of regional studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.peers import PeerChoice

IMMIGRATION, EMIGRATION = "immigration", "emigration"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure compared in a study: a series, or an indicator for one population.

    `flows` determine the residence rule; those of one tuple are alternatives. `one_source` is the same figure from a
    common source.
    """

    series: str = ""
    indicator: str = ""
    _: KW_ONLY
    population: str = ""
    flows: tuple[tuple[str, ...], ...] = ()
    is_balance: bool = False
    one_source: str = ""

    @property
    def id(self) -> str:
        return "_".join(filter(None, (self.series, self.indicator, self.population)))


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A dataflow of mirror statistics.

    `direction`: ``immigration`` (from the partner) or ``emigration`` (to it).
    """

    flow: str
    partner: str
    _: KW_ONLY
    direction: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OneSourceFigure:
    """A figure that one producer publishes for many countries, such as the UN migrant stock.

    Unlisted dimensions are at their total. `share_of` is the whole. A figure with `note` is shown but not compared.
    """

    id: str
    name: Text
    _: KW_ONLY
    flow: str
    codes: tuple[tuple[str, str], ...] = ()
    share_of: str = ""
    note: Text = Text()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ChartChoice:
    series: tuple[str, ...] = ()
    one_source: tuple[str, ...] = ()
    _: KW_ONLY
    years: int = 10


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The contents of regional studies, declared in ``structures/region.toml``.

    Countries are peers if data of `flows` follow one rule, or if the answer `same_source` names one source. `alone` are
    codes too vague for comparison. `one_source` figures are compared regardless of national rules.
    """

    definitions: tuple[str, ...]
    flows: tuple[tuple[str, ...], ...]
    _: KW_ONLY
    same_source: tuple[str, str]
    figures: tuple[KeyFigure, ...]
    mirrored: tuple[Mirrored, ...]
    alone: Mapping[str, tuple[str, ...]]
    one_source: tuple[OneSourceFigure, ...] = ()
    chart: ChartChoice = ChartChoice()
    page_one: PeerChoice = field(default_factory=PeerChoice)
    status: str = "candidate"
    source: str = ""
