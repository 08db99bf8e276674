"""Recognition rate of country names in published lists in many languages, and in tables.

Lists are next to the checkout in ``shared/data``, and 2,300 labels are our own. A name is found if its code is applied
without asking, and wrong if another code is.

Reliability: names of CLDR, M49 and the UN terminology database are shipped, so their lists only show that none were
lost (`SHIPPED`). Names of the other lists are not copied. In November 2026, rules and words for them were written from
the misses of every second state (M49 number divided by 4 is even); then the others were scored: 95.1 % of their 6,500
names were found, 90.2 % before. The remaining misses have been examined since, so present figures do not measure unseen
lists; older words were written with all lists in view.

Our own labels (``tests/conversion/recognition/office_labels.tsv``) imitate offices: people, inversions, marks, “of
which”, former and misspelt names, totals and unknown in many languages, and a thousand labels of no country (`?`),
which are found if no code is applied. A region is found if only its composition is asked. Each is scored alone, and as
the one strange label in a list of countries. When new, 691 of 1,075 labels with a code were found and 29 of 371 labels
of no country were wrong; rules and words were then corrected with them in view. Of a second, later list, 198 of 231
were found at once, and 3 of 111 labels of no country were wrong; it was examined later.

A name is disputed if a list gives it to two states, or to another state than the UN does: it is not scored but counted
separately.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.catalogue import load
from sdmxmig.catalogue.areas import fold_name, read_areas
from sdmxmig.conversion import tables
from sdmxmig.conversion.recognition import Candidate, Recogniser, read_recogniser
from sdmxmig.conversion.recognition.lists import CLEAR, recognise_list

SHARED = Path(__file__).parents[2] / "shared" / "data"
NAMES, TABLES = SHARED / "names", SHARED / "tables"
OWN = Path(__file__).parents[1] / "tests" / "conversion" / "recognition" / "office_labels.tsv"
NOTHING = "?"
"""The code of our own labels of no country."""
NEIGHBOURS = [
    "Spain",
    "Poland",
    "France",
    "Italy",
    "Germany",
    "China",
    "Brazil",
    "Canada",
    "Japan",
    "Mexico",
    "Sweden",
    "Chile",
    "Egypt",
    "India",
]
"""Countries of the list in which our own labels are scored."""
SHIPPED = ("country_", "M49_UNSD", "country-codes")
"""How the titles of lists begin whose names are shipped."""
KOSOVO = {"XK": "412"}
ALPHA_2 = {"country-codes.csv": "ISO3166-1-Alpha-2", "iso3166_regions.csv": "alpha-2", "mledoze_countries.csv": "cca2"}
LABELLED = (
    ("pacific/vanuatu_residence_country_codes.csv", "Country or Area", "COUNTRY.OF.RESIDENCE"),
    ("wb/WB_migrant_stock_es.xls", "Country Name", "Country Code"),
    ("un/aggregates_correspondence_table_2020.xlsx", "Region, subregion, country or area*", "ISO3 Alpha-code"),
    ("un/UN_ims_2020_origin.csv", "Region, development group, country or area", "Location code"),
)
"""Tables that have a code beside each label: the file, and the headers of both."""


Disputed = frozenset[tuple[str, str]]
"""Codes with the folded names that a list gives them."""


@dataclass(frozen=True, slots=True)
class Score:
    """The results for the names of one list."""

    list: str
    names: int
    _: KW_ONLY
    found: int
    wrong: tuple[tuple[str, str, str], ...]
    disputed: int = 0

    @property
    def share(self) -> float:
        return self.found / self.names if self.names else 1.0


def recogniser() -> Recogniser:
    return read_recogniser(read_areas(load().item_scheme("SDMX:CL_AREA(2.0)")))


def score(title: str, pairs: Sequence[tuple[str, str]], known: Recogniser, disputed: Disputed = frozenset()) -> Score:
    """Score a list of names with their codes; `disputed` ones stay in the list but are not scored."""
    found = recognise_list([name for _, name in pairs], "PARTNER", known)
    scored = [(code, name) for code, name in pairs if (code, fold_name(name)) not in disputed]
    applied = [(code, name, found[name][0].code) for code, name in scored if found[name] and found[name][0].is_applied]
    wrong = tuple(one for one in applied if one[0] != one[2])
    return Score(title, len(scored), found=len(applied) - len(wrong), wrong=wrong, disputed=len(pairs) - len(scored))


def disputed_names() -> Mapping[str, Disputed]:
    """Return the disputed names of each list."""
    lists = dict(lists_of_names())
    official: dict[str, set[str]] = {}
    of_file: dict[str, dict[str, set[str]]] = {}
    for title, pairs in lists.items():
        for code, name in pairs:
            of_file.setdefault(language_of(title), {}).setdefault(fold_name(name), set()).add(code)
            if title.startswith(SHIPPED):
                official.setdefault(fold_name(name), set()).add(code)
    return {
        title: frozenset(
            (code, fold_name(name))
            for code, name in pairs
            if len(of_file[language_of(title)][fold_name(name)]) > 1
            or code not in official.get(fold_name(name), {code})
        )
        for title, pairs in lists.items()
    }


def language_of(title: str) -> str:
    """Remove the column type from a list title: common and formal names of a language belong together.

    >>> language_of("mledoze_countries translations.hun.official"), language_of("country_de")
    ('mledoze_countries translations.hun', 'country_de')
    """
    return title.removesuffix(".official").removesuffix(".common")


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
    with path.open(encoding="utf-8-sig") as opened:
        rows = [(row[code].strip(), row[name].strip()) for row in csv.DictReader(opened)]
    return [(KOSOVO.get(one, one), text) for one, text in rows if one not in ("", "x") and text not in ("", "x")]


def labels_in_tables(known: Recogniser) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield labels in tables with the area of the adjacent code, without regions."""
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


def office_labels() -> Mapping[str, list[tuple[str, str]]]:
    """Our own labels by kind, with their codes."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in OWN.read_text(encoding="utf-8").splitlines()[1:]:
        kind, code, label = line.split("\t")
        found.setdefault(kind, []).append((code, label))
    return found


def score_each(title: str, pairs: Sequence[tuple[str, str]], known: Recogniser, beside: Sequence[str] = ()) -> Score:
    found, wrong = 0, []
    for code, label in pairs:
        listed = recognise_list([*beside, label], "PARTNER", known)[label]
        sure = listed and (listed[0].is_applied or (code != NOTHING and is_region(listed[0])))
        applied = listed[0].code if sure else NOTHING
        found += applied == code
        wrong += [(code, label, applied)] if applied not in (code, NOTHING) else []
    return Score(title, len(pairs), found=found, wrong=tuple(wrong))


def is_region(one: Candidate) -> bool:
    return one.varies and one.confidence >= CLEAR
