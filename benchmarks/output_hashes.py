"""Compares the outputs of two versions of sdmxmig for the examples and the shared samples.

``python -m benchmarks.output_hashes COMMIT`` makes all outputs with the present code and that of a commit, and lists
those that differ, ignoring fonts, compression and hashes of other files.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click
import polars as pl

from sdmxmig import catalogue
from sdmxmig.cli import run as run_command

PROJECT = Path(__file__).parents[1]
ROOT = Path(os.environ.get("SDMXMIG_ROOT", PROJECT))
"""The folder of the version that runs."""
SHARED = PROJECT.parent / "shared" / "data"
NOW = "2026-01-31T12:00:00+00:00"
SETTINGS = {"SDMXMIG_LANG": "en", "COLUMNS": "200", "NO_COLOR": "1"}
"""The environment in which commands say the same on every machine."""
EXAMPLES = ("georgia", "georgia-faults", "moldova", "norway", "sweden", "mexico")
MESSAGES = "messages"
"""The row of what the command says."""
FORMATS = (
    *("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"),
    *("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"),
)
WAYS = ("check", *FORMATS)
"""What is done with a sample: it is checked, and transformed into each format."""
LARGEST = 3_000_000
"""Samples above so many bytes are left to other campaigns."""
PACKED = (".docx", ".xlsx")
PICTURES = (".pdf", ".png", ".jpeg", ".svg")
HASH = re.compile(rb"\b[0-9a-f]{64}\b")
SUBMISSION = re.compile(rb"\b([A-Z]{2}-\w+)-[0-9a-f]{20}\b")
DRAWING = re.compile(rb"<svg\b.*?</svg>", re.DOTALL)
OF_PDF = re.compile(rb"(?im)^.*\b(pdf|typst)\b.*\n")
PYTHON = re.compile(rb"(?<![\d.])" + re.escape(platform.python_version().encode()) + rb"(?![\d.])")
"""The version of Python, which reports name."""
SIZE = re.compile(rb'\b(cx|cy)="\d+"')
Hashes = dict[str, str]


def of_example(name: str) -> Hashes:
    with tempfile.TemporaryDirectory() as folder:
        return {f"{name}/{MESSAGES}": hashed(run_line(name, Path(folder))), **of_folder(name, Path(folder))}


def run_line(name: str, folder: Path) -> bytes:
    """Run the pipeline on an example into a folder and return its messages, without the PDF."""
    said = run(["run", str(ROOT / "examples" / name), "--output", str(folder), "--now", NOW], str(folder))
    return OF_PDF.sub(b"", said)


def of_folder(name: str, folder: Path) -> Hashes:
    """Hash each file of a results folder, except pictures and pages, which fonts change."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in PICTURES)
    hashes = {f"{name}/{path.relative_to(folder).as_posix()}": hashed(content(path)) for path in files}
    return {SUBMISSION.sub(rb"\1", path.encode()).decode(): hashes[path] for path in sorted(hashes)}


def content(path: Path) -> bytes:
    """Return the machine-independent content of a file, without fonts and compression."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        return repr((frame.columns, frame.rows())).encode()
    if path.suffix in PACKED:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in sorted(archive.namelist()) if not name.endswith(PICTURES)]
            parts = ((name, PYTHON.sub(b"PYTHON", archive.read(name))) for name in names)
            return b"\n".join(name.encode() + b"\n" + SIZE.sub(rb"\1", part) for name, part in parts)
    text = PYTHON.sub(b"PYTHON", HASH.sub(b"HASH", path.read_bytes()))
    if path.name == "made.json":  # it lists the PDF, where that could be made
        text = OF_PDF.sub(b"", text)
    return DRAWING.sub(b"", SUBMISSION.sub(rb"\1", text))


def of_sample(path: Path, ways: Iterable[str] = WAYS) -> Hashes:
    """Hash the output of `check` on a sample, and its conversion to each format with messages."""
    return {way: hashed(checked(path) if way == "check" else transformed(path, way)) for way in ways}


def checked(path: Path) -> bytes:
    return HASH.sub(b"HASH", run(["check", str(path), "--format", "json"], str(SHARED)))


def transformed(path: Path, form: str) -> bytes:
    """Return the messages and result of `transform` on a sample."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out"
        said = run(["transform", str(path), "--to", form, "-o", str(target), "--now", NOW], folder, str(SHARED))
        return said + (target.read_bytes() if target.exists() else b"")


def run(arguments: list[str], *folders: str) -> bytes:
    """Return the output and exit of a command, without names of folders."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = run_command(arguments)
    text = said.getvalue()
    for folder in (*folders, str(ROOT)):
        text = text.replace(folder, "FOLDER")
    return SUBMISSION.sub(rb"\1", f"{text}\n{code}".encode())


def hashed(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]


def samples() -> list[Path]:
    if not SHARED.is_dir():
        return []
    folders = [folder for folder in SHARED.iterdir() if folder.name.startswith(("sdmx-", "structures", "valid"))]
    paths = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".xml", ".json", ".csv"))
    return sorted(path for path in paths if path.stat().st_size < LARGEST)


def sample_name(path: Path) -> str:
    return path.relative_to(SHARED).as_posix()


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the names of different outputs with their change."""
    states = {
        name: "removed" if name not in after else "new" if name not in before else "changed"
        for name in {*before, *after}
    }
    return [f"{states[name]}: {name}" for name in sorted(states) if before.get(name) != after.get(name)]


def all_hashes() -> Hashes:
    """Hash all outputs of the running version; samples only if their folder exists."""
    os.environ.update(SETTINGS)
    hashes: Hashes = {}
    for name in EXAMPLES:
        hashes |= of_example(name)
    catalogue.load = functools.cache(catalogue.load)  # hundreds of commands on files, none in a workspace of its own
    for path in samples():
        hashes |= {f"{sample_name(path)} ({way})": value for way, value in of_sample(path).items()}
    return hashes


def hashes_of(root: Path) -> Hashes:
    """Hash all outputs of a version in its own process."""
    environment = {**os.environ, "SDMXMIG_ROOT": str(root), "PYTHONPATH": str(root)}
    command = [sys.executable, __file__]
    made = subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return dict(json.loads(made.stdout))


@click.command()
@click.argument("commit")
def main(commit: str) -> None:
    """List the outputs that differ between the present code and a COMMIT."""
    with tempfile.TemporaryDirectory() as folder:
        earlier = Path(folder) / "earlier"
        git = ["git", "-C", str(PROJECT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(earlier), commit], check=True)  # noqa: S603
        try:
            lines = differences(hashes_of(earlier), hashes_of(PROJECT))
        finally:
            subprocess.run([*git, "remove", "--force", str(earlier)], check=True)  # noqa: S603
    click.echo("\n".join(lines) or "All outputs are equal.")


if __name__ == "__main__":
    if "SDMXMIG_ROOT" in os.environ:
        sys.stdout.write(json.dumps(all_hashes()))
    else:
        main()
