"""A submission has the formats, codes and file names of its receiver, and no artefacts of other agencies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from, text_from
from console import Console
from folders import write_files
from lxml import etree
from shipped import CATALOGUE
from small_office import COUNTRY

from sdmxmig.cli import run
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.outgoing import check_formats, compute_number_in_year, find_months_after, list_due_dates
from sdmxmig.workspace.tasks.packaging import choose_letter_language

NOW = ("--now", "2026-01-31T12:00:00+00:00")
MAPPING = text_from("transmission/cases/packaging_for_receivers_mapping.toml")
IMMIGRATION = 'DIRECTION = "I"\nC_RESIDENCE = "_T"'
FOREIGNERS = "Year,Foreigners\n2023,60\n2024,69\n"
TABLE = "Year,All,Nationals,Unknown\n2023,100,40,2\n2024,110,41,3\n"


STANDING = 'override = "Only a test"\n'
"""Why whatever stands in the way of these submissions is passed over."""


def office(
    folder: Path, receiver: str, more: str = "", *, flow: str = "DF_ESTAT_MIGR_IMM1CTZ", message: str = STANDING
) -> Path:
    """A made-up office whose immigrants by citizenship were converted and validated for a receiver."""
    country = COUNTRY.replace('"GE"', '"GR"').replace('"GE1"', '"GR1"').replace('"UNSD"', f'"{receiver}"')
    files = {
        "country.toml": country.replace(STANDING, message) + more,
        "mappings/imm.toml": MAPPING.format(flow=flow, fixed=IMMIGRATION),
        "tables/office.csv": FOREIGNERS if flow == "DF_OECD_B11" else TABLE,
    }
    write_files(folder, files)
    assert run(["convert", str(folder), *NOW]) == 0
    assert run(["validate", str(folder), *NOW]) == 0
    return folder


def sealed(folder: Path, *options: str) -> Path:
    assert run(["package", str(folder), *options, *NOW]) == 0
    root = folder / "out" / "submission"
    return root / (root / "newest").read_text(encoding="utf-8").strip()


def manifest(submission: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((submission / "manifest.json").read_text(encoding="utf-8"))
    return described


def files(submission: Path) -> list[str]:
    paths = [path for path in submission.rglob("*") if path.is_file()]
    return sorted(path.relative_to(submission).as_posix() for path in paths)


EUROSTAT = '[receiver.datasets]\nDF_ESTAT_MIGR_IMM1CTZ = "MIGRX_IMM1_A"\n'
"""An id of a dataset that is made up: the real ones are not public."""
BESIDE = ["SHA256SUMS", "cover-letter.txt", "findings.jsonl", "manifest.json"]


def test_eurostat_receives_own_codes_and_file_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = office(tmp_path / "gr", "ESTAT", EUROSTAT)
    submission = sealed(folder)
    name = "data/MIGRX_IMM1_A_EL_2024_0000.xml"
    assert files(submission) == sorted([*BESIDE, name]), "Eurostat’s structures are not ours to send"
    content = (submission / name).read_bytes()
    flow = CATALOGUE.flow("MIGR_IMM1CTZ")
    (dataset,) = read_all(FORMATS["sdmx-ml-2.1"], name, content, {flow.id: flow})
    rows = dataset.observations.select("geo", "citizen", "sex", "TIME_PERIOD", "OBS_VALUE").rows()
    assert ("EL", "TOTAL", "T", "2024", "110") in rows
    assert ("EL", "EL", "T", "2023", "40") in rows
    header = etree.fromstring(content).find("{*}Header")
    assert [each.get("id") for each in header.iterfind("{*}Receiver")] == ["4D0"]
    assert header.findtext("{*}DataSetID") == "MIGRX_IMM1_A"
    described = manifest(submission)
    assert described["agency"] == "ESTAT"
    assert "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ESTAT:MIGR_IMM1CTZ(1.0)" in described["structures"]
    assert any("RES_RULE" in sentence for sentence in described["unsaid"]), "what Eurostat’s words cannot say is said"
    assert described["left_out"] == []
    capsys.readouterr()
    for now, state in (("2025-12-31", "✓ It is not late"), ("2026-01-01", "! It is not late (1)")):
        assert run(["package", str(folder), "--check", "--now", now]) == 0
        captured = capsys.readouterr()
        assert f"{state}: DF_ESTAT_MIGR_IMM1CTZ, 2024: due on 2025-12-31" in captured.out
        assert "takes      data in sdmx-ml-2.1\n" in captured.err
        assert "EDAMIS" in captured.err


def test_missing_registered_id_blocks_packaging(tmp_path: Path, console: Console) -> None:
    folder = office(tmp_path / "gr", "ESTAT")
    assert "✕ Messages can be produced for this receiver" in console.output("package", folder, "--check", *NOW, code=1)
    message = " ".join(console.errors("package", folder, "--override", "All the same", *NOW).split())
    assert "The file names of ESTAT contain its id for DF_ESTAT_MIGR_IMM1CTZ" in message
    assert "[receiver.datasets]" in message


@cases_from("transmission/cases/id_unusable_for_eurostat_is_refused.csv")
def test_id_unusable_for_eurostat_is_refused(dataset_id: str, named: str, tmp_path: Path, console: Console) -> None:
    folder = office(tmp_path / "gr", "ESTAT", EUROSTAT.replace("MIGRX_IMM1_A", dataset_id), message="")
    assert run(["package", str(folder), *NOW]) == 2
    console.readouterr()
    assert named in console.output("package", folder, "--check", *NOW, code=1)


def test_oecd_receives_csv_with_its_own_codes(tmp_path: Path) -> None:
    submission = sealed(office(tmp_path / "gr", "OECD", flow="DF_OECD_B11"))
    (data,) = [name for name in files(submission) if name.startswith("data/")]
    assert data == "data/DF_OECD_B11_GR_2024.csv"
    assert "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)" in (submission / data).read_text(encoding="utf-8")
    assert manifest(submission)["left_out"] or manifest(submission)["unsaid"]


def test_data_without_map_keep_our_codes_if_overridden(tmp_path: Path) -> None:
    folder = office(tmp_path / "gr", "OECD", flow="DF_IMM", message="")
    assert run(["package", str(folder), *NOW]) == 2
    submission = sealed(folder, "--override", "The OECD has asked for it.")
    _, passed_over = manifest(submission)["override"]["passed_over"]
    assert "OECD would refuse it (structure): data/DF_IMM_GR_2024.csv: its data follow SDMXMIG:DF_IMM" in passed_over
    assert not [name for name in files(submission) if name.startswith(("metadata", "structures"))]


def test_registry_receives_own_artefacts_of_known_agencies(tmp_path: Path, console: Console) -> None:
    known = office(tmp_path / "known", "NSO", '[receiver]\nagencies = ["SDMXMIG", "GR1"]\n', flow="DF_IMM")
    console.readouterr()
    run(["package", str(known), "--check", *NOW])
    assert "✓ No known reason for refusal by the receiver" in console.readouterr().out
    submission = sealed(known)
    structures = etree.parse(submission / "structures.sdmx-ml-3.0.xml")
    owners = {each.get("agencyID") for each in structures.iterfind(".//*[@agencyID]")}
    assert owners == {"SDMXMIG"}, "what others own is theirs to send"


METADATA = text_from("transmission/cases/packaging_for_receivers_metadata.toml")


def test_only_own_reference_metadata_are_sent(tmp_path: Path) -> None:
    folder = tmp_path / "gr"
    for agency in ("GR1", "OECD"):
        write_files(folder, {f"structures/metadata/{agency}.toml": METADATA.format(agency=agency)})
    submission = sealed(office(folder, "UNSD", flow="DF_IMM"))
    message = etree.parse(submission / "metadata.sdmx-ml-3.0.xml")
    assert [each.get("agencyID") for each in message.iterfind(".//{*}MetadataSet")] == ["GR1"]
    structures = etree.parse(submission / "structures.sdmx-ml-3.0.xml")
    assert [each.get("id") for each in structures.iterfind(".//{*}MetadataStructure")] == ["MSD_MIGRATION"]
    assert "metadata.sdmx-ml-3.0.xml: reference metadata" in (submission / "cover-letter.txt").read_text()


def test_data_licence_is_in_manifest_and_letter(tmp_path: Path) -> None:
    folder = office(tmp_path / "gr", "UNHCR", flow="DF_IMM", message=f'{STANDING}licence = "CC-BY-4.0"\n')
    submission = sealed(folder)
    assert manifest(submission)["licence"] == "CC-BY-4.0"
    assert "Data licence: CC-BY-4.0" in (submission / "cover-letter.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("formats", ("sdmx-ml-3",), "data"),
        ("formats", ("sdmx-ml-2.0",), "data"),
        ("structure_format", "sdmx-csv-2.0", "structures"),
        ("metadata_format", "sdmx-csv-1.0", "metadata"),
    ],
)
def test_declaration_of_format_without_writer_is_refused(key: str, value: object, named: str) -> None:
    agency = replace(CATALOGUE.agency("UNSD"), **{key: value})  # type: ignore[arg-type]
    with pytest.raises(DeclarationError, match=f"not a format in which {named} are written") as refused:
        check_formats(agency)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("language", "agency", "expected"),
    [("ru", "UNSD", "ru"), ("ru", "ESTAT", "en"), ("fr", "ESTAT", "fr"), ("pt-BR", "ILO", "en"), ("ka", "NSO", "ka")],
)
def test_letter_is_in_a_language_of_the_receiver(language: str, agency: str, expected: str) -> None:
    assert choose_letter_language(language, CATALOGUE.agency(agency)) == expected


@cases_from("transmission/cases/a_period_is_a_number_within_its_year.csv", year=int, number=int)
def test_period_is_numbered_within_its_year(period: str, year: int, number: int) -> None:
    read = parse(period)
    assert (read.year, compute_number_in_year(read)) == (year, number)


@cases_from("transmission/cases/data_are_due_so_many_months_after_the_end_of_their_period.csv", months=int)
def test_data_are_due_some_months_after_their_period(period: str, months: int, day: str) -> None:
    read = parse(period)
    assert read is not None
    assert find_months_after(read, months).isoformat() == day


def immigrants(*periods: str, flow: str = "DF_ESTAT_MIGR_IMM1CTZ") -> Dataset:
    rows = [{"TIME_PERIOD": period} for period in periods]
    frame = build_text_frame(["TIME_PERIOD"], rows)
    return Dataset(CATALOGUE.flow(flow), frame, series=build_text_frame([], []), attributes={}, origins=build_origins())


def test_due_dates_are_given_for_dataflows_with_a_deadline() -> None:
    estat = CATALOGUE.agency("ESTAT")
    dues = list(list_due_dates(estat, [immigrants("2023", "2024"), immigrants("2024", flow="DF_IMM")]))
    assert [(due.flow, due.period, due.day.isoformat()) for due in dues] == [
        ("DF_ESTAT_MIGR_IMM1CTZ", "2024", "2025-12-31")
    ]
