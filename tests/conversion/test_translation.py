"""Translation to the structures of another organisation and back: figures are equal, losses are reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from case_tables import cases_from, listed
from console import Console
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.translation import flow_at, structure_map, translate
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.correspondences import Correspondence, build_correspondence
from sdmxmig.sdmx.formats.dataset_notes import build_notes_frame, build_reports_frame
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

Rows = list[dict[str, str]]
TOTALS = {"FREQ": "A", "BIRTH_STATUS": "_T", "CTZ_STATUS": "_T", "SEX": "_T", "AGE": "_T", "C_BIRTH": "_T"}
TOTALS |= {"C_CITIZEN": "_T", "C_RESIDENCE": "_T", "OBS_STATUS": "A", "UNIT_MULT": "0"}
TOTALS |= {"COUNTERPART_AREA": "_T", "TOPIC": "_T", "TOPIC_CODE": "_T"}


def dataset(flow: Flow, rows: Rows, unit: str = "PS", attributes: Mapping[str, str] | None = None) -> Dataset:
    structure = flow.structure
    full = [{**TOTALS, **row} for row in rows]
    others = [one.id for one in (*structure.measures, *structure.attributes("observation"))]
    observations = build_text_frame([*structure.key, *others], full)
    keys = {tuple(row.get(name, "") for name in structure.series_key): row for row in full}
    with_unit = [{**row, "UNIT_MEASURE": unit} for row in keys.values()]
    own = [attribute.id for attribute in structure.attributes("series")]
    series = build_text_frame([*structure.series_key, *own], with_unit)
    return Dataset(flow, observations, series=series, attributes=attributes or {}, origins=build_origins())


def rows_of(dataset: Dataset) -> Rows:
    return [
        {name: value for name, value in row.items() if value is not None} for row in dataset.observations.to_dicts()
    ]


def immigrants(*rows: dict[str, str]) -> Dataset:
    one = structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ")
    flow = flow_at(one.source, one, CATALOGUE)
    common = {"REF_AREA": "GR", "DIRECTION": "I", "TIME_PERIOD": "2024"}
    return dataset(flow, [{**common, **row} for row in rows])


def test_immigrants_by_citizenship_are_translated_for_eurostat() -> None:
    given = immigrants(
        {"OBS_VALUE": "100"},
        {"CTZ_STATUS": "FC", "C_CITIZEN": "GB", "SEX": "F", "AGE": "Y15T19", "OBS_VALUE": "7", "OBS_STATUS": "P"},
        {"CTZ_STATUS": "NC", "C_CITIZEN": "GR", "AGE": "Y0T4", "OBS_VALUE": "3"},
        {"CTZ_STATUS": "_U", "C_CITIZEN": "_U", "AGE": "_U", "OBS_VALUE": "1"},
    )
    found, told = translate(given, structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ"), CATALOGUE)
    assert told == ()
    assert found.flow.dataflow.ref.short == "ESTAT:MIGR_IMM1CTZ(1.0)"
    common = {"freq": "A", "agedef": "COMPLET", "unit": "NR", "geo": "EL", "TIME_PERIOD": "2024"}
    assert rows_of(found) == [
        {**common, "citizen": "TOTAL", "age": "TOTAL", "sex": "T", "OBS_VALUE": "100"},
        {**common, "citizen": "UK", "age": "Y15-19", "sex": "F", "OBS_VALUE": "7", "OBS_FLAG": "p"},
        {**common, "citizen": "EL", "age": "Y_LT5", "sex": "T", "OBS_VALUE": "3"},
        {**common, "citizen": "UNK", "age": "UNK", "sex": "T", "OBS_VALUE": "1"},
    ]


def test_translation_to_eurostat_and_back_is_lossless() -> None:
    given = immigrants(
        {"OBS_VALUE": "100"},
        {"CTZ_STATUS": "NC", "OBS_VALUE": "40"},
        {"CTZ_STATUS": "FC", "OBS_VALUE": "60", "OBS_STATUS": "E"},
        {"CTZ_STATUS": "STLS", "C_CITIZEN": "STLS", "OBS_VALUE": "2"},
        {"CTZ_STATUS": "FC", "C_CITIZEN": "GB", "SEX": "F", "AGE": "Y15T19", "OBS_VALUE": "7"},
        {"CTZ_STATUS": "NC", "C_CITIZEN": "GR", "AGE": "Y0T4", "OBS_VALUE": "3"},
        {"CTZ_STATUS": "FC", "C_CITIZEN": "SU", "AGE": "Y_GE85", "SEX": "M", "OBS_VALUE": "1"},
    )
    one = structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ")
    there, _ = translate(given, one, CATALOGUE)
    back, told = translate(there, one, CATALOGUE, back=True)
    assert told == ()
    assert rows_of(back) == rows_of(given)
    assert back.series.sort("C_CITIZEN", "SEX", "CTZ_STATUS").equals(
        given.series.select(back.series.columns).sort("C_CITIZEN", "SEX", "CTZ_STATUS")
    )
    assert back.attributes == {"AGEDEF": "COMPLET"}


def test_notes_and_reports_lost_in_translation_are_reported() -> None:
    given = immigrants({"OBS_VALUE": "5"})
    key = given.flow.structure.key
    report = build_reports_frame(
        given.observations.select("REF_AREA"), [(ReportedAttribute("SOURCE", ("Register",)),)], key
    )
    given = replace(given, notes=build_notes_frame(key, [({"REF_AREA": "GR"}, "", Annotation("NOTE"))]), reports=report)
    found, told = translate(given, structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ"), CATALOGUE)
    assert (found.notes, found.reports) == (None, None)
    assert [(one.components, one.observations, one.left_out) for one in told] == [
        (("annotations",), 1, False),
        (("reference metadata",), 1, False),
    ]


def test_observations_eurostat_cannot_hold_are_reported() -> None:
    given = immigrants(
        {"OBS_VALUE": "5"},
        {"SEX": "_O", "OBS_VALUE": "1"},
        {"AGE": "M0T2", "OBS_VALUE": "1"},
        {"BIRTH_STATUS": "FB", "OBS_VALUE": "1"},
        {"CTZ_STATUS": "FC", "C_CITIZEN": "150", "OBS_VALUE": "1"},
    )
    found, told = translate(given, structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ"), CATALOGUE)
    assert [row["OBS_VALUE"] for row in rows_of(found)] == ["5"]
    assert {(one.values, one.observations) for one in told} == {
        (("FB",), 1),
        (("_O",), 1),
        (("M0T2",), 1),
        (("FC", "150"), 1),
    }
    assert all(one.reason.endswith(".") and one.left_out for one in told)


def test_attributes_missing_at_eurostat_are_dropped_with_notice() -> None:
    one = structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ")
    flow = flow_at(one.source, one, CATALOGUE)
    row = {"REF_AREA": "GE", "DIRECTION": "I", "TIME_PERIOD": "2024", "OBS_VALUE": "1", "COMMENT_OBS": "late"}
    given = dataset(flow, [{**row, "REF_AREA": "AT"}], attributes={"RES_RULE": "R12"})
    found, told = translate(given, structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ"), CATALOGUE)
    assert len(rows_of(found)) == 1
    assert {loss.components for loss in told} == {("COMMENT_OBS",), ("RES_RULE",)}
    assert not any(one.left_out for one in told)


def test_status_without_flag_is_not_translated_as_normal() -> None:
    one = structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ")
    there, _ = translate(immigrants({"OBS_VALUE": "1"}, {"SEX": "F", "OBS_VALUE": "2"}), one, CATALOGUE)
    rows = there.observations.with_columns(OBS_FLAG=there.observations["OBS_FLAG"].fill_null("bp"))
    found, told = translate(
        Dataset(there.flow, rows, series=there.series, attributes=there.attributes, origins=there.origins),
        one,
        CATALOGUE,
        back=True,
    )
    assert found.observations["OBS_STATUS"].to_list() == [None, None]
    assert [(one.values, one.observations, one.left_out) for one in told] == [(("bp",), 2, False)]


def test_missing_value_gets_the_status_of_its_structure() -> None:
    """A structure may give the concept of the status, and its measure, ids of its own."""
    ids = {"OBS_STATUS": "FLAG", "OBS_VALUE": "FIGURE"}
    one = structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ")
    flow = flow_at(one.source, one, CATALOGUE)
    parts = tuple(replace(part, id=ids.get(part.id, part.id)) for part in flow.structure.components)
    named = replace(flow, structure=replace(flow.structure, components=parts))
    own = replace(
        one,
        components=tuple(
            replace(link, sources=tuple(ids.get(id_, id_) for id_ in link.sources)) for link in one.components
        ),
        fixed=tuple(replace(fact, component=ids.get(fact.component, fact.component)) for fact in one.fixed),
    )
    flows = {name: named if other is flow else other for name, other in CATALOGUE.flows.items()}
    there, _ = translate(immigrants({"OBS_VALUE": "7"}, {"SEX": "F", "OBS_VALUE": "NaN"}), one, CATALOGUE)
    there = replace(there, observations=there.observations.with_columns(OBS_FLAG=None))
    back, _ = translate(there, own, replace(CATALOGUE, flows=flows), back=True)
    assert dict(back.observations.select("FIGURE", "FLAG").rows()) == {"7": "A", "NaN": "O"}


def test_figure_under_status_and_total_is_sent_once() -> None:
    given = immigrants(
        {"CTZ_STATUS": "FC", "C_CITIZEN": "AM", "OBS_VALUE": "7"},
        {"CTZ_STATUS": "_T", "C_CITIZEN": "AM", "OBS_VALUE": "7"},
        {"CTZ_STATUS": "FC", "C_CITIZEN": "AZ", "OBS_VALUE": "7"},
        {"CTZ_STATUS": "_T", "C_CITIZEN": "AZ", "OBS_VALUE": "8"},
    )
    found, told = translate(given, structure_map(CATALOGUE, "SM_ESTAT_IMM1CTZ"), CATALOGUE)
    assert [(row["citizen"], row["OBS_VALUE"]) for row in rows_of(found)] == [("AM", "7")]
    assert [str(one) for one in told if "same key" in one.reason]


def test_oecd_figures_on_foreigners_survive_a_round_trip() -> None:
    one = structure_map(CATALOGUE, "SM_OECD_B11")
    flow = flow_at(one.source, one, CATALOGUE)
    common = {"REF_AREA": "IT", "DIRECTION": "I", "TIME_PERIOD": "2023", "CTZ_STATUS": "FC"}
    given = dataset(flow, [{**common, "OBS_VALUE": "50"}, {**common, "C_CITIZEN": "AL", "OBS_VALUE": "9", "SEX": "F"}])
    there, told = translate(given, one, CATALOGUE)
    assert told == ()
    assert [(row["REF_AREA"], row["CITIZENSHIP"], row["MEASURE"], row["BIRTH_PLACE"]) for row in rows_of(there)] == [
        ("ITA", "W", "B11", "_Z"),
        ("ITA", "ALB", "B11", "_Z"),
    ]
    back, told = translate(there, one, CATALOGUE, back=True)
    assert told == ()
    assert rows_of(back) == rows_of(given)


def test_sdg_indicator_survives_a_round_trip() -> None:
    one = structure_map(CATALOGUE, "SM_SDG")
    flow = flow_at(one.source, one, CATALOGUE)
    common = {"REF_AREA": "GE", "INDICATOR": "POV_NATIONAL", "TIME_PERIOD": "2022", "UNIT_MEASURE": "PT"}
    given = dataset(
        flow,
        [
            {**common, "OBS_VALUE": "11.8"},
            {**common, "OBS_VALUE": "15.1", "BIRTH_STATUS": "FB"},
            {**common, "OBS_VALUE": "14.9", "CTZ_STATUS": "FC"},
            {**common, "OBS_VALUE": "16.2", "TOPIC": "LF_STATUS", "TOPIC_CODE": "UNE"},
        ],
    )
    there, told = translate(given, one, CATALOGUE)
    assert [(row["SERIES"], row["REF_AREA"], row["COMPOSITE_BREAKDOWN"]) for row in rows_of(there)] == [
        ("SI_POV_NAHC", "268", "_T"),
        ("SI_POV_NAHC", "268", "MS_MIGRANT"),
    ]
    assert [one.values for one in told] == [("LF_STATUS",), ("_T", "FC")]
    back, told = translate(there, one, CATALOGUE, back=True)
    assert told == ()
    assert rows_of(back) == rows_of(given)[:2]


def maps() -> list[RepresentationMap]:
    return [artefact for artefact in CATALOGUE.artefacts.values() if isinstance(artefact, RepresentationMap)]


def without_a_word(way: Correspondence, scheme: ItemScheme, position: int) -> list[str]:
    """The codes of a list that no line has and no reason names; a reason for anything (``*``) does not count."""
    known = {values[position] for values in way.lines}
    patterns = {given[position] for given, _ in way.reasons} - {"*"}
    return [
        code for code in scheme.ids if code not in known and not any(fnmatchcase(code, pattern) for pattern in patterns)
    ]


def test_every_code_maps_or_is_named_with_the_reason() -> None:
    for one in maps():
        for refs, back in ((one.sources, False), (one.targets, True)):
            way = build_correspondence(one, back=back)
            for position, ref in enumerate(refs):
                if isinstance(ref, Ref):
                    scheme = CATALOGUE.artefacts[ref]
                    assert isinstance(scheme, ItemScheme)
                    assert not without_a_word(way, scheme, position), f"{one.ref.id} {'back' if back else ''}"


def test_every_counterpart_maps_back_to_an_equal_meaning() -> None:
    for one in maps():
        there, back = build_correspondence(one), build_correspondence(one, back=True)
        for source, target in there.lines.items():
            assert there.lines[back.lines[target]] == target, f"{one.ref.id} {source}"


def test_every_structure_map_fills_every_dimension_of_both_sides() -> None:
    for artefact in CATALOGUE.artefacts.values():
        if isinstance(artefact, StructureMap):
            source, target = (flow_at(ref, artefact, CATALOGUE) for ref in (artefact.source, artefact.target))
            fixed = {fact.component for fact in artefact.fixed}
            there = fixed | {name for link in artefact.components for name in link.targets}
            back = fixed | {name for link in artefact.components for name in link.sources}
            assert set(target.structure.key) <= there, artefact.ref.id
            assert set(source.structure.key) <= back, artefact.ref.id


@cases_from("conversion/cases/single_codes.csv", source=listed, target=listed)
def test_single_codes_are_translated_both_ways(name: str, source: tuple[str, ...], target: tuple[str, ...]) -> None:
    one = next(one for one in maps() if one.ref.id == name)
    assert build_correspondence(one).get(source) == target
    assert build_correspondence(one, back=True).get(target) == source


def test_undeclared_map_is_named() -> None:
    with pytest.raises(DeclarationError, match="SM_ESTAT_IMM1"):
        structure_map(CATALOGUE, "SM_ESTAT_IMM1")


HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,CITIZENSHIP,FREQ,MEASURE,SEX,BIRTH_PLACE,EDUCATION_LEV,UNIT_MEASURE"
CSV = f"""{HEAD},TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT
dataflow,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,ITA,ALB,A,B11,F,_Z,_Z,PS,2023,9,A,0
dataflow,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,ITA,W_X,A,B11,F,_Z,_Z,PS,2023,2,A,0
dataflow,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,ITA,ALB,A,B12,F,_Z,_Z,PS,2023,4,A,0
"""


def test_file_is_translated_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "oecd.csv").write_text(CSV)
    out = tmp_path / "ours.csv"
    options = ["--map", "SM_OECD_B11", "--back", "--to", "sdmx-csv-2.0", "-o", str(out)]
    assert run(["transform", str(tmp_path / "oecd.csv"), *options]) == 1, "two observations are left out"
    head, *rows = [line.split(",") for line in out.read_text().splitlines()]
    assert len(rows) == 1
    row = dict(zip(head, rows[0], strict=True))
    assert row["STRUCTURE_ID"] == "SDMXMIG:DF_OECD_B11(1.0.0)"
    assert (row["REF_AREA"], row["CTZ_STATUS"], row["C_CITIZEN"], row["OBS_VALUE"]) == ("IT", "FC", "AL", "9")
    errors = capsys.readouterr().err
    assert "CITIZENSHIP W_X" in errors
    assert "MEASURE B12" in errors


def test_untranslatable_data_yield_no_message(tmp_path: Path, console: Console) -> None:
    (tmp_path / "oecd.csv").write_text(CSV.replace("B11", "B12").replace("ALB", "W_X"))
    options = ["--map", "SM_OECD_B11", "--back", "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "ours.csv")]
    assert run(["transform", str(tmp_path / "oecd.csv"), *options]) == 2
    assert not (tmp_path / "ours.csv").exists()
    assert "No observation can be translated:" in console.readouterr().err


def test_unknown_or_missing_map_is_refused(tmp_path: Path, console: Console) -> None:
    (tmp_path / "oecd.csv").write_text(CSV)
    common = ["transform", str(tmp_path / "oecd.csv"), "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "x.csv")]
    assert run([*common, "--map", "SM_OECD_B1"]) == 2
    assert "--back needs a map" in console.errors(*common, "--back")
