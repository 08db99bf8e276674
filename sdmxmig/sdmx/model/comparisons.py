"""What every regional study compares, as it is declared: key figures, definitions, flows reported from both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.peers import PeerChoice

IMMIGRATION, EMIGRATION = "immigration", "emigration"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure that a study sets side by side: a series, or an indicator with one of its populations.

    `flows` are the dataflows whose residence rule it follows; those of one tuple stand in for each other. A balance,
    such as net migration, carries its sign. `one_source` is the figure of one source that counts the same.
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
        """What it goes by: ``POP``, ``MIG_SHARE_FB``."""
        return "_".join(filter(None, (self.series, self.indicator, self.population)))


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A dataflow in which countries report flows about each other: the dimension of the other country, the direction.

    `direction` is ``immigration`` (from there) or ``emigration`` (to there).
    """

    flow: str
    partner: str
    _: KW_ONLY
    direction: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OneSourceFigure:
    """A figure that one producer has of many countries, such as the migrant stock of the United Nations.

    It is found in a dataflow under these codes; dimensions that are not named stand at their total. `share_of` is the
    figure of which it is a part. A figure with a `note` is shown beside the others and not compared; the note says why.
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
    """What page one draws: series in the order of preference, else figures of one source; of how many years."""

    series: tuple[str, ...] = ()
    one_source: tuple[str, ...] = ()
    _: KW_ONLY
    years: int = 10


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What every regional study compares, as ``structures/region.toml`` declares it.

    `definitions` are items that stand side by side. Countries are peers where the data of `flows` (written as those of
    a key figure) follow one rule, or where the question about an indicator (`same_source`) names one source. `alone`
    are codes, by attribute, that say too little of a rule for two countries to be compared under them. Figures of
    `one_source` are compared whatever rule a country's own data follow, where the countries name the same source.
    `chart` says what page one of a study draws, `page_one` what that of one country compares with others.
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
