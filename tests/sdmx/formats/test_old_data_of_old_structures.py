"""Data of SDMX-ML 2.0 that follow a structure of 2.0 become data of every later format, by the names it has there."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache

import made_old_structures as old
import pytest

from sdmxmig.catalogue import load
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import read_structures, transform
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.structures import Artefact

KEY = ("REF_x002E_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE")
TARGETS = [name for name in FORMATS if FORMATS[name].write_data]
FLOW = (
    f"<Dataflows><s:Dataflow id='D.1' agencyID='A' version='1.0'>{old.name()}{old.FAMILY_REF}</s:Dataflow></Dataflows>"
)
STRUCTURE = old.message(
    FLOW.replace("K</s:KeyFamilyID>", "K.1</s:KeyFamilyID>")
    + old.family(
        old.dimension("REF.AREA", "CL.AREA"),
        old.dimension("SEX", "CL_SEX", ' isMeasureDimension="true"'),
        old.time("TIME", ' codelist="CL_TIME"'),
        old.measure("VALUE"),
        '<s:CrossSectionalMeasure conceptRef="MEN" measureDimension="SEX" code="M"/>',
        '<s:CrossSectionalMeasure conceptRef="WOMEN" measureDimension="SEX" code="F"/>',
        old.attribute("UNIT.1", "Series", ' codelist="CL.UNIT"'),
        old.attribute("NOTE", "Observation"),
        old.attribute("SOURCE", "DataSet"),
        own="K.1",
        lists=(
            old.codelist("CL.AREA", "GE.1", "MD"),
            old.codelist("CL_SEX", "M", "F"),
            old.codelist("CL_TIME", "1990", "1991"),
            old.codelist("CL.UNIT", "P.1"),
        ),
    )
)


def data(root: str, body: str, *, behind: str = "") -> bytes:
    return old.message(body, old.header(behind=behind), root=root)


def generic(value: str, name: str) -> str:
    return f'<g:Value concept="{name}" value="{value}"/>'


GENERIC = data(
    "GenericData",
    f"<DataSet><g:KeyFamilyRef>K.1</g:KeyFamilyRef><g:Attributes>{generic('x', 'SOURCE')}</g:Attributes><g:Series>"
    f"<g:SeriesKey>{generic('GE.1', 'REF.AREA')}{generic('M', 'SEX')}</g:SeriesKey>"
    f"<g:Attributes>{generic('P.1', 'UNIT.1')}</g:Attributes><g:Obs><g:Time>1990</g:Time><g:ObsValue value='5'/>"
    f"<g:Attributes>{generic('n', 'NOTE')}</g:Attributes></g:Obs></g:Series></DataSet>",
)
FAMILY = "<KeyFamilyRef>K.1</KeyFamilyRef><KeyFamilyAgency>A</KeyFamilyAgency>"
OBSERVED = '<Obs xmlns="urn:k" TIME="1990" VALUE="5" NOTE="n"/>'
SERIES = f'<Series xmlns="urn:k" REF.AREA="GE.1" SEX="M" UNIT.1="P.1">{OBSERVED}</Series>'
COMPACT = data("CompactData", f'<DataSet xmlns="urn:k" SOURCE="x">{SERIES}</DataSet>', behind=FAMILY)
BY_FLOW = data(
    "CompactData", f'<DataSet xmlns="urn:k" dataflowAgencyID="A" dataflowID="D.1" SOURCE="x">{SERIES}</DataSet>'
)
BY_ADDRESS = data(
    "CompactData",
    f'<DataSet xmlns="urn:k" keyFamilyURI="http://example.org/K.1" SOURCE="x">{SERIES}</DataSet>'.replace(
        'TIME="1990" VALUE', 'TIME_PERIOD="1990" OBS_VALUE'
    ),
)
UTILITY = data(
    "UtilityData",
    '<DataSet xmlns="urn:k" SOURCE="x"><Series UNIT.1="P.1"><Key><REF.AREA>GE.1</REF.AREA><SEX>M</SEX></Key>'
    "<Obs><TIME>1990</TIME><VALUE>5</VALUE><NOTE>n</NOTE></Obs></Series></DataSet>",
    behind=FAMILY,
)
CROSS = data(
    "CrossSectionalData",
    '<DataSet xmlns="urn:k" SOURCE="x"><Group TIME="1990" UNIT.1="P.1"><Section REF.AREA="GE.1">'
    '<VALUE SEX="M" value="5" NOTE="n"/></Section></Group></DataSet>',
    behind=FAMILY,
)
BY_MEASURE = CROSS.replace(b'<VALUE SEX="M"', b"<MEN")
MESSAGES = {
    "generic": GENERIC,
    "compact": COMPACT,
    "compact, by its flow": BY_FLOW,
    "compact, by an address": BY_ADDRESS,
    "utility": UTILITY,
    "cross-sectional": CROSS,
    "cross-sectional, by measures": BY_MEASURE,
}


@cache
def flows(version: str = "sdmx-ml-2.0") -> Mapping[str, Flow]:
    """The flows of the structure, original or converted back from a later version."""
    content = STRUCTURE
    if version != "sdmx-ml-2.0":
        out = io.BytesIO()
        transform("s.xml", io.BytesIO(STRUCTURE), FORMATS[version], out, flows={})
        content = out.getvalue()
    artefacts: tuple[Artefact, ...] = read_structures("s", content)
    return load().add_artefacts(artefacts).flows


def read(content: bytes, version: str = "sdmx-ml-2.0") -> Dataset:
    [dataset] = read_all(FORMATS["sdmx-ml-2.0"], "data.xml", content, flows(version))
    return dataset


@pytest.mark.parametrize("version", ["sdmx-ml-2.0", "sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0"])
@pytest.mark.parametrize("name", [*MESSAGES])
@pytest.mark.sampled(4)
def test_data_are_read_by_names_of_their_structure(name: str, version: str) -> None:
    dataset = read(MESSAGES[name], version)
    assert dataset.observations.select(KEY).rows() == [("GE_x002E_1", "M", "1990", "5")]
    assert dataset.observations["NOTE"].to_list() == ["n"]
    assert dict(dataset.attributes) == {"SOURCE": "x"}


@pytest.mark.parametrize("name", ["generic", "compact", "utility"])
def test_series_attributes_have_the_names_of_their_structure(name: str) -> None:
    assert read(MESSAGES[name]).series.rows() == [("GE_x002E_1", "M", "P_x002E_1")]


def test_cross_sectional_measure_becomes_its_code() -> None:
    both = BY_MEASURE.replace(b"</Section>", b'<WOMEN value="6"/></Section>')
    assert read(both).observations.select(KEY).sort("SEX").rows() == [
        ("GE_x002E_1", "F", "1990", "6"),
        ("GE_x002E_1", "M", "1990", "5"),
    ]


OF_FLOWS_ONLY = "sdmx-csv-1.0"
"""The format that holds data of dataflows, and none of structures."""


@pytest.mark.parametrize(
    ("name", "target"),
    [(name, target) for name in MESSAGES for target in TARGETS if target != OF_FLOWS_ONLY or "flow" in name],
)
@pytest.mark.sampled(4)
def test_old_data_convert_to_valid_data_of_every_format(name: str, target: str) -> None:
    out = io.BytesIO()
    transform("data.xml", io.BytesIO(MESSAGES[name]), FORMATS[target], out, flows=flows(), header=lambda one: one)  # type: ignore[arg-type,return-value]
    checked = identify_and_check("out", out.getvalue(), flows("sdmx-ml-3.0"))
    assert ([problem.message for problem in checked.problems], checked.unchecked, checked.size) == ([], "", 1)


def test_unknown_code_is_kept_and_reported() -> None:
    dataset = read(COMPACT.replace(b'"GE.1"', b'"GE.2"'))
    assert dataset.observations["REF_x002E_AREA"].to_list() == ["GE.2"]
    problems = identify_and_check("data.xml", COMPACT.replace(b'"GE.1"', b'"GE.2"'), flows()).problems
    assert ["GE.2" in problem.message for problem in problems] == [True]
