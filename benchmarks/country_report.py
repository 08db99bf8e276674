"""How long the report of a country takes in all its outputs, and how large its page is.

``python -m benchmarks.country_report`` runs the shipped examples in a temporary folder, lets ``sdmxmig report`` make
HTML, PDF, Word, workbook and Markdown of each in a process of its own, in English and Arabic, and writes a dated
table. Times are the best of the rounds.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.data_speed import RESULTS, machine
from benchmarks.region import EXAMPLES, NOW
from sdmxmig.catalogue.folders import shipped

LANGUAGES = ("en", "ar")
SECONDS, MEGABYTES = 10, 2


def command(*words: str) -> None:
    """Run sdmxmig in a process of its own."""
    subprocess.run([sys.executable, "-m", "sdmxmig", *words, "--now", NOW], check=True, capture_output=True)  # noqa: S603


def timed(workspace: Path, language: str, rounds: int) -> tuple[float, float]:
    """The seconds on the clock and of all processors that a report takes at best."""
    walls, processors = [], []
    for _ in range(rounds):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command("report", str(workspace), "--language", language)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.perf_counter() - start)
        processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(processors)


def main() -> None:
    """Time what was asked for and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    head = f"example | language | s (≤ {SECONDS}) | CPU s | page, MB (≤ {MEGABYTES}) | met"
    lines = ["# The report of a country in five outputs", "", machine(), "", f"| {head} |", "|---|---|--:|--:|--:|---|"]
    with tempfile.TemporaryDirectory() as folder:
        for example in EXAMPLES:
            workspace = Path(folder) / example
            shutil.copytree(shipped("examples") / example, workspace)
            command("run", str(workspace))
            for language in LANGUAGES:
                wall, processors = timed(workspace, language, arguments.rounds)
                size = (workspace / "out" / "report-draft.en.html").stat().st_size / 1e6
                met = "yes" if wall <= SECONDS and size <= MEGABYTES else "**no**"
                lines.append(f"| {example} | {language} | {wall:.1f} | {processors:.1f} | {size:.2f} | {met} |")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines += ["", f"The largest process took {most:.0f} MiB."]
    text = "\n".join(lines) + "\n"
    print(text)  # noqa: T201
    (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-country-report.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
