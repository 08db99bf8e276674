"""Damages of title, unit, population group, place, period and measure."""

from __future__ import annotations

import random
import re
from typing import Any

from benchmarks.retitled_tables.model import Cell, Table, restate
from benchmarks.retitled_tables.tools import (
    MEMBERS,
    YEAR,
    alternative,
    copy_sheet,
    figures,
    head_row,
    heads,
    is_cross,
    is_stock,
    kind,
    label_rows,
    need,
    put,
    regroup,
    retime,
    scaled,
    territory,
    total_row,
    word,
    words_of,
    years,
)

PARTS = ("who", "place", "by", "period", "unit", "stub", "value", "full")
OF_MEASURE = (
    "UNIT_MEASURE",
    "REF_DATE",
    "DIRECTION",
    "ADM_ITEM",
    "PROT_ITEM",
    "CTZ_ITEM",
    "CTZ_MODE",
    "LF_STATUS",
    "REASON",
)
PERSONS = re.compile("person|perso|pessoas|человек|осіб|kişi|人|أفراد")


def alter(table: Table, other: dict[str, Any]) -> None:
    """Put another wording of the base into the table, with what it changes in the facts."""
    if "drop" in other:
        drop_own(table, other["drop"])
    table.say(**{k: v for k, v in other.items() if k in PARTS})
    facts = dict(other.get("set", {}))
    if "group" in facts:
        regroup(table, facts.pop("group"))
    put(figures(table), **facts)


def drop_own(table: Table, code: str) -> None:
    """Leave out the row of the country itself; the total goes down with it."""
    dim = table.base.labels[0]
    row = next(r for r in label_rows(table) if table.main.rows[r][1].said.get(dim) == code)
    for cell, total in zip(table.main.rows[row], table.main.rows[total_row(table)], strict=True):
        if cell.facts is not None:
            total.text = str(int(total.text) - int(cell.text))
    del table.main.rows[row]


def simple(name: str, key: str, unknown: tuple[str, ...] = ()) -> None:
    """A kind that takes another wording of the base; where that sets nothing, `unknown` must be asked."""

    @kind(name)
    def damage(table: Table, rng: random.Random) -> None:
        other = alternative(table, key, rng)
        alter(table, other)
        if "set" not in other:
            put(figures(table), **dict.fromkeys(unknown, "?a" if len(unknown) > 1 else "?"))
        for cell in figures(table, MEASURE="?"):
            for beside in OF_MEASURE:
                cell.said.pop(beside, None)


for one in ("group_foreign", "group_citizens", "group_non", "group_birth", "group_special"):
    simple(one, one)
simple("group_background", "group_background", ("BIRTH_STATUS", "CTZ_STATUS"))
simple("unit_other", "unit_other")
simple("measure_opposite", "opposite")
simple("measure_without_code", "none", ("MEASURE",))
simple("measure_related", "other", ("MEASURE",))
simple("place_other_country", "other_country", ("REF_AREA",))
simple("reference_date", "refdate")
simple("period_average", "average")
simple("plain_longer_title", "longer")
simple("plain_title_language", "english")
simple("plain_stub_synonym", "synonym")


def place_kind(name: str, key: str) -> None:
    """A kind whose title names a part of the country."""

    @kind(name)
    def damage(table: Table, rng: random.Random) -> None:
        alter(table, alternative(table, key, rng))
        territory(figures(table))


for one in ("region", "city", "urban", "part"):
    place_kind(f"place_{one}", one)


@kind("place_sheet")
def place_sheet(table: Table, rng: random.Random) -> None:
    """The sheet is named after a region, the title is not changed."""
    need(table.part["sheet"])
    table.say(sheet=alternative(table, "region", rng)["sheet"])
    territory(figures(table))


@kind("place_rows")
def place_rows(table: Table, rng: random.Random) -> None:
    """Regions of the country replace countries."""
    other = alternative(table, "region_rows", rng)
    table.say(by=other["by"], stub=other["stub"])
    dim, names = table.base.labels[0], list(other["names"])
    rng.shuffle(names)
    for r in label_rows(table):
        row = table.main.rows[r]
        cells = [c for c in row if c.facts is not None]
        total = cells[0].said[dim] == "_T"
        put(cells, **{dim: "_T"})
        for cell in cells:
            restate(cell.said, dim, table.base.group, table.base.area)
        if not total:
            row[0].text = names.pop()
            territory(cells)
            for cell in cells:
                cell.use = "may"


def thousand(table: Table, rng: random.Random, key: str) -> str:
    """A word for thousands that fits what is counted."""
    words = words_of(table, key)
    return str(rng.choice([w for w in words if table.base.dataflow != "DF_PERMIT" or not PERSONS.search(w)]))


@kind("unit_thousand")
def unit_thousand(table: Table, rng: random.Random) -> None:
    """Thousands instead of persons, stated in the place of the unit."""
    table.say(unit=thousand(table, rng, "unit_thousand"))
    scaled(figures(table), 0.001, 1)
    put(figures(table), UNIT_MULT="3")


@kind("unit_thousand_stub")
def unit_thousand_stub(table: Table, rng: random.Random) -> None:
    """Thousands, said only in the head of the labels or of the values."""
    said = f" ({thousand(table, rng, 'unit_thousand')})"
    if table.base.long:
        table.say(unit="", value=table.part["value"] + said)
    else:
        table.say(unit="", stub=table.part["stub"] + said)
    for _, _, cell in table.main.cells("unit"):
        cell.text = ""
    scaled(figures(table), 0.001, 1)
    put(figures(table), UNIT_MULT="3")


@kind("unit_ten_thousand")
def unit_ten_thousand(table: Table, rng: random.Random) -> None:
    """Tens of thousands, as Chinese tables count."""
    table.say(unit=thousand(table, rng, "unit_wan"))
    scaled(figures(table), 0.0001, 2)
    put(figures(table), UNIT_MULT="4")


@kind("unit_row_thousand")
def unit_row_thousand(table: Table, rng: random.Random) -> None:
    """Only the total row is in thousands, as its label says."""
    row = table.main.rows[total_row(table)]
    row[0].text += f" ({thousand(table, rng, 'unit_thousand')})"
    cells = [c for c in row if c.facts is not None]
    scaled(cells, 0.001, 1)
    put(cells, UNIT_MULT="3")


@kind("unit_column_thousand")
def unit_column_thousand(table: Table, rng: random.Random) -> None:
    """Only the last year is in thousands, as its head says."""
    is_cross(table)
    last = years(table)[-1]
    said = f" ({thousand(table, rng, 'unit_thousand')})"
    retime(table, {last: (next(c.text for c in heads(table) if str(last) in c.text) + said, str(last))})
    cells = figures(table, TIME_PERIOD=str(last))
    scaled(cells, 0.001, 1)
    put(cells, UNIT_MULT="3")


@kind("unit_percent")
def unit_percent(table: Table, rng: random.Random) -> None:
    """Shares of the total instead of persons."""
    dim = table.base.partner or table.base.row_dims[0]

    def key(facts: dict[str, str]) -> tuple[str, ...]:
        beside = {"BIRTH_STATUS", "CTZ_STATUS", dim} if table.base.partner else {dim}
        return tuple(v for k, v in facts.items() if k not in beside)

    whole = {key(c.said): int(c.text) for c in figures(table) if c.said[dim] == "_T"}
    table.say(unit=word(table, "unit_percent", rng))
    for cell in figures(table):
        cell.text = f"{int(cell.text) / whole[key(cell.said)] * 100:.1f}"
    put(figures(table), UNIT_MEASURE="PT")


@kind("unit_rate")
def unit_rate(table: Table, rng: random.Random) -> None:
    """Per 1,000 inhabitants instead of persons."""
    table.say(unit=word(table, "unit_rate", rng))
    scaled(figures(table), 0.0004, 2)
    put(figures(table), UNIT_MEASURE="PER_1000_POP")


@kind("unit_index")
def unit_index(table: Table, rng: random.Random) -> None:
    """Index numbers with the first year as 100."""
    is_cross(table)
    first = str(years(table)[0])

    def key(facts: dict[str, str]) -> tuple[str, ...]:
        return tuple(v for k, v in facts.items() if k != "TIME_PERIOD")

    start = {key(c.said): int(c.text) for c in figures(table, TIME_PERIOD=first)}
    table.say(unit=word(table, "unit_index", rng).format(y=first))
    for cell in figures(table):
        cell.text = f"{int(cell.text) / start[key(cell.said)] * 100:.1f}"
    put(figures(table), UNIT_MEASURE="IX")


@kind("group_women")
def group_women(table: Table, rng: random.Random) -> None:
    """The title says that only women are counted."""
    need({c.said.get("SEX") for c in figures(table)} == {"_T"})
    table.say(suffix=word(table, "suffix_women", rng))
    put(figures(table), SEX="F")


@kind("group_age")
def group_age(table: Table, rng: random.Random) -> None:
    """The title limits the ages."""
    need({c.said.get("AGE") for c in figures(table)} == {"_T"})
    text, code = word(table, "suffix_age", rng)
    table.say(suffix=text)
    put(figures(table), AGE=code)


@kind("exclusion_title")
def exclusion_title(table: Table, rng: random.Random) -> None:
    """The title leaves a group of countries out: the total is no longer that of all countries."""
    dim = table.base.partner
    need(dim)
    text, group = word(table, "suffix_excluding", rng)
    need(not MEMBERS[group] & {c.said[dim] for c in figures(table)} and table.base.area not in MEMBERS[group])
    table.say(suffix=text)
    put(figures(table, **{dim: "_T"}), **{dim: "?"})


def criterion(table: Table, rng: random.Random) -> dict[str, Any]:
    """The base's other criterion; the countries of the rows move to its component."""
    other = alternative(table, "criterion", rng)
    old, new = table.base.partner, other["move"]
    for cell in figures(table):
        facts = cell.said
        code, facts[old] = facts[old], "_T"
        group = "_T" if "set" in other else table.base.group
        restate(facts, old, group, table.base.area)
        if new:
            facts[new] = code
            restate(facts, new, "_T", table.base.area)
        elif code != "_T":
            facts["EXTRA"] = "?"
    put(figures(table), **other.get("set", {}))
    return other


@kind("criterion_title")
def criterion_title(table: Table, rng: random.Random) -> None:
    """Birth instead of citizenship (or the like), in title and head."""
    other = criterion(table, rng)
    table.say(by=other["by"], stub=other["stub"])


@kind("criterion_stub")
def criterion_stub(table: Table, rng: random.Random) -> None:
    """The same, stated only in the header of the labels; the title says “country”."""
    other = criterion(table, rng)
    table.say(by=other["neutral"], stub=other["stub"])


@kind("criterion_conflict")
def criterion_conflict(table: Table, rng: random.Random) -> None:
    """The title says one criterion, the head of the labels another one."""
    other = alternative(table, "criterion", rng)
    table.say(stub=other["stub"])
    for cell in figures(table):
        facts = cell.said
        if facts[table.base.partner] != "_T":
            facts[table.base.partner] = "?a"
            facts[other["move"] or "EXTRA"] = "?a"
            for beside in ("BIRTH_STATUS", "CTZ_STATUS"):
                facts.pop(beside, None)


@kind("years_rolled")
def years_rolled(table: Table, rng: random.Random) -> None:
    """The next edition: all years go up."""
    step = rng.choice((1, 2))
    up = re.compile(YEAR.pattern)

    def shift(text: str) -> str:
        return up.sub(lambda m: str(int(m[0]) + step), text)

    table.say(period=shift(table.part["period"]))
    for cell in heads(table):
        cell.text = shift(cell.text)
    for cell in figures(table):
        cell.said["TIME_PERIOD"] = shift(cell.said["TIME_PERIOD"])


def span(first: str, months: int, last: str) -> str:
    """Ways to write a period that is no calendar year."""
    length = f"P{months // 12}Y" if months % 12 == 0 else f"P{months}M"
    return f"{first}-01/{length}|{first}/{length}|{first}-01/{last}|{first}-01/P{months}M"


@kind("fiscal_stated")
def fiscal_stated(table: Table, rng: random.Random) -> None:
    """Fiscal years instead of calendar years; the title states their first month."""
    need(not is_stock(table))
    both = [(y, f"{y}/{(y + 1) % 100:02d}") for y in years(table)]
    old = {y: next(c.text for c in heads(table) if str(y) in c.text) for y, _ in both}
    table.say(suffix=word(table, "suffix_fiscal", rng), period=f"{both[0][1]}–{both[-1][1]}")
    retime(table, {y: (YEAR.sub(t, old[y]), span(f"{y}-07", 12, f"{y + 1}-06-30")) for y, t in both})


@kind("fiscal_unstated")
def fiscal_unstated(table: Table, rng: random.Random) -> None:
    """Years such as 2021/22 with an unstated beginning."""
    need(not is_stock(table))
    sign = rng.choice(("{y}/{n:02d}", "{y}–{n:02d}", "{y}/{m}"))
    text = {y: sign.format(y=y, n=(y + 1) % 100, m=y + 1) for y in years(table)}
    old = {y: next(c.text for c in heads(table) if str(y) in c.text) for y in text}
    table.say(period=f"{min(text.values())} – {max(text.values())}")
    retime(table, {y: (YEAR.sub(t, old[y]), "?") for y, t in text.items()})


@kind("quarters")
def quarters(table: Table, rng: random.Random) -> None:
    """Quarters instead of years."""
    need(not is_stock(table))
    old = years(table)
    last, form = old[-1], word(table, "quarter", rng)
    names, new = words_of(table, "quarter_words"), {}
    for back, year in enumerate(reversed(old)):
        q, y = 4 - back % 4, last - back // 4
        text = form.format(q=q, n=("I", "II", "III", "IV")[q - 1], o=names[q - 1], y=y)
        new[year] = (text, f"{y}-Q{q}")
    table.say(period=f"{new[old[0]][0]} – {new[last][0]}")
    retime(table, new)
    put(figures(table), FREQ="Q")


@kind("months")
def months(table: Table, rng: random.Random) -> None:
    """Months instead of years."""
    need(not is_stock(table) and len(years(table)) <= 5)
    old = years(table)
    last, names = old[-1], words_of(table, "months")
    zh = table.base.language == "zh"
    first = names[5 - len(old)]
    table.say(period=f"{last}年{first}—{names[-1]}" if zh else f"{first} – {names[-1]} {last}")
    say = rng.choice(("{m} {y}", "{m}")) if not zh else "{y}年{m}"
    new = {}
    for n, year in enumerate(reversed(old)):
        new[year] = (say.format(m=names[-1 - n], y=last), f"{last}-{12 - n:02d}")
    retime(table, new)
    put(figures(table), FREQ="M")


@kind("year_to_date")
def year_to_date(table: Table, rng: random.Random) -> None:
    """The last year covers its first nine months only."""
    need(not is_stock(table))
    last = years(table)[-1]
    retime(table, {last: (word(table, "to_date", rng).format(y=last), span(f"{last}-01", 9, f"{last}-09-30"))})


@kind("years_ended_june")
def years_ended_june(table: Table, rng: random.Random) -> None:
    """Twelve months to the end of June, as the title says; the heads are not changed."""
    need(not is_stock(table))
    old = {y: next(c.text for c in heads(table) if str(y) in c.text) for y in years(table)}
    table.say(suffix=word(table, "suffix_ended", rng))
    retime(table, {y: (t, span(f"{y - 1}-07", 12, f"{y}-06-30")) for y, t in old.items()})


@kind("year_in_sheet_only")
def year_in_sheet_only(table: Table, rng: random.Random) -> None:
    """Only the sheet name states the year."""
    need(not heads(table) and table.part["sheet"])
    year = YEAR.findall(table.part["period"])
    period = table.part["period"].replace(year[0], "").strip().removesuffix(" de")
    table.say(sheet=rng.choice((year[0], table.part["sheet"] + " " + year[0])), period=period)


@kind("year_in_sheet_conflict")
def year_in_sheet_conflict(table: Table, rng: random.Random) -> None:
    """The sheet is still named after the year before; the title is right."""
    need(not heads(table) and table.part["sheet"])
    year = YEAR.findall(table.part["period"])
    before = str(int(year[0]) - 1)
    table.say(sheet=rng.choice((before, table.part["sheet"] + " " + before)))


@kind("hijri_years")
def hijri_years(table: Table, rng: random.Random) -> None:
    """Years of the Hijri calendar, each of which lies in two years of the other one."""
    need(table.base.language == "ar" and not is_stock(table))
    form = rng.choice(("{y}هـ", "{y} هـ"))
    table.say(period="–".join(form.format(y=y - 579) for y in (years(table)[0], years(table)[-1])))
    retime(table, {y: (form.format(y=y - 579), "?") for y in years(table)})


@kind("two_digit_years")
def two_digit_years(table: Table, rng: random.Random) -> None:
    """Heads say 19 or ’19; the title has the years in full."""
    is_cross(table)
    form = rng.choice(("’{:02d}", "{:02d}"))
    retime(table, {y: (form.format(y % 100), str(y)) for y in years(table)})


@kind("title_lost")
def title_lost(table: Table, rng: random.Random) -> None:
    """The table comes without its title, which alone said the year."""
    need(not heads(table))
    for _, _, cell in table.main.cells("title"):
        cell.text = ""
    if rng.random() < 0.5:
        table.main.rows = table.main.rows[head_row(table) :]
    put(figures(table), TIME_PERIOD="?", REF_DATE="?")
    for cell in figures(table):
        for beside in ("BIRTH_STATUS", "CTZ_STATUS", "ADM_ITEM", "UNIT_MEASURE", "REF_AREA"):
            cell.said.pop(beside, None)


@kind("provisional_title")
def provisional_title(table: Table, rng: random.Random) -> None:
    """The title says that all figures are provisional."""
    table.say(after=word(table, "status_title", rng))
    put(figures(table), OBS_STATUS="P")


@kind("plain_final")
def plain_final(table: Table, rng: random.Random) -> None:
    """The title says that the figures are final."""
    table.say(after=word(table, "h_final", rng))


@kind("plain_continued")
def plain_continued(table: Table, rng: random.Random) -> None:
    """The title says that the table goes on from another page."""
    table.say(after=word(table, "h_continued", rng))


@kind("plain_number")
def plain_number(table: Table, rng: random.Random) -> None:
    """Another number of the table."""
    step = rng.choice((1, 2, 5, 10))
    number = re.sub(r"\d+", lambda m: str(int(m[0]) + step), table.part["number"], count=1)
    table.say(number=number)


@kind("second_sheet_opposite")
def second_sheet_opposite(table: Table, rng: random.Random) -> None:
    """A second sheet holds the same table of the opposite measure."""
    need(table.part["sheet"])
    name = table.part["sheet"] + " (2)"
    other = Table(table.base, [copy_sheet(table, name)], part={**table.part, "sheet": name})
    scaled(figures(other), rng.choice((2, 3)), 0)
    alter(other, alternative(table, "opposite", rng))


@kind("second_sheet_region")
def second_sheet_region(table: Table, rng: random.Random) -> None:
    """A second sheet holds the same table of a region of the country."""
    region = alternative(table, "region", rng)
    need(region.get("sheet") and table.part["sheet"])
    other = Table(table.base, [copy_sheet(table, region["sheet"])], part={**table.part, "sheet": region["sheet"]})
    scaled(figures(other), rng.choice((0.1, 0.2, 0.3)), 0)
    alter(other, region)
    territory(figures(other))


@kind("second_measure_columns")
def second_measure_columns(table: Table, rng: random.Random) -> None:
    """The opposite flow is to the right, below its own row of heads."""
    is_cross(table, 1)
    other = alternative(table, "both", rng)
    top, rows = head_row(table), label_rows(table)
    width = max(len(table.main.rows[r]) for r in rows)
    first: list[Cell] = [Cell(table.part["stub"], "stub", dim=table.base.labels[0])]
    for text in (other["first"], other["second"]):
        first += [Cell(text, "extra")] + [Cell("<") for _ in range(width - 2)]
    for r in [top, *rows]:
        row = table.main.rows[r]
        for cell in [*row[1:]]:
            facts = dict(cell.facts) | other["set"] if cell.facts is not None else None
            value = str(int(cell.text) * 2) if cell.facts is not None else cell.text
            row.append(Cell(value, cell.role, dim=cell.dim, facts=facts, use="may" if facts else "must"))
    table.main.rows[top][0] = Cell("^")
    table.main.insert_row(top, first)
    table.say(**{k: v for k, v in other.items() if k in PARTS})


@kind("second_measure_rows")
def second_measure_rows(table: Table, rng: random.Random) -> None:
    """The opposite flow is below, both under their own lines."""
    is_cross(table, 1)
    other = alternative(table, "both", rng)
    rows = label_rows(table)
    more = []
    for r in rows:
        more.append([Cell(c.text, c.role, dim=c.dim) for c in table.main.rows[r]])
        for cell, old in zip(more[-1], table.main.rows[r], strict=True):
            if old.facts is not None:
                cell.text, cell.use, cell.facts = str(int(old.text) * 2), "may", dict(old.facts) | other["set"]
    table.main.rows[rows[-1] + 1 : rows[-1] + 1] = [[Cell(other["second"], "extra")], *more]
    table.main.insert_row(rows[0], [Cell(other["first"], "extra")])
    table.say(**{k: v for k, v in other.items() if k in PARTS})
