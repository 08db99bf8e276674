"""Mappings as structure maps and representation maps: valid in every version, correct, with losses listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import text_from
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import export_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.conversion.translation import LostCodes, translate
from sdmxmig.sdmx.correspondences import build_correspondence
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.maps import ComponentLink, FixedValue, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Party

MAPPING = text_from("conversion/cases/exporting_mapping.toml")
PATTERNS = """pattern = ["'Q'Q yyyy", "MMM yyyy", "yyyy/YY"]"""


def test_every_kind_of_source_has_its_kind_of_map(population_flow: Flow) -> None:
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    artefacts = export_mapping(mapping, population_flow, "TEST")
    (codes,) = (artefact for artefact in artefacts if isinstance(artefact, RepresentationMap))
    (whole,) = (artefact for artefact in artefacts if isinstance(artefact, StructureMap))
    assert [(line.sources[0].value, *line.targets) for line in codes.mappings] == [("Men", "M"), ("Women", "F")]
    assert whole.components == (
        ComponentLink(("HEADER_1",), ("SEX",), representation=codes.ref),
        ComponentLink(("SHEET",), ("REF_AREA",)),
        ComponentLink(("VALUE",), ("OBS_VALUE",)),
    )
    assert whole.fixed == (FixedValue("FREQ", ("A",)), FixedValue("AGE", ("_T",)))
    assert [(link.sources, link.targets, link.pattern, link.frequency) for link in whole.times] == [
        (("COLUMN_1",), ("TIME_PERIOD",), "yyyy", "A")
    ]


@pytest.mark.parametrize("version", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_maps_are_valid_in_every_supporting_version(version: str, population_flow: Flow, tmp_path: Path) -> None:
    mapping = load("m.toml", MAPPING.replace('pattern = "yyyy"', PATTERNS).encode(), {"DF_TEST": population_flow})
    form = FORMATS[version]
    header = Header("MAPS", "2026-01-31T00:00:00+00:00", sender=Party("TEST"))
    file = tmp_path / f"maps{form.suffix}"
    file.write_bytes(structure_bytes(form, export_mapping(mapping, population_flow, "TEST"), header))
    assert run(["check", str(file)]) == 0


def translated_by(
    whole: StructureMap, text: str, artefacts: Sequence[Artefact], target: Flow
) -> tuple[Dataset, tuple[LostCodes, ...]]:
    """The figures of a table of a year and two sexes, through the map that was made of its mapping."""
    target_artefacts: list[Artefact] = [target.dataflow, target.structure, *target.codelists.values()]
    catalogue = CATALOGUE.add_artefacts([*target_artefacts, *artefacts])
    rows = [line.split(",") for line in text.splitlines()]
    observations = [
        {"COLUMN_1": row[0], "HEADER_1": header, "SHEET": "GE", "VALUE": value}
        for row in rows[1:]
        for header, value in zip(rows[0][1:], row[1:], strict=True)
        if value
    ]
    flow = catalogue.flow("DF_MAP_TEST")
    table = Dataset(
        flow,
        build_text_frame([*flow.structure.key, "VALUE"], observations),
        series=build_text_frame([], []),
        attributes={},
        origins=build_origins(),
    )
    return translate(table, whole, catalogue)


TABLE = "Year,Men,Women,Unknown sex\n2022,10.5,4,\n2023,12,5,3\n"


def test_map_and_mapping_translate_texts_alike(population_flow: Flow) -> None:
    mapping = load("m.toml", MAPPING.replace("office.xlsx", "GE.csv").encode(), {"DF_TEST": population_flow})
    tables = read("GE.csv", TABLE.encode())
    converted = convert([replace(tables[0], sheet="GE")], mapping, population_flow).dataset
    artefacts = export_mapping(mapping, population_flow, "TEST")
    (whole,) = (artefact for artefact in artefacts if isinstance(artefact, StructureMap))
    translated, lost = translated_by(whole, TABLE, artefacts, population_flow)
    columns = ["TIME_PERIOD", "SEX", "REF_AREA", "FREQ", "AGE", "OBS_VALUE"]
    known = converted.observations.filter(converted.observations["SEX"] != "Unknown sex")
    assert sorted(translated.observations.select(columns).rows()) == sorted(known.select(columns).rows())
    assert [(loss.values, loss.observations) for loss in lost] == [(("Unknown sex",), 1)]


QUARTERS = "Year,Men,Women\nQ1 2024,1,2\nJune 2024,3,4\nmai 2023,5,6\n2022/23,7,8\n"


def test_date_patterns_have_maps_unlike_spans_of_years(population_flow: Flow) -> None:
    text = MAPPING.replace("office.xlsx", "GE.csv").replace('pattern = "yyyy"', PATTERNS).replace('"A"', '"Q"', 1)
    mapping = load("m.toml", text.encode(), {"DF_TEST": population_flow})
    converted = convert([replace(read("GE.csv", QUARTERS.encode())[0], sheet="GE")], mapping, population_flow).dataset
    artefacts = export_mapping(mapping, population_flow, "TEST")
    (whole,) = (artefact for artefact in artefacts if isinstance(artefact, StructureMap))
    assert [link.pattern for link in whole.times] == ["Qn yyyy", "MMM yyyy"]
    translated, lost = translated_by(whole, QUARTERS, artefacts, population_flow)
    columns = ["TIME_PERIOD", "SEX", "OBS_VALUE"]
    known = converted.observations.filter(~converted.observations["TIME_PERIOD"].str.contains("/"))
    assert sorted(translated.observations.select(columns).rows()) == sorted(known.select(columns).rows())
    assert set(known["TIME_PERIOD"]) == {"2024-Q1", "2024-Q2", "2023-Q2"}
    assert [loss.values for loss in lost] == [("2022/23",)]


OTHERWISE = text_from("conversion/cases/exporting_otherwise.toml")


@pytest.mark.parametrize("version", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_map_contains_the_whole_mapping_as_annotation(version: str, population_flow: Flow) -> None:
    mapping = load("m.toml", OTHERWISE.encode(), {"DF_TEST": population_flow})
    form, header = FORMATS[version], Header("MAPS", "2026-01-31T00:00:00+00:00", sender=Party("TEST"))
    content = structure_bytes(form, export_mapping(mapping, population_flow, "TEST"), header)
    (whole,) = (each for each in form.read_structures("maps", content) if isinstance(each, StructureMap))
    (annotation,) = whole.annotations
    assert (annotation.type, annotation.title) == ("MAPPING_FILE", "MAP_TEST.toml")
    assert load("m.toml", annotation.value.encode(), {"DF_TEST": population_flow}) == mapping


def test_dropped_extracted_and_unlisted_codes_are_in_the_maps(population_flow: Flow) -> None:
    mapping = load("m.toml", OTHERWISE.encode(), {"DF_TEST": population_flow})
    artefacts = export_mapping(mapping, population_flow, "TEST")
    maps = {
        artefact.ref.id: build_correspondence(artefact)
        for artefact in artefacts
        if isinstance(artefact, RepresentationMap)
    }
    sexes, areas = maps["RM_MAP_TEST_1_SEX"], maps["RM_MAP_TEST_1_REF_AREA"]
    assert [sexes.get((text,)) for text in ("Women", "Both", "Other")] == [("F",), ("_T",), ("_U",)]
    assert sexes.reason(("Men, all",)) == "only both are asked for"
    assert [areas.get((text,)) for text in ("Births in GE, 2022", "SE")] == [("GE",), ("SE",)]


def test_convert_names_the_annotation_with_the_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "country")]) == 0
    capsys.readouterr()
    assert run(["convert", str(tmp_path / "country"), "--maps", str(tmp_path / "maps.xml")]) == 0
    assert "The annotation MAPPING_FILE has each whole mapping." in capsys.readouterr().err
    assert run(["check", str(tmp_path / "maps.xml")]) == 0
