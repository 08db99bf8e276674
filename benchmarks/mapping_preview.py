"""How long it takes until an answer on the screen *Mapping* shows which observations it gives.

``python -m benchmarks.mapping_preview`` copies Georgia's workspace, proposes a mapping for each of its workbooks and
dataflows (all sheets, and those that its own mapping reads), and gives one answer each: the time is that from the
answer to the finished facts of the page. Pages that are looked at again are timed too. It ends with 1 if one takes too
long.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data_speed import machine
from sdmxmig.application.mapping_files import mappings_of
from sdmxmig.catalogue.folders import shipped
from sdmxmig.web.desk import Desk
from sdmxmig.web.guard import Door
from sdmxmig.web.screens import Visit, mapping

NAME = re.compile(r"[\w ]+")
"""The name of a sheet, not a pattern of names."""
HEAD = "| workbook | dataflow | sheets | preview, s | page, s |\n|---|---|---|---|---|\n"
PREVIEW, PAGE = 1.0, 0.2
"""What a preview and a page that is looked at again may take; in seconds."""


def cases(desk: Desk) -> Iterator[dict[str, str]]:
    """What is asked for: each workbook with each dataflow that one of its mappings gives."""
    for table_mapping in mappings_of(desk.session()):
        asked = {"file": table_mapping.file, "flow": table_mapping.flow}
        yield asked
        sheets = dict.fromkeys(block.sheet for block in table_mapping.blocks if NAME.fullmatch(block.sheet))
        if sheets:
            yield {**asked, "sheet": "\n".join(sheets)}


def timed(desk: Desk, asked: dict[str, str]) -> tuple[float, float]:
    """The seconds from an answer to what comes of it, and those of the same page again."""
    facts = mapping.show(Visit(desk, asked=asked)).facts["proposal"]
    line = next(line for line in facts["lines"] if line["kind"] == "fixed" and line["proposed"])
    form = {**asked, f"other:{line['id']}": line["proposed"]}
    start = time.perf_counter()
    mapping.answer(Visit(desk, form=form))
    mapping.show(Visit(desk, asked=asked))
    preview = time.perf_counter() - start
    start = time.perf_counter()
    mapping.show(Visit(desk, asked=asked))
    return preview, time.perf_counter() - start


def main() -> int:
    """Print a table of all cases; 1 if one takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "georgia"
        shutil.copytree(shipped("examples") / "georgia", home)
        desk = Desk(home, Door(8765, hosts=("127.0.0.1:8765",)))
        sys.stdout.write(
            f"{machine()}\n\n| workbook | dataflow | sheets | preview, s | page, s |\n|---|---|---|---|---|\n"
        )
        slowest = [0.0, 0.0]
        for asked in cases(desk):
            times = timed(desk, asked)
            slowest = [max(pair) for pair in zip(slowest, times, strict=True)]
            sheets = asked.get("sheet", "all").replace("\n", ", ")
            sys.stdout.write(f"| {asked['file']} | {asked['flow']} | {sheets} | {times[0]:.2f} | {times[1]:.2f} |\n")
    sys.stdout.write(f"\nSlowest: {slowest[0]:.2f} s of {PREVIEW} s, {slowest[1]:.2f} s of {PAGE} s.\n")
    return int(slowest[0] > PREVIEW or slowest[1] > PAGE)


if __name__ == "__main__":
    sys.exit(main())
