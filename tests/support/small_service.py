"""A small service: a few artefacts, two releases of one dataflow, and how an answer looks in one line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from folders import TESTS

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    Constraint,
    CubeRegion,
    HierarchicalCode,
    Hierarchy,
    Member,
    MetadataAttribute,
    Metadataflow,
    MetadataStructure,
    Selection,
)
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull.holdings import ArtefactCollection, Holdings, Release, Snapshot
from sdmxmig.transmission.pull.queries import QueryError, parse_address
from sdmxmig.transmission.pull.service import Client, Service
from sdmxmig.transmission.pull.storage import store

FIRST, SECOND = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
CSV = "application/vnd.sdmx.data+csv;version=2.0.0"
ROWS_1 = (
    ("A", "GE", "F", "2019", "10", "A"),
    ("A", "GE", "F", "2020", "11", "E"),
    ("A", "GE", "M", "2020", "9.5", "A"),
    ("A", "AM", "F", "2020", "5", None),
    ("Q", "GE", "F", "2020-Q1", "3", "A"),
)
ROWS_2 = (
    ("A", "GE", "F", "2019", "10", "A"),
    ("A", "GE", "F", "2020", "12", "A"),
    ("A", "GE", "M", "2020", "9.5", "A"),
    ("A", "GE", "M", "2021", "8", "A"),
    ("Q", "GE", "F", "2020-Q1", "3", "A"),
)
COLUMNS = ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS")


def named(kind: str, name: str, version: str = "1.0.0", agency: str = "XX") -> Ref:
    """The name of an artefact of the small service."""
    return Ref(kind, agency, id=name, version=version)


def scheme(ref: Ref, *codes: str, description: str = "") -> ItemScheme:
    """A list; an item with a parent is written ``B<A``."""
    pairs = [code.partition("<") for code in codes]
    items = tuple(
        Item(code, Text.of(en=f"Item {code}", fr=f"Poste {code}"), parent=parent) for code, _, parent in pairs
    )
    names = Text.of(en=f"List {ref.id}", fr=f"Liste {ref.id}")
    return ItemScheme(ref, names, items=items, description=Text.of(en=description))


def concept(name: str) -> Ref:
    """A concept of the small service."""
    return replace(named("Concept", "CS"), item=name)


CL_FREQ, CL_AREA, CL_SEX = (named("Codelist", name) for name in ("CL_FREQ", "CL_AREA", "CL_SEX"))
DSD, DF = named("DataStructure", "DSD"), named("Dataflow", "DF")
PROVIDERS = named("DataProviderScheme", "DATA_PROVIDERS", "1.0")
STRUCTURE = DataStructure(
    DSD,
    Text.of(en="Structure", fr="Structure"),
    components=(
        Component("FREQ", "dimension", concept=concept("FREQ"), codelist=CL_FREQ),
        Component("REF_AREA", "dimension", concept=concept("REF_AREA"), codelist=CL_AREA),
        Component("SEX", "dimension", concept=concept("SEX"), codelist=CL_SEX),
        Component("TIME_PERIOD", "time", concept=concept("TIME_PERIOD"), data_type="ObservationalTimePeriod"),
        Component("OBS_VALUE", "measure", concept=concept("OBS_VALUE"), data_type="Double"),
        Component(
            "OBS_STATUS", "attribute", concept=concept("OBS_STATUS"), data_type="String", mandatory=False,
            attachment="observation",
        ),
        Component(
            "UNIT", "attribute", concept=concept("UNIT"), data_type="String", mandatory=False, attachment="series"
        ),
        Component(
            "NOTE", "attribute", concept=concept("NOTE"), data_type="String", mandatory=False, attachment="group",
            group="Area",
        ),
        Component(
            "TITLE", "attribute", concept=concept("TITLE"), data_type="String", mandatory=False, attachment="dataset"
        ),
    ),
    groups=(Group("Area", ("REF_AREA",)),),
)  # fmt: skip
FLOW = Dataflow(DF, Text.of(en="Flow", fr="Flux"), structure=DSD, description=Text.of(en="Told at length"))
ARTEFACTS: tuple[Artefact, ...] = (
    scheme(CL_FREQ, "A", "Q"),
    scheme(CL_AREA, "GE", "AM", "AZ"),
    scheme(CL_SEX, "_T", "F<_T", "M<_T", description="Told at length"),
    scheme(named("Codelist", "CL_SEX", "1.1.0"), "_T", "F", "M", "X"),
    scheme(named("Codelist", "CL_SEX", "2.0.0-draft"), "F", "M"),
    scheme(
        named("ConceptScheme", "CS"),
        "FREQ",
        "REF_AREA",
        "SEX",
        "TIME_PERIOD",
        "OBS_VALUE",
        "OBS_STATUS",
        "UNIT",
        "NOTE",
        "TITLE",
        "UNUSED",
    ),
    scheme(named("AgencyScheme", "AGENCIES", "1.0", "SDMX"), "XX", "YY"),
    scheme(PROVIDERS, "OFFICE", "OTHER"),
    ItemScheme(
        named("CategoryScheme", "CAS"),
        Text.of(en="Topics"),
        items=(Item("A", Text.of(en="A")), Item("B", Text.of(en="B"), parent="A"), Item("C", Text.of(en="C"))),
    ),
    STRUCTURE,
    FLOW,
    Dataflow(named("Dataflow", "DF_EMPTY", "1.0.0-draft"), Text.of(en="Empty"), structure=DSD),
    Constraint(
        named("DataConstraint", "CON"),
        Text.of(en="Limits"),
        attached=(DF,),
        regions=(CubeRegion((Selection("SEX", (Member("F"), Member("M"))),)),),
    ),
    Categorisation(
        named("Categorisation", "CAT"),
        Text.of(en="Filed"),
        source=DF,
        target=replace(named("Category", "CAS"), item="A.B"),
    ),
    Agreement(
        named("ProvisionAgreement", "PA"),
        Text.of(en="Agreed"),
        flow=DF,
        provider=replace(named("DataProvider", "DATA_PROVIDERS", "1.0"), item="OFFICE"),
    ),
    Hierarchy(
        named("Hierarchy", "H"),
        Text.of(en="Tree"),
        codes=(HierarchicalCode("_T", replace(CL_SEX, kind="Code", item="_T")),),
    ),
    MetadataStructure(
        named("MetadataStructure", "MSD"),
        Text.of(en="Metadata"),
        attributes=(MetadataAttribute("CONTACT", concept("NOTE"), data_type="String"),),
    ),
    Metadataflow(
        named("Metadataflow", "MDF"), Text.of(en="Metadata flow"), structure=named("MetadataStructure", "MSD")
    ),
)
METADATA = MetadataSet(
    named("Metadataflow", "MDF"),
    (Report((Target(DF.urn),), (ReportedAttribute("CONTACT", ("Who answers",)),)),),
    ref=named("MetadataSet", "MS", agency="XX"),
    name=Text.of(en="Quality"),
)


ARTEFACTS_1 = tuple(
    {
        "CL_SEX(1.0.0)": scheme(CL_SEX, "_T", "F<_T", "N<_T"),
        "CON(1.0.0)": Constraint(
            named("DataConstraint", "CON"),
            Text.of(en="Limits"),
            attached=(DF,),
            regions=(CubeRegion((Selection("SEX", (Member("_T"), Member("N"))),)),),
        ),
    }.get(f"{artefact.ref.id}({artefact.ref.version})", artefact)
    for artefact in ARTEFACTS
    if artefact.ref.version != "1.1.0" and artefact.ref.kind != "Hierarchy"
)
"""What stood with the first release: other codes, another constraint, no second version of a list, no hierarchy."""
METADATA_1 = replace(METADATA, reports=(Report((Target(DF.urn),), (ReportedAttribute("CONTACT", ("Nobody",)),)),))


def small_flow() -> Flow:
    """The dataflow of the small service with its structure."""
    lists = {artefact.ref: artefact for artefact in ARTEFACTS if isinstance(artefact, ItemScheme)}
    codelists = {each.id: lists[each.codelist] for each in STRUCTURE.components if each.codelist}
    concepts = {each.id: Text.of(en=each.id) for each in STRUCTURE.components}
    return Flow(FLOW, STRUCTURE, codelists=codelists, concepts=concepts)


def dataset(rows: Sequence[tuple[str | None, ...]], **changed: object) -> Dataset:
    """Data of the small dataflow."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    series = frame.select("FREQ", "REF_AREA", "SEX").unique(maintain_order=True).with_columns(UNIT=pl.lit("PS"))
    areas = frame.select("REF_AREA").unique(maintain_order=True)
    notes = {("REF_AREA",): areas.with_columns(NOTE=pl.lit("Note on ") + pl.col("REF_AREA"))}
    made = Dataset(
        small_flow(), frame, series=series, attributes={"TITLE": "Persons"}, partial=notes, origins=build_origins()
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def small_holdings(folder: Path) -> Holdings:
    """The holdings of the small service."""
    releases = []
    for name, moment, rows in (("R1", FIRST, ROWS_1), ("R2", SECOND, ROWS_2)):
        data = store([dataset(rows)], folder, name)
        assert data is not None
        releases.append(Release(id=name, prepared=moment, data=data))
    return Holdings(
        collection=ArtefactCollection({artefact.ref: artefact for artefact in ARTEFACTS}),
        releases={DF: tuple(releases)},
        metadata=(METADATA,),
        sender=Party("XX", Text.of(en="An office")),
        edition="1",
        changed=SECOND,
        snapshots=(
            Snapshot(prepared=FIRST, flows=frozenset([DF.urn]), read=lambda: (ARTEFACTS_1, (METADATA_1,))),
            Snapshot(prepared=SECOND, flows=frozenset([DF.urn]), read=lambda: (ARTEFACTS, (METADATA,))),
        ),
    )


def small_service(folder: Path) -> Service:
    """The small service."""
    return Service(small_holdings(folder), folder)


def asked(service: Service, address: str, accept: str = "", language: str = "") -> tuple[str, bytes]:
    """The media type and content of the answer to an address such as ``v1/codelist/XX``, or its status."""
    api, _, rest = address.partition("/")
    path, _, query = rest.partition("?")
    client = Client(api=int(api[1]), accept=accept, accept_language=language, base="http://host")
    content = io.BytesIO()
    try:
        answer = service.answer(parse_address(path, query), client)
        if answer.is_empty:
            return "empty", b""
        answer.write(content)
    except QueryError as refused:
        return str(refused.status), str(refused).encode()
    except SdmxmigError as refused:  # what the format cannot say is not acceptable
        return "406", str(refused).encode()
    return answer.content_type, content.getvalue()


def artefacts_in(media_type: str, content: bytes) -> tuple[Artefact, ...]:
    """The artefacts of an answer."""
    form = "sdmx-ml-2.1" if "+xml" in media_type else f"sdmx-json-{media_type.partition('version=')[2][:3]}"
    reader = FORMATS[form].read_structures
    assert reader is not None
    assert not FORMATS[form if "+json" in media_type else ml_form(media_type)].structure_problem(content)
    return reader("answer", content)


def ml_form(media_type: str) -> str:
    """The format of SDMX-ML of a media type."""
    return f"sdmx-ml-{media_type.partition('version=')[2][:3]}"


def format_artefacts(artefacts: Sequence[Artefact]) -> str:
    """Artefacts as one line: stubs with a minus, complete ones with a plus, lists with their items in brackets."""
    return " ".join(sorted(map(in_words, artefacts)))


def in_words(artefact: Artefact) -> str:
    """An artefact as one word."""
    name = f"{artefact.ref.kind}:{artefact.ref.id}({artefact.ref.version})"
    if artefact.details.external:
        return f"{name}{'+' if artefact.description or artefact.annotations else '-'}"
    if isinstance(artefact, ItemScheme):
        items = ",".join(f"{item.parent}.{item.id}" if "." in item.parent else item.id for item in artefact.items)
        return f"{name}[{items}]{'…' if artefact.partial else ''}"
    return name


def rows_in(content: bytes) -> str:
    """The observations of an answer in SDMX-CSV as one line: action, key without its dots, value and attributes."""
    if not content:
        return ""
    return " ".join(
        f"{row['ACTION']}:{row['FREQ']}.{row['REF_AREA']}.{row['SEX']}.{row['TIME_PERIOD']}={row.get('OBS_VALUE', '')}"
        for row in csv.DictReader(io.StringIO(content.decode()))
        if row["SEX"]
    )


def datasets_in(form: str, content: bytes) -> tuple[Dataset, ...]:
    """The datasets of an answer, which is valid by the official schema."""
    flows = {"DF": small_flow()}
    assert not FORMATS[form].data_problem(io.BytesIO(content), flows)
    return read_all(FORMATS[form], "answer", content, flows)


def cases(name: str) -> list[tuple[str, ...]]:
    """The rows of a table of service cases, without header and without headings that begin with #."""
    with (TESTS / "transmission" / name).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file, delimiter="|") if row and not row[0].startswith("#")]
