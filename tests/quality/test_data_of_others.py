"""Data of partners and other producers: loaded, compared, and refused if invalid.

Workspaces are built from the tables of the rule cases (`tests/quality/rules/<rule>/bad.csv`).
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from case_tables import text_from
from console import Console
from folders import ROOT, TESTS, write_files
from reported import dataset, datasets, outside_data, value_of
from shipped import CATALOGUE
from small_office import COUNTRY

from sdmxmig.api.tasks import validate
from sdmxmig.api.workspaces import Workspace
from sdmxmig.cli import run
from sdmxmig.quality.rules import KINDS
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks import outside_data as reading

CASES = TESTS / "quality" / "rules"
HEADER = Header("TEST", "2026-01-15T12:00:00+00:00", sender=Party("XX1"), receivers=(), test=True)
RULES = [rule.id for rule in CATALOGUE.rules.values() if rule.level in (3, 4, 5) and rule.kind in KINDS]
WHOSE = text_from("quality/cases/data_of_others_whose.toml")


FACTOR = """
[[factor]]
area = "{area}"
direction = "{direction}"
factor = "{factor}"
source = "a study"
"""


def message(data: Dataset) -> bytes:
    """A dataset as others hand it over."""
    return data_bytes(FORMATS["sdmx-csv-2.0"], [data], HEADER)


def workspace(folder: Path, rule: str, *, area: str = "GE", with_others: bool = True) -> Path:
    """A workspace whose data are those of the bad case of a rule, one long table a dataflow, and those of others."""
    (folder / "comparisons").mkdir(parents=True)
    write_files(folder, {"country.toml": COUNTRY.replace('"GE"', f'"{area}"')})
    text = (CASES / rule / "bad.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if not row.get("domain")]
    for own in datasets(text, CATALOGUE.flows):
        add_table(folder, own, [row for row in rows if row["flow"] == own.flow.id])
    for number, others in enumerate(outside_data(text, CATALOGUE.flows) if with_others else ()):
        file, flow = f"others-{number}.csv", others.book.flow
        (folder / "comparisons" / file).write_bytes(message(others.book.dataset))
        said_of = WHOSE.format(file=file, flow=flow, domain=others.domain, provider=others.provider)
        said_of += f'margin = "{others.margin}"\n' if others.margin else ""
        (folder / "comparisons" / f"others-{number}.toml").write_text(said_of, encoding="utf-8")
    factors = CASES / rule / "factors.csv"
    if factors.is_file():
        lines = [
            row for row in csv.DictReader(io.StringIO(factors.read_text(encoding="utf-8"))) if row["case"] == "bad"
        ]
        entries = (FACTOR.format(**row) for row in lines)
        (folder / "comparisons" / "factors.toml").write_text("".join(entries), encoding="utf-8")
    return folder


def add_table(folder: Path, own: Dataset, rows: list[dict[str, str]]) -> None:
    """A table with a column for each dimension and the values in the last one, and its mapping."""
    flow = own.flow
    key = flow.structure.key
    cells = [[value_of(row, name, flow) or "" for name in key] + [row["OBS_VALUE"]] for row in rows]
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([[*key, "Value"], *cells])
    attributes = [name for name in flow.structure.components if name.id not in key and name.role == "attribute"]
    fixed = {name.id: value_of(rows[0], name.id, flow) for name in attributes}
    lines = [f'id = "MAP_{flow.id}"', f'flow = "{flow.id}"', f'file = "{flow.id}.csv"', "[[block]]", 'sheet = "*"']
    lines += [f'anchor = "{key[0]}"', f"header_columns = {len(key)}", "[block.fixed]"]
    lines += [f'{name} = "{value}"' for name, value in fixed.items() if value]
    for number, name in enumerate(key, start=1):
        lines += [f"[block.components.{name}]", f'from = "column {number}"']
    write_files(folder, {f"tables/{flow.id}.csv": table.getvalue(), f"mappings/{flow.id}.toml": "\n".join(lines)})


def records(folder: Path, kind: str, rule: str) -> list[dict[str, Any]]:
    lines = (folder / "out" / "findings" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    stored = [json.loads(line) for line in lines]
    return [record for record in stored if record.get("record") == kind and record["rule"] == rule]


def findings(folder: Path, rule: str) -> list[dict[str, Any]]:
    return records(folder, "finding", rule)


def reasons(folder: Path, rule: str) -> set[str]:
    """How a rule ended on the datasets of a workspace."""
    return {f"{verdict['outcome']}: {verdict['reason']}" for verdict in records(folder, "verdict", rule)}


def test_partner_data_in_a_workspace_are_compared_and_named(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ge", "MIG-5-006")
    assert run(["convert", str(folder)]) == 0
    assert run(["validate", str(folder)]) == 1
    (finding,) = findings(folder, "MIG-5-006")
    assert finding["place"]["text"] == "DF_POP.csv › J2"
    assert "OECD has 1,001 (their table 4, 2026-01-10)" in str(finding)
    assert {reason.partition(":")[0] for reason in reasons(folder, "MIG-5-005")} == {"not testable"}


def test_partner_data_can_come_from_a_file_folder_or_workspace(tmp_path: Path) -> None:
    """1,000 immigrants from Moldova, of whom Moldova knows 299: 0.299 is less than 0.3."""
    text = (CASES / "MIG-3-001" / "bad.csv").read_text(encoding="utf-8")
    folder = workspace(tmp_path / "ge", "MIG-3-001", with_others=False)
    assert run(["convert", str(folder)]) == 0
    assert run(["validate", str(folder)]) == 0
    assert findings(folder, "MIG-3-001") == []
    assert reasons(folder, "MIG-3-001") == {"not testable: there are no comparison data of the domain mirror"}
    messages = tmp_path / "messages"
    messages.mkdir()
    for others in outside_data(text, CATALOGUE.flows):
        (messages / f"{others.provider[-2:]}.csv").write_bytes(message(others.book.dataset))
    (messages / "README.md").write_text("What two partners sent.", encoding="utf-8")
    assert run(["validate", str(folder), "--mirror", str(messages / "MD.csv")]) == 0
    assert [str(finding["observed"]) for finding in findings(folder, "MIG-3-001")] == ["1000"]
    assert run(["validate", str(folder), "--mirror", str(messages)]) == 0
    assert sorted(str(finding["observed"]) for finding in findings(folder, "MIG-3-001")) == ["1000", "600"]
    partner = of_partner(tmp_path / "md", text)
    in_python = Workspace(folder).validate(mirror=[partner])
    assert [finding.observed for finding in in_python.items if finding.rule == "MIG-3-001"] == ["1000"]


def test_partner_data_are_compared_in_python() -> None:
    """1,000 immigrants from Moldova, of whom Moldova knows 299."""
    text = (CASES / "MIG-3-001" / "bad.csv").read_text(encoding="utf-8")
    own = datasets(text, CATALOGUE.flows)
    partners = [others.book.dataset for others in outside_data(text, CATALOGUE.flows)]
    sentences = [f.sentence() for f in validate(own, mirror=partners[:1]).items if f.rule == "MIG-3-001"]
    assert len(sentences) == 1
    assert "1,000 is reported here, 299 by MD" in sentences[0]
    assert not [f for f in validate(own).items if f.rule == "MIG-3-001"]


def of_partner(folder: Path, text: str) -> Path:
    """The converted workspace of Moldova, with what it reports in the case."""
    write_files(folder, {"country.toml": COUNTRY.replace('"GE"', '"MD"')})
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row.get("REF_AREA") == "MD"]
    add_table(folder, dataset(CATALOGUE.flows["DF_EMI"], rows), rows)
    assert run(["convert", str(folder)]) == 0
    return folder


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('domain = "other-agency"', 'domain = "other-agencies"'), "There is no domain “other-agencies”."),
        (('flow = "DF_POP"', 'flow = "DF_POPS"'), "There is no dataflow “DF_POPS”."),
        (('flow = "DF_POP"', 'flow = "DF_IMM"'), "This contains 0 datasets of DF_IMM, not one."),
        (('file = "others-0.csv"', 'file = "theirs.csv"'), "There is no file “theirs.csv”."),
        (('file = "others-0.csv"', 'file = "../country.toml"'), "“../country.toml” cannot be the file."),
        (('read = "2026-01-10"', 'read = "2026-02-30"'), "“2026-02-30” is not a day."),
        (('read = "2026-01-10"', 'read = "2101-01-01"'), "The day 2101-01-01 has not come yet."),
        (('provider = "OECD"', 'provider = " "'), "Provider and source must be named."),
        (("[[data]]", '[[data]]\nmargin = "101"'), "“101” is not a margin."),
        (
            ("[[data]]", FACTOR.format(area="Moldova", direction="E", factor="1") + "[[data]]"),
            "“Moldova” cannot be the area.",
        ),
        (("[[data]]", FACTOR.format(area="MD", direction="E", factor="0") + "[[data]]"), "“0” is not a factor"),
        (
            ("[[data]]", FACTOR.format(area="MD", direction="E", factor="1000000") + "[[data]]"),
            "above 0 and up to 1000",
        ),
        (("[[data]]", '[[data]]\nquality = "good"'), "“quality” is not a valid key here."),
    ],
)
def test_invalid_description_of_partner_data_is_refused(
    change: tuple[str, str], named: str, converted: Path, console: Console
) -> None:
    path = converted / "comparisons" / "others-0.toml"
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept.replace(*change), encoding="utf-8")
    try:
        assert run(["validate", str(converted)]) == 2
    finally:
        path.write_text(kept, encoding="utf-8")
    told = console.readouterr().err
    assert named in told
    assert "hint:" in told


def test_unreadable_partner_data_are_named_with_their_folder(converted: Path, console: Console) -> None:
    path = converted / "comparisons" / "others-0.csv"
    kept = path.read_bytes()
    path.write_bytes(b"Year;Men\n2022;10\n")
    try:
        assert run(["validate", str(converted)]) == 2
    finally:
        path.write_bytes(kept)
    assert "--> comparisons/others-0.csv" in console.readouterr().err


def test_partner_data_without_a_description_are_reported(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comparisons = converted / "comparisons"
    (comparisons / "eurostat.csv").write_text("a", encoding="utf-8")
    (comparisons / "oecd").mkdir()
    (comparisons / "README.md").write_text("About these files.", encoding="utf-8")
    try:
        assert run(["validate", str(converted)]) == 1
    finally:
        (comparisons / "eurostat.csv").unlink()
        (comparisons / "oecd").rmdir()
        (comparisons / "README.md").unlink()
    said = " ".join("".join(capsys.readouterr()).split())
    assert "! comparisons/eurostat.csv: no [[data]] names the provider of these data; they are not compared." in said
    assert "! comparisons/oecd: no [[data]]" in said
    assert "README.md" not in said
    assert "others-0.csv: no" not in said


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A converted workspace with data of others."""
    folder = workspace(tmp_path_factory.mktemp("others") / "ge", "MIG-5-006")
    assert run(["convert", str(folder)]) == 0
    return folder


def test_unsuitable_mirror_data_are_refused(converted: Path, tmp_path: Path, console: Console) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(converted, twin)
    write_files(tmp_path, {"md/country.toml": COUNTRY.replace('"GE"', '"MD"')})
    (tmp_path / "empty").mkdir()
    for path, named in (
        ("nothing", "There is no file and no folder"),
        ("empty", "There are no data in"),
        ("md", "has no data yet."),
        ("twin", "is a workspace of the same country, GE."),
        ("md/country.toml", "This is not an SDMX message that sdmxmig knows."),
    ):
        assert named in console.errors("validate", converted, "--mirror", tmp_path / path).replace("\n", " ")


def test_partner_data_are_limited_in_size(converted: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 100)
    assert "The data of others are larger than" in console.errors("validate", converted)


def test_changed_partner_data_make_findings_outdated(converted: Path) -> None:
    assert run(["validate", str(converted)]) == 1
    path = converted / "comparisons" / "others-0.csv"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"1001", b"1000"))
    try:
        assert run(["validate", str(converted)]) == 0
    finally:
        path.write_bytes(kept)


def test_manual_lists_the_domains_used_by_rules() -> None:
    page = (ROOT / "docs" / "how-to" / "others.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert set(listed) == set(reading.list_domains(CATALOGUE.rules))
    for rule in (CATALOGUE.rules[rule] for rule in RULES):
        for domain in rule.parameters["domains"]:  # type: ignore[attr-defined]
            assert domain in ("own", "mirror") or f"`{rule.id}`" in listed[domain]
