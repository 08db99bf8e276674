"""Regional comparisons (``structures/region.toml``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.indicators import TOTAL
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerMeasure:
    """An indicator compared between countries; values outside `least` and `most` are invalid."""

    indicator: str
    population: str
    name: Text
    least: int | None = None
    most: int | None = None

    def is_possible(self, value: Decimal) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerChoice:
    """The measures on page one, declared in ``structures/region.toml``, in order of preference.

    Peers' years differ by at most `years_apart`. `alone` are codes too vague for comparison.
    """

    measures: tuple[PeerMeasure, ...] = ()
    years_apart: int = 1
    lines: int = 3
    countries: int = 6
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


IMMIGRATION, EMIGRATION = "immigration", "emigration"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A figure compared in a study: a series, or an indicator for one population.

    `flows` determine the residence rule; those of one tuple are alternatives. `one_source` is the same figure from a
    common source.
    """

    series: str = ""
    indicator: str = ""
    population: str = ""
    flows: tuple[tuple[str, ...], ...] = ()
    is_balance: bool = False
    one_source: str = ""

    @property
    def id(self) -> str:
        return "_".join(filter(None, (self.series, self.indicator, self.population)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorDataflow:
    """A dataflow of mirror statistics. `direction`: ``immigration`` (from the partner) or ``emigration`` (to it)."""

    flow: str
    partner: str
    direction: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSourceFigure:
    """A figure that one producer publishes for many countries, such as the UN migrant stock.

    Unlisted dimensions are at their total. `partner` is a dimension of countries: the code that most countries have is
    compared, and its name replaces ``{partner}``. `share_of` is the whole.
    `latest` is the title and year of the latest edition of the only source. `terms` are codes of the first dimension of
    `codes`, with the sign by which they are added to the figure.
    """

    id: str
    name: Text
    flow: str
    codes: tuple[tuple[str, str], ...] = ()
    terms: tuple[str, ...] = ()
    partner: str = ""
    share_of: str = ""
    latest: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """The contents of regional studies, declared in ``structures/region.toml``.

    Countries are peers if data of `flows` follow one rule, or if the answer `same_source` names one source. `alone` are
    codes too vague for comparison. `one_source` figures are compared regardless of national rules.
    """

    definitions: tuple[str, ...]
    flows: tuple[tuple[str, ...], ...]
    same_source: tuple[str, str]
    figures: tuple[KeyFigure, ...]
    mirrored: tuple[MirrorDataflow, ...]
    alone: Mapping[str, tuple[str, ...]]
    one_source: tuple[OneSourceFigure, ...] = ()
    drawn_series: tuple[str, ...] = ()
    drawn_years: int = 10
    page_one: PeerChoice = field(default_factory=PeerChoice)
    status: str = "candidate"
    source: str = ""


REGION_FILE = "region.toml"
ALTERNATIVE_SIGN = "|"


def read_comparisons(folders: Sequence[Path], catalogue: Catalogue) -> Comparisons:
    path = next(folder / REGION_FILE for folder in folders if (folder / REGION_FILE).is_file())
    declared = Declared.parse_once(path.name, path.read_bytes())
    alone, same_source = declared.table("alone"), declared.table("same_source", required=True)
    too_little = {attribute: alone.strings(attribute) for attribute in alone.values}
    figures = tuple(read_figure(figure, catalogue) for figure in declared.tables("figure"))
    one_source = tuple(read_one_source(figure, catalogue) for figure in declared.tables("one_source"))
    check_one_source(figures, one_source, declared)
    chart = declared.table("chart")
    drawn_series = chart.strings("series")
    for series in drawn_series:
        check_known("series of a key figure", series, [figure.series for figure in figures], chart.at("series"))
    comparisons = Comparisons(
        definitions=declared.strings("definitions"),
        flows=read_flows(declared, catalogue),
        same_source=(
            find_indicator(same_source, catalogue),
            same_source.known("question", "question", catalogue.questions),
        ),
        figures=figures,
        mirrored=tuple(read_mirrored(mirror, catalogue) for mirror in declared.tables("mirror")),
        one_source=one_source,
        drawn_series=drawn_series,
        drawn_years=chart.integer("years", 10),
        alone=too_little,
        page_one=read_peers(declared.table("page_one"), catalogue, too_little),
        status=declared.status("candidate"),
        source=declared.text("source", ""),
    )
    for item in comparisons.definitions:
        check_known("benchmarking item", item, catalogue.items, declared.at("definitions"))
    for table in (same_source, chart, declared):
        table.close()
    return comparisons


def read_peers(declared: Declared, catalogue: Catalogue, alone: Mapping[str, tuple[str, ...]]) -> PeerChoice:
    measures = tuple(read_measure(measure, catalogue) for measure in declared.tables("measure"))
    return declared.read(PeerChoice, measures=measures, alone=alone)


def read_measure(declared: Declared, catalogue: Catalogue) -> PeerMeasure:
    indicator = catalogue.indicators[declared.known("indicator", "indicator", catalogue.indicators)]
    populations = [variant.id for variant in indicator.variants]
    return declared.read(PeerMeasure, population=declared.known("population", "population", populations, TOTAL))


def find_indicator(declared: Declared, catalogue: Catalogue) -> str:
    is_named = declared.text("indicator", "")
    return declared.known("indicator", "indicator", catalogue.indicators) if is_named else ""


def read_figure(declared: Declared, catalogue: Catalogue) -> KeyFigure:
    return declared.read(
        KeyFigure,
        indicator=find_indicator(declared, catalogue),
        flows=read_flows(declared, catalogue),
        is_balance=declared.flag("balance", default=False),
    )


def read_one_source(declared: Declared, catalogue: Catalogue) -> OneSourceFigure:
    flow = catalogue.flow(declared.known("flow", "dataflow", catalogue.flows))
    codes = declared.table("codes")
    selection = tuple((dimension, codes.text(dimension)) for dimension in codes.values)
    for dimension, code in selection:
        check_known("dimension", dimension, flow.structure.key, declared.at("codes"))
        codelist = flow.codelist(dimension)
        for term in (code, *(term[1:] for term in declared.strings("terms") if dimension == selection[0][0])):
            check_known("code", term, codelist.ids if codelist else (), codes.at(dimension))
    figure = declared.read(OneSourceFigure, codes=selection)
    if figure.partner:
        check_known("dimension", figure.partner, flow.structure.key, declared.at("partner"))
    return figure


def check_one_source(figures: Sequence[KeyFigure], one_source: Sequence[OneSourceFigure], declared: Declared) -> None:
    names = [figure.id for figure in one_source]
    for source_figure in one_source:
        if source_figure.share_of:
            check_known("figure of one source", source_figure.share_of, names, source_figure.place)
    for figure in figures:
        if figure.one_source:
            check_known("figure of one source", figure.one_source, names, declared.at("figure"))


def read_flows(declared: Declared, catalogue: Catalogue) -> tuple[tuple[str, ...], ...]:
    flows = tuple(
        tuple(name.strip() for name in names.split(ALTERNATIVE_SIGN)) for names in declared.strings("flows", None)
    )
    for name in (name for names in flows for name in names):
        check_known("dataflow", name, catalogue.flows, declared.at("flows"))
    return flows


def read_mirrored(declared: Declared, catalogue: Catalogue) -> MirrorDataflow:
    mirrored = declared.read(MirrorDataflow)
    structure = catalogue.flow(mirrored.flow).structure
    check_known("dimension", mirrored.partner, structure.key, declared.at("partner"))
    if mirrored.direction not in (IMMIGRATION, EMIGRATION):
        hint = f"Write {IMMIGRATION} or {EMIGRATION}."
        raise DeclarationError(f"“{mirrored.direction}” is not a direction.", declared.at("direction"), hint)
    return mirrored
