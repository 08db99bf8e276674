"""The pipeline on the shipped examples gives valid, complete and reproducible results."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from folders import ROOT
from lxml import etree
from shipped import CATALOGUE
from stored_findings import listed as findings_in

from benchmarks import output_hashes
from sdmxmig.catalogue import list_structures
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import list_named_schemes
from sdmxmig.sdmx.model.submission import Header, Party

NOW = output_hashes.NOW
HEADER = Header("STRUCTURES", NOW, sender=Party("SDMXMIG"))


@pytest.fixture(scope="module")
def georgia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_example("georgia", tmp_path_factory.mktemp("georgia") / "out", 0)


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_example("sweden", tmp_path_factory.mktemp("sweden") / "out", 0)


@pytest.fixture(scope="module")
def norway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_example("norway", tmp_path_factory.mktemp("norway") / "out", 0)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faulty tables, whose line ends with the findings."""
    return run_example("georgia-faults", tmp_path_factory.mktemp("faults") / "out", 1)


@pytest.fixture(scope="module")
def faults_later(sweden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faulty tables, run where the results of an earlier run stand."""
    out = tmp_path_factory.mktemp("faults") / "out"
    shutil.copytree(sweden, out)
    return run_example("georgia-faults", out, 1)


def run_example(name: str, out: Path, expected: int) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in output_hashes.SETTINGS.items():
            patch.setenv(variable, value)
        said = output_hashes.run_line(name, out)
    out.with_name(output_hashes.MESSAGES).write_bytes(said)
    assert said.endswith(f"\n{expected}".encode()), said.decode()
    return out


def findings_of(out: Path) -> list[dict[str, object]]:
    return findings_in(out / "findings" / "findings.jsonl")


EXAMPLES_RUN = ["georgia", *(pytest.param(name, marks=pytest.mark.long) for name in ("sweden", "norway"))]


@pytest.mark.parametrize("example", EXAMPLES_RUN)
def test_clean_run_has_no_errors_and_writes_all_results(example: str, request: pytest.FixtureRequest) -> None:
    out = request.getfixturevalue(example)
    assert {finding["severity"] for finding in findings_of(out)} <= {"warning", "information"}
    for name in ("report-draft.en.html", "report-draft.en.docx", "findings/findings.html", "assessment.json"):
        assert (out / name).stat().st_size > 1000, name


@pytest.mark.parametrize("example", EXAMPLES_RUN)
def test_every_message_is_valid_under_both_schemas(example: str, request: pytest.FixtureRequest) -> None:
    out = request.getfixturevalue(example)
    flows = CATALOGUE.flows
    messages = [*out.glob("structures/*.xml"), *out.glob("data/*.xml"), *out.glob("submission/*/**/*.xml")]
    assert len(messages) > 10
    for path in messages:
        assert find_problems(path.read_bytes(), flows.values()) == [], path


def observations_csv(path: Path) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return sorted((*key_of(row), row["OBS_VALUE"]) for row in rows)


def key_of(row: dict[str, str]) -> tuple[str, ...]:
    flow = CATALOGUE.flow(row["STRUCTURE_ID"])
    return tuple(row[dimension] for dimension in flow.structure.key)


READERS = {
    "sdmx1": """
import sys, sdmx
structures = sdmx.read_sdmx(sys.argv[1])
for path in sys.argv[2:]:
    name, _, path = path.partition("=")
    dsd = structures.dataflow[name].structure
    for dataset in sdmx.read_sdmx(path, structure=dsd).data:
        for obs in dataset.obs:
            key = {k: v.value for k, v in obs.key.order().values.items()}
            value = "" if obs.value is None else str(obs.value)
            print("|".join([name, *(str(key[d.id]) for d in dsd.dimensions), value]))
""",
    "pysdmx": """
import sys
from pysdmx.io import get_datasets
for path in sys.argv[2:]:
    name, _, path = path.partition("=")
    for dataset in get_datasets(path, sys.argv[1], validate=False):
        for row in dataset.data.astype(str).to_dict("records"):
            dimensions = [c.id for c in dataset.structure.components.dimensions]
            print("|".join([name, *(row[d] for d in dimensions), str(row["OBS_VALUE"])]))
""",
}


@pytest.mark.parametrize(
    ("reader", "version", "every"),
    [
        ("sdmx1", "sdmx-ml-2.1", 1),
        ("pysdmx", "sdmx-ml-2.1", 3),
        pytest.param("pysdmx", "sdmx-ml-3.0", 1, marks=pytest.mark.long),
    ],
)
def test_second_readers_find_equal_observations(
    georgia: Path, reader: str, version: str, every: int, tmp_path: Path
) -> None:
    files = sorted(georgia.glob("data/*.csv"))[::every]  # one reads all messages of each version
    messages = [f"{path.stem}={path.with_name(f'{path.stem}.{version}.xml')}" for path in files]
    # pysdmx does not read metadata structures of 2.1, which come with the reference metadata: without them then.
    artefacts = list_structures(CATALOGUE, [path.stem for path in files])
    structures = tmp_path / f"structures.{version}.xml"
    structures.write_bytes(structure_bytes(FORMATS[version], artefacts, HEADER))
    command = [sys.executable, "-c", READERS[reader], str(structures), *messages]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    read = [line.split("|") for line in result.stdout.splitlines()]
    for path in files:
        found = sorted(tuple(row[1:]) for row in read if row[0] == path.stem)
        assert normal(found) == normal(observations_csv(path)), path.name


def normal(rows: list[tuple[str, ...]]) -> list[tuple[object, ...]]:
    """Values as numbers, since readers may print 5 as 5.0; a missing value stays missing."""
    return [(*row[:-1], Decimal(row[-1]).normalize() if row[-1] not in ("", "nan", "None") else None) for row in rows]


@pytest.mark.long
def test_equal_inputs_yield_identical_bytes(georgia: Path, tmp_path: Path) -> None:
    again = run_example("georgia", tmp_path / "out", 0)
    for path in sorted(georgia.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(georgia)).read_bytes(), path.name


@pytest.mark.parametrize("version", ["sdmx-ml-3.0", "sdmx-json-2.1"])
def test_structures_message_has_exactly_the_needed_structures(georgia: Path, version: str) -> None:
    path = next((georgia / "structures").glob(f"structures.{version}.*"))
    artefacts = read_structures(path.name, path.read_bytes())
    named = {artefact.ref for artefact in artefacts}
    assert {ref.id for ref in named if ref.kind == "Dataflow"} == {file.stem for file in georgia.glob("data/*.csv")}
    for refs in list_named_schemes(artefacts).values():
        assert refs <= named, "no reference leads nowhere"
    assert len(named) < len(CATALOGUE.artefacts) / 4


@pytest.mark.every_day
def test_submission_matches_its_manifest(georgia: Path) -> None:
    folder = georgia / "submission" / (georgia / "submission" / "newest").read_text(encoding="utf-8").strip()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["header"]["test"] is True
    assert {part["name"] for part in manifest["parts"]} == {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", "SHA256SUMS")
    }
    for part in manifest["parts"]:
        assert hashlib.sha256((folder / part["name"]).read_bytes()).hexdigest() == part["sha256"]


def test_submission_contains_only_own_artefacts(georgia: Path) -> None:
    (message,) = georgia.glob("submission/*/structures*.xml")
    content = message.read_bytes()
    structures = etree.fromstring(content).find("{*}Structures")
    assert structures is not None
    owners = {(element.get("agencyID"), element.get("isExternalReference")) for kind in structures for element in kind}
    assert owners == {("SDMXMIG", "false")}
    assert b"Codelist=SDMX:CL_AREA(2.0)" in content, "the lists of others are named, not sent"


def cells_of(finding: dict[str, object]) -> Iterator[dict[str, str]]:
    for place in [finding["place"], *finding["others"]]:  # type: ignore[misc]
        if place and place["cell"]:
            yield place


def test_every_finding_names_a_cell_with_its_observed_value(faults: Path) -> None:
    tables = ROOT / "examples" / "georgia-faults" / "tables"
    errors = [finding for finding in findings_of(faults) if finding["severity"] == "error"]
    books = {path.name: openpyxl.load_workbook(path, data_only=True) for path in tables.glob("*.xlsx")}
    assert len(errors) >= 8
    for finding in errors:
        for place in cells_of(finding):
            value = books[place["file"]][place["sheet"]][place["cell"]].value
            assert value is not None, finding
            if finding["observed"]:
                assert same(str(value), str(finding["observed"])), (finding, value)


def same(cell: str, observed: str) -> bool:
    """A cell and the observed value are the same, thousands separators and footnote marks aside.

    The mapping of Georgia's population writes persons in thousands, as the other tables of the series do.
    """
    squeezed = "".join(cell.split())
    seen = "".join(observed.split())
    in_persons = str(int(Decimal(seen) * 1000)) if re.fullmatch(r"\d+\.\d{3}", seen) else seen
    return squeezed in (seen, in_persons) or bool(seen and re.fullmatch(re.escape(seen) + r"[^\d.,]+", squeezed))


def test_marked_workbook_opens_with_every_error_cell_marked(faults: Path) -> None:
    errors = [finding for finding in findings_of(faults) if finding["severity"] == "error"]
    for finding in errors:
        for place in cells_of(finding):
            path = faults / "findings" / f"{Path(place['file']).stem}.checked.xlsx"
            cell = openpyxl.load_workbook(path)[place["sheet"]][place["cell"]]
            assert cell.comment is not None, finding
            assert str(finding["rule"]) in cell.comment.text
            assert cell.fill.fill_type == "solid"


@pytest.mark.long
def test_faulty_data_block_later_steps_and_outdate_results(sweden: Path, faults_later: Path) -> None:
    for result in ("submission/*/manifest.json", "report*", "assessment.json"):
        earlier = list(sweden.glob(result))
        assert earlier
        for path in earlier:
            assert (faults_later / path.relative_to(sweden)).read_bytes() == path.read_bytes(), path.name
    said = (faults_later / "outdated.txt").read_text(encoding="utf-8")
    assert [line.split(":")[0] for line in said.splitlines() if line.startswith("- ")] == [
        *("- submission", "- assessment", "- report")
    ]
    assert not (sweden / "outdated.txt").exists()
