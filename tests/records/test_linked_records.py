"""`sdmxmig derive --links`: crossings and register records of one person are one, whatever the sources call them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from console import Console
from found_in_records import findings_in
from made_records import DIMENSIONS, derive

CROSSINGS = "person,date,direction\n1,2020-03-01,ENTRY\n1,2020-08-01,EXIT\n2,2020-08-20,ENTRY\n"
PERSONS = "person,sex,birth_date,c_birth,c_citizen,resident\n7,F,1990-05-01,RO,RO,false\n"
LINKS = "record,source,person,method\n1,border,A,DET\n2,border,A,DET\n7,register,A,DET\n"
LINKED = ("--linked", "movements=border", "--linked", "persons=register")


def derived(folder: Path, *words: str, **files: str) -> Path | None:
    """The folder of a derivation; None if it was refused."""
    is_written = derive(folder, files, "--year", "2020", "--year", "2021", *words) == 0
    return folder / "out" if is_written else None


def immigration(out: Path | None) -> dict[tuple[str, ...], str]:
    """The groups of immigrants in 2020, those of totals left out; with everybody under ()."""
    assert out
    rows = pl.read_csv(out / "DF_IMM.csv", infer_schema=False).filter(pl.col("TIME_PERIOD") == "2020")
    return {
        tuple(code for code in row[:-1] if code != "_T"): row[-1]
        for row in rows.select(*DIMENSIONS, "OBS_VALUE").iter_rows()
    }


def findings(out: Path | None) -> dict[tuple[str, str], tuple[str, str]]:
    assert out
    return findings_in(out)


def test_crossings_with_two_documents_find_the_registered_person(tmp_path: Path) -> None:
    out = derived(tmp_path, *LINKED, movements=CROSSINGS, persons=PERSONS, links=LINKS)
    assert {(): "1", ("F",): "1", ("FB", "FC"): "1", ("F", "Y30T34"): "1"}.items() <= immigration(out).items()
    assert findings(out) == {}
    rows = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False)
    assert set(rows["INTEG_METHOD"]) == {"DET"}
    assert "links.csv (SHA-256" in rows["SOURCE_DETAIL"][0]
    assert "movements by records of border, persons by records of register" in rows["COMMENT_DSET"][0]
    out = derived(
        tmp_path,
        *LINKED,
        movements=CROSSINGS,
        persons=PERSONS,
        links=LINKS.replace("7,register,A,DET", "7,register,A,PROB"),
    )
    assert out
    assert set(pl.read_csv(out / "DF_IMM.csv", infer_schema=False)["INTEG_METHOD"]) == {"PROB"}


def test_equal_text_in_two_sources_does_not_link_records(tmp_path: Path) -> None:
    """Record 7 of the border is not record 7 of the register: linked to nobody, it is its own person."""
    crossings = CROSSINGS.replace("1,2020", "7,2020").replace("2,2020-08-20", "7,2020-08-20")
    links = "record,source,person\n9,border,A\n8,register,A\n"
    out = derived(tmp_path, *LINKED, movements=crossings, persons=PERSONS, links=links)
    assert immigration(out).keys() >= {(), ("_U", "_U")}
    assert ("F",) not in immigration(out)
    assert findings(out) == {
        ("movements", "UNLINKED"): ("3", "1 2 3"),
        ("movements", "NO_PERSON"): ("3", "1 2 3"),
        ("persons", "UNLINKED"): ("1", "1"),
    }


def test_differing_values_of_linked_records_become_unknown(tmp_path: Path) -> None:
    persons = (
        "person,sex,birth_date,death_date,c_birth,c_citizen,resident\n"
        "7,F,1990-05-01,,RO,RO,false\n9,F,1991-01-01,2022-05-01,RO,,false\n8,M,1980-01-01,,MD,MD,true\n"
    )
    links = LINKS + "9,register,A,DET\n8,register,B,\n"
    out = derived(tmp_path, *LINKED, movements=CROSSINGS, persons=persons, links=links)
    groups = immigration(out)
    assert groups[("F",)] == "1", "both say F"
    assert groups[("F", "_U")] == "1", "their days of birth differ"
    assert groups[("FB", "FC")] == "1", "what one of them alone says is not contradicted"
    assert findings(out) == {("persons", "DIFFERENT_RECORDS"): ("2", "1 2")}
    assert out
    account = pl.read_csv(out / "DF_ACCOUNT.csv", infer_schema=False)
    beginning = account.filter(
        (pl.col("ACC_ITEM") == "POP_BEG") & (pl.col("TIME_PERIOD") == "2020") & (pl.col("CTZ_STATUS") == "_T")
    )
    assert beginning.filter(pl.col("BIRTH_STATUS") == "_T")["OBS_VALUE"].to_list() == ["1"], "B, who never moved"


@pytest.mark.parametrize(
    ("words", "links"),
    [
        (LINKED, LINKS + "1,border,B,DET\n"),
        (LINKED[:2], LINKS),
        ((*LINKED[:2], "--linked", "persons=ministry"), LINKS),
        ((*LINKED, "--linked", "permits=permits"), LINKS),
        ((*LINKED, "--linked", "movements=register"), LINKS),
        ((*LINKED[:2], "--linked", "persons"), LINKS),
        (LINKED, None),
    ],
    ids=["two persons", "table unsaid", "no source", "no table", "twice", "no source said", "no links"],
)
def test_contradictory_or_missing_links_are_refused(
    words: tuple[str, ...], links: str | None, tmp_path: Path, console: Console
) -> None:
    files = {
        "movements": CROSSINGS,
        "persons": PERSONS.replace("7,F", "SECRET,F"),
        **({"links": links} if links else {}),
    }
    assert derived(tmp_path, *words, **files) is None
    assert "SECRET" not in "".join(console.readouterr())


def test_documents_and_links_cannot_be_combined(tmp_path: Path) -> None:
    documents = "document,person\n1,A\n2,A\n"
    files = {"movements": CROSSINGS, "persons": PERSONS, "links": LINKS}
    assert derived(tmp_path, *LINKED, **files, documents=documents) is None


def test_links_yield_the_results_of_joined_tables(tmp_path: Path) -> None:
    """Judged by a loop over rows: persons are called by their link, and the first record of each is kept."""
    chance = random.Random(19)
    links: dict[tuple[str, str], str] = {}
    movements, persons = [], []
    for number in range(60):
        name = f"P{number}"
        for document in range(chance.choice([1, 1, 2, 3])):
            links["border", f"{number * 7 + document}"] = name
        for again in range(chance.choice([0, 1, 1, 2])):
            links["register", f"{number * 5 + again * 400}"] = name
            persons.append((f"{number * 5 + again * 400}", chance.choice("FM") if again == 0 else "", name))
        own = [record for (source, record), holder in links.items() if (source, holder) == ("border", name)]
        for month in sorted(chance.sample(range(12 * 4), chance.choice([0, 1, 2, 4]))):
            day = f"{2018 + month // 12}-{month % 12 + 1:02}-10"
            movements.append((chance.choice(own), day, chance.choice(["ENTRY", "EXIT"])))
    chance.shuffle(movements)
    by_hand = {record: links["border", record] for record, _, _ in movements}
    tables: Mapping[bool, dict[str, str]] = {
        is_linked: {
            "movements": "person,date,direction\n"
            + "".join(f"{r if is_linked else by_hand[r]},{day},{way}\n" for r, day, way in movements),
            "persons": "person,sex,c_birth,resident\n"
            + "".join(
                f"{record if is_linked else name},{sex},RO,false\n" for record, sex, name in persons if is_linked or sex
            ),
        }
        for is_linked in (True, False)
    }
    listed = "".join(f"{record},{source},{name}\n" for (source, record), name in links.items())
    found = derived(tmp_path / "links", *LINKED, **tables[True], links=f"record,source,person\n{listed}")
    judged = derived(tmp_path / "joined", **tables[False])
    assert found
    assert judged
    for name in ("DF_IMM", "DF_EMI", "DF_ACCOUNT", "DF_POP"):
        mine, theirs = (
            pl.read_csv(folder / f"{name}.csv", infer_schema=False).drop(
                "COMMENT_DSET", "SOURCE_DETAIL", "INTEG_METHOD", strict=False
            )
            for folder in (found, judged)
        )
        assert mine.equals(theirs), name
    assert len(immigration(found)) > 3
