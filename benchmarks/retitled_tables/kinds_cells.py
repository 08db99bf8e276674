"""Damages of heads, columns, rows, labels, marks and statuses."""

from __future__ import annotations

import random

from benchmarks.retitled_tables.kinds_title import span
from benchmarks.retitled_tables.model import Cell, Row, Table, restate
from benchmarks.retitled_tables.tools import (
    CONTINENT,
    MEMBERS,
    body,
    code_of,
    columns,
    figures,
    head_row,
    heads,
    into_totals,
    is_cross,
    is_stock,
    kind,
    label_rows,
    need,
    new_row,
    note,
    put,
    relabel,
    split_rows,
    table_column,
    territory,
    total_row,
    word,
    words_of,
    years,
)

CODES = {
    "AE": "784", "AF": "004", "AM": "051", "AO": "024", "AR": "032", "AT": "040", "AU": "036", "AZ": "031", "BA": "070",
    "BD": "050", "BE": "056", "BF": "854", "BR": "076", "CA": "124", "CL": "152", "CN": "156", "CU": "192", "CV": "132",
    "DE": "276", "DZ": "012", "EC": "218", "EG": "818", "ER": "232", "ES": "724", "ET": "231", "FR": "250", "GB": "826",
    "GE": "268", "HU": "348", "ID": "360", "IN": "356", "IQ": "368", "IR": "364", "IT": "380", "JO": "400", "JP": "392",
    "KR": "410", "KW": "414", "KZ": "398", "LB": "422", "LK": "144", "LY": "434", "MA": "504", "MD": "498", "NG": "566",
    "NO": "578", "NP": "524", "NZ": "554", "PE": "604", "PH": "608", "PK": "586", "PL": "616", "PT": "620", "QA": "634",
    "RO": "642", "RS": "688", "RU": "643", "RW": "646", "SA": "682", "SG": "702", "SN": "686", "SO": "706", "SY": "760",
    "TG": "768", "TH": "764", "TJ": "762", "TN": "788", "TR": "792", "TZ": "834", "UA": "804", "UG": "800", "US": "840",
    "UZ": "860", "VE": "862", "VN": "704", "YE": "887", "ZW": "716",
}  # fmt: skip


def marked_year(name: str, key: str, status: str, legend: str = "") -> None:
    """A kind that marks the head (or the labels) of the last year."""

    @kind(name)
    def damage(table: Table, rng: random.Random) -> None:
        last = years(table)[-1]
        mark = rng.choice(("*", "b")) if legend and key == "" else word(table, key, rng) if key else "b"
        if name == "break_in_series":
            mark = "b"
        elif legend:
            mark = rng.choice(("*", " *", "¹", " 1)"))
        for cell in heads(table):
            if str(last) in cell.text:
                cell.text += mark
        if legend:
            said = word(table, legend, rng)
            note(table, said.format(m=mark.strip(), y=last))
        if status == "REV":
            put(figures(table, TIME_PERIOD=str(last)), REV_STAGE="REV")
        else:
            put(figures(table, TIME_PERIOD=str(last)), OBS_STATUS=status)


marked_year("provisional_head", "mark_p", "P")
marked_year("provisional_star", "", "P", "legend_p")
marked_year("revised_head", "mark_r", "REV")
marked_year("estimated_head", "mark_e", "E")
marked_year("forecast_head", "mark_f", "F")
marked_year("break_in_series", "", "B", "mark_b")


@kind("provisional_cells")
def provisional_cells(table: Table, rng: random.Random) -> None:
    """Some figures carry a mark, explained below."""
    mark = rng.choice(("p", "*", " (p)"))
    for cell in rng.sample(list(figures(table)), rng.randint(2, 5)):
        cell.text += mark
        put([cell], OBS_STATUS="P")
    note(table, word(table, "legend_p", rng).format(m=mark.strip()))


@kind("provisional_note")
def provisional_note(table: Table, rng: random.Random) -> None:
    """Only a note below says that the last year is provisional."""
    last = max(c.said["TIME_PERIOD"] for c in figures(table))
    note(table, word(table, "status_note", rng).format(y=last))
    put(figures(table, TIME_PERIOD=last), OBS_STATUS="P")


@kind("status_column")
def status_column(table: Table, rng: random.Random) -> None:
    """A column gives the status of each row (long table), or of the last year."""
    head, (draft, final) = word(table, "status_head", rng), words_of(table, "status_values")
    if table.base.long:
        last = str(years(table)[-1])
        at = columns(table)[0] + rng.choice((0, 1))
        said = {r: draft if code_of(table, r, "TIME_PERIOD") == last else final for r in label_rows(table)}
        cells = {r: Cell(text, "extra") for r, text in said.items()}
    else:
        is_cross(table, 1)
        last, at = str(years(table)[-1]), columns(table)[-1] + 1
        head = f"{head} {last}"
        cells = {r: Cell(draft, "extra") for r in label_rows(table)}
    table_column(table, at, cells | {head_row(table): Cell(head, "extra")})
    put(figures(table, TIME_PERIOD=last), OBS_STATUS="P")


@kind("suppressed_cells")
def suppressed_cells(table: Table, rng: random.Random) -> None:
    """Signs stand for some figures, explained below."""
    sign, legend = word(table, "suppressed", rng)
    dim = table.base.partner or table.base.row_dims[0]
    parts = [c for c in figures(table) if c.said[dim] != "_T"]
    for cell in rng.sample(parts, rng.randint(2, 4)):
        cell.text, cell.use = sign, "may"
        put([cell], OBS_STATUS="Q")
    note(table, legend)


def shares(table: Table) -> dict[int, list[str]]:
    """For each column its shares of the sum, as texts, by row."""
    total = table.main.rows[total_row(table)]
    found: dict[int, list[str]] = {}
    for r in label_rows(table):
        row = table.main.rows[r]
        found[r] = [f"{int(row[c].text) / int(total[c].text) * 100:.1f}" for c in columns(table)]
    return found


def share_columns(table: Table, head: str) -> None:
    """A column of shares behind each column of figures."""
    is_cross(table, 1)
    need(table.base.sections != "SEX")
    texts = shares(table)
    for n, at in reversed(list(enumerate(columns(table)))):
        cells = {head_row(table): Cell(head, "extra")}
        for r in label_rows(table):
            facts = dict(table.main.rows[r][at].said) | {"UNIT_MEASURE": "PT"}
            cells[r] = Cell(texts[r][n], "", dim="", facts=facts, use="may")
        table_column(table, at + 1, cells)


@kind("share_columns")
def share_columns_plain(table: Table, rng: random.Random) -> None:
    """Columns of shares between, under a percent sign."""
    share_columns(table, rng.choice(("%", "in %" if table.base.language in ("en", "de") else " %", "% ")))


@kind("number_and_share")
def number_and_share(table: Table, rng: random.Random) -> None:
    """A second row of heads: number and percent under each year."""
    share_columns(table, "<")
    top = head_row(table)
    head, row = word(table, "number_head", rng), table.main.rows[top]
    below: Row = [Cell("^")]
    for n in range(1, len(row)):
        below.append(Cell(head if n % 2 else "%", "extra"))
    table.main.insert_row(top + 1, below)


@kind("serial_column")
def serial_column(table: Table, rng: random.Random) -> None:
    """A first column of running numbers."""
    cells = {head_row(table): Cell(word(table, "serial_head", rng), "extra")}
    dim = table.base.partner or table.base.row_dims[0]
    rows = [r for r in label_rows(table) if code_of(table, r, dim) != "_T" or table.base.long]
    for n, r in enumerate(rows, 1):
        cells[r] = Cell(str(n), "", dim="", facts={}, use="never")
    need(len(rows) > 2)
    table_column(table, 0, cells)


def continent_of(code: str) -> str:
    """The continent of a country."""
    return next((k for k, v in CONTINENT.items() if code in v.split()), "")


@kind("continent_column")
def continent_column(table: Table, rng: random.Random) -> None:
    """The continent of each country, in a column of its own before or behind the names."""
    continents(table, rng, second=False)


@kind("continent_and_group")
def continent_and_group(table: Table, rng: random.Random) -> None:
    """Continent and group of countries beside the country."""
    continents(table, rng, second=True)


def continents(table: Table, rng: random.Random, *, second: bool) -> None:
    """Put in the continent of each country, and behind it a group of countries."""
    dim = table.base.partner
    need(dim and table.base.sections != "continent")
    names, group = words_of(table, "continents"), words_of(table, "group_head")
    at = table.base.row_dims.index(dim) + rng.choice((0, 1))
    first = {head_row(table): Cell(word(table, "continent_head", rng), "extra")}
    then = {head_row(table): Cell(group[0], "extra")}
    for r in label_rows(table):
        code = code_of(table, r, dim)
        first[r] = Cell(names[continent_of(code)] if continent_of(code) else "", "extra")
        inside = code in ["AT", "BE", "DE", "ES", "FR", "HU", "IT", "PL", "PT", "RO"]
        then[r] = Cell((group[1] if inside else group[2]) if continent_of(code) else "", "extra")
    for cells in (then, first) if second else (first,):
        table_column(table, at, cells)


@kind("code_column")
def code_column(table: Table, rng: random.Random) -> None:
    """A column of numeric codes of the countries."""
    dim = table.base.partner
    need(dim and table.base.sections != "continent")
    at = table.base.row_dims.index(dim) + rng.choice((0, 1))
    cells = {head_row(table): Cell(word(table, "code_head", rng), "extra")}
    for r in label_rows(table):
        code = CODES.get(code_of(table, r, dim), "")
        cells[r] = Cell(code, "", dim="", facts={} if code else None, use="never")
    table_column(table, at, cells)


@kind("change_column")
def change_column(table: Table, rng: random.Random) -> None:
    """A last column: the change between the last two years."""
    is_cross(table, 1)
    a, b = years(table)[-2:]
    n = rng.randrange(3)
    cells = {head_row(table): Cell(words_of(table, "change_head")[n].format(a=a, b=b), "extra")}
    for r in label_rows(table):
        old, new = (int(table.main.rows[r][c].text) for c in columns(table)[-2:])
        cells[r] = Cell(
            f"{(new - old) / old * 100:.1f}" if n == 1 else str(new - old), "", dim="", facts={}, use="never"
        )
    table_column(table, columns(table)[-1] + 1, cells)


@kind("sex_ratio_column")
def sex_ratio_column(table: Table, rng: random.Random) -> None:
    """A last column: males per 100 females."""
    is_cross(table, 1)
    need(table.base.heads == ["SEX"])
    cells = {head_row(table): Cell(word(table, "sex_ratio_head", rng), "extra")}
    for r in label_rows(table):
        by = {c.said["SEX"]: int(c.text) for c in table.main.rows[r] if c.facts}
        cells[r] = Cell(f"{by['M'] / by['F'] * 100:.1f}", "", dim="", facts={}, use="never")
    table_column(table, columns(table)[-1] + 1, cells)


@kind("note_column")
def note_column(table: Table, rng: random.Random) -> None:
    """A last column with the numbers of footnotes."""
    cells = {head_row(table): Cell(word(table, "note_head", rng), "extra")}
    rows = label_rows(table)
    for r in rng.sample(rows, min(3, len(rows))):
        cells[r] = Cell(rng.choice(("1", "2", "3")), "", dim="", facts={}, use="never")
    table_column(table, columns(table)[-1] + 1, cells)
    for n in (1, 2, 3):
        note(table, f"{n} " + words_of(table, "h_name_note")[0].removeprefix("1) "))


@kind("span_column")
def span_column(table: Table, rng: random.Random) -> None:
    """A last column: the sum of all years."""
    is_cross(table, 1)
    need(not is_stock(table))
    a, b = years(table)[0], years(table)[-1]
    cells = {head_row(table): Cell(rng.choice((f"{a}–{b}", f"{a}-{b}")), "extra")}
    for r in label_rows(table):
        found = [c for c in table.main.rows[r] if c.facts is not None]
        facts = dict(found[0].said) | {"TIME_PERIOD": span(f"{a}-01", 12 * (b - a + 1), f"{b}-12-31")}
        facts.pop("FREQ")
        cells[r] = Cell(str(sum(int(c.text) for c in found)), "", dim="", facts=facts, use="may")
    table_column(table, columns(table)[-1] + 1, cells)


def swap_columns(table: Table, order: list[int], dim: str) -> None:
    """Put the columns of figures into another order, from the row of heads of a component down."""
    level = head_row(table) + table.base.heads.index(dim)
    start = columns(table)[0]
    for r in range(level, label_rows(table)[-1] + 1):
        row = table.main.rows[r]
        if len(row) > start:
            row[start:] = [row[c] for c in order]


@kind("swapped_groups")
def swapped_groups(table: Table, _rng: random.Random) -> None:
    """Women before men (or departures before arrivals), with their heads."""
    dim = next((d for d in ("SEX", "DIRECTION") if d in table.base.heads), "")
    need(dim)
    other = {"M": "F", "F": "M", "I": "E", "E": "I"}
    row = table.main.rows[label_rows(table)[0]]
    places = {tuple(row[c].said.items()): c for c in columns(table)}
    order = []
    for c in columns(table):
        facts = dict(row[c].said)
        facts[dim] = other.get(facts[dim], facts[dim])
        order.append(places[tuple(facts.items())])
    swap_columns(table, order, dim)


@kind("years_descending")
def years_descending(table: Table, _rng: random.Random) -> None:
    """The last year comes first."""
    need("TIME_PERIOD" in table.base.heads)
    row = table.main.rows[label_rows(table)[0]]
    found = columns(table)
    level = table.base.heads.index("TIME_PERIOD")
    above = list(table.base.heads[:level])

    def key(c: int) -> tuple[int, int, int]:
        facts = row[c].said
        block = next(i for i, x in enumerate(found) if all(row[x].said[d] == facts[d] for d in above))
        return (block, -int(facts["TIME_PERIOD"]), c)

    swap_columns(table, sorted(found, key=key), "TIME_PERIOD")


@kind("total_moved")
def total_moved(table: Table, _rng: random.Random) -> None:
    """The total row moves from the end to the beginning, or the reverse."""
    need(not table.base.sections)
    rows, at = label_rows(table), total_row(table)
    row = table.main.rows.pop(at)
    table.main.insert_row(rows[-1] if at == rows[0] else rows[0], row)


@kind("label_columns_swapped")
def label_columns_swapped(table: Table, rng: random.Random) -> None:
    """The columns of a long table come in another order."""
    need(table.base.long)
    width = len(table.base.long) + 1
    order = list(range(width))
    while order == list(range(width)):
        rng.shuffle(order)
    for r in body(table):
        table.main.rows[r] = [table.main.rows[r][c] for c in order]


@kind("transposed")
def transposed(table: Table, _rng: random.Random) -> None:
    """Rows become columns."""
    is_cross(table, 1)
    need(not table.base.sections)
    names, top, rows = words_of(table, "head_words"), head_row(table), label_rows(table)
    old = [table.main.rows[r] for r in [top, *rows]]
    head = [Cell(names[table.base.heads[0]], "stub"), Cell(table.part["stub"], "extra")] + [Cell("<") for _ in old[2:]]
    new: list[Row] = [head, [Cell("^"), *(row[0] for row in old[1:])]]
    for c in range(1, len(old[0])):
        new.append([row[c] for row in old])
    table.main.rows[top : rows[-1] + 1] = new


@kind("row_of_which_women")
def row_of_which_women(table: Table, rng: random.Random) -> None:
    """A row of women as “of which”, below the total."""
    of_which(table, word(table, "of_which_women", rng), codes={"SEX": "F"}, part=0.48, rng=rng)


@kind("row_of_which_minors")
def row_of_which_minors(table: Table, rng: random.Random) -> None:
    """A row of minors as “of which”, below the total."""
    n = rng.randrange(2)
    text = words_of(table, "of_which_minors")[n]
    of_which(table, text, codes={"AGE": ("Y0T17", "Y0T14")[n]}, part=0.17, rng=rng)


def of_which(table: Table, text: str, codes: dict[str, str], part: float, rng: random.Random) -> None:
    """Add a row below the total that repeats one of its parts."""
    dim = next(iter(codes))
    need(table.base.partner and {c.said.get(dim) for c in figures(table)} == {"_T"})
    at = total_row(table)
    row = new_row(table, text, codes={}, share=part, rng=rng, like=at)
    for cell in row:
        if cell.facts is not None:
            cell.facts, cell.use = cell.facts | codes, "may"
    table.main.insert_row(at + 1, row)


@kind("continent_subtotals")
def continent_subtotals(table: Table, _rng: random.Random) -> None:
    """Countries come by continent, each under a row with its sum."""
    dim = table.base.partner
    is_cross(table)
    need(dim and not table.base.sections)
    names, rows = words_of(table, "continents"), label_rows(table)
    groups: dict[str, list[Row]] = {}
    rest: list[tuple[bool, Row]] = []
    for r in rows:
        code = code_of(table, r, dim)
        if continent_of(code) and code != table.base.area:
            groups.setdefault(continent_of(code), []).append(table.main.rows[r])
        else:
            rest.append((not groups and code in ("_T", table.base.area), table.main.rows[r]))
    new: list[Row] = [row for first, row in rest if first]
    for code, group in groups.items():
        head = [Cell(c.text, c.role, dim=c.dim, facts=dict(c.facts) if c.facts else None, use="may") for c in group[0]]
        head[0].text = names[code]
        for n, cell in enumerate(head):
            if cell.facts is not None:
                cell.text = str(sum(int(row[n].text) for row in group))
                cell.facts[dim] = code
        new += [head, *group]
    table.main.rows[rows[0] : rows[-1] + 1] = new + [row for first, row in rest if not first]


def added_row(name: str, key: str, code: str, share: float) -> None:
    """A kind with one more row, whose figures go into the total."""

    @kind(name)
    def damage(table: Table, rng: random.Random) -> None:
        dim = table.base.labels[0] if table.base.labels else ""
        need(dim in (("C_CITIZEN", "C_FORMER") if code == "STLS" else (table.base.partner, "AGE")))
        need(not table.base.sections)
        rows, at = label_rows(table), total_row(table)
        said = word(table, key, rng)
        text, new = said if isinstance(said, list) else (said, code)
        need(new not in {code_of(table, r, dim) for r in rows} and not (code == "" and dim == "AGE"))
        row = new_row(table, text, codes={dim: new}, share=share, rng=rng, like=at)
        into_totals(table, row)
        table.main.insert_row(rows[-1] if at == rows[-1] else rows[-1] + 1, row)


added_row("row_unknown", "row_unknown", "_U", 0.04)
added_row("row_stateless", "row_stateless", "STLS", 0.02)
added_row("country_added", "country_new", "", 0.06)


@kind("row_own")
def row_own(table: Table, rng: random.Random) -> None:
    """The country itself becomes a row: its own citizens, or people born in it, who return."""
    dim = table.base.labels[0] if table.base.labels else ""
    need(dim in ("C_CITIZEN", "C_BIRTH") and table.base.group == "_T" and not table.base.sections)
    own = table.base.area
    rows, at, share = label_rows(table), total_row(table), rng.choice((0.2, 0.3, 0.4))
    need(own not in {code_of(table, r, dim) for r in rows})
    row = new_row(table, words_of(table, "own_names")[own], codes={dim: own}, share=share, rng=rng, like=at)
    into_totals(table, row)
    table.main.insert_row(rows[1] if at == rows[0] else rows[rng.choice((0, 1))], row)


@kind("row_average_age")
def row_average_age(table: Table, rng: random.Random) -> None:
    """A last row: median or average age."""
    is_cross(table)
    need(table.base.sections != "SEX")
    row: Row = []
    for cell in table.main.rows[label_rows(table)[-1]]:
        row.append(
            Cell(f"{rng.uniform(27, 41):.1f}", "", dim="", facts={}, use="never") if cell.facts is not None else Cell()
        )
    row[0].text = word(table, "row_median", rng)
    table.main.insert_row(label_rows(table)[-1] + 1, row)


@kind("row_percent")
def row_percent(table: Table, rng: random.Random) -> None:
    """Below the total its share of the population of the country."""
    at = total_row(table)
    row = new_row(table, word(table, "row_percent", rng), codes={}, share=1, rng=rng, like=at)
    for cell in row:
        if cell.facts is not None:
            cell.text, cell.use = f"{rng.uniform(0.3, 4):.1f}", "may"
            cell.facts["UNIT_MEASURE"] = "PT"
    table.main.insert_row(at + 1, row)


@kind("row_previous_year")
def row_previous_year(table: Table, rng: random.Random) -> None:
    """Below a table of one year: the total of the year before."""
    need(not heads(table))
    before = str(int(figures(table)[0].said["TIME_PERIOD"]) - 1)
    text = word(table, "row_previous", rng).format(y=before)
    row = new_row(table, text, codes={"TIME_PERIOD": before}, share=0.9, rng=rng, like=total_row(table))
    for cell in row:
        cell.use = "may"
    table.main.insert_row(label_rows(table)[-1] + 1, row)


def unknown_label(key: str) -> None:
    """A kind with a label that no code fits."""

    @kind(key)
    def damage(table: Table, rng: random.Random) -> None:
        relabel(table, word(table, key, rng), "?", rng)


@kind("label_including")
def label_including(table: Table, rng: random.Random) -> None:
    """A country together with a territory that has a code of its own."""
    text, code = word(table, "label_including", rng)
    relabel(table, text, "?", rng, over=code)


for one in ("excluding", "part", "region", "bloc", "rest", "ambiguous"):
    unknown_label(f"label_{one}")


def known_label(key: str) -> None:
    """A kind with a label that is short or unusual, but clear."""

    @kind(key)
    def damage(table: Table, rng: random.Random) -> None:
        text, code = word(table, key, rng)
        relabel(table, text, code, rng)


for one in ("label_abbreviated", "label_former", "label_nes"):
    known_label(one)


@kind("total_excluding")
def total_excluding(table: Table, rng: random.Random) -> None:
    """The total leaves something out, as its label says."""
    dim = table.base.partner
    need(dim)
    codes = {c.said[dim] for c in figures(table)}
    fits = [
        text
        for text, part in words_of(table, "total_excluding")
        if part not in codes and not MEMBERS.get(part, set()) & codes
    ]
    need(fits)
    row = table.main.rows[total_row(table)]
    row[0].text = rng.choice(fits)
    put([c for c in row if c.facts is not None], **{dim: "?"})


@kind("sex_letters")
def sex_letters(table: Table, _rng: random.Random) -> None:
    """Single letters for the sexes, which mean different things in different languages."""
    male, female = words_of(table, "sex_letters")
    rewrite_sex(table, male, female)


def rewrite_sex(table: Table, male: str, female: str) -> None:
    """Other words for the sexes in heads, labels or lines between the rows."""
    sheet, done = table.main, 0
    for r, row in enumerate(sheet.rows):
        for c, cell in enumerate(row):
            code = ""
            if cell.role == "label" and cell.dim == "SEX":
                code = code_of(table, r, "SEX")
            elif cell.role == "head" and cell.dim == "SEX":
                code = sheet.rows[label_rows(table)[0]][c].said["SEX"]
            elif cell.role == "section" and cell.dim == "SEX":
                code = code_of(table, r + 1, "SEX")
            if code in ("M", "F"):
                cell.text, done = male if code == "M" else female, done + 1
    need(done)


@kind("column_numbers")
def column_numbers(table: Table, rng: random.Random) -> None:
    """A row below the heads numbers the columns."""
    is_cross(table)
    letter = {"ru": "А", "uk": "А"}.get(table.base.language, "")
    width = columns(table)[-1] + 1
    start = 1 if letter else rng.choice((0, 1))
    row = [
        Cell(letter if letter else "1" if not start else "", "", dim="", facts={} if not start else None, use="never")
    ]
    row += [Cell(str(n if start else n + 1), "", dim="", facts={}, use="never") for n in range(1, width)]
    at = head_row(table) + len(table.base.heads)
    table.main.insert_row(at, row)


@kind("second_country_column")
def second_country_column(table: Table, rng: random.Random) -> None:
    """A long table gets the country of birth (or another one) beside that which it has."""
    names = words_of(table, "second_country_head")
    facts = dict(figures(table)[0].said)
    free = [d for d in ("C_BIRTH", "C_CITIZEN", "C_RESIDENCE") if facts.get(d) == "_T" and d != table.base.partner]
    dim = rng.choice(free) if free else ""
    pair = rng.sample(words_of(table, "country_new"), 2)
    for cell, n in split_rows(table, names[dim or "C_BIRTH"], [p[0] for p in pair], table.base.partner):
        facts = cell.said
        facts |= {dim: pair[n][1]} if dim else {"EXTRA": "?"}
        restate(facts, dim, "_T", table.base.area)


@kind("arrival_year_column")
def arrival_year_column(table: Table, rng: random.Random) -> None:
    """A long table gets a second year: that of arrival, for which the flow has no component."""
    head = word(table, "arrival_head", rng)
    for cell, _ in split_rows(table, head, rng.choice((["2015", "2019"], ["2010", "2021"])), "TIME_PERIOD"):
        cell.said["EXTRA"] = "?"


@kind("region_column")
def region_column(table: Table, rng: random.Random) -> None:
    """A long table gets a column of regions of the country."""
    head, *names = word(table, "region_column", rng)
    need(table.base.long)
    territory([cell for cell, _ in split_rows(table, head, list(names), rng.choice(table.base.long))])


@kind("reporting_column")
def reporting_column(table: Table, rng: random.Random) -> None:
    """A long table gets a column with the name of the reporting country in every row."""
    need(table.base.long)
    cells = {head_row(table): Cell(word(table, "reporting_head", rng), "extra")}
    name = words_of(table, "own_names")[table.base.area]
    cells |= {r: Cell(name, "extra") for r in label_rows(table)}
    table_column(table, rng.choice((0, 1)), cells)
