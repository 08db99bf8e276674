"""How well and how fast two large files of identities are linked: ``python -m benchmarks.linkage_speed --of 100000``.

The files are those of the simulated country (`sdmxmig.records.simulation`): about so many residents over five years,
and what a register, social security, permits and the border know of them, with the faults of the tables of
``structures/simulation``, which were written by somebody who had not read the code. Four cases: register and social
security by number (``numbers``), register and border by document (``documents``), register and permits by all there is
(``permits``), and register and social security by names, birth, sex and countries alone (``names``). Of the border so
many records are drawn as the register has. Timed is from the prepared call to the table of links; memory is the largest
of the process, which makes no files itself.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import polars as pl

from sdmxmig.catalogue import load
from sdmxmig.io.network import Secret
from sdmxmig.records.simulation.record_faults import identities_of
from sdmxmig.records.simulation.sources import BORDER_NAME as BORDER
from sdmxmig.records.simulation.sources import PERMITS_NAME as PERMITS
from sdmxmig.records.simulation.sources import REGISTER_NAME as REGISTER
from sdmxmig.records.simulation.sources import SOCIAL_NAME as SOCIAL
from sdmxmig.records.simulation.sources import border_of, permits_of, register_of, seen, social_of
from sdmxmig.records.simulation.truth import World, truth_of
from sdmxmig.workspace.tasks.linkage_tables import LinkRequest
from sdmxmig.workspace.tasks.linking import link

SEED, YEARS = 7, (2018, 2022)
NUMBER, DOCUMENT = "person_number", "document"
MAKERS = {REGISTER: register_of, SOCIAL: social_of, PERMITS: permits_of, BORDER: border_of}
CASES = {
    "numbers": (SOCIAL, (DOCUMENT,)),
    "documents": (BORDER, (NUMBER,)),
    "permits": (PERMITS, ()),
    "names": (SOCIAL, (NUMBER, DOCUMENT)),
}
"""The source that is linked to the register, and what of both is left out."""
KEY = "8c1f2e7b94d05a6f3b7c"


def simulated(count: int, folder: Path) -> None:
    truth = truth_of(World(count, SEED, first_year=YEARS[0], last_year=YEARS[1]))
    identities = identities_of(truth)
    for name, make in MAKERS.items():
        source = make(seen(name, truth, identities))
        whose = source.links.rename({"person": "truth"})
        source.tables["identities"].join(whose, on="record").write_parquet(folder / f"{name}.parquet")


def in_child(count: int, folder: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=simulated, args=(count, folder))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit("The simulation broke off.")


def files_of(case: str, made: Path, folder: Path) -> dict[str, Path]:
    other, left_out = CASES[case]
    frames = {name: pl.read_parquet(made / f"{name}.parquet") for name in (REGISTER, other)}
    if other == BORDER:
        size = min(frames[other].height, frames[REGISTER].height)
        frames[other] = frames[other].sample(size, shuffle=True, seed=SEED)
    paths = {}
    for name, frame in frames.items():
        paths[name] = folder / f"{name}.parquet"
        nothing = [pl.lit(None, dtype=pl.String).alias(column) for column in left_out]
        frame.with_columns(nothing).drop("truth").write_parquet(paths[name])
    return paths


def judged(links: pl.DataFrame, made: Path) -> tuple[float, float]:
    sources = links["source"].unique(maintain_order=True)
    sides = []
    for source in sources:
        whose = pl.read_parquet(made / f"{source}.parquet", columns=["record", "truth"])
        sides.append(links.filter(pl.col("source") == source).join(whose, on="record"))
    pairs = sides[0].join(sides[1], on="person", suffix="_r")
    hit = (pairs["truth"] == pairs["truth_r"]).sum()
    return float(hit) / pairs.height, float(hit) / sides[0].join(sides[1], on="truth").height


def main() -> None:
    """Run each case once, and print a table row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, default=100_000, metavar="RESIDENTS")
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--slices", type=int, default=1)
    parser.add_argument(
        "--files", type=Path, metavar="FOLDER", help="Where the simulation is kept, or is kept already."
    )
    asked = parser.parse_args()
    catalogue = load()
    with tempfile.TemporaryDirectory() as place:
        made = asked.files or Path(place) / "made"
        if not made.is_dir():
            made.mkdir(parents=True)
            in_child(asked.of, made)
        for case in asked.cases:
            folder = Path(place) / case
            folder.mkdir()
            files = files_of(case, made, folder)
            sizes = " with ".join(
                f"{pl.scan_parquet(path).select(pl.len()).collect().item():,}" for path in files.values()
            )
            request = LinkRequest(files, Secret(KEY), memory=asked.memory, slices=asked.slices)
            start, busy = time.perf_counter(), time.process_time()
            linked = link(request, folder / "out", catalogue)
            took, processor = time.perf_counter() - start, time.process_time() - busy
            precision, recall = judged(linked.tables["links.parquet"], made)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
            print(  # noqa: T201
                f"| {case} | {sizes} | {asked.slices} | {took:.0f} s | {processor:.0f} s | {memory:.1f} GiB "
                f"| {precision:.4f} | {recall:.4f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
