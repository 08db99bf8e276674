"""Which results were measured before the code that they time was changed: ``python -m benchmarks.stale --write``.

A result names its commit. With ``--write`` a bold line below its title gives the number of later commits that changed
the code that it times; results without a commit are as old as the day in their names.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TIMED = {
    "data-speed": ("sdmxmig/sdmx", "sdmxmig/quality/checking"),
    "georgia-speed": ("sdmxmig",),
    "residence-speed": ("sdmxmig/records",),
    "validation-speed": ("sdmxmig/quality", "sdmxmig/statistics/demography"),
}
"""The code that a benchmark times, by the end of the name of its results."""
COMMIT = re.compile(r"\b[Cc]ommit\s+([0-9a-f]{8,40})\b")
MARK = re.compile(r"\n\*\*Stale:.*\*\*\n")


def count_changes(file: Path, text: str, timed: tuple[str, ...]) -> int:
    """How many commits changed the timed code since a result was measured."""
    commit = COMMIT.search(text)
    since = [f"{commit[1]}..HEAD"] if commit else [f"--since={file.name[: len('2026-01-31')]} 23:59", "HEAD"]
    command = ["git", "rev-list", "--count", *since, "--", *timed]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, cwd=RESULTS.parents[1]).stdout)  # noqa: S603


def mark(text: str, changes: int) -> str:
    title, _, rest = MARK.sub("", text).partition("\n")
    return (
        f"{title}\n"
        + (f"\n**Stale: commits that changed the timed code since then: {changes}.**\n" if changes else "")
        + rest
    )


def main() -> None:
    for ending, timed in TIMED.items():
        for file in sorted(RESULTS.glob(f"*-{ending}.md")):
            text = file.read_text(encoding="utf-8")
            changes = count_changes(file, text, timed)
            sys.stdout.write(f"{file.name}: {changes} commits that changed the timed code since then\n")
            if "--write" in sys.argv:
                file.write_text(mark(text, changes), encoding="utf-8")


if __name__ == "__main__":
    main()
