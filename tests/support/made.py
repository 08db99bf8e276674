"""Small hand-made artefacts, one dataflow and its datasets, for the tests of the formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import strategies as st

from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Party

AWKWARD = 'l\'immigration "nette" & <brute> ]]> é 𝔸 中'
"""Apostrophe, quotation marks, ampersand, brackets, the end of a CDATA section, an accent, an astral letter."""

FORBIDDEN = "".join(chr(sign) for sign in range(32) if chr(sign) not in "\t\n\r") + "\ufffe\uffff"
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters=FORBIDDEN)
"""The characters that a text may hold."""
BROKEN = " two\nlines\ttab\r\nblank "

HEADER = Header(
    "MSG-1",
    "2026-11-20T08:00:00Z",
    sender=Party("GE1", Text.of(en=f"Office {AWKWARD}")),
    receivers=(Party("UNSD"), Party("SDMXMIG")),
    source=Text.of(en=f"Tables {AWKWARD}"),
)


def codelist(name: str, version: str, *items: Item, agency: str = "SDMX", partial: bool = False) -> ItemScheme:
    text = Text.of(en=f"List {name}", fr=f"Liste d'{name}")
    return ItemScheme(
        Ref("Codelist", agency, id=name, version=version), text, items=items, partial=partial, source="sdmx.org"
    )


def code(name: str, en: str, fr: str = "", **more: str) -> Item:
    return Item(name, Text.of(en=en, fr=fr), **more)  # type: ignore[arg-type]


FREQ = codelist("CL_FREQ", "2.1", code("A", "Annual", "Annuel"), code("Q", "Quarterly"))
AREA = codelist("CL_AREA", "2.0", code("GE", "Georgia", "Géorgie"), code("FR", "France"), partial=True)
SEX = codelist(
    "CL_SEX", "2.1", code("_T", "Total"), code("F", "Women", "Femmes", parent="_T"), code("M", "Men", parent="_T")
)
CTZ = ItemScheme(
    Ref("Codelist", "SDMXMIG", id="CL_CTZ_STATUS", version="1.0.0-draft"),
    Text.of(en="Citizenship", fr="Nationalité"),
    items=(
        Item("FC", Text.of(en=AWKWARD, fr="Étrangers"), description=Text.of(en=f"Not citizens.\n{AWKWARD}", fr="Sans")),
        Item(
            "STLS",
            Text.of(en="Stateless"),
            parent="FC",
            status="candidate",
            source="Recommendations, 2025 & after",
            valid_from="2025-01-01",
            annotations=(
                Annotation("NOTE", Text.of(en="a", fr="b"), title="t", url="https://example.org/?a=1&b=2", id="N1"),
            ),
        ),
    ),
    status="candidate",
)
STATUS = codelist("CL_OBS_STATUS", "2.2", code("A", "Normal"), code("O", "Missing"), code("P", "Provisional"))
RULE = codelist("CL_RES_RULE", "1.0.0-draft", code("M12", "12 months"), agency="SDMXMIG")
UNIT = codelist("CL_UNIT_MEASURE", "1.0.0-draft", code("PS", "Persons"), agency="SDMXMIG")
CODELISTS = {
    "FREQ": FREQ,
    "REF_AREA": AREA,
    "SEX": SEX,
    "CTZ": CTZ,
    "OBS_STATUS": STATUS,
    "RES_RULE": RULE,
    "UNIT": UNIT,
}

CONCEPTS = ItemScheme(
    Ref("ConceptScheme", "SDMXMIG", id="CS_MIG", version="1.0.0-draft"),
    Text.of(en="Concepts", fr="Concepts"),
    items=tuple(
        Item(
            name,
            Text.of(en=f"Concept {name}", fr=f"Concept d'{name}"),
            codelist=lists.ref if lists else None,
            data_type=kind,
        )
        for name, lists, kind in [
            *((name, scheme, "") for name, scheme in CODELISTS.items()),
            ("TIME_PERIOD", None, "ObservationalTimePeriod"),
            ("OBS_VALUE", None, "Decimal"),
            ("COMMENT_OBS", None, "String"),
            ("NOTE", None, "String"),
            ("TITLE", None, "String"),
        ]
    ),
)
AGENCIES = ItemScheme(
    Ref("AgencyScheme", "SDMX", id="AGENCIES", version="1.0"),
    Text.of(en="Agencies"),
    items=(Item("SDMXMIG", Text.of(en="Not an official agency")),),
    partial=True,
)


def component(name: str, role: str, attachment: str = "", *, mandatory: bool = True, **more: object) -> Component:
    concept = Ref("Concept", "SDMXMIG", id="CS_MIG", version="1.0.0-draft", item=name)
    scheme = CODELISTS.get(name)
    return Component(
        name,
        role,
        concept=concept,
        codelist=scheme.ref if scheme else None,
        mandatory=mandatory,
        attachment=attachment,
        **more,  # type: ignore[arg-type]
    )


def with_component(structure: DataStructure, role_or_id: str, **changes: Any) -> DataStructure:
    """The structure with these changes to its components of an id or role."""
    components = [replace(c, **changes) if role_or_id in (c.id, c.role) else c for c in structure.components]
    return replace(structure, components=tuple(components))


STRUCTURE = DataStructure(
    Ref("DataStructure", "SDMXMIG", id="DSD_STOCK", version="1.0.0-draft"),
    Text.of(en="Stocks", fr="Effectifs"),
    components=(
        component("FREQ", "dimension"),
        component("REF_AREA", "dimension"),
        component("SEX", "dimension"),
        component("CTZ", "dimension"),
        component("TIME_PERIOD", "time", data_type="ObservationalTimePeriod"),
        component("OBS_VALUE", "measure", data_type="Decimal"),
        component("RES_RULE", "attribute", "dataset"),
        component("TITLE", "attribute", "dataset", mandatory=False, data_type="String"),
        component("UNIT", "attribute", "series"),
        component("NOTE", "attribute", "series", mandatory=False, data_type="String"),
        component("OBS_STATUS", "attribute", "observation"),
        component(
            "COMMENT_OBS",
            "attribute",
            "observation",
            mandatory=False,
            data_type="String",
            facets=(("maxLength", "350"),),
        ),
    ),
    status="candidate",
)
DATAFLOW = Dataflow(
    Ref("Dataflow", "SDMXMIG", id="DF_POP", version="1.0.0-draft"),
    Text.of(en="Population"),
    structure=STRUCTURE.ref,
    description=Text.of(en="Stock."),
)
OTHER_DATAFLOW = Dataflow(
    Ref("Dataflow", "SDMXMIG", id="DF_IMM", version="1.0.0-draft"), Text.of(en="Immigration"), structure=STRUCTURE.ref
)
FLOW = Flow(DATAFLOW, STRUCTURE, codelists=CODELISTS, concepts={item.id: item.name for item in CONCEPTS})
OTHER = Flow(OTHER_DATAFLOW, STRUCTURE, codelists=CODELISTS, concepts=FLOW.concepts)
FLOWS = {flow.id: flow for flow in (FLOW, OTHER)}
ARTEFACTS: tuple[Artefact, ...] = (DATAFLOW, OTHER_DATAFLOW, STRUCTURE, CONCEPTS, AGENCIES, *CODELISTS.values())

KEY = ("FREQ", "REF_AREA", "SEX", "CTZ")
OBSERVATION = (*KEY, "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "COMMENT_OBS")
SERIES = (*KEY, "UNIT", "NOTE")
Row = Sequence[str | None]


def frame(columns: Sequence[str], rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(columns, pl.String), orient="row")


def dataset(
    observations: Sequence[Row],
    series: Sequence[Row] = (),
    attributes: Mapping[str, str] | None = None,
    *,
    flow: Flow = FLOW,
    action: str = "R",
    origins: pl.DataFrame | None = None,
) -> Dataset:
    given = {"RES_RULE": "M12"} if attributes is None else attributes
    return Dataset(
        flow,
        frame(OBSERVATION, observations),
        series=frame(SERIES, series),
        attributes=given,
        origins=pl.DataFrame() if origins is None else origins,
        action=action,
    )


MEN, WOMEN = ("A", "GE", "M", "FC"), ("A", "GE", "F", "FC")
SMALL = dataset(
    [(*MEN, "2023", "01", "A", None), (*WOMEN, "2023", "1076792.50", "P", AWKWARD), (*MEN, "2024", None, "O", BROKEN)],
    [(*MEN, "PS", AWKWARD), (*WOMEN, "PS", None)],
    {"RES_RULE": "M12", "TITLE": AWKWARD},
)
