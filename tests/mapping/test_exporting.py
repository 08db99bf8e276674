"""A mapping as structure maps and representation maps that every version of SDMX takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.cli import run
from sdmxmig.formats import FORMATS, structure_bytes
from sdmxmig.mapping import load
from sdmxmig.mapping.exporting import artefacts_of
from sdmxmig.model.data import Flow
from sdmxmig.model.maps import ComponentLink, FixedValue, RepresentationMap, StructureMap
from sdmxmig.model.submission import Header, Party

MAPPING = """
id = "MAP_TEST"
name.en = "Population"
flow = "DF_TEST"
file = "office.xlsx"
[[block]]
sheet = "*"
anchor = "Year"
[block.fixed]
FREQ = "A"
AGE = "_T"
[block.components.TIME_PERIOD]
from = "column 1"
pattern = "yyyy"
[block.components.SEX]
from = "header 1"
codes = { "Men" = "M", "Women" = "F" }
[block.components.REF_AREA]
from = "sheet"
"""


def test_every_way_to_give_a_component_has_its_kind_of_map(population_flow: Flow) -> None:
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    artefacts = artefacts_of(mapping, population_flow, "TEST")
    (codes,) = (one for one in artefacts if isinstance(one, RepresentationMap))
    (whole,) = (one for one in artefacts if isinstance(one, StructureMap))
    assert [(line.sources[0].value, *line.targets) for line in codes.mappings] == [("Men", "M"), ("Women", "F")]
    assert whole.components == (
        ComponentLink(("HEADER_1",), ("SEX",), codes.ref),
        ComponentLink(("SHEET",), ("REF_AREA",)),
        ComponentLink(("VALUE",), ("OBS_VALUE",)),
    )
    assert whole.fixed == (FixedValue("FREQ", ("A",)), FixedValue("AGE", ("_T",)))
    assert [(one.sources, one.targets, one.pattern, one.frequency) for one in whole.times] == [
        (("COLUMN_1",), ("TIME_PERIOD",), "yyyy", "A")
    ]


@pytest.mark.parametrize("version", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_the_maps_are_valid_in_every_version_that_has_them(version: str, population_flow: Flow, tmp_path: Path) -> None:
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    form = FORMATS[version]
    header = Header("MAPS", "2026-01-31T00:00:00+00:00", Party("TEST"))
    file = tmp_path / f"maps{form.suffix}"
    file.write_bytes(structure_bytes(form, artefacts_of(mapping, population_flow, "TEST"), header))
    assert run(["check", str(file)]) == 0
