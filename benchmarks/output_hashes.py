"""Campaign: everything that the examples and the samples become, as hashes, so that two versions can be compared.

Run it in two versions of the program and compare the tables: what differs was wanted, or is a fault.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from sdmxmig.cli import run as run_command

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
NOW = "2026-01-31T12:00:00+00:00"
EXAMPLES = ("georgia", "georgia-faults", "moldova", "sweden")
FORMATS = (
    *("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"),
    *("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"),
)
LARGEST = 3_000_000
"""Samples above so many bytes are left to other campaigns."""
Row = tuple[str, str]


def of_example(name: str) -> Iterator[Row]:
    """Each file that the whole line makes of an example, but for PDF pages, which fonts change."""
    with tempfile.TemporaryDirectory() as folder:
        said = run(["run", str(ROOT / "examples" / name), "--out", folder, "--now", NOW], folder)
        yield f"{name}: messages", hashed(said)
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.suffix != ".pdf":
                yield f"{name}: {path.relative_to(folder)}", hashed(path.read_bytes())


def of_sample(path: Path) -> Iterator[Row]:
    """What `check` says of a sample, and what it becomes in each format."""
    name = path.relative_to(SHARED).as_posix()
    yield f"{name}: check", hashed(run(["check", str(path), "--format", "json"], str(SHARED)))
    for form in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "out"
            said = run(["transform", str(path), "--to", form, "-o", str(target), "--now", NOW], folder)
            yield f"{name}: {form}", hashed(said)
            if target.exists():
                yield f"{name}: {form} file", hashed(target.read_bytes())


def run(arguments: list[str], folder: str) -> bytes:
    """What a command says, and how it ends; the folder's name is taken out."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = run_command(arguments)
    return f"{said.getvalue().replace(folder, 'FOLDER')}\n{code}".encode()


def hashed(content: bytes) -> str:
    """The beginning of a SHA-256 hash."""
    return hashlib.sha256(content).hexdigest()[:16]


def samples() -> list[Path]:
    """The messages in the folder of samples, small enough to be tried in all formats."""
    folders = [folder for folder in SHARED.iterdir() if folder.name.startswith(("sdmx-", "structures", "valid"))]
    paths = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".xml", ".json", ".csv"))
    return sorted(path for path in paths if path.stat().st_size < LARGEST)


def differences(before: Path, after: Path) -> Iterator[str]:
    """What two tables have otherwise."""
    tables = [dict(csv.reader(path.open(encoding="utf-8"))) for path in (before, after)]
    for name in sorted({*tables[0], *tables[1]}):
        if tables[0].get(name) != tables[1].get(name):
            state = "gone" if name not in tables[1] else "new" if name not in tables[0] else "other"
            yield f"{state}: {name}"


def main() -> None:
    """Write the table to a file, or compare two: `python -m benchmarks.output_hashes OUT [BEFORE]`."""
    os.environ["SDMXMIG_LANG"] = "en"
    out = Path(sys.argv[1])
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for name in EXAMPLES:
            writer.writerows(of_example(name))
        for path in samples() if SHARED.exists() else ():
            writer.writerows(of_sample(path))
            file.flush()
    for line in differences(Path(sys.argv[2]), out) if len(sys.argv) > 2 else ():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
