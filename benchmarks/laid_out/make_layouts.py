"""Makes the 30 workbooks and their spot checks: `python -m benchmarks.laid_out.make_layouts [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.laid_out import africa_near_east as south
from benchmarks.laid_out import asia, rest

LAYOUTS = [
    south.ethiopia,
    south.nigeria,
    south.kenya,
    south.south_africa,
    south.egypt,
    south.jordan,
    south.iran,
    south.israel,
    asia.bangladesh,
    asia.sri_lanka,
    asia.philippines,
    asia.indonesia,
    asia.viet_nam,
    asia.thailand,
    asia.japan,
    asia.korea,
    asia.china,
    asia.mongolia,
    asia.kazakhstan,
    rest.russia,
    rest.poland,
    rest.greece,
    rest.spain,
    rest.brazil,
    rest.peru,
    rest.colombia,
    rest.mexico,
    rest.jamaica,
    rest.canada,
    rest.samoa,
]


def main() -> None:
    """Write all workbooks beside this script, or into a folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for make in LAYOUTS:
        make().save(folder)


if __name__ == "__main__":
    main()
