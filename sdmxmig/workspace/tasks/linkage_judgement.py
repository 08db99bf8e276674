"""Linkage error rates from clerical review."""

from __future__ import annotations

import json
from pathlib import Path

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.linkage.clerical import TO_SOURCE, Band, check_judgements, estimates, with_judgements
from sdmxmig.records.linkage_errors import BETWEEN, WITHIN
from sdmxmig.records.marks import is_simulated, marked
from sdmxmig.records.reading import taken_in
from sdmxmig.workspace.tasks.linkage_tables import BANDS, BANDS_FILE, LINKAGE, REPORT_FILE, SAMPLE
from sdmxmig.workspace.tasks.scratch import scratch_folder


def judged_errors(judged: Path, out: Path, seed: int = 19) -> pl.DataFrame:
    """Compute error rates from judgements.

    Raises `InputError` for foreign, incomplete or repeated judgements.
    """
    for name in (BANDS_FILE, REPORT_FILE):
        if not (out / name).is_file():
            raise SdmxmigError(f"There is no {name} in {out.name}.", hint="Name the folder of the linkage with -o.")
    with scratch_folder() as folder:
        sizes = pl.read_parquet(taken_in(out / BANDS_FILE, BANDS, folder))
        words = pl.read_parquet(taken_in(judged, SAMPLE, folder))
    if words[LINKAGE].ne_missing(stamp_in(out / REPORT_FILE)).any():
        hint = "Its rows would be those of other records: judge the sample that this linkage drew."
        raise InputError("The pairs are of another linkage.", Place(judged.name), hint)
    check_judgements(words, row_numbers_of(judged))
    rows: list[dict[str, object]] = []
    for source in sizes[TO_SOURCE].unique(maintain_order=True):
        bands = [
            Band(row["kind"], row["band"], linked=row["linked"], pairs=row["pairs"])
            for row in sizes.filter(pl.col(TO_SOURCE) == source).rows(named=True)
        ]
        of_people = with_judgements(bands, words.filter(pl.col(TO_SOURCE) == source), judged.name)
        rows += [{TO_SOURCE: source, **row} for kind in (BETWEEN, WITHIN) for row in estimates(of_people, kind, seed)]
    return marked(pl.DataFrame(rows), simulated=is_simulated(out / BANDS_FILE))


def stamp_in(path: Path) -> str:
    try:
        described = json.loads(read_bytes(path))
        return str(described[LINKAGE])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
