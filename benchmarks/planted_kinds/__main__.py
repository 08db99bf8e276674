"""``python -m benchmarks.planted_kinds --of 10000 --clean 1000 --jobs 2 --write``: see `campaign`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.planted_kinds import campaign


def main() -> int:
    """Run a campaign and print its table; exit 1 if a clean dataset has an error or too many plants are missed."""
    parser = argparse.ArgumentParser(description=campaign.__doc__)
    parser.add_argument("--of", type=int, default=0, help="so many faults are planted")
    parser.add_argument("--clean", type=int, default=0, help="so many clean datasets are validated")
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--kinds", nargs="+", default=(), help="only these kinds")
    parser.add_argument("--jobs", type=int, default=1, help="in so many processes")
    parser.add_argument("--part", default="1/1", help="which part of how many")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}")
    parser.add_argument("--write", action="store_true", help="keep progress, and write the dated table at the end")
    options = parser.parse_args()
    if options.jobs > 1:
        in_processes(options.jobs)
        parts = [(n, options.jobs) for n in range(1, options.jobs + 1)]
    else:
        first, number = map(int, options.part.split("/"))
        parts = [(first, number)]
    outcomes: list[campaign.Outcome] = []
    datasets: list[campaign.Clean] = []
    for part in parts:
        outcomes += campaign.plants(
            options.of, options.seed, options.kinds, part, progress_of("plants", part, keep=keeps(options))
        )
        datasets += campaign.clean_datasets(options.clean, progress_of("clean", part, keep=keeps(options)), part)
    text = report(outcomes, datasets)
    sys.stdout.write(text)
    if options.write and options.part == "1/1":
        title = f"# Planted kinds of fault and clean datasets, {options.date}\n\n"
        (campaign.RESULTS / f"{options.date}-planted-kinds.md").write_text(title + text, encoding="utf-8")
        for part in parts:
            for name in ("plants", "clean"):
                path = progress_of(name, part, keep=True)
                if path is not None:
                    path.unlink(missing_ok=True)
    return int(not campaign.is_good(outcomes, datasets))


def keeps(options: argparse.Namespace) -> bool:
    return bool(options.write) or options.jobs > 1 or options.part != "1/1"


def progress_of(name: str, part: tuple[int, int], *, keep: bool) -> Path | None:
    return campaign.RESULTS / ".progress" / f"planted-{name}-{part[0]}-{part[1]}.jsonl" if keep else None


def in_processes(jobs: int) -> None:
    words = [word for word in sys.argv[1:] if word != "--write"]
    place = words.index("--jobs")
    words = words[:place] + words[place + 2 :]
    command = [sys.executable, "-m", "benchmarks.planted_kinds", *words]
    running = [
        subprocess.Popen([*command, "--part", f"{n}/{jobs}"], stdout=subprocess.DEVNULL)  # noqa: S603 - this program
        for n in range(1, jobs + 1)
    ]
    for process in running:
        process.wait()


def report(outcomes: list[campaign.Outcome], datasets: list[campaign.Clean]) -> str:
    texts: list[str] = []
    if outcomes:
        texts.append(campaign.table(outcomes))
        texts += [f"- {one.id} {one.by}: {one.place}" for one in outcomes if one.by == campaign.MISSED]
        texts += sorted({f"- {one.kind} skipped: {one.place}" for one in outcomes if one.by == campaign.SKIPPED})
    if datasets:
        texts.append(campaign.clean_table(datasets))
    seconds = sum(one.seconds for one in outcomes) + sum(one.seconds for one in datasets)
    return "\n\n".join([*texts, f"{seconds:.0f} s of processor."]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
