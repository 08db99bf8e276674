"""Regional studies: comparison of countries' migration statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.catalogue.regional import KeyFigure
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, CountryFigure
from sdmxmig.statistics.model.availability import Codes

UNSTATED = "_U"
"""The code of an unstated rule or type of stay."""


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """A group of compared countries; `kind` is all, chosen, area (M49), rule or source."""

    id: str
    kind: str
    name: Text
    areas: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class StudyStatement:
    """A finding or a step, with citation keys; a step replaces the countries' own steps on its roadmap actions."""

    name: Text
    areas: tuple[str, ...]
    actions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyRequest:
    name: Text
    workspaces: tuple[str, ...] = ()
    groups: tuple[PeerGroup, ...] = ()
    steps: tuple[StudyStatement, ...] = ()
    findings: tuple[StudyStatement, ...] = ()
    language: str = ""
    translations: Mapping[str, Text] = field(default_factory=dict)
    headings: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Country:
    """A country of a study: its assessment and file checksum.

    Without `has_data`, flows by partner are unknown. `is_changed` means edited by hand. `language` is that of the
    workspace, or empty.
    """

    assessment: Assessment
    file: str = ""
    _: KW_ONLY
    sha256: str = ""
    has_data: bool = False
    is_changed: bool = False
    language: str = ""

    @property
    def area(self) -> str:
        return self.assessment.area


@dataclass(frozen=True, slots=True)
class Definition:
    """The definitions of a figure: residence rules and duration bases.

    `is_definite` means one specific rule and basis, so that figures with equal definitions are comparable.
    """

    rules: Codes = ()
    bases: Codes = ()
    is_definite: bool = False

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(code for code, _ in self.rules), tuple(code for code, _ in self.bases)

    @property
    def has_rule(self) -> bool:
        return any(code != UNSTATED for code, _ in self.rules)


@dataclass(frozen=True, slots=True)
class Comparable:
    """Figures under one definition; indefinite ones are grouped but not compared."""

    definition: Definition
    figures: tuple[CountryFigure, ...]

    @property
    def is_comparable(self) -> bool:
        return (
            self.definition.is_definite
            and len(self.figures) > 1
            and len({(figure.period, figure.basis) for figure in self.figures}) == 1
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A key figure by country, grouped by definition; `missing` are countries without a value."""

    figure: KeyFigure
    name: Text
    unit: str
    groups: tuple[Comparable, ...]
    missing: tuple[str, ...] = ()

    @property
    def is_comparable(self) -> bool:
        return any(group.is_comparable for group in self.groups)

    @property
    def is_comparable_everywhere(self) -> bool:
        return len(self.groups) == 1 and self.groups[0].is_comparable and not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSourceValue:
    """A country's value from a common source; `whole` is its total in the same year, or None.

    `comments` are those of the observation, unless they explain a break, and of the dataset.
    """

    area: str
    value: Decimal
    period: str
    source: str
    status: str = ""
    comments: tuple[str, ...] = ()
    whole: Decimal | None = None
    day: Text = Text()

    @property
    def share(self) -> Decimal | None:
        return self.value / self.whole if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSourceComparison:
    """A figure from one source for several countries in one year.

    `day` is the common reference day of stocks, `partner` the country that the figure names. `earlier` are the values
    of up to seven years before in the same source. `superseded_by` is the year of a later edition of the source.
    """

    id: str
    name: Text
    period: str
    source: str
    values: tuple[OneSourceValue, ...]
    missing: tuple[str, ...] = ()
    earlier: tuple[OneSourceValue, ...] = ()
    partner: str = ""
    share_source: str = ""
    superseded_by: str = ""
    day: Text = Text()


@dataclass(frozen=True, slots=True)
class Tally:
    area: str
    reached: int
    asked: int
    unknown: int

    @property
    def is_known(self) -> bool:
        return self.unknown * 2 <= self.asked and self.unknown < self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """The progress of a group in a measure, with the median of known values.

    `measure` is from `sdmxmig.statistics.comparison`. `known` counts countries with at least half known; with fewer
    than three there is no median.
    """

    measure: str
    group: str
    reaches: tuple[Tally, ...]
    known: int
    median: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonGap:
    """A gap and the countries that have it, wholly or in part; `unknown` countries did not answer."""

    subject: str
    code: str
    statement: Text
    action: Text
    whole: tuple[str, ...]
    partial: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(sorted({*self.whole, *self.partial}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAction:
    """A standard action that several countries need, with the gaps that it closes in any of them."""

    id: str
    name: Text
    phase: str
    cost: str
    areas: tuple[str, ...]
    closes: tuple[str, ...]
    unlocks: tuple[str, ...]
    after: tuple[str, ...]
    priority: Decimal


@dataclass(frozen=True, slots=True)
class ReportedFlow:
    value: Decimal
    definition: Definition


@dataclass(frozen=True, slots=True)
class Corridor:
    """A flow between two countries in a year as reported by both; None if not reported."""

    origin: str
    destination: str
    period: str
    emigration: ReportedFlow | None
    immigration: ReportedFlow | None

    @property
    def is_mirrored(self) -> bool:
        return self.emigration is not None and self.immigration is not None

    @property
    def ratio(self) -> Decimal | None:
        if self.emigration is None or self.immigration is None or not self.immigration.value:
            return None
        return self.emigration.value / self.immigration.value

    @property
    def is_comparable(self) -> bool:
        if self.emigration is None or self.immigration is None:
            return False
        return self.emigration.definition.is_definite and (
            self.emigration.definition.key == self.immigration.definition.key
        )


@dataclass(frozen=True, slots=True)
class SeriesPanel:
    """An annual figure of countries under one definition."""

    definition: Definition
    courses: tuple[tuple[CountryFigure, ...], ...]

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(course[0].area for course in self.courses)


@dataclass(frozen=True, slots=True)
class SeriesSet:
    comparison: Comparison
    panels: tuple[SeriesPanel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalStudy:
    """The comparison of several countries, without prose.

    Countries are in code order. `comparisons` never mix definitions. `corridors` have at least one report.
    `translations` are those of quoted texts.
    """

    name: Text
    countries: tuple[Country, ...]
    definitions: tuple[str, ...]
    groups: tuple[PeerGroup, ...]
    comparisons: tuple[Comparison, ...]
    distances: tuple[Distance, ...]
    gaps: tuple[CommonGap, ...]
    actions: tuple[SharedAction, ...] = ()
    steps: tuple[StudyStatement, ...] = ()
    findings: tuple[StudyStatement, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    rules: tuple[tuple[str, Definition], ...] = ()
    courses: SeriesSet | None = None
    one_source: tuple[OneSourceComparison, ...] = ()
    translations: Mapping[str, Text] = field(default_factory=dict)
    headings: Mapping[str, Text] = field(default_factory=dict)
    status: str = "candidate"
    source: str = ""

    @property
    def is_draft(self) -> bool:
        return any(country.assessment.is_draft for country in self.countries)

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(country.area for country in self.countries)

    @property
    def labels(self) -> Mapping[str, Text]:
        return {key: name for country in self.countries for key, name in country.assessment.labels.items()}

    def country(self, area: str) -> Country:
        return next(country for country in self.countries if country.area == area)
