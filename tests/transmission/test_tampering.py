"""Any change in a submission, in its folder or archive, is noticed: every byte of every file."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from hypothesis import given
from hypothesis import strategies as st
from small_submission import CSV, FILES, PARTS

from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.sealing import CHECKSUMS, MANIFEST, SIGNATURE, read_manifest
from sdmxmig.workspace.tasks.sealed_submissions import build_archive, find_submission
from sdmxmig.workspace.tasks.verifying import Verification, verify


def called() -> str:
    sealed = read_manifest(FILES[MANIFEST])
    return sealed.id


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the submission lies, each time under the same name."""
    return tmp_path_factory.mktemp("received")


@functools.cache
def archive() -> bytes:
    """The submission as sdmxmig packs it."""
    with tempfile.TemporaryDirectory() as name:
        return build_archive(find_submission(write_files(Path(name) / called(), FILES), ""))


def one_byte_changed(content: bytes, at: int, to: int) -> bytes:
    changed = bytearray(content)
    position = at % len(content)
    changed[position] = (changed[position] + 1 + to % 255) % 256
    return bytes(changed)


@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 10**6), to=st.integers(0, 254))
def test_every_changed_byte_of_a_file_is_detected(name: str, at: int, to: int, place: Path) -> None:
    folder = write_files(place / "any", {**FILES, name: one_byte_changed(FILES[name], at, to)})
    assert not verify(folder).ok


@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 10**6), more=st.binary(min_size=1, max_size=3))
def test_every_added_or_removed_byte_is_detected(name: str, at: int, more: bytes, place: Path) -> None:
    content = FILES[name]
    position = at % (len(content) + 1)
    with_more = content[:position] + more + content[position:]
    with_less = content[: at % len(content)] + content[at % len(content) + 1 :]
    for changed in (with_more, with_less):
        assert not verify(write_files(place / "any", {**FILES, name: changed})).ok


def noticed(path: Path) -> bool:
    """Check whether an archive is reported as damaged, different, or repacked."""
    try:
        verification = verify(path)
    except SdmxmigError:
        return True
    return not verification.ok or verification.has_other_packing


@given(at=st.integers(0, 10**6), to=st.integers(0, 254))
def test_every_changed_byte_of_an_archive_is_detected(at: int, to: int, place: Path) -> None:
    path = write_files(place, {"sent.zip": one_byte_changed(archive(), at, to)}) / "sent.zip"
    assert noticed(path)


@given(at=st.integers(0, 10**6), more=st.binary(min_size=1, max_size=9))
def test_every_byte_added_to_an_archive_is_detected(at: int, more: bytes, place: Path) -> None:
    position = at % (len(archive()) + 1)
    path = write_files(place, {"sent.zip": archive()[:position] + more + archive()[position:]}) / "sent.zip"
    assert noticed(path)


@pytest.mark.parametrize("end", [0, 1, 30, -1, -22, -60])
def test_truncated_archive_is_refused(end: int, tmp_path: Path) -> None:
    path = write_files(tmp_path, {"sent.zip": archive()[:end]}) / "sent.zip"
    assert run(["verify", str(path)]) == 2


def test_original_archive_is_intact(tmp_path: Path, console: Console) -> None:
    path = write_files(tmp_path, {"sent.zip": archive()}) / "sent.zip"
    found = verify(path)
    assert (found.ok, found.id, found.expected, found.has_other_packing) == (True, called(), called(), False)
    assert run(["verify", str(path)]) == 0
    assert "not to GE-UNSD-0" in console.output("verify", path, "--id", "GE-UNSD-" + "0" * 20, code=1)


def packed(contents: dict[str, bytes], folder: str = "", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Files as another program packs them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as other:
        for name, content in contents.items():
            other.writestr(f"{folder}{name}", content)
    return buffer.getvalue()


def verified(content: bytes, folder: Path) -> Verification:
    return verify(write_files(folder, {"received.zip": content}) / "received.zip")


OTHERWISE: dict[str, Callable[[], bytes]] = {
    "by another program": lambda: packed(FILES, f"{called()}/"),
    "without packing": lambda: packed(FILES, f"{called()}/", zipfile.ZIP_STORED),
    "in another order": lambda: packed(dict(reversed(FILES.items())), f"{called()}/"),
    "in a folder of another name": lambda: packed(FILES, "georgia/"),
    "in folders": lambda: packed(FILES, f"2026/out/{called()}/"),
    "in no folder": lambda: packed(FILES),
    "with its folders as members": lambda: packed({"": b"", "data/": b"", **FILES}, f"{called()}/"),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_repacked_archive_is_intact_and_reported(case: str, tmp_path: Path, console: Console) -> None:
    found = verified(OTHERWISE[case](), tmp_path)
    assert (found.differences, found.id, found.has_other_packing) == ((), called(), True)
    assert "packed by another program" in console.errors("verify", tmp_path / "received.zip", code=0)


def with_link() -> bytes:
    buffer = io.BytesIO(packed({name: content for name, content in FILES.items() if name != CSV}, f"{called()}/"))
    with zipfile.ZipFile(buffer, "a") as other:
        entry = zipfile.ZipInfo(f"{called()}/{CSV}")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        other.writestr(entry, FILES[CSV])
    return buffer.getvalue()


FALSE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a part is another one": (lambda: packed({**FILES, CSV: b"FIGURES\n"}, "x/"), f"{CSV} was changed"),
    "a file beside the folder": (
        lambda: packed({**{f"x/{k}": v for k, v in FILES.items()}, "notes.txt": b"x"}),
        "../notes.txt was added",
    ),
    "another submission beside it": (
        lambda: packed({f"{folder}/{k}": v for folder in "xy" for k, v in FILES.items()}),
        "../y/manifest.json was added",
    ),
    "a part with the name of one, beside the folder": (
        lambda: packed({**{f"x/{k}": v for k, v in FILES.items()}, CSV: b"FIGURES\n"}),
        f"../{CSV} was added",
    ),
    "no manifest": (lambda: packed({k: v for k, v in FILES.items() if k != MANIFEST}, "x/"), "manifest.json is gone"),
    "no sums": (lambda: packed({k: v for k, v in FILES.items() if k != CHECKSUMS}, "x/"), "SHA256SUMS is gone"),
    "a signature": (lambda: packed({**FILES, SIGNATURE: b"x" * 64}, "x/"), "manifest.json.sig was added"),
    "an empty signature": (lambda: packed({**FILES, SIGNATURE: b""}, "x/"), "manifest.json.sig was added"),
    "the folder of another submission": (
        lambda: packed(FILES, "FR-UNSD-0123456789abcdef0123/"),
        "not to FR-UNSD-0123456789abcdef0123",
    ),
}


@pytest.mark.parametrize("case", FALSE)
def test_change_in_an_archive_is_named(case: str, tmp_path: Path) -> None:
    make, named = FALSE[case]
    assert any(named in difference for difference in verified(make(), tmp_path).differences)


def bomb() -> bytes:
    return packed({**FILES, "bomb": b"\0" * 30_000_000}, "x/")


def twins() -> bytes:
    buffer = io.BytesIO(packed(FILES, "x/"))
    with zipfile.ZipFile(buffer, "a") as other, pytest.warns(UserWarning, match="Duplicate"):
        other.writestr(f"x/{CSV}", b"FIGURES\n")
    return buffer.getvalue()


def test_many_empty_folders_are_visited_once_each(tmp_path: Path) -> None:
    """Comparing each with all others once took quadratic time."""
    folders = {f"{number:05}/": b"" for number in range(15_000)}
    assert len(verified(packed({**FILES, **folders}, "x/"), tmp_path).differences) == 15_000


REFUSED_ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bomb, "times its size"),
    "two members of one name": (twins, "two members of this name"),
    "a name that leads out": (lambda: packed({**FILES, "../../x": b"x"}, "x/"), "outside its own folder"),
    "a name from the root": (lambda: packed({**FILES, "/etc/passwd": b"x"}), "outside its own folder"),
    "a drive": (lambda: packed({**FILES, "c:x": b"x"}, "x/"), "outside its own folder"),
    "a link in the place of a part": (with_link, "a link or device"),
    "nothing of a submission": (lambda: packed({"a.csv": b"x"}), "contains no submission"),
}


@pytest.mark.parametrize("case", REFUSED_ARCHIVES)
def test_unsafe_archive_is_refused_without_unpacking(case: str, tmp_path: Path) -> None:
    make, named = REFUSED_ARCHIVES[case]
    with pytest.raises(SdmxmigError, match=named):
        verified(make(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["received.zip"], "nothing is unpacked"


def with_sums(content: bytes) -> dict[str, bytes]:
    sums = {**{name: hashlib.sha256(part).hexdigest() for name, part in PARTS.items()}}
    sums[MANIFEST] = hashlib.sha256(content).hexdigest()
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items())
    return {**FILES, MANIFEST: content, CHECKSUMS: lines.encode()}


def test_manifest_with_repeated_keys_is_refused(tmp_path: Path) -> None:
    """One reader takes the first, another the last: both would call it intact, and mean something else."""
    twice = FILES[MANIFEST].replace(b'"area": "GE"', b'"area": "GE", "area": "GE"', 1)
    assert verify(write_files(tmp_path / "a", with_sums(twice))).differences == (
        "manifest.json is no longer a manifest",
    )
    described = json.loads(FILES[MANIFEST])
    described["parts"].append(described["parts"][0])
    folder = write_files(tmp_path / "b", with_sums(json.dumps(described).encode()))
    assert verify(folder).differences == ("manifest.json is no longer a manifest",)


def test_link_in_place_of_a_signature_is_detected(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "x", FILES)
    (folder / SIGNATURE).symlink_to(folder / MANIFEST)
    assert verify(folder).differences == ("manifest.json.sig was added",)


def test_equal_submissions_form_equal_archives(tmp_path: Path) -> None:
    folder = write_files(tmp_path / called(), FILES)
    for path in folder.rglob("*"):
        path.chmod(0o700)
    assert build_archive(find_submission(folder, "")) == archive()
    with zipfile.ZipFile(io.BytesIO(archive())) as opened:
        assert {(info.date_time, info.create_system, info.external_attr >> 16) for info in opened.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3, stat.S_IFREG | 0o644)
        }
        names = [info.filename.removeprefix(f"{called()}/") for info in opened.infolist()]
    assert names == [*PARTS, MANIFEST, CHECKSUMS]
