"""How many names of countries are recognised: of published lists in many languages, and as they stand in tables.

``python -m benchmarks.names`` scores all files beside the checkout in ``shared/data`` and prints two tables. A name
counts as found if its code is applied without asking, as wrong if another code is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sdmxmig import tables
from sdmxmig.areas import read_areas
from sdmxmig.catalogue import load
from sdmxmig.recognition import Recogniser, read_recogniser
from sdmxmig.recognition.lists import recognise_list

SHARED = Path(__file__).parents[2] / "shared" / "data"
NAMES, TABLES = SHARED / "names", SHARED / "tables"
KOSOVO = {"XK": "412"}
ALPHA_2 = {"country-codes.csv": "ISO3166-1-Alpha-2", "iso3166_regions.csv": "alpha-2", "mledoze_countries.csv": "cca2"}
LABELLED = (
    ("pacific/vanuatu_residence_country_codes.csv", "Country or Area", "COUNTRY.OF.RESIDENCE"),
    ("wb/WB_migrant_stock_es.xls", "Country Name", "Country Code"),
    ("un/aggregates_correspondence_table_2020.xlsx", "Region, subregion, country or area*", "ISO3 Alpha-code"),
    ("un/UN_ims_2020_origin.csv", "Region, development group, country or area", "Location code"),
)
"""Tables that have a code beside each label: the file, and the headers of both."""


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the names of one list."""

    list: str
    names: int
    found: int
    wrong: tuple[tuple[str, str, str], ...]

    @property
    def share(self) -> float:
        """The part that was found."""
        return self.found / self.names if self.names else 1.0


def recogniser() -> Recogniser:
    """The recogniser with the shipped words."""
    return read_recogniser(read_areas(load().item_scheme("SDMX:CL_AREA(2.0)")))


def score(title: str, pairs: Sequence[tuple[str, str]], known: Recogniser) -> Score:
    """Score a list of names with their codes."""
    found = recognise_list([name for _, name in pairs], "PARTNER", known)
    applied = [(code, name, found[name][0].code) for code, name in pairs if found[name] and found[name][0].is_applied]
    wrong = tuple(one for one in applied if one[0] != one[2])
    return Score(title, len(pairs), len(applied) - len(wrong), wrong)


def lists_of_names() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The published lists: title, then pairs of code and name."""
    for path in sorted((NAMES / "cldr").glob("*.csv")):
        yield path.stem, pairs_of(path, "id", "value")
    for path in sorted(NAMES.glob("M49_UNSD-*.csv")):
        yield path.stem, pairs_of(path, "ISO-alpha2 Code", "Country or Area")
    for file, code in ALPHA_2.items():
        with (NAMES / file).open(encoding="utf-8-sig") as opened:
            heads = next(csv.reader(opened))
        named = [head for head in heads if re.match(r"UNTERM|official_name|CLDR display|name|translations\.", head)]
        for head in named:
            yield f"{file.removesuffix('.csv')} {head}", pairs_of(NAMES / file, code, head)


def pairs_of(path: Path, code: str, name: str) -> list[tuple[str, str]]:
    """The codes and names of two columns, without rows that lack one of them."""
    with path.open(encoding="utf-8-sig") as opened:
        rows = [(row[code].strip(), row[name].strip()) for row in csv.DictReader(opened)]
    return [(KOSOVO.get(one, one), text) for one, text in rows if one not in ("", "x") and text not in ("", "x")]


def labels_in_tables(known: Recogniser) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Labels as they stand in tables, with the area that the code beside them stands for; regions are left out."""
    codes = known.countries.areas.codes
    for file, label, code in LABELLED:
        found: dict[str, str] = {}
        for table in tables.read(Path(file).name, (TABLES / file).read_bytes()):
            found |= labelled(table.rows, label, code, codes)
        yield file, [(area, text) for text, area in sorted(found.items())]


def labelled(rows: Mapping[int, Mapping[int, str]], label: str, code: str, codes: Mapping[str, str]) -> dict[str, str]:
    """The labels of a sheet with the areas that its codes stand for."""
    for row, cells in rows.items():
        texts = {" ".join(text.split()): column for column, text in cells.items()}
        if label in texts and code in texts:
            below = [cells for number, cells in rows.items() if number > row]
            pairs = [(cells.get(texts[label], "").strip(), cells.get(texts[code], "").strip()) for cells in below]
            return {
                name: area
                for name, one in pairs
                if (area := codes.get(one.zfill(3), "")) and not area.isdecimal() and name
            }
    return {}


def main() -> None:
    """Print both tables."""
    known = recogniser()
    for title, lists in (("names", lists_of_names()), ("labels", labels_in_tables(known))):
        scores = [score(name, pairs, known) for name, pairs in lists]
        for one in scores:
            print(f"{one.list:60} {one.found:5} of {one.names:5}  {one.share:7.2%}  wrong {len(one.wrong)}")  # noqa: T201
        names, found = sum(one.names for one in scores), sum(one.found for one in scores)
        print(f"{title}: {found} of {names}, {found / names:.2%}; wrong {sum(len(one.wrong) for one in scores)}")  # noqa: T201


if __name__ == "__main__":
    main()
