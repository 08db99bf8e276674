"""Regional studies: how the migration statistics of several countries compare, and where they may not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.comparisons import KeyFigure
from sdmxmig.sdmx.model.flow_rules import Codes
from sdmxmig.sdmx.model.scores import Statement

UNSTATED = "_U"
"""The code of a rule or a type of stay that the data do not state."""


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Countries that are set beside each other, and why: `kind` is all, chosen, area (of M49), rule or source.

    `areas` are in the order of their codes; `source` says on what a chosen group rests.
    """

    id: str
    kind: str
    _: KW_ONLY
    name: Text
    areas: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class StudyRequest:
    """What a study is called and which groups of peers its authors chose; `workspaces` as they are written.

    `translations` are those of texts that the report quotes from the data, by the text.
    """

    name: Text
    workspaces: tuple[str, ...] = ()
    _: KW_ONLY
    groups: tuple[PeerGroup, ...] = ()
    language: str = ""
    translations: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Country:
    """One country of a study: its assessment and the file that it came from, with its checksum.

    `has_data` says whether its datasets were given as well; without them the study knows no flows by partner.
    `is_changed` says that somebody has changed the assessment or the data by hand. `language` is that of the workspace,
    in which its data are commented; empty if not known.
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
        """The code of the country."""
        return self.assessment.area


@dataclass(frozen=True, slots=True)
class Definition:
    """Under which definitions a figure stands: residence rules and duration bases, each with its name.

    `is_definite` says whether two countries that both have it count alike: there is one rule and one basis, and both
    say enough.
    """

    rules: Codes = ()
    bases: Codes = ()
    _: KW_ONLY
    is_definite: bool = False

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What tells one definition from another: its codes."""
        return tuple(code for code, _ in self.rules), tuple(code for code, _ in self.bases)

    @property
    def is_stated(self) -> bool:
        """Whether the data state a residence rule or a type of stay at all."""
        return any(code != UNSTATED for code, _ in (*self.rules, *self.bases))


@dataclass(frozen=True, slots=True)
class CountryFigure:
    """A figure of one country, of its latest year that has a value; `status` is the observation status.

    `basis` says what it rests on where that is not the regular figures, such as a census; `caveats` are what keeps it
    from being a conclusion.
    """

    area: str
    period: str
    _: KW_ONLY
    value: Decimal
    status: str = ""
    basis: Text = Text()
    caveats: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparable:
    """Figures that stand under one definition; those of a definition that is not definite stand together but alone."""

    definition: Definition
    figures: tuple[CountryFigure, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether two countries or more count alike, on one basis and for one year."""
        return (
            self.definition.is_definite
            and len(self.figures) > 1
            and len({(figure.period, figure.basis) for figure in self.figures}) == 1
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One key figure over the countries, apart by definition; `missing` are the countries without a value.

    `code` is what readers call the indicator behind it, empty for a series.
    """

    figure: KeyFigure
    name: Text
    _: KW_ONLY
    code: str
    unit: str
    groups: tuple[Comparable, ...]
    missing: tuple[str, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Whether the figures of two countries or more can be compared."""
        return any(group.is_comparable for group in self.groups)

    @property
    def is_comparable_everywhere(self) -> bool:
        """Whether the figures of all countries of the study can be compared."""
        return len(self.groups) == 1 and self.groups[0].is_comparable and not self.missing


@dataclass(frozen=True, slots=True)
class OneSourceValue:
    """What the common source has of one country.

    `comment` is what the data say about this value, `share` its share of the figure of which it is a part, of the same
    year; None if that is not known.
    """

    area: str
    value: Decimal
    _: KW_ONLY
    status: str = ""
    comment: str = ""
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OneSourceComparison:
    """A figure that several countries take from the same source, in the same words and of the same year.

    `source` is how they cite it; `missing` are the countries that have no value of this source and year. `share_source`
    is the source of what the shares are of. A figure with a `note` is shown and not compared.
    """

    id: str
    name: Text
    _: KW_ONLY
    period: str
    source: str
    values: tuple[OneSourceValue, ...]
    missing: tuple[str, ...] = ()
    share_source: str = ""
    note: Text = Text()

    @property
    def is_comparable(self) -> bool:
        """Whether the countries can be compared."""
        return not self.note


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a country has come in one measure: so many of what is asked for; `unknown` of them are not known."""

    area: str
    reached: int
    _: KW_ONLY
    asked: int
    unknown: int

    @property
    def is_known(self) -> bool:
        """Whether at least half is known; with fewer answers, few reached would read as much missing."""
        return self.unknown * 2 <= self.asked and self.unknown < self.asked


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the countries of a group have come in one measure, and the median of those of which something is known.

    `measure` is a name in `sdmxmig.statistics.comparison.distances`; `reaches` are in the order of the group, `known`
    is for how many of them at least half is known. With less than three there is no median: both values say more than
    their middle.
    """

    measure: str
    group: str
    _: KW_ONLY
    reaches: tuple[Reach, ...]
    known: int
    median: Decimal | None


@dataclass(frozen=True, slots=True)
class CommonGap:
    """A gap with the countries that have it: wholly, or partly; `unknown` are those that did not answer."""

    subject: str
    code: str
    _: KW_ONLY
    statement: Text
    action: Text
    whole: tuple[str, ...]
    partial: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """All countries that have it."""
        return tuple(sorted({*self.whole, *self.partial}))


@dataclass(frozen=True, slots=True)
class SharedAction:
    """A standard action that several countries need: which of them, and what it closes and unlocks in any of them.

    `after` are the shared actions that come before it; `priority` is the sum of what it is worth to each country.
    """

    id: str
    name: Text
    _: KW_ONLY
    phase: str
    cost: str
    areas: tuple[str, ...]
    closes: tuple[str, ...]
    unlocks: tuple[str, ...]
    after: tuple[str, ...]
    priority: Decimal


@dataclass(frozen=True, slots=True)
class ReportedFlow:
    """What one country reports of a corridor, and under which definition."""

    value: Decimal
    definition: Definition


@dataclass(frozen=True, slots=True)
class Corridor:
    """The flow from one country to another in one year, as each of both reports it; None: it reports nothing."""

    origin: str
    destination: str
    _: KW_ONLY
    period: str
    emigration: ReportedFlow | None
    immigration: ReportedFlow | None

    @property
    def is_mirrored(self) -> bool:
        """Whether both countries report it."""
        return self.emigration is not None and self.immigration is not None

    @property
    def ratio(self) -> Decimal | None:
        """Emigration as the origin reports it, for one immigrant whom the destination reports."""
        if self.emigration is None or self.immigration is None or not self.immigration.value:
            return None
        return self.emigration.value / self.immigration.value

    @property
    def is_comparable(self) -> bool:
        """Whether both report under one definite definition."""
        if self.emigration is None or self.immigration is None:
            return False
        return self.emigration.definition.is_definite and (
            self.emigration.definition.key == self.immigration.definition.key
        )


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """A figure year by year of countries that count alike, or of one country that counts like no other."""

    definition: Definition
    courses: tuple[tuple[CountryFigure, ...], ...]

    @property
    def areas(self) -> tuple[str, ...]:
        """The codes of the countries."""
        return tuple(course[0].area for course in self.courses)

    @property
    def is_comparable(self) -> bool:
        """Whether there are two countries or more, all under one definite definition."""
        return self.definition.is_definite and len(self.courses) > 1


@dataclass(frozen=True, slots=True)
class Courses:
    """What page one draws: a figure year by year, a panel for each definition, those that can be compared first."""

    comparison: Comparison
    panels: tuple[CoursePanel, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether the figures of two countries or more can be compared."""
        return any(panel.is_comparable for panel in self.panels)


@dataclass(frozen=True, slots=True)
class RegionalStudy:
    """How the statistics of several countries compare: all that a regional report shows, without a word of prose.

    `countries` are in the order of their codes. `definitions` are the items that are set side by side; `comparisons`
    the key figures, never across definitions; `one_source` the figures that one producer has of several countries;
    `corridors` the flows of which at least one side is reported. `rules` are the definitions of the migration flows by
    country; `courses` and `drawn` what page one draws: a figure over the years, or figures of one source.
    `translations` are those of texts that are quoted from the data, by the text.
    """

    name: Text
    countries: tuple[Country, ...]
    _: KW_ONLY
    definitions: tuple[str, ...]
    groups: tuple[PeerGroup, ...]
    comparisons: tuple[Comparison, ...]
    distances: tuple[Distance, ...]
    gaps: tuple[CommonGap, ...]
    actions: tuple[SharedAction, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    rules: tuple[tuple[str, Definition], ...] = ()
    courses: Courses | None = None
    drawn: OneSourceComparison | None = None
    one_source: tuple[OneSourceComparison, ...] = ()
    translations: Mapping[str, Text] = field(default_factory=dict)
    status: str = "candidate"
    source: str = ""

    @property
    def is_draft(self) -> bool:
        """Whether the profile of at least one country has not been reviewed by its office."""
        return any(country.assessment.is_draft for country in self.countries)

    @property
    def areas(self) -> tuple[str, ...]:
        """The codes of the countries."""
        return tuple(country.area for country in self.countries)

    @property
    def labels(self) -> Mapping[str, Text]:
        """The names of codes, which are the same in all assessments of one version."""
        return {key: name for country in self.countries for key, name in country.assessment.labels.items()}

    def country(self, area: str) -> Country:
        """The country of a code."""
        return next(country for country in self.countries if country.area == area)
