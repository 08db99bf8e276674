"""Answers about a moment use the structures, schemas and labels of that moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_service import artefacts_in, asked
from small_validation import SOUND, workspace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.transmission.pull.service import Service
from sdmxmig.workspace.tasks.published import collect_holdings
from sdmxmig.workspace.tasks.session import open_session

LIST = "SDMX/CL_SEX.2.1.csv"
XML = "application/vnd.sdmx.structure+xml;version=2.1"
LABELS = "application/vnd.sdmx.data+csv;version=2.0.0;labels=both"
JANUARY, JUNE = "2026-01-31T12:00:00+00:00", "2026-06-30T12:00:00+00:00"


def seal(folder: Path, moment: str, *commands: str) -> None:
    for command in (*commands, "package"):
        assert run([command, str(folder), "--now", moment]) == 0


def rename(folder: Path, before: str, after: str) -> None:
    """Give the workspace its own version of a list, with another name for a code."""
    own = folder / "codelists" / LIST
    own.parent.mkdir(parents=True)
    text = (find_shipped_folder("codelists") / LIST).read_text(encoding="utf-8")
    assert before in text
    own.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def sealed_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that sealed its data in January and, with another name of a code, in June."""
    folder = tmp_path_factory.mktemp("moments") / "ws"
    workspace(folder, SOUND)
    seal(folder, JANUARY, "validate")
    rename(folder, "Female", "Those of female sex")
    seal(folder, JUNE, "convert", "validate")
    return folder


@pytest.fixture
def folder(sealed_twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed_twice, tmp_path / "ws"))


def served(folder: Path) -> Service:
    target = folder.parent / "served"
    target.mkdir()
    return Service(collect_holdings(open_session(folder, None, ""), target), target)


def name_of_women(service: Service, query: str) -> str:
    media_type, content = asked(service, f"v2/structure/codelist/SDMX/CL_SEX/2.1{query}", XML)
    if media_type != XML:
        return media_type
    (codelist,) = artefacts_in(media_type, content)
    return next(str(item.name) for item in codelist.items if item.id == "F")


def artefacts_named(content: bytes) -> set[tuple[str, str, str]]:
    """The kind, id and version of every artefact of a message."""
    data = json.loads(content)["data"]
    return {(kind, artefact["id"], artefact["version"]) for kind in data for artefact in data[kind]}


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "standing").iterdir())


def submission_of(folder: Path, moment: str) -> Path:
    manifests = (folder / "out" / "submission").glob("*/manifest.json")
    return next(path.parent for path in manifests if json.loads(path.read_text())["header"]["prepared"] == moment)


def test_structures_of_a_moment_are_the_last_sealed_before(folder: Path) -> None:
    service = served(folder)
    answers = [
        name_of_women(service, query)
        for query in ("", "?asOf=2026-07-01", "?asOf=2026-06-30T11:59:59Z", "?asOf=2026-01-31T12:00:00Z", "?asOf=2026")
    ]
    assert answers == ["Those of female sex", "Those of female sex", "Female", "Female", "400"]
    assert name_of_women(service, "?asOf=2026-01-31T11:59:59Z") == "404"
    status, text = asked(service, "v2/schema/dataflow/SDMXMIG/DF_POP?asOf=2026-01-01")
    assert (status, b"No structures were sealed until that moment" in text) == ("404", True)


def test_references_follow_structures_of_requested_moment(folder: Path) -> None:
    service = served(folder)
    address = "v2/structure/dataflow/SDMXMIG/DF_POP?references=descendants"
    (_, then), (_, now) = (asked(service, f"{address}{moment}") for moment in ("&asOf=2026-02-01", ""))
    assert artefacts_named(then) == artefacts_named(now)
    assert (b"Those of female sex" in then, b"Those of female sex" in now) == (False, True)
    _, stub = asked(service, "v2/structure/dataflow/SDMXMIG/DF_POP?detail=allstubs&asOf=2026-02-01", XML)
    assert b"/sdmx/v2/structure/dataflow/SDMXMIG/DF_POP/1.0.0?asOf=2026-01-31T12%3A00%3A00Z" in stub


def test_data_of_a_moment_have_names_valid_then(folder: Path) -> None:
    service = served(folder)
    for query, there, gone in (
        ("?asOf=2026-02-01", b"Female", b"Those of female sex"),
        ("", b"Those of female sex", b"Female"),
    ):
        _, content = asked(service, f"v2/data/dataflow/SDMXMIG/DF_POP{query}", LABELS)
        assert there in content
        assert gone not in content


def test_data_use_the_structure_sealed_with_them(folder: Path) -> None:
    """Later changes of the list in the workspace have no effect."""
    (folder / "codelists" / LIST).unlink()
    service = served(folder)
    assert service.holdings.notes == ()
    assert [name_of_women(service, query) for query in ("", "?asOf=2026-07-01")] == ["Female", "Those of female sex"]
    _, content = asked(service, "v2/data/dataflow/SDMXMIG/DF_POP", LABELS)
    assert b"Those of female sex" in content


def test_submissions_with_equal_structures_share_storage(folder: Path) -> None:
    before = kept(folder)
    assert len(before) == 2
    seal(folder, "2026-07-31T12:00:00+00:00")
    assert kept(folder) == before
    assert name_of_women(served(folder), "?asOf=2026-08-01") == "Those of female sex"


def change(folder: Path) -> None:
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize("spoil", [shutil.rmtree, change], ids=["gone", "changed"])
def test_sent_structures_are_served_if_stored_ones_are_missing(folder: Path, spoil: Callable[[Path], None]) -> None:
    for path in kept(folder):
        spoil(path)
    service = served(folder)
    media_type, content = asked(service, "v2/structure/dataflow/SDMXMIG/DF_POP?asOf=2026-02-01", XML)
    assert [artefact.ref.id for artefact in artefacts_in(media_type, content)] == ["DF_POP"]
    assert name_of_women(service, "?asOf=2026-02-01") == "404", "the receiver was not sent what is not the office's"


def test_structures_of_changed_submission_are_not_served(folder: Path) -> None:
    letter = submission_of(folder, JANUARY) / "cover-letter.txt"
    letter.write_text("Another letter", encoding="utf-8")
    service = served(folder)
    assert name_of_women(service, "?asOf=2026-02-01") == "404"
    assert name_of_women(service, "?asOf=2026-07-01") == "Those of female sex"
