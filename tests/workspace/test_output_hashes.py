"""The same messages, findings and reports as before: what differs from the committed hashes is listed, and wanted.

`tests/golden/output_hashes.csv` has a row for each file of the examples, `sample_hashes.csv` one for each sample
of the shared folder. Georgia, Sweden and the planted faults are compared where the line is run (`test_line.py`).
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from pathlib import Path

import pytest
from compared_hashes import same_as_committed
from folders import ROOT

from benchmarks import output_hashes


@pytest.fixture(autouse=True)
def same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in output_hashes.SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("loaded_once")
def test_data_and_findings_of_moldova_are_what_they_were(tmp_path: Path) -> None:
    for command in ("convert", "validate"):
        output_hashes.run(
            [command, str(ROOT / "examples" / "moldova"), "--output", str(tmp_path), "--now", output_hashes.NOW]
        )
    same_as_committed("moldova", output_hashes.of_folder("moldova", tmp_path), folders=("data", "findings"))


@pytest.mark.long
@pytest.mark.parametrize("name", output_hashes.EXAMPLES)
def test_all_that_the_line_makes_of_an_example_is_what_it_was(name: str) -> None:
    same_as_committed(name, output_hashes.of_example(name))


@pytest.mark.sampled(6)
@pytest.mark.usefixtures("loaded_once")
@pytest.mark.parametrize("path", output_hashes.samples(), ids=output_hashes.sample_name)
def test_a_sample_becomes_what_it_became(path: Path) -> None:
    name = output_hashes.sample_name(path)
    ways = list(output_hashes.WAYS)
    if not os.environ.get("SDMXMIG_WHOLE"):
        ways = ["check", random.Random(name).choice(output_hashes.FORMATS)]
    committed = output_hashes.table_of_samples().get(name, {})
    before = {f"{name} ({way})": value for way, value in committed.items() if way in ways}
    after = {f"{name} ({way})": value for way, value in output_hashes.of_sample(path, ways).items()}
    lines = output_hashes.differences(before, after)
    assert not lines, "\n".join(["Outputs differ; if all of this is wanted: make golden", *lines])


@pytest.mark.skipif(not output_hashes.SHARED.is_dir(), reason="the shared sample data are not here")
def test_every_sample_has_a_row() -> None:
    assert set(output_hashes.table_of_samples()) == set(map(output_hashes.sample_name, output_hashes.samples()))


def workbook(text: str, level: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr(zipfile.ZipInfo("sheet.xml", (2026, 1, level, 0, 0, 0)), text * 100)
        archive.writestr(f"image{level}.png", bytes([level]))
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "first", "same", "other"),
    [
        ("a.html", b"<p>5<svg>1</svg>", b"<p>5<svg>2</svg>", b"<p>6<svg>1</svg>"),
        ("made.json", b'{"a": "' + b"0" * 64 + b'"}', b'{"a": "' + b"f" * 64 + b'"}', b'{"b": "' + b"0" * 64 + b'"}'),
        ("newest", b"SE-UNSD-00c3272058b7ee99bfc7", b"SE-UNSD-11c3272058b7ee99bfc7", b"GE-UNSD-00c3272058b7ee99bfc7"),
        ("a.xlsx", workbook("5", 1), workbook("5", 9), workbook("6", 1)),
    ],
)
def test_a_hash_depends_on_what_is_said_and_not_on_the_machine(
    name: str, first: bytes, same: bytes, other: bytes, tmp_path: Path
) -> None:
    hashes = []
    for content in (first, same, other):
        (tmp_path / name).write_bytes(content)
        hashes.append(output_hashes.of_folder("x", tmp_path))
    assert hashes[0] == hashes[1] != hashes[2]


def test_what_differs_is_named() -> None:
    assert output_hashes.differences({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == [
        *("other: b", "gone: c", "new: d")
    ]
