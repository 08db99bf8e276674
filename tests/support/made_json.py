"""A hand-made dataflow with every kind of attribute, for tests of SDMX-JSON data."""

from __future__ import annotations

import made
import polars as pl

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref

TEXTS = pl.List(pl.Struct({"language": pl.String, "text": pl.String}))
MULTI = (("isMultiLingual", "true"),)


def attribute(name: str, attachment: str, **more: object) -> Component:
    return made.component(name, "attribute", attachment, mandatory=False, **more)


STRUCTURE = DataStructure(
    Ref("DataStructure", "SDMXMIG", id="DSD_RICH", version="1.0.0"),
    Text.of(en="Everything", fr="Tout"),
    components=(
        *(made.component(name, "dimension") for name in ("FREQ", "REF_AREA", "SEX")),
        made.component("NOTE", "dimension", data_type="String"),
        made.component("TIME_PERIOD", "time", data_type="ObservationalTimePeriod"),
        made.component("OBS_VALUE", "measure", data_type="Decimal"),
        made.component("LABEL", "measure", data_type="String"),
        made.component("OBS_STATUS", "attribute", "observation"),
        attribute("SOURCES", "observation", data_type="String", max_occurs="unbounded"),
        attribute("COMMENT_OBS", "observation", data_type="String", facets=MULTI),
        attribute("TITLE", "dataset", data_type="String", facets=MULTI),
        attribute("RES_RULE", "dataset"),
        attribute("UNIT", "series"),
        attribute("FLAGS", "series", data_type="Integer", max_occurs="3"),
        attribute("AREA_NOTE", "dimensions", dimensions=("REF_AREA",), data_type="String"),
        attribute("SIBLING", "group", group="Sibling", data_type="String", max_occurs="2", facets=MULTI),
        attribute("YEAR_NOTE", "dimensions", dimensions=("REF_AREA", "TIME_PERIOD"), data_type="String"),
    ),
    groups=(Group("Sibling", ("REF_AREA", "SEX", "NOTE")),),
)
DATAFLOW = Dataflow(
    Ref("Dataflow", "SDMXMIG", id="DF_RICH", version="1.0.0"), Text.of(en="Rich", fr="Riche"), structure=STRUCTURE.ref
)
CODELISTS = {one: made.CODELISTS[one] for one in ("FREQ", "REF_AREA", "SEX", "OBS_STATUS", "RES_RULE", "UNIT")}
FLOW = Flow(DATAFLOW, STRUCTURE, codelists={**CODELISTS, "SOURCES": made.AREA}, concepts=made.FLOW.concepts)
FLOWS = {**made.FLOWS, FLOW.id: FLOW}


def text(**languages: str) -> list[dict[str, str]]:
    return [{"language": language, "text": value} for language, value in languages.items()]


KEY = ("FREQ", "REF_AREA", "SEX", "NOTE", "TIME_PERIOD")
OBSERVATIONS = pl.DataFrame(
    [
        ("A", "GE", "M", "n/a “1”", "2023", "1.50", "yes", "A", ["GE", "FR"], text(en=made.AWKWARD, fr="b")),
        ("A", "GE", "M", "n/a “1”", "2024", "NaN", "#N/A", "O", None, None),
        ("A", "GE", "F", "x", "2023", "007", made.BROKEN, "A", ["é \\"], text(fr="c")),
        ("A", "FR", "F", "x", "2023-Q1", "-0", "0", "#N/A", ["GE"], None),
        ("A", "FR", "F", "x", "2024-01-01T00:00:00/P1Y", "123456789012345678901234567890.10", None, "A", None, None),
        ("A", "FR", "_T", "x", "2024", None, None, "UNKNOWN é", None, None),
    ],
    schema={**dict.fromkeys((*KEY, "OBS_VALUE", "LABEL", "OBS_STATUS"), pl.String), "SOURCES": pl.List(pl.String)}
    | {"COMMENT_OBS": TEXTS},
    orient="row",
)
SERIES = pl.DataFrame(
    [
        ("A", "GE", "M", "n/a “1”", "PS", ["1", "20"]),
        ("A", "GE", "F", "x", None, None),
        ("A", "FR", "F", "x", "PS", ["NaN", "3"]),
        ("A", "FR", "_T", "x", None, ["5"]),
    ],
    schema={**dict.fromkeys((*KEY[:4], "UNIT"), pl.String), "FLAGS": pl.List(pl.String)},
    orient="row",
)
PARTIAL = {
    (): pl.DataFrame({"TITLE": [text(en="Title", fr="Titre")]}, schema={"TITLE": TEXTS}),
    ("REF_AREA",): pl.DataFrame({"REF_AREA": ["FR", "GE"], "AREA_NOTE": ["a", made.AWKWARD]}),
    ("REF_AREA", "SEX", "NOTE"): pl.DataFrame(
        {"REF_AREA": ["GE"], "SEX": ["M"], "NOTE": [None], "SIBLING": [[text(en="a", fr="b"), text(en="c")]]},
        schema={**dict.fromkeys(("REF_AREA", "SEX", "NOTE"), pl.String), "SIBLING": pl.List(TEXTS)},
    ),
    ("REF_AREA", "TIME_PERIOD"): pl.DataFrame({"REF_AREA": ["GE"], "TIME_PERIOD": ["2023"], "YEAR_NOTE": ["y"]}),
}
PROPERTIES = {
    "setID": "SET-1",
    "reportingBeginDate": "2023",
    "validFromDate": "2024-01-01T00:00:00Z",
    "validToDate": "2025-01-01",
    "publicationYear": "2024",
}


def rich(action: str = "R", **changes: object) -> Dataset:
    fields = {"observations": OBSERVATIONS, "series": SERIES, "partial": PARTIAL, "properties": PROPERTIES, **changes}
    return Dataset(FLOW, attributes={"RES_RULE": "M12"}, origins=pl.DataFrame(), action=action, **fields)  # type: ignore[arg-type]
