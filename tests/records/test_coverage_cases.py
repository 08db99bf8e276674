"""`sdmxmig coverage` with wrong, small or strange lists: each case is reported, or right, never wrong.

A case has files, written from the numbers of persons on each list, the words of the command, and the expected result:
a text of the refusal, or a judgement of the output.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sdmxmig.cli import run

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Written:
    """Outputs of a run: the tables, all texts by file name, and the messages of the command."""

    tables: Mapping[str, Rows]
    texts: Mapping[str, str]
    _: object = field(default=None)
    spoken: str = ""

    def numbers(self, table: str, column: str) -> list[float]:
        """The figures of a column; cells that hold none are left out."""
        cells = (row.get(column) or "" for row in self.tables[table])
        return [float(cell) for cell in cells if re.fullmatch(r"-?[\d.]+", cell)]

    def total(self) -> float:
        """The population in all."""
        stock = self.tables["DF_POP"]
        return float(next(r["OBS_VALUE"] for r in stock if {r["SEX"], r["CTZ_STATUS"], r["AGE"]} == {"_T"}))

    @property
    def report(self) -> str:
        """The report."""
        return self.texts["coverage.md"]


def table(*columns: str, rows: list[tuple[object, ...]]) -> str:
    """A file of CSV."""
    return "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n"


def on_lists(lists: str = "rc", **counts: int) -> dict[str, str]:
    """Files of lists that are called by a letter: `rc=60` are sixty persons on the lists r and c."""
    people = {f"p-{letters}-{n}": letters for letters, count in counts.items() for n in range(count)}
    return {
        f"{letter}.csv": table("person", rows=[(name,) for name, letters in people.items() if letter in letters])
        for letter in lists
    }


def in_groups(groups: Mapping[str, Mapping[str, int]], lists: str = "rc") -> dict[str, str]:
    """Lists of persons of several groups, and the table of persons with the group as their sex."""
    files = {f"{letter}.csv": "person\n" for letter in lists}
    persons = []
    for sex, counts in groups.items():
        for letters, count in counts.items():
            names = [f"p-{sex}-{letters}-{n}" for n in range(count)]
            persons += [(name, sex) for name in names]
            for letter in letters:
                files[f"{letter}.csv"] += "".join(f"{name}\n" for name in names)
    return {**files, "persons.csv": table("person", "sex", rows=persons)}


def with_signs(silent: int, active: int = 60, known: int = 100) -> dict[str, str]:
    """A register of women and men with signs: so many silent women, so many active ones; for men all is known."""
    women = [f"w{n}" for n in range(silent + active)]
    residents, others = [f"m{n}" for n in range(known)], [f"o{n}" for n in range(known)]
    everybody = [*women, *residents, *others]
    seen = [*women[silent:], *residents]
    past = [*women, *residents, *others]
    return {
        "r.csv": table("person", rows=[(name,) for name in everybody]),
        "persons.csv": table(
            "person", "sex", rows=[(name, "F" if name.startswith("w") else "M") for name in everybody]
        ),
        "signs.csv": table(
            "record",
            "year",
            "sign",
            rows=[(name, 2023, "tax") for name in seen] + [(name, 2020, "tax") for name in past],
        ),
        "training.csv": table(
            "person", "resident", rows=[(n, "true") for n in residents] + [(n, "false") for n in others]
        ),
    }


def dated(rows: list[tuple[str, str, str]], others: int = 40) -> dict[str, str]:
    """A register with the days of presence in these rows, besides others who were always there, and a census of all."""
    always = [f"p{n}" for n in range(others)]
    names = [*always, *dict.fromkeys(name for name, _, _ in rows)]
    return {
        "r.csv": table("person", "begin", "end", rows=[(name, "2010-01-01", "") for name in always] + rows),
        "c.csv": table("person", rows=[(name,) for name in [*names, *(f"q{n}" for n in range(10))]]),
    }


R, C, S = ["--list", "r=r.csv"], ["--list", "c=c.csv"], ["--list", "s=s.csv"]
BOTH, THREE = [*R, *C], [*R, *C, *S]
SIGNED = ["--signs", "signs.csv", "--training", "training.csv"]
BY_SEX = ["--persons", "persons.csv", "--by", "SEX"]
YEAR = ["--year", "2024"]
HALVES = {"F": {"rc": 29, "r": 1, "c": 119}, "M": {"rc": 29, "r": 1, "c": 119}}
"""Each group comes to a little less than 154 persons by Chapman's estimate."""
PLAIN = {"rc": 60, "r": 20, "c": 15}
DEAD = {
    **on_lists(**PLAIN, rcd=5, rd=10),
    "persons.csv": table(
        "person",
        "death_date",
        rows=[
            *((f"p-rcd-{n}", "2023-12-31") for n in range(5)),
            *((f"p-rd-{n}", "2023-12-31" if n < 5 else "2024-01-01") for n in range(10)),
        ],
    ),
}
"""Ten died before the day, and five on it: these were there in the night before."""
GONE = {
    **with_signs(0),
    "c.csv": table("person", rows=[(f"m{n}",) for n in range(80)] + [(f"w{n}",) for n in range(50)]),
}
DOUBTFUL = ("does not tell how many of who is on it and not in r are such: they make the estimate too high",)
EXITED = {
    "exits.csv": table("person", "date", "direction", rows=[(f"x{n}", "2023-06-01", "EXIT") for n in range(30)]),
    "training.csv": GONE["training.csv"] + "".join(f"x{n},false\n" for n in range(15)),
}
"""Thirty persons left in the year and were taken off the register; of half of them the sample knows it."""


def multiples(base: int) -> Callable[[Written], None]:
    """All counts that went out are multiples of a base."""

    def judge(written: Written) -> None:
        numbers = [float(row["OBS_VALUE"]) for row in written.tables["DF_POP"]]
        for column in ("registered", "absent", "population", "low", "high"):
            numbers += written.numbers("coverage", column)
        for row in written.tables["DF_POP"]:
            low, high = re.findall(r"[\d,]+", row["COMMENT_OBS"].removeprefix("95% interval "))[:2]
            numbers += [float(low.replace(",", "")), float(high.replace(",", ""))]
        assert [number for number in numbers if number % base] == []

    return judge


def one_total(written: Written) -> None:
    """The screen, the table, the data and the report have the same total, which is the sum of the groups."""
    *groups, last = written.tables["coverage"]
    total = written.total()
    assert float(last["population"]) == total
    assert sum(float(row["population"]) for row in groups if row["population"]) == total
    assert f"{total:,.0f} persons" in written.spoken
    assert f"{total:,.0f} persons" in written.report


def sums_hold(written: Written) -> None:
    """Sums over a dimension are the figures at its total."""
    stock = {(row["SEX"], row["CTZ_STATUS"]): float(row["OBS_VALUE"]) for row in written.tables["DF_POP"]}
    for sex in ("F", "M", "_T"):
        assert stock[sex, "_T"] == stock[sex, "NC"] + stock[sex, "FC"]
    for status in ("NC", "FC", "_T"):
        assert stock["_T", status] == stock["F", status] + stock["M", status]


def intervals_hold(written: Written) -> None:
    """The interval of a rounded figure holds it."""
    for row in written.tables["coverage"]:
        if row["population"]:
            assert float(row["low"]) <= float(row["population"]) <= float(row["high"])


def rates_of_counts(written: Written) -> None:
    """Rates tell no more than the counts beside them."""
    for row in written.tables["coverage"]:
        if row["over_coverage"] and row["registered"]:
            assert float(row["over_coverage"]) == pytest.approx(
                float(row["absent"]) / float(row["registered"]), abs=0.0006
            )


def before_and_after(written: Written) -> None:
    """The effect on the stock begins with the registered persons of the table."""
    registered = sum(written.numbers("coverage", "registered")[: len(written.tables["coverage"]) - 1])
    assert f"{registered:,.0f}" in written.report.partition("## Effect on the stock")[2].partition("## ")[0]


def exits_add_up(written: Written) -> None:
    """Exits of groups are those of all, and as many as the register has too many."""
    rows = written.tables["exits"]
    for year in {row["year"] for row in rows}:
        of_year = [(row["SEX"], float(row["not_registered"])) for row in rows if row["year"] == year]
        assert sum(n for sex, n in of_year if sex != "_T") == sum(n for sex, n in of_year if sex == "_T")
    for group in written.tables["coverage"]:
        if group["absent"] and group["SEX"] != "_T":
            exits = sum(float(row["not_registered"]) for row in rows if row["SEX"] == group["SEX"])
            assert exits == float(group["absent"])


def population(expected: float, within: float = 2.6) -> Callable[[Written], None]:
    """The population in all."""

    def judge(written: Written) -> None:
        assert abs(written.total() - expected) <= within

    return judge


def registered(expected: float, *words: str) -> Callable[[Written], None]:
    """The number of the registered persons, at the base of five, and words that the report has."""

    def judge(written: Written) -> None:
        assert written.numbers("coverage", "registered")[0] == expected
        for text in words:
            assert text in written.report

    return judge


def both(*judges: Callable[[Written], None]) -> Callable[[Written], None]:
    """The demands of several judges."""

    def judge(written: Written) -> None:
        for each in judges:
            each(written)

    return judge


def tells(*words: str) -> Callable[[Written], None]:
    """Words that the report has."""

    def judge(written: Written) -> None:
        for text in words:
            assert text in written.report, written.report

    return judge


def speaks(*words: str) -> Callable[[Written], None]:
    """Words that the command says."""

    def judge(written: Written) -> None:
        for text in words:
            assert text in written.spoken, written.spoken

    return judge


def attribute(name: str, value: str, *words: str) -> Callable[[Written], None]:
    """An attribute of the data, and words of the comment on all of them."""

    def judge(written: Written) -> None:
        row = written.tables["DF_POP"][0]
        assert row[name] == value
        for text in words:
            assert text in row["COMMENT_DSET"]

    return judge


def group_without_figure(code: str, says: str) -> Callable[[Written], None]:
    """A group has no figure, and the reason is reported."""

    def judge(written: Written) -> None:
        row = next(row for row in written.tables["coverage"] if row["SEX"] == code)
        assert not row["population"]
        assert says in row["refused"]

    return judge


def group_with(code: str, **cells: str) -> Callable[[Written], None]:
    """A group of the table has these cells."""

    def judge(written: Written) -> None:
        row = next(row for row in written.tables["coverage"] if row["SEX"] == code)
        assert {name: row[name] for name in cells} == cells

    return judge


def exits_of(year: str, **cells: str) -> Callable[[Written], None]:
    """The exits of everybody in a year have these cells."""

    def judge(written: Written) -> None:
        rows = [row for row in written.tables["exits"] if row["year"] == year]
        assert [{name: row[name] for name in cells} for row in rows] == [cells]

    return judge


def no_error_tells_the_overlap(written: Written) -> None:
    """If a full list misses one person the standard error is 0.1; the output is that of the ends."""
    for row in written.tables["coverage"]:
        assert float(row["error"]) == pytest.approx((float(row["high"]) - float(row["low"])) / 3.92, abs=0.06)
        assert float(row["high"]) - float(row["low"]) >= 5


def never_suppressed(written: Written) -> None:
    """A word used only for one or two persons would disclose that count."""
    read = [text for name, text in written.texts.items() if not name.endswith(".json")]
    assert "withheld" not in "".join(read)


FOUR = {
    "r.csv": "person\n" + "".join(f"{s}{c}{n}\n" for s in "FM" for c in "NX" for n in range(41)),
    "c.csv": "person\n" + "".join(f"{s}{c}{n}\n" for s in "FM" for c in "NX" for n in range(12, 54)),
    "persons.csv": "person,sex,c_citizen\n"
    + "".join(f"{s}{c}{n},{s},{'XA' if c == 'N' else 'FR'}\n" for s in "FM" for c in "NX" for n in range(54)),
}
DOUBLED = {**on_lists(**PLAIN)}
DOUBLED["r.csv"] += "p-rc-0\np-rc-1\n"
SPACED = {**on_lists(**PLAIN)}
SPACED["c.csv"] = SPACED["c.csv"].replace("p-rc-", "  p-rc-")
BLANK = {**on_lists(**PLAIN)}
BLANK["c.csv"] += '""\nlast\n'
BLANK_AT_THE_END = {**on_lists(**PLAIN)}
BLANK_AT_THE_END["c.csv"] += '""\n'
LINKED = {
    "links.csv": table(
        "record",
        "source",
        "person",
        rows=[(f"r{n}", "r", f"p{n}") for n in range(40)]
        + [(f"c{n}", "c", f"p{n}") for n in range(10, 50)]
        + [("r0", "r", "p7")],
    )
}
TWICE = {**in_groups(HALVES)}
TWICE["persons.csv"] += "p-F-rc-0,M\n"
UNKNOWN = {**in_groups(HALVES)}
UNKNOWN["persons.csv"] = "".join(line for line in UNKNOWN["persons.csv"].splitlines(True) if "p-M" not in line)
NOBODY = {**in_groups(HALVES)}
NOBODY["persons.csv"] += "".join(f"ghost{n},_O\n" for n in range(20))


def measured(**rates: tuple[str, str]) -> dict[str, str]:
    """A file of linkage errors: precision and recall of the links of each list, with an interval of the recall."""
    columns = ("to_source", "kind", "measure", "value", "low", "high", "basis", "pairs", "judged")
    rows: list[tuple[object, ...]] = []
    for source, (precision, recall) in rates.items():
        rows.append((source, "between", "precision", precision, "", "", "model", 400, 0))
        ends = (float(recall) - 0.02, min(float(recall) + 0.02, 1.0)) if recall else ("", "")
        rows += [(source, "between", "recall", recall, *ends, "clerical sample", 400, 200)] if recall else []
    return {"linkage_errors.csv": table(*columns, rows=rows)}


MISSED = on_lists(rc=400, r=300, c=200)
"""With a recall of 0.8 there are 500 persons on both lists: 701 times 601 by 501 are 841."""
THRICE = on_lists("rcs", rcs=168, rc=168, rs=112, cs=72, r=112, c=72, s=48)
"""Three lists that are independent; 48 more persons are on none."""
DOUBLES = {**MISSED, **measured(c=("1.0", "0.8"))}
DOUBLES["linkage_errors.csv"] += "c,within,missed_links,12.4,,,model,9,0\n"
CONTRADICTED = {**with_signs(10)}
CONTRADICTED["training.csv"] += "m0,false\n"
AGAIN = {**with_signs(10)}
AGAIN["training.csv"] += "m0,true\n"
LATE = {**with_signs(10)}
LATE["signs.csv"] = LATE["signs.csv"].replace("2023", "2025").replace("2020", "2024")
GONE_IN_BOTH = {**with_signs(10)}
GONE_IN_BOTH["c.csv"] = table(
    "person", rows=[(f"{kind}{n}",) for kind, size in (("m", 80), ("o", 10)) for n in range(size)]
)
OLD_SIGNS = {**with_signs(10)}
OLD_SIGNS["signs.csv"] = OLD_SIGNS["signs.csv"].replace("2023", "2022")
STRANGERS = {**with_signs(10)}
STRANGERS["training.csv"] = table("person", "resident", rows=[(f"x{n}", n % 2 == 0) for n in range(200)])
DATED = {**with_signs(10)}
DATED["signs.csv"] = DATED["signs.csv"].replace("year,sign", "year,sign,date").replace(",tax", ",tax,")
DATED["signs.csv"] += "".join(f"w{n},2024,tax,2024-03-01\n" for n in range(10))
OTHER_YEAR = {**DATED}
OTHER_YEAR["signs.csv"] += "w0,2022,tax,2023-03-01\n"
LATER, BACK = {**with_signs(10)}, {**with_signs(10)}
for files, day, resident in ((LATER, "2024-03-01", "false"), (BACK, "2019-03-01", "true")):
    files["training.csv"] = files["training.csv"].replace("resident\n", "resident,left\n").replace("e\n", "e,\n")
    files["training.csv"] += f"w0,{resident},{day}\n"
OUTSIDE = {**with_signs(10)}
OUTSIDE["training.csv"] += "".join(f"x{n},false\n" for n in range(30))
HALF = {**with_signs(10, known=50)}
EXITS = {**with_signs(10), "exits.csv": table("person", "date", "direction", rows=[("g", "2023-05-01", "EXIT")] * 20)}
OTHER_BEGIN = {**with_signs(10)}
OTHER_BEGIN["exits.csv"] = table(
    "person",
    "date",
    "direction",
    rows=[(f"g{n}", "2022-02-01", "EXIT") for n in range(40)] + [(f"h{n}", "2021-02-01", "EXIT") for n in range(90)],
)
FOREIGN_SIGNS = {**with_signs(10)}
FOREIGN_SIGNS["signs.csv"] += "".join(f"stranger{n},2023,tax\n" for n in range(50))

Case = tuple[Mapping[str, str], list[str], "str | Callable[[Written], None]"]
CASES: dict[str, Case] = {
    # figures that stand in several places
    "two groups of which each is a little more than a whole": (in_groups(HALVES), [*BOTH, *BY_SEX, *YEAR], one_total),
    "sums over two dimensions": (FOUR, [*BOTH, *BY_SEX, "--by", "CTZ_STATUS", *YEAR], sums_hold),
    "groups of the table sum to its total": (FOUR, [*BOTH, *BY_SEX, "--by", "CTZ_STATUS", *YEAR], one_total),
    "counts are multiples of 5": (in_groups(HALVES), [*BOTH, *BY_SEX, *YEAR], multiples(5)),
    "counts are multiples of 3": (in_groups(HALVES), [*BOTH, *BY_SEX, *YEAR, "--round", "3"], multiples(3)),
    "intervals hold the rounded figures": (in_groups(HALVES), [*BOTH, *BY_SEX, *YEAR], intervals_hold),
    "the effect begins with the table": (in_groups(HALVES), [*BOTH, *BY_SEX, *YEAR], before_and_after),
    "exits add up": (with_signs(13), [*R, *SIGNED, *BY_SEX, *YEAR], exits_add_up),
    # what a full list beside would tell
    "a list that all but misses nobody": (on_lists(rc=99, r=1, c=1), [*BOTH, *YEAR], no_error_tells_the_overlap),
    "rates of few silent persons": (with_signs(2), [*R, *SIGNED, *BY_SEX, *YEAR], rates_of_counts),
    "rates of many silent persons": (with_signs(23), [*R, *SIGNED, *BY_SEX, *YEAR], rates_of_counts),
    "a word that discloses one or two": (with_signs(2), [*R, *SIGNED, *BY_SEX, *YEAR], never_suppressed),
    "the register without those who left": (with_signs(2), [*R, *SIGNED, *BY_SEX, *YEAR], multiples(5)),
    # options that cannot be meant
    "a negative base": (on_lists(**PLAIN), [*BOTH, *YEAR, "--round", "-5"], "--round 5"),
    "a base of two": (on_lists(**PLAIN), [*BOTH, *YEAR, "--round", "2"], "--round 5"),
    "six lists": (
        on_lists("abcdef", abcdef=50, a=9, b=9, c=9, d=9, e=9, f=9),
        [word for letter in "abcdef" for word in ("--list", f"{letter}={letter}.csv")] + YEAR,
        "There are 6 lists",
    ),
    "a year and a day": (on_lists(**PLAIN), [*BOTH, *YEAR, "--day", "2024-05-01"], "Name either year or day"),
    "no year and no day": (on_lists(**PLAIN), BOTH, "Name either year or day"),
    "an impossible day": (on_lists(**PLAIN), [*BOTH, "--day", "2024-02-30"], "2024-02-30"),
    "a precision of nothing": (on_lists(**PLAIN), [*BOTH, *YEAR, "--precision", "0"], "are wrong"),
    "a share that is no number": (on_lists(**PLAIN), [*BOTH, *YEAR, "--recall", "nan"], "not a share"),
    "a criterion in small letters": (on_lists(**PLAIN), [*BOTH, *YEAR, "--criterion", "bic"], "not one of"),
    # persons who stand twice
    "a person twice in a list counts once": (DOUBLED, [*BOTH, *YEAR], registered(80, "r: fewer than 5 rows repeat")),
    "a duplicate person is reported": (DOUBLED, [*BOTH, *YEAR], tells("; each person counts once")),
    "blanks around a person": (SPACED, [*BOTH, *YEAR], population(100)),
    "a blank row at the end": (BLANK_AT_THE_END, [*BOTH, *YEAR], population(100)),
    "a row without a person": (BLANK, [*BOTH, *YEAR], "in 1 line: 77"),
    "a record of two persons": (
        LINKED,
        ["--list", "r", "--list", "c", "--links", "links.csv", *YEAR],
        "is listed again in 1 line",
    ),
    "two rows of one person in the table of persons": (
        TWICE,
        [*BOTH, *BY_SEX, *YEAR],
        "listed more than once in 2 lines",
    ),
    "a training sample that contradicts itself": (CONTRADICTED, [*R, *SIGNED, *YEAR], "contradicts itself"),
    "a training sample that repeats itself": (AGAIN, [*R, *SIGNED, *YEAR], population(160)),
    # days
    "arrival on the day is not counted": (
        dated([(f"n{n}", "2024-01-01", "") for n in range(20)]),
        [*BOTH, *YEAR],
        registered(40),
    ),
    "arrival the day before is counted": (
        dated([(f"n{n}", "2023-12-31", "") for n in range(20)]),
        [*BOTH, *YEAR],
        registered(60),
    ),
    "departure on the day is counted": (
        dated([(f"n{n}", "2015-01-01", "2024-01-01") for n in range(20)]),
        [*BOTH, *YEAR],
        registered(60),
    ),
    "departure the day before is not counted": (
        dated([(f"n{n}", "2015-01-01", "2023-12-31") for n in range(20)]),
        [*BOTH, *YEAR],
        registered(40),
    ),
    "a returnee counts once": (
        dated([row for n in range(20) for row in ((f"n{n}", "2015-01-01", "2018-01-01"), (f"n{n}", "2020-01-01", ""))]),
        [*BOTH, *YEAR],
        registered(60),
    ),
    "an unknown start": (dated([(f"n{n}", "", "") for n in range(20)]), [*BOTH, *YEAR], registered(60)),
    "two presences at once": (
        dated([row for n in range(20) for row in ((f"n{n}", "2015-01-01", ""), (f"n{n}", "2020-01-01", ""))]),
        [*BOTH, *YEAR],
        registered(60, "; each person counts once"),
    ),
    "an end before the begin": (dated([("n0", "2020-01-01", "2019-01-01")]), [*BOTH, *YEAR], "end is not after begin"),
    "a day as people write it": (dated([("n0", "31.12.2020", "")]), [*BOTH, *YEAR], "is not a day"),
    "all have left": (
        {"r.csv": "person,begin,end\np1,2010-01-01,2012-01-01\n", "c.csv": "person\np1\n"},
        [*BOTH, *YEAR],
        "r has no persons on 2024-01-01",
    ),
    "a list without days beside another": (dated([("n0", "2020-01-01", "")]), [*BOTH, *YEAR], tells("c has no dates")),
    "a census day": (
        dated([(f"n{n}", "2024-05-14", "") for n in range(20)]),
        [*BOTH, "--day", "2024-05-15"],
        attribute("REF_DATE", "OTH", "2024-05-15"),
    ),
    "the middle of the year": (
        dated([(f"n{n}", "2024-05-14", "") for n in range(20)]),
        [*BOTH, "--day", "2024-07-01"],
        attribute("REF_DATE", "D0701"),
    ),
    # overlap
    "lists that share nobody": (on_lists(r=50, c=50), [*BOTH, *YEAR], "No person is on both"),
    "three lists of which one shares nobody": (
        on_lists("rcs", rc=50, r=20, c=20, s=30),
        [*THREE, *YEAR],
        "No person of s",
    ),
    "two of three lists share nobody": (
        on_lists("rcs", rc=50, rs=40, r=60, c=30, s=20),
        [*THREE, *YEAR],
        tells("c and s share no person"),
    ),
    "the second list is empty": ({**on_lists(**PLAIN), "c.csv": "person\n"}, [*BOTH, *YEAR], "c has no persons"),
    "a file of nothing": ({**on_lists(**PLAIN), "c.csv": ""}, [*BOTH, *YEAR], "c.csv"),
    "a group that is on no list": (
        NOBODY,
        [*BOTH, *BY_SEX, *YEAR],
        group_without_figure("_O", "No person of"),
    ),
    "a group that is on one list alone": (
        in_groups({**HALVES, "_O": {"c": 30}}),
        [*BOTH, *BY_SEX, *YEAR],
        group_without_figure("_O", "No person is on both"),
    ),
    "a register that has all of the census": (on_lists(rc=50, r=50), [*BOTH, *YEAR], population(100)),
    "persons whom the table does not have": (UNKNOWN, [*BOTH, *BY_SEX, *YEAR], tells("not in persons.csv", "_U")),
    # links
    "links that were measured": (
        {**MISSED, **measured(c=("1.0", "0.8"))},
        [*BOTH, *YEAR, "--linkage", "linkage_errors.csv"],
        population(840, 0),
    ),
    "measured links are reported": (
        {**MISSED, **measured(c=("1.0", "0.8"))},
        [*BOTH, *YEAR, "--linkage", "linkage_errors.csv"],
        tells(
            "precision 1.0 (model, without",
            "recall 0.8 (clerical sample, 200 pairs judged)",
            "links assumed correct | 1050 | 210",
            "the 95% interval does not cover this",
        ),
    ),
    "links of three lists": (
        {**THRICE, **measured(c=("1.0", "1.0"), s=("1.0", "1.0"))},
        [*THREE, *YEAR, "--linkage", "linkage_errors.csv"],
        population(800, 5),
    ),
    "missed links of three lists": (
        {**THRICE, **measured(c=("1.0", "0.95"), s=("1.0", "0.95"))},
        [*THREE, *YEAR, "--linkage", "linkage_errors.csv"],
        tells("errors of links corrected", "c precision 1.0 (model", "recall 0.95", "links assumed correct | 800 |"),
    ),
    "a linkage without two lists": (
        {**THRICE, **measured(c=("1.0", "0.8"))},
        [*THREE, *YEAR, "--linkage", "linkage_errors.csv"],
        "not describe how r, s were linked",
    ),
    "a linkage without a rate": (
        {**MISSED, **measured(c=("1.0", ""))},
        [*BOTH, *YEAR, "--linkage", "linkage_errors.csv"],
        "There is no recall of c",
    ),
    "a linkage and a rate": (
        {**MISSED, **measured(c=("1.0", "0.8"))},
        [*BOTH, *YEAR, "--linkage", "linkage_errors.csv", "--recall", "0.9"],
        "one way to state them",
    ),
    "rates that the lists contradict": (
        {**THRICE, **measured(c=("1.0", "0.5"), s=("1.0", "0.5"))},
        [*THREE, *YEAR, "--linkage", "linkage_errors.csv"],
        "on one list alone is negative",
    ),
    "double records that were missed": (
        DOUBLES,
        [*BOTH, *YEAR, "--linkage", "linkage_errors.csv"],
        tells("about 12 double records", "the estimate is too high"),
    ),
    "a file without the name of its list": (on_lists(**PLAIN), ["--list", "r.csv", *C, *YEAR], "its list has no name"),
    "unknown double records": (on_lists(**PLAIN), [*BOTH, *YEAR], tells("nobody is on a list twice")),
    "a recall of nothing": (on_lists(**PLAIN), [*BOTH, *YEAR, "--recall", "0"], "Recall must be above 0"),
    # who is not there any more
    "persons who died before the day": (
        DEAD,
        [*BOTH, *YEAR, "--persons", "persons.csv"],
        both(population(106, 3), tells("10 persons of the lists died before the day, and are removed from all")),
    ),
    "a second list with persons who left": (
        {**GONE, "c.csv": GONE["c.csv"] + "".join(f"o{n}\n" for n in range(30))},
        [*BOTH, *SIGNED, *YEAR],
        both(population(160), tells("absent persons are taken off c, too", *DOUBTFUL)),
    ),
    "emigrants on the second list alone": (
        {**GONE, **EXITED, "c.csv": GONE["c.csv"] + "".join(f"o{n}\nx{n}\n" for n in range(30))},
        [*BOTH, *SIGNED, *YEAR, "--exits", "exits.csv"],
        both(population(160), tells("of those whose exit was registered in the year, and of others with the same")),
    ),
    "emigrants on the second list alone, none sampled": (
        {**GONE, "exits.csv": EXITED["exits.csv"], "c.csv": GONE["c.csv"] + "".join(f"x{n}\n" for n in range(30))},
        [*BOTH, *SIGNED, *YEAR, "--exits", "exits.csv"],
        tells("and none of them is in the training sample: who has left makes the estimate too high"),
    ),
    # signs
    "signs with a day before that of the lists": (
        DATED,
        [*R, *SIGNED, *BY_SEX, "--day", "2024-05-15"],
        group_with("F", absent="0"),
    ),
    "signs of the year of the lists": (DATED, [*R, *SIGNED, *BY_SEX, *YEAR], group_with("F", absent="10")),
    "a day of another year": (OTHER_YEAR, [*R, *SIGNED, *YEAR], "year differs from the year of date in 1 line"),
    "signs of persons who are not in the register": (FOREIGN_SIGNS, [*R, *SIGNED, *YEAR], population(160)),
    "signs that end a year before the day": (OLD_SIGNS, [*R, *SIGNED, *YEAR], "There is no sign of life in 2023"),
    "signs after the day alone": (LATE, [*R, *SIGNED, *YEAR], "no sign of life"),
    "a sample of fifty who left": (HALF, [*R, *SIGNED, *YEAR], "One half of the training sample"),
    "persons of the sample who left after the day": (LATER, [*R, *SIGNED, *YEAR], "left is not before 2024-01-01"),
    "residents with a day of leaving": (BACK, [*R, *SIGNED, *YEAR], "resident is true, and left"),
    "persons of the sample who are not in the register": (
        OUTSIDE,
        [*R, *SIGNED, *YEAR],
        tells("30 persons of the training sample are not in the register"),
    ),
    "an exit that stands twenty times": (
        EXITS,
        [*R, *SIGNED, "--exits", "exits.csv", *YEAR],
        tells("19 moves of --exits are repeated"),
    ),
    "exits of years that begin on another day": (
        OTHER_BEGIN,
        [*R, *SIGNED, "--exits", "exits.csv", "--day", "2024-05-15"],
        exits_of("2021", registered="40"),
    ),
    "a rate that goes out at the limit": (
        with_signs(102, active=898),
        [*R, *SIGNED, *BY_SEX, *YEAR],
        group_with("F", over_coverage="0.100", hard_to_count=""),
    ),
    "links of one list": (with_signs(10), [*R, *SIGNED, *YEAR, "--recall", "0.9"], "need several lists"),
    "a share from a sample of nobody": (on_lists(**PLAIN), [*BOTH, *YEAR, "--recall", "0.9:0"], "is not a share"),
    "a second list of persons of whom some have left": (
        GONE_IN_BOTH,
        [*BOTH, *SIGNED, *YEAR],
        speaks("Doubtful: c has persons of the training sample"),
    ),
    "a training sample of strangers": (STRANGERS, [*R, *SIGNED, *YEAR], "No person of the training sample"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_reported_or_correct(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, words, expected = CASES[name]
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    named = [
        str(tmp_path / word) if word.endswith(".csv") and "=" not in word else word.replace("=", f"={tmp_path}/")
        for word in words
    ]
    code = run(["coverage", "--area", "XA", "--rule", "R12", *named, "-o", str(tmp_path / "out")])
    captured = capsys.readouterr()
    if isinstance(expected, str):
        assert (code, expected in captured.err) == (2, True), captured
        assert not (tmp_path / "out").exists()
        assert "p-" not in captured.err.replace(str(tmp_path), "")
        return
    assert code == 0, captured.err
    texts = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    tables = {
        name.removesuffix(".csv"): list(csv.DictReader(text.splitlines()))
        for name, text in texts.items()
        if name.endswith(".csv")
    }
    expected(Written(tables, texts, spoken=captured.out + captured.err))
