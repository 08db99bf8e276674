"""The service of a workspace has only sealed data, its structures and its metadata."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import test_packaging_for_receivers
from small_service import CSV, asked
from small_validation import NOW, SOUND, workspace
from test_packaging_for_receivers import EUROSTAT, office

from sdmxmig.cli import run
from sdmxmig.transmission.pull.service import Service
from sdmxmig.workspace.tasks.published import collect_holdings, read_release_token
from sdmxmig.workspace.tasks.session import Session, open_session


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a sealed submission; tests use copies."""
    folder = tmp_path_factory.mktemp("sealed") / "ws"
    workspace(folder, SOUND)
    for command in ("validate", "package"):
        run([command, str(folder), "--now", NOW])
    return folder


@pytest.fixture
def session(once: Path, tmp_path: Path) -> Session:
    return open_session(Path(shutil.copytree(once, tmp_path / "ws")), None, "")


def served(session: Session, tmp_path: Path, **options: bool) -> Service:
    folder = tmp_path / "served"
    folder.mkdir()
    return Service(collect_holdings(session, folder, **options), folder)


def sealed(session: Session) -> Path:
    root = session.out / "submission"
    return root / (root / "newest").read_text().strip()


def test_sealed_data_are_served_with_their_structures(session: Session, tmp_path: Path) -> None:
    service = served(session, tmp_path)
    (flow,) = service.holdings.releases
    sealed_rows = json.loads((sealed(session) / "manifest.json").read_text())["parts"]
    assert [release.id for release in service.holdings.releases[flow]] == [sealed(session).name]
    assert any(part["name"].startswith(f"data/{flow.id}") for part in sealed_rows)
    media_type, content = asked(service, f"v1/data/{flow.id}", CSV)
    assert media_type == CSV
    assert content.count(b"\n") == 1 + service.holdings.releases[flow][-1].data.count > 1
    assert asked(service, f"v1/dataflow/all/{flow.id}?references=descendants")[0].startswith("application/vnd.sdmx")
    assert service.holdings.notes == ()


def test_data_that_were_not_sealed_are_not_served(session: Session, tmp_path: Path) -> None:
    shutil.rmtree(session.out / "submission")
    service = served(session, tmp_path)
    assert service.holdings.releases == {}
    assert asked(service, "v1/codelist/SDMX/CL_FREQ")[0] == "application/vnd.sdmx.structure+xml;version=2.1"


def test_changed_submission_is_reported_and_not_served(session: Session, tmp_path: Path) -> None:
    data = next((sealed(session) / "data").iterdir())
    data.write_bytes(data.read_bytes().replace(b"410", b"411"))
    service = served(session, tmp_path)
    assert service.holdings.releases == {}
    (note,) = service.holdings.notes
    assert note.startswith(f"{sealed(session).name} is not served: it changed after sealing")


def test_release_token_changes_with_each_sealed_submission(session: Session) -> None:
    before = read_release_token(session)
    assert read_release_token(session) == before
    shutil.copytree(sealed(session), sealed(session).with_name("GE-UNSD-0123456789abcdef0123"))
    assert read_release_token(session) != before


@pytest.mark.parametrize(
    ("receiver", "flow", "more", "says"),
    [
        ("OECD", "DF_OECD_B11", "", "is not served: the codes of its receiver do not mark confidential figures."),
        ("ESTAT", "DF_ESTAT_MIGR_IMM1CTZ", EUROSTAT, "6 confidential observations of"),
    ],
)
def test_confidential_values_stay_confidential_after_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, receiver: str, flow: str, more: str, says: str
) -> None:
    """Also where the receiver has no component for it, so that the sealed data do not say it."""
    mapping = test_packaging_for_receivers.MAPPING.replace('RES_RULE = "R12"', 'RES_RULE = "R12"\nCONF_STATUS = "C"')
    monkeypatch.setattr(test_packaging_for_receivers, "MAPPING", mapping)
    folder = office(tmp_path / "ws", receiver, more, flow=flow)
    assert run(["package", str(folder), "--now", NOW]) == 0
    session = open_session(folder, None, "")
    service = served(session, tmp_path)
    (note,) = service.holdings.notes
    assert says in note
    assert sum(release.data.count for of_flow in service.holdings.releases.values() for release in of_flow) == 0
    shutil.rmtree(tmp_path / "served")
    everything = served(session, tmp_path, with_confidential=True)
    assert sum(release.data.count for of_flow in everything.holdings.releases.values() for release in of_flow) > 0
