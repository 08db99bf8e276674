"""Several workspaces at a glance: data of each country, late and faulty data, links to findings."""

from __future__ import annotations

import hashlib
import shutil
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_validation import NOW, TABLE, workspace
from workbenches import HOST, PORT, visitor

from sdmxmig.cli import run
from sdmxmig.io.publishing.folders import publish_folder
from sdmxmig.statistics.model.region import Corridor, Definition, ReportedFlow
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.screens import region
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks import region_studies
from sdmxmig.workspace.tasks.region_studies import index_findings_by_flow

SOUND = "Year,All,Men,Women\n2020,1000,600,400\n2021,1010,600,410\n"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three workspaces: a has errors, b was not validated and ends early, c is sound."""
    base = tmp_path_factory.mktemp("received")
    for name, table in (("a", TABLE), ("b", SOUND), ("c", TABLE.replace("398c", "410").replace("427", "410"))):
        folder = workspace(base / name, table)
        if name != "b":
            run(["validate", str(folder), "--now", NOW, "--quiet"])
    return base


@pytest.fixture
def bench(tmp_path: Path, received: Path) -> Workbench:
    base = tmp_path / "received"
    shutil.copytree(received, base)
    return Workbench(base, BrowserAccess(PORT, hosts=(HOST,)), now=lambda: NOW, base=base, at_start=True)


def states(facts: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    return [country["flows"][0]["state"] for country in facts["countries"]]


def test_each_country_shows_late_and_faulty_data(bench: Workbench) -> None:
    facts = visitor(bench).get("/region.json").json()
    assert [(each["flow"], each["expected"]) for each in facts["flows"]] == [("DF_POP", "2023")]
    assert states(facts) == ["faulty", "late", "sound"]
    assert facts["years"] == ["2020", "2021", "2022", "2023"]
    assert [cell["count"] for cell in facts["heat"][1]["cells"]] == [3, 3, 0, 0]
    assert [cell["shade"] for cell in facts["heat"][1]["cells"]] == [4, 4, 0, 0]


def test_report_of_the_region_is_listed_and_served(bench: Workbench) -> None:
    out = bench.base / "out"
    out.mkdir()
    for name in ("region-draft.en.html", "region-draft.en.pdf", "notes.html"):
        (out / name).write_text("<h1>Three countries</h1>")
    client = visitor(bench)
    assert client.get("/region.json").json()["reports"] == ["region-draft.en.html", "region-draft.en.pdf"]
    shown = client.get("/region/file/of/region-draft.en.html")
    assert "Three countries" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "attachment" in client.get("/region/file/of/region-draft.en.pdf").headers["content-disposition"]
    for other in ("notes.html", "../a/country.toml", "made.json"):
        assert client.get(f"/region/file/of/{other}").status_code in (404, 422)


def test_report_is_outdated_by_a_new_country_assessment(bench: Workbench) -> None:
    assessment = bench.base / "a" / "out" / "assessment.json"
    assessment.write_text("{}")
    made_from = {"a/out/assessment.json": hashlib.sha256(b"{}").hexdigest()}
    files = {"region-draft.en.html": b"<h1>Three countries</h1>"}
    publish_folder(bench.base / "out", "region", files, maker="sdmxmig region", option="--out", made_from=made_from)
    assert "The report is out of date." not in visitor(bench).get("/region").text
    assessment.write_text('{"country": "a"}')
    client = visitor(
        Workbench(bench.base, BrowserAccess(PORT, hosts=(HOST,)), now=lambda: NOW, base=bench.base, at_start=True)
    )
    assert "The report is out of date." in client.get("/region").text


def test_findings_of_a_country_are_opened(bench: Workbench) -> None:
    client = visitor(bench)
    answer = client.post("/region/do/open", data={"folder": str(bench.base / "a")})
    assert answer.headers["location"].startswith("/findings")
    assert client.get("/findings.json").json()["counts"]["error"] > 0
    assert client.get("/region").status_code == 200


@pytest.mark.parametrize("folder", ["/etc", "", "a", "\0"])
def test_folder_outside_the_region_is_not_opened(bench: Workbench, folder: str) -> None:
    assert visitor(bench).post("/region/do/open", data={"folder": folder}).status_code == 422


def test_new_findings_are_shown(bench: Workbench) -> None:
    client = visitor(bench)
    client.get("/region.json")
    (bench.base / "b" / "tables" / "office.csv").write_text(TABLE)
    run(["convert", str(bench.base / "b"), "--now", NOW, "--quiet"])
    assert states(client.get("/region.json").json()) == ["faulty", "unchecked", "sound"]


def test_unreadable_country_is_named_and_others_are_shown(bench: Workbench) -> None:
    (bench.base / "a" / "country.toml").write_text("no toml")
    (bench.base / "b" / "out" / "data" / "DF_POP.csv").write_text("no data\n1\n")
    facts = visitor(bench).get("/region.json").json()
    assert [bool(country["trouble"]) for country in facts["countries"]].count(True) == 2


def test_dataflow_without_observations_is_left_out(bench: Workbench) -> None:
    data = bench.base / "b" / "out" / "data"
    head = (data / "DF_POP.csv").read_text().splitlines()[0]
    (data / "DF_POP.csv").write_text(f"{head}\n")
    (data / "DF_IMM.csv").write_text(f"{head}\n")
    facts = visitor(bench).get("/region.json").json()
    assert states(facts) == ["faulty", "missing", "sound"]
    assert [each["flow"] for each in facts["flows"]] == ["DF_POP"]


def test_flows_are_shown_as_reported_by_both_countries(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "c"):
        (bench.base / name / "out" / "assessment.json").write_text("{}")
    unclear = Definition()
    corridor = Corridor(
        "GE",
        "SE",
        period="2022",
        emigration=ReportedFlow(Decimal(90), unclear),
        immigration=ReportedFlow(Decimal(120), unclear),
    )
    made: list[list[Path]] = []

    def study_of(sources: list[Path], *_: object, **__: object) -> SimpleNamespace:
        made.append(sources)
        return SimpleNamespace(areas=("GE", "SE"), corridors=(corridor,))

    monkeypatch.setattr(region, "find_study", study_of)
    client = visitor(bench)
    mirror = client.get("/region.json?mirror=yes").json()["mirror"]
    assert mirror["areas"] == ["Georgia", "SE"], "a country is named by its workspace"
    assert mirror["rows"][0]["cells"] == [
        None,
        {"period": "2022", "emigration": "90", "immigration": "120", "ratio": "0.75", "is_comparable": False},
    ]
    assert mirror["rows"][1]["cells"] == [None, None]
    assert len(mirror["lacking"]) == 1
    page = client.get("/region?mirror=yes").text
    assert "90 / 120" in page
    assert "with different definitions" in page
    assert made == [[bench.base / "a", bench.base / "c"]], "it is kept"


def test_region_file_names_its_workspaces(bench: Workbench, tmp_path: Path) -> None:
    far = workspace(tmp_path / "far", SOUND)
    (bench.base / "region.toml").write_text('[region]\nname.en = "Two"\nworkspaces = ["a", "../far", "../gone"]\n')
    facts = visitor(bench).get("/region.json").json()
    assert {country["folder"] for country in facts["countries"] if not country["trouble"]} == {
        str(bench.base / "a"),
        str(far),
    }


def test_results_swapped_while_loading_are_loaded_again(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, looks = bench.base / "b", []

    def swapped_behind_the_findings(out: Path) -> dict[str, dict[str, int]] | None:
        counts = index_findings_by_flow(out)
        looks.append(out.parent.name)
        if looks.count("b") == 1 and out.parent == folder and not (out / "earlier").exists():
            (out / "data").rename(out / "earlier")
            shutil.copytree(bench.base / "a" / "out" / "data", out / "data")
            shutil.copytree(bench.base / "a" / "out" / "findings", out / "findings")
        return counts

    monkeypatch.setattr(region_studies, "index_findings_by_flow", swapped_behind_the_findings)
    facts = visitor(bench).get("/region.json").json()
    assert looks.count("b") == 2
    assert looks.count("a") == 1
    assert states(facts)[:2] == ["faulty", "faulty"], "findings of before do not stand beside data of now"
