"""get: published data are fetched from our service and others, compared with sent data, and saved."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import cases_from, listed
from console import Console
from folders import write_files
from live_service import live
from service_stub import Reply, answering
from shipped import CATALOGUE
from small_validation import NOW, SOUND

import sdmxmig
from sdmxmig.cli import run
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.workspace.tasks.history import read_history
from sdmxmig.workspace.tasks.outside_data import read_outside_data
from sdmxmig.workspace.tasks.published import collect_holdings
from sdmxmig.workspace.tasks.published_comparisons import read_comparisons
from sdmxmig.workspace.tasks.session import open_session

LATER = "2999-01-31T12:00:00+00:00"
"""A time after everything that is fetched here."""
OURS = """STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,AGE,BIRTH_STATUS,CTZ_STATUS,C_BIRTH,C_CITIZEN,TIME_PERIOD,\
OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT,REF_DATE,RES_RULE,DUR_BASIS
dataflow,SDMXMIG:DF_ESTAT_MIGR_POP1CTZ(1.0.0),R,A,GR,_T,_T,_T,_T,_T,_T,2023,1000,A,PS,0,D0101,_U,_U
dataflow,SDMXMIG:DF_ESTAT_MIGR_POP1CTZ(1.0.0),R,A,GR,_T,_T,_T,NC,_T,AL,2023,70,A,PS,0,D0101,_U,_U
"""
THEIRS = b"""DATAFLOW,freq,citizen,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
ESTAT:MIGR_POP1CTZ(1.0),A,TOTAL,TOTAL,NR,T,EL,2023,1000.0,,
ESTAT:MIGR_POP1CTZ(1.0),A,AL,TOTAL,NR,T,EL,2023,71,p,
"""
"""Made-up figures in our words, and the same but for one in those of Eurostat."""


@pytest.fixture(scope="module")
def service(sealed: Path) -> Iterator[str]:
    """The address of our own service, as serve --sdmx has it, over that workspace."""
    bugs: list[BaseException] = []

    def open_holdings(target: Path) -> Holdings:
        return collect_holdings(open_session(sealed, None, NOW), target)

    with live(open_holdings, bugs) as address:
        yield address
    assert not bugs


@pytest.fixture
def office(sealed: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(sealed, folder)
    return folder


@pytest.fixture(autouse=True)
def own_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of one test are none of another."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def got(console: Console, *words: str, code: int = 0) -> str:
    """The result that a command prints."""
    console.readouterr()
    ended = run(["get", *words])
    printed = console.readouterr()
    assert ended == code, printed.err
    return printed.out


def own(address: str) -> tuple[str, ...]:
    """The options for a service on this machine."""
    return ("--from", address, "--private")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_served_data_are_fetched_unchanged(api: str, service: str, office: Path, console: Console) -> None:
    words = ("SDMXMIG", "DF_POP", *own(f"{service}/{api}"), "--compare", "--workspace", str(office), "--format", "json")
    record = json.loads(got(console, *words))
    assert (record["equal"], record["sent"], record["there"], record["the_same"]) == (True, 12, 12, 12)
    assert (record["differences"], record["counts"], record["of_others"]) == ([], {}, 0)
    assert record["release"].startswith("GE-UNSD-")


def test_stored_copy_is_used_without_network(service: str, console: Console, tmp_path: Path) -> None:
    words = ("SDMXMIG", "DF_POP", *own(f"{service}/v2"))
    assert run(["get", *words, "--offline"]) == 2
    assert "There is no saved copy" in console.readouterr().err
    path = Path(got(console, *words).strip())
    content = path.read_bytes()
    assert content.startswith(b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ")
    assert path.name == hashlib.sha256(content).hexdigest()
    assert Path(got(console, *words, "--offline").strip()) == path
    file = tmp_path / "pop.csv"
    assert got(console, *words, "-o", str(file)).strip() == str(file)
    assert file.read_bytes() == content
    notes = tmp_path / "notes.txt"
    notes.write_text("Call them.", encoding="utf-8")
    assert run(["get", *words, "-o", str(notes)]) == 2
    assert notes.read_text(encoding="utf-8") == "Call them."


def test_structures_are_fetched_with_their_references(service: str, console: Console) -> None:
    words = ("structures", "SDMXMIG", "dataflow/DF_POP", *own(f"{service}/v1"), "--references", "descendants")
    message = sdmxmig.read(got(console, *words).strip())
    assert {"DF_POP", "DSD_STOCK", "CL_SEX"} <= {artefact.ref.id for artefact in message.structures}


def test_differences_are_listed_with_exit_code_1(service: str, office: Path, console: Console) -> None:
    text = next((office / "out" / "submission").glob("GE-*/data/*.csv")).read_text(encoding="utf-8")
    assert text.count(",1000,") == 1
    one_more = text.splitlines()[-1].replace(",2023,", ",2024,")
    other = office.parent / "other.csv"
    other.write_text(text.replace(",1000,", ",1001,") + one_more + "\n", encoding="utf-8")
    words = ("SDMXMIG", "DF_POP", *own(f"{service}/v2"), "--compare", "--workspace", str(office), "--sent", str(other))
    printed = got(console, *words, code=1)
    assert "is published differently from what was sent in other.csv" in printed
    assert "sent “1001”, published “1000”" in printed
    assert "1 other value" in printed
    assert "1 not published" in printed
    (kept,) = read_comparisons(office)
    assert (kept.agency, kept.dataflow, kept.release, kept.is_equal) == ("SDMXMIG", "DF_POP", "other.csv", False)
    assert (kept.sent, kept.there, kept.the_same, kept.counts) == (13, 12, 11, {"other value": 1, "not published": 1})
    assert [(row["kind"], row["sent"], row["there"]) for row in kept.rows if row["kind"] == "other value"] == [
        ("other value", "1001", "1000")
    ]
    within = got(console, *words, "--start", "2021", "--end", "2022")
    assert "is published as it was sent" in within
    assert "7 more were sent, outside the requested data" in within
    assert [each.is_equal for each in read_comparisons(office)] == [True], "what was compared last"


def test_confidential_differences_are_not_saved(service: str, office: Path, console: Console) -> None:
    text = next((office / "out" / "submission").glob("GE-*/data/*.csv")).read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()]
    value, status = rows[0].index("OBS_VALUE"), rows[0].index("CONF_STATUS")
    row = next(row for row in rows if row[value] == "1000")
    row[value], row[status] = "1001", "C"
    other = office.parent / "other.csv"
    other.write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")
    got(
        console,
        "SDMXMIG",
        "DF_POP",
        *own(f"{service}/v2"),
        "--compare",
        "--workspace",
        str(office),
        "--sent",
        str(other),
        code=1,
    )
    (kept,) = read_comparisons(office)
    assert [(row["sent"], row["there"]) for row in kept.rows if row["kind"] == "other value"] == [("•••", "•••")]
    assert "1001" not in json.dumps(kept.rows)


def test_altered_submission_is_not_compared(service: str, office: Path, console: Console) -> None:
    for path in (office / "out" / "submission").glob("GE-*/data/*"):
        path.write_text(path.read_text(encoding="utf-8").replace("1000", "1001"), encoding="utf-8")
    assert run(["get", "SDMXMIG", "DF_POP", *own(f"{service}/v2"), "--compare", "--workspace", str(office)]) == 2
    assert "differs from the sealed submission" in console.readouterr().err


def test_comparison_uses_the_codes_of_the_agency(office: Path, console: Console) -> None:
    write_files(office, {"accepted/2024.csv": OURS})
    with answering(Reply(body=THEIRS)) as stub:
        words = ("ESTAT", "MIGR_POP1CTZ", *own(stub.address), "--api", "1", "--compare", "--workspace", str(office))
        record = json.loads(got(console, *words, "--format", "json", code=1))
    assert stub.asked == ["/data/ESTAT,MIGR_POP1CTZ/.....EL"], "only the country that sent something is asked for"
    assert (record["flow"], record["release"]) == ("ESTAT:MIGR_POP1CTZ(1.0)", "2024.csv")
    assert [(each["kind"], each["citizen"], each["sent"], each["there"]) for each in record["differences"]] == [
        ("other value", "AL", "70", "71")
    ]
    assert (record["the_same"], record["attributes_added"]) == (1, ["OBS_FLAG"])


def test_observations_removed_since_the_last_fetch_are_reported(office: Path, console: Console) -> None:
    write_files(office, {"accepted/2024.csv": OURS})
    fewer = b"".join(THEIRS.splitlines(keepends=True)[:2])
    with answering(Reply(body=THEIRS), Reply(body=fewer)) as stub:
        words = ("ESTAT", "MIGR_POP1CTZ", *own(stub.address), "--api", "1", "--compare", "--workspace", str(office))
        got(console, *words, code=1)
        assert "1 no longer published" in got(console, *words, code=1)


def test_fetched_data_are_saved_in_our_codes_with_source(office: Path, console: Console) -> None:
    with answering(Reply(body=THEIRS)) as stub:
        words = ("ESTAT", "MIGR_POP1CTZ", *own(stub.address), "--api", "1", "--workspace", str(office))
        data, says = map(
            Path, got(console, *words, "--save-as", "published", "--flow", "DF_ESTAT_MIGR_POP1CTZ").splitlines()
        )
    described = tomllib.loads(says.read_text(encoding="utf-8"))["data"][0]
    content = data.read_bytes()
    assert (described["file"], described["flow"], described["domain"]) == (
        "ESTAT_MIGR_POP1CTZ_published.csv",
        "DF_ESTAT_MIGR_POP1CTZ",
        "published",
    )
    assert described["address"] == f"{stub.address}/data/ESTAT,MIGR_POP1CTZ/all"
    assert described["sha256"] == hashlib.sha256(content).hexdigest()
    assert described["message"] == hashlib.sha256(THEIRS).hexdigest()
    assert b",GR," in content
    others = read_outside_data(open_session(office, None, LATER)).data
    assert [(each.provider, each.domain, each.read) for each in others] == [
        ("ESTAT", "published", described["fetched"][:10])
    ]
    assert "get" in [step.what for step in read_history(office)]
    data.write_bytes(content.replace(b"1000", b"1002"))
    with pytest.raises(DeclarationError, match="has changed since it was fetched"):
        read_outside_data(open_session(office, None, LATER))


def test_data_in_our_codes_are_saved_unchanged(service: str, office: Path, console: Console) -> None:
    words = ("SDMXMIG", "DF_POP", *own(f"{service}/v2"), "--workspace", str(office), "--save-as")
    data, says = map(Path, got(console, *words, "published").splitlines())
    described = tomllib.loads(says.read_text(encoding="utf-8"))["data"][0]
    assert described["sha256"] == described["message"] == hashlib.sha256(data.read_bytes()).hexdigest()
    run(["validate", str(office), "--now", LATER])
    assert "MIG-5-005" not in console.readouterr().out
    other = SOUND.replace("2020,1000,600", "2020,1200,800")
    (office / "tables" / "office.csv").write_text(other, encoding="utf-8")
    run(["convert", str(office), "--now", LATER])
    run(["validate", str(office), "--now", LATER])
    assert "error[MIG-5-005]" in console.readouterr().out
    assert run(["get", *words, "publishd"]) == 2
    assert "Did you mean “published”?" in console.readouterr().err


def test_dry_run_prints_the_address_and_sends_no_request(console: Console) -> None:
    assert got(console, "ESTAT", "MIGR_IMM1CTZ", "A....AT", "--start", "2015", "--dry-run").strip() == (
        "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1/data/MIGR_IMM1CTZ/A....AT"
        "?startPeriod=2015&format=SDMX_2.1_STRUCTURED"
    )
    assert "OECD  https://sdmx.oecd.org/public/rest  candidate" in got(console)


@cases_from("transmission/retrieval/cases/impossible_requests_are_refused_with_a_reason.csv", words=listed)
def test_impossible_requests_are_refused_with_a_reason(words: tuple[str, ...], says: str, console: Console) -> None:
    error = console.errors("get", *words)
    assert says in error
    assert "canary" not in error


def test_series_outside_the_request_are_not_saved(office: Path, console: Console) -> None:
    words = ["get", "SDMXMIG", "DF_POP", "A.FR......", "--as", "sdmx-csv-2.0", "--private"]
    content = (office / "out" / "data" / "DF_POP.csv").read_bytes()
    with answering(Reply(body=content, heads={"Content-Type": "application/vnd.sdmx.data+csv;version=2.0.0"})) as stub:
        from_stub = ["--from", f"{stub.address}/v2", "--workspace", str(office), "--save-as", "published"]
        assert run([*words, *from_stub]) == 2
    assert "series that were not requested" in console.readouterr().err
    assert not (office / "comparisons").exists()


def test_unknown_structures_are_fetched(office: Path, console: Console) -> None:
    """An agency that has gone on to the next version of its dataflow is still compared with."""
    write_files(office, {"accepted/2024.csv": OURS})
    flow = CATALOGUE.flows["MIGR_POP1CTZ"]
    newer = replace(flow.dataflow, ref=replace(flow.dataflow.ref, version="2.0"))
    lists = [CATALOGUE.artefacts[each.codelist] for each in flow.structure.components if each.codelist]
    structures = sdmxmig.write([*lists, flow.structure, newer], format="sdmx-ml-2.1", now=NOW)
    theirs = THEIRS.replace(b"MIGR_POP1CTZ(1.0)", b"MIGR_POP1CTZ(2.0)").replace(b"71", b"70").replace(b",p,", b",,")
    with answering(Reply(body=theirs), Reply(body=structures)) as stub:
        words = ("ESTAT", "MIGR_POP1CTZ", *own(stub.address), "--api", "1", "--compare", "--workspace", str(office))
        assert "is published as it was sent" in got(console, *words)
    assert stub.asked[1] == "/dataflow/ESTAT/MIGR_POP1CTZ/latest?references=descendants"


def test_python_and_command_fetch_equal_data(service: str, office: Path, tmp_path: Path) -> None:
    fetched = sdmxmig.get("SDMXMIG", "DF_POP", address=f"{service}/v2", private=True, workspace=office)
    assert fetched.path is not None
    assert sdmxmig.read(fetched.path).dataset.observations.height == 12
    assert "Fetched from 127.0.0.1: sdmx-csv-2.0" in repr(fetched)
    structures = sdmxmig.get_structures("SDMX", "codelist/CL_SEX", address=f"{service}/v2", private=True)
    assert structures.path is not None
    assert [artefact.ref.id for artefact in sdmxmig.read(structures.path).structures] == ["CL_SEX"]
    ours = sdmxmig.Workspace(office)
    result = ours.compare_published("SDMXMIG", "DF_POP", address=f"{service}/v2", private=True)
    assert (result.is_equal, result.equal) == (True, 12)
    data = ours.fetch_comparison("SDMXMIG", "DF_POP", domain="published", address=f"{service}/v2", private=True)
    assert data.parent == office / "comparisons"
    with pytest.raises(sdmxmig.SdmxmigError, match="No web service"):
        sdmxmig.get("NOBODY", "DF")


def test_releases_sent_in_parts_are_compared_as_a_whole(office: Path, console: Console) -> None:
    """A release that adds to an earlier one, and one that takes something away, change what should be there."""
    head, total, albanians = OURS.splitlines(keepends=True)
    (office / "accepted").mkdir()
    for name, day, row in (("a", "01", total), ("b", "02", albanians.replace(",R,", ",A,"))):
        message = sdmxmig.read((head + row).encode())
        prepared = f"2024-01-{day}T00:00:00+00:00"
        sdmxmig.write(message, office / "accepted" / f"{name}.xml", format="sdmx-ml-3.0", now=prepared)
    with answering(Reply(body=THEIRS.replace(b"71,p", b"70,"))) as stub:
        words = ("ESTAT", "MIGR_POP1CTZ", *own(stub.address), "--api", "1", "--compare", "--workspace", str(office))
        assert "2 observations sent, 2 published, 2 the same" in got(console, *words)
        gone = sdmxmig.read(
            (head + albanians.replace(",R,", ",D,").replace(",70,A,PS,0,D0101,_U,_U", ",,,,,,,")).encode()
        )
        now = "2024-01-03T00:00:00+00:00"
        sdmxmig.write(gone, office / "accepted" / "c.xml", format="sdmx-ml-3.0", now=now, lenient=True)
        assert "1 still published" in got(console, *words, code=1)
