"""``python -m benchmarks.planted_kinds --of 10000`` or ``--clean 1000``: see `campaign`."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.planted_kinds import campaign


def main() -> int:
    """Run a campaign and print its table; exit 1 where a clean dataset has an error or too many plants are missed."""
    parser = argparse.ArgumentParser(description=campaign.__doc__)
    parser.add_argument("--of", type=int, default=0, help="so many faults are planted")
    parser.add_argument("--clean", type=int, default=0, help="so many clean datasets are validated with each rounding")
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--kinds", nargs="+", default=(), help="only these kinds")
    parser.add_argument("--part", default="1/1", help="which part of how many")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}")
    parser.add_argument("--write", action="store_true", help="write the dated table")
    options = parser.parse_args()
    first, number = map(int, options.part.split("/"))
    start = time.process_time()
    texts: list[str] = []
    progress: Path = campaign.RESULTS / ".progress"
    if options.clean:
        path = progress / f"clean-{first}-{number}.jsonl"
        results = list(campaign.clean_datasets(options.clean, path, (first, number)))
        texts.append(campaign.clean_table(results))
    if options.of:
        outcomes = list(campaign.plants(options.of, options.seed, options.kinds, (first, number)))
        texts.append(campaign.table(outcomes))
        texts += [f"- {one.id} {one.by}: {one.place}" for one in outcomes if one.by == campaign.MISSED]
    text = "\n\n".join([*texts, f"{time.process_time() - start:.0f} s of processor."]) + "\n"
    sys.stdout.write(text)
    if options.write:
        title = f"# Planted kinds of fault, {options.date}\n\n"
        (campaign.RESULTS / f"{options.date}-planted-kinds.md").write_text(title + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
