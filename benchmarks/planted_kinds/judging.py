"""Findings of validation on a published dataset, and whether they name a planted fault.

Tables are passed to `sdmxmig.quality.validation` in memory, each value with its row as origin, so that findings name
rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import polars as pl

from benchmarks.planted_kinds.office_files import findings_in
from benchmarks.planted_kinds.planting import Plant
from benchmarks.planted_kinds.tables import Outsider, Published
from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.quality import validation
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Vintage
from sdmxmig.sdmx.model.findings import Finding, RuleProfile, RuleSetting
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import OtherProviderData, OutsideData

Key = Mapping[str, str]
FLOWS, COMPONENT, PROFILE = "flows", "component", "PLANTED"
LISTED = 2_000
"""So many findings of a rule are looked at."""


@dataclass(frozen=True, slots=True)
class Named:
    """A finding: rule, severity, keys of observations at fault and of those involved.

    `key` is stated by the finding itself, such as that of a missing observation; `text` is its English sentence.
    """

    rule: str
    severity: str
    flow: str
    component: str
    key: Key
    at_fault: tuple[Key, ...]
    beside: tuple[tuple[str, Key], ...]
    text: str


@cache
def loaded() -> Catalogue:
    """Load all declarations."""
    return catalogue.load()


@cache
def known() -> Catalogue:
    """Load all declarations, with every rule on its dataflows."""
    return loaded().apply_profile()


@lru_cache(maxsize=256)
def with_profile(rules: tuple[str, ...], settings: str) -> Catalogue:
    """Return the catalogue with an office's profile: these rules (or all) and settings.

    `settings` are parameters by rule as JSON; `flows` in them are further dataflows of the rule.
    """
    parameters_by_rule: dict[str, dict[str, object]] = json.loads(settings)
    profile = RuleProfile(
        id=PROFILE,
        name=Text.of(en="Some rules"),
        only=rules,
        settings=tuple(
            RuleSetting(
                rule=rule,
                parameters={name: value for name, value in parameters.items() if name != FLOWS},
                flows=tuple(map(str, parameters.get(FLOWS, ()))),  # type: ignore[call-overload]
            )
            for rule, parameters in parameters_by_rule.items()
        ),
    )
    return replace(loaded(), rule_profiles={**loaded().rule_profiles, PROFILE: profile})


@lru_cache(maxsize=256)
def with_rules(rules: tuple[str, ...], settings: str) -> Catalogue:
    """The catalogue with the rules that run by the profile of the office; see `with_profile`."""
    if not rules and settings == json.dumps({}):
        return known()
    return with_profile(rules, settings).apply_profile(PROFILE)


def dataset_of(flow: str, table: pl.DataFrame, declared: Mapping[str, str], *, origins: bool = True) -> Dataset:
    """A published table as validation reads it: empty texts are not there."""
    model = known().flows[flow]
    structure = model.structure
    table = table.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
    at_series = [c.id for c in structure.attributes("series") if c.id in table.columns]
    series = table.select(*structure.series_key, *at_series).unique(structure.series_key, maintain_order=True)
    wanted = [c.id for c in structure.components if c.attachment in ("", "observation") and c.id in table.columns]
    cells = origins_of(table.height, flow, structure.measure.id) if origins else origins_of(0, flow, "")
    attributes = {name: code for name, code in declared.items() if code}
    return Dataset(model, table.select(wanted), series=series, attributes=attributes, origins=cells)


def origins_of(height: int, flow: str, measure: str) -> pl.DataFrame:
    """Source cells of values: observation n is in row n + 1 of a file named like the dataflow."""
    rows = pl.int_range(height, eager=True, dtype=pl.Int64)
    frame = pl.DataFrame({"observation": rows, "row": rows + 1}).with_columns(
        component=pl.lit(measure), file=pl.lit(flow), sheet=pl.lit(""), column=pl.lit(1, pl.Int64)
    )
    return frame.select(ORIGIN_COLUMNS)


def findings(published: Published, flows: Iterable[str] = (), rules: Sequence[str] = ()) -> list[Named]:
    """Return the findings on some dataflows (or all), by these rules or all."""
    settings = json.dumps(published.settings, sort_keys=True)
    if published.files:
        profile = with_profile(tuple(rules), settings)
        said = findings_in(published.files, published.prepared, profile, PROFILE)
        return [named_in_file(finding) for finding in said.items]
    declared = replace(with_rules(tuple(rules), settings), metadata=metadata_of(published))
    parts = {flow: dataset_of(flow, table, published.declared[flow]) for flow, table in published.tables.items()}
    parts = {flow: replace(part, flow=declared.flows[flow]) for flow, part in parts.items()}
    outside = OtherProviderData(tuple(outside_of(outsider) for outsider in published.outside))
    previous = vintages_of(published)
    named: list[Named] = []
    for flow in flows or parts:
        result = validation.validate(
            parts[flow],
            declared,
            [part for other, part in parts.items() if other != flow],
            prepared=published.prepared,
            listed=LISTED,
            previous=previous,
            outside=outside,
        )
        named += [named_by(finding, published, flow) for finding in result.items]
    return named


def vintages_of(published: Published) -> list[Vintage]:
    before: list[Vintage] = []
    release = published.earlier
    while release is not None:
        datasets = {
            flow: dataset_of(flow, table, release.declared[flow], origins=False)
            for flow, table in release.tables.items()
        }
        before.append(Vintage(datasets=datasets, name=f"release of {release.prepared[:10]}", prepared=release.prepared))
        release = release.earlier
    return before[::-1]


def outside_of(outsider: Outsider) -> OutsideData:
    dataset = dataset_of(outsider.flow, outsider.table, outsider.declared, origins=False)
    return OutsideData(
        book=Book(dataset), domain=outsider.domain, provider="Somebody else", source="a table", margin=outsider.margin
    )


def metadata_of(published: Published) -> dict[Ref, MetadataSet]:
    (metadataflow,) = [name for name in known().artefacts if name.id == "MDF_MIGRATION"]
    sets: dict[Ref, MetadataSet] = {}
    for flow, rows in published.metadata.items():
        ref = Ref("MetadataSet", "GE1", id=f"{flow}_META", version="1.0.0")
        target = Target(known().flows[flow].dataflow.ref.urn)
        report = Report((target,), tuple(ReportedAttribute(name, (text,)) for name, text in rows))
        sets[ref] = MetadataSet(metadataflow, (report,), ref=ref, details=Details(), place=Place(f"{flow}.toml"))
    return sets


def named_by(finding: Finding, published: Published, flow: str) -> Named:
    """A finding with the keys of the observations that it names."""
    places = [place for place in (finding.place, *finding.others) if place and place.cell]
    return Named(
        finding.rule,
        finding.severity,
        flow,
        finding.component,
        dict(finding.key),
        tuple(key_at(published, place) for place in places),
        tuple((place.file, key_at(published, place)) for place in finding.related if place.cell),
        finding.sentence(),
    )


def named_in_file(finding: Finding) -> Named:
    """Convert a finding about a workspace; cells of files are at fault."""
    places = [place for place in (finding.place, *finding.others) if place]
    return Named(
        finding.rule,
        finding.severity,
        finding.flow,
        finding.component,
        dict(finding.key),
        tuple({"file": place.file, "sheet": place.sheet, "cell": place.cell} for place in places),
        (),
        finding.sentence(),
    )


def key_at(published: Published, place: Place) -> Key:
    """The observation in a row, as texts by column."""
    row, _ = parse_cell(place.cell)
    return published.tables[place.file].row(row - 1, named=True)


def found(rules: Sequence[str], plant: Plant, named: Iterable[Named]) -> str:
    """Return the first rule of a kind with a finding that names the plant, or empty."""
    by = {finding.rule for finding in named if finding.rule in rules and names(plant, finding)}
    return next((rule for rule in rules if rule in by), "")


def names(plant: Plant, finding: Named) -> bool:
    if plant.flows and finding.flow not in (plant.dataflow, *plant.flows):
        return False
    if not plant.flows and finding.flow != plant.dataflow:
        return False
    told = [*finding.at_fault, finding.key] if not finding.at_fault else list(finding.at_fault)
    if plant.beside:
        told += [key for _, key in finding.beside]
    component = {COMPONENT: finding.component}
    return any(fits(wanted, {**key, **component}) for wanted in plant.keys for key in told)


def fits(wanted: Key, key: Key) -> bool:
    return all((key.get(name) or "") == code for name, code in wanted.items())
