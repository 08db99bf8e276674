"""Steps that combine sources: results on small tables, and errors that name table, column and row."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from case_tables import as_list, cases_from
from combining_cases import (
    AS_DATA,
    BY_CITIZENSHIP,
    BY_SEX,
    CALIBRATED,
    CENSUS,
    COURSE,
    ESTIMATE,
    FIT,
    JOINED,
    MONTHS,
    REGISTER,
    SEED,
    TOTALS,
    YEARS,
    combined,
    listed,
    made_survey,
    rows,
    source,
    step,
)

from sdmxmig.primitives.errors import SdmxmigError


def test_first_source_with_a_value_wins_and_codes_stay_text(tmp_path: Path) -> None:
    """Citizenship is that of the register, else of the census; NA is Namibia, and blanks around a code no conflict."""
    result = combined(tmp_path, JOINED, register=REGISTER.replace("FR", "NA"), census=CENSUS.replace("IT", " NA "))
    assert rows(result, "stock", "c_citizen", "value") == [("NA", "8"), ("XA", "6")]
    assert "sources differ for no person" in " ".join(result.notes)
    result = combined(tmp_path, JOINED, register=REGISTER.replace("FR", "01"), census=CENSUS.replace("IT", "01"))
    assert rows(result, "stock", "c_citizen", "value") == [("01", "8"), ("XA", "6")]


THREE = (
    source("a") + source("b") + source("c", "CEN")
    + step("persons", "prefer", 'tables = ["a", "b", "c"]', 'order.x = ["a", "b", "c"]', "RULE")
    + step("n", "count", 'table = "persons"', 'by = ["x"]')
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "says", "chosen"),
    [
        ("", ("FR", "IT", "IT"), "FR"),
        ('rule.x = "majority"', ("FR", "IT", "IT"), "IT"),
        ('rule.x = "majority"', ("FR", "IT", "DE"), "FR"),
        ('rule.x = "majority"', ("", "IT", "DE"), "IT"),
        ('rule.x = "latest"\ndate = "day"', ("FR,2020-01-01", "IT,2023-05-01", "DE,2021-01-01"), "IT"),
        ('rule.x = "latest"\ndate = "day"', ("FR,2023-05-01", "IT,2023-05-01", "DE,"), "FR"),
        ('rule.x = "latest"\ndate = "day"', ("FR,2020-01-01", ",2023-05-01", "DE,2021-01-01"), "DE"),
        ('rule.x = "latest"\ndate = "day"', ("FR,", "IT,", "DE,"), "FR"),
    ],
)
def test_rule_precedes_order_of_sources(rule: str, says: tuple[str, ...], chosen: str, tmp_path: Path) -> None:
    head = "person,x,day\n" if "," in says[0] else "person,x\n"
    tables = {
        name: head + listed(4, cells) + f"{name}{name},ES{',' * head.count('day')}\n"
        for name, cells in zip("abc", says, strict=True)
    }
    result = combined(tmp_path, THREE.replace("RULE", rule), **tables)
    assert rows(result, "n", "x", "value") == sorted([(chosen, "4"), ("ES", "3")])


def test_fitted_table_adds_up_in_whole_persons(tmp_path: Path) -> None:
    result = combined(tmp_path, FIT + AS_DATA, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP)
    cells = {
        (sex, status): int(value) for sex, status, value in rows(result, "stock", "SEX", "CTZ_STATUS", "OBS_VALUE")
    }
    assert cells["F", "NC"] + cells["F", "FC"] == 61
    assert cells["M", "NC"] + cells["M", "FC"] == 52
    assert cells["F", "NC"] + cells["M", "NC"] == 80
    assert result.outputs[0].made.methods == ("CAL",)


def test_figures_rounded_to_five_add_up(tmp_path: Path) -> None:
    margins = {"by_sex": "SEX,value\nF,60\nM,50\n", "by_citizenship": "CTZ_STATUS,value\nNC,75\nFC,35\n"}
    result = combined(tmp_path, FIT + "round = 5\n", seed=SEED, **margins)
    cells = {(sex, status): int(value) for sex, status, value in rows(result, "stock", "SEX", "CTZ_STATUS", "value")}
    assert all(value % 5 == 0 for value in cells.values())
    assert cells["F", "NC"] + cells["F", "FC"] == 60
    assert cells["F", "NC"] + cells["M", "NC"] == 75


def test_fixed_cell_keeps_its_value_even_if_zero(tmp_path: Path) -> None:
    declaration = FIT + 'fixed = "published"\n' + source("published")
    tables = {"seed": SEED, "by_sex": BY_SEX, "by_citizenship": BY_CITIZENSHIP}
    result = combined(tmp_path, declaration, published="SEX,CTZ_STATUS,value\nF,FC,12\n", **tables)
    assert sorted(rows(result, "stock", "SEX", "CTZ_STATUS", "value")) == [
        ("F", "FC", "12"), ("F", "NC", "49"), ("M", "FC", "21"), ("M", "NC", "31"),
    ]  # fmt: skip
    result = combined(tmp_path, declaration, published="SEX,CTZ_STATUS,value\nF,FC,0\n", **tables)
    assert ("F", "NC", "61") in rows(result, "stock", "SEX", "CTZ_STATUS", "value")
    rounded = declaration.replace('fixed = "published"', 'fixed = "published"\nround = 5')
    result = combined(tmp_path, rounded, published="SEX,CTZ_STATUS,value\nF,FC,12\n", **tables)
    assert "stock: 1 fixed cell rounded with the others" in result.notes


def test_weights_meet_totals_and_small_cells_are_empty(tmp_path: Path) -> None:
    declaration = CALIBRATED + step(
        "employment", "survey", 'table = "calibrated"', 'weight = "w"', 'stratum = "stratum"',
        'cluster = "cluster"', 'of = "employed"', 'by = ["CTZ_STATUS"]',
    )  # fmt: skip
    result = combined(tmp_path, declaration, lfs=made_survey(), totals=TOTALS)
    assert rows(result, "people", "CTZ_STATUS", "value") == [("FC", "20000"), ("NC", "69500"), ("STLS", "500")]
    shares = {
        status: (float(low), float(high))
        for status, low, high in rows(result, "employment", "CTZ_STATUS", "low", "high")
    }
    assert set(shares) == {"FC", "NC"}, "five stateless persons have no figure"
    assert "no figure for STLS: Fewer than 30" in " ".join(result.notes)
    assert shares["FC"][0] < 0.5 < shares["FC"][1]
    assert shares["NC"][0] < 0.7 < shares["NC"][1]
    assert [output.made.name for output in result.outputs] == ["people", "employment"], "persons cannot be published"


def test_large_total_keeps_its_digits(tmp_path: Path) -> None:
    survey = "w,e\n" + "12345.678,1\n" * 400 + "12345.1,0\n" * 100
    declaration = source("s") + step("t", "survey", 'table = "s"', 'weight = "w"', 'of = "e"', 'measure = "total"')
    assert rows(combined(tmp_path, declaration, s=survey), "t", "value") == [("4938271.2",)]


def test_fractional_figures_add_up_as_printed(tmp_path: Path) -> None:
    """Months of 12,000 sum to it, of 999.9 as of 1,000.1 each, and so do the cells of a fit to its margins."""
    months = MONTHS + "whole = false\n"
    for years in ({"2023": 12000, "2024": 12500}, {"2023": 1500000000, "2024": 1500000001}):
        table = "year,value\n" + "".join(f"{year},{value}\n" for year, value in years.items())
        cells = rows(combined(tmp_path, months, years=table, course=COURSE), "months", "period", "value")
        for year, value in years.items():
            members = [Decimal(cell) for period, cell in cells if period[:4] == year]
            assert abs(sum(members) - value) < Decimal("0.00001")
    large = {"seed": SEED, "by_sex": "SEX,value\nF,15000\nM,30000\n"}
    large["by_citizenship"] = "CTZ_STATUS,value\nNC,20000\nFC,25000\n"
    cells = rows(combined(tmp_path, FIT + "round = 0\n", **large), "stock", "SEX", "CTZ_STATUS", "value")
    for place, code, total in [(0, "F", 15000), (0, "M", 30000), (1, "NC", 20000), (1, "FC", 25000)]:
        members = [Decimal(row[2]) for row in cells if row[place] == code]
        assert abs(sum(members) - total) < Decimal("0.00001")
        assert all(member % 1 for member in members), "the fit is not of whole numbers, and is not rounded"


def test_estimated_total_is_not_negative(tmp_path: Path) -> None:
    """Of 50 women in the sample nobody works, of 50 men a single person: both stand for 500 and more."""
    survey = "sex,w,e\n" + "F,10,0\n" * 50 + "M,10,0\n" * 49 + "M,10,1\n"
    for lines in ("", 'missing = "scaled"\n'):
        result = combined(tmp_path, ANSWERS + 'measure = "total"\n' + lines, s=survey + ("F,10,\n" if lines else ""))
        women, men = rows(result, "t", "sex", "value", "low", "high", "unreliable")
        assert women[:3] == ("F", "0", "0")
        assert float(women[3]) == pytest.approx(500 * 0.0713, rel=0.03), "as Wilson has it of 0 in 50"
        assert men[:3] == ("M", "10", "0")
        assert (women[4], men[4]) == ("true", "true")


@pytest.mark.parametrize("column", ["REF_AREA", "ref_area"])
def test_figures_of_another_country_are_refused(tmp_path: Path, column: str) -> None:
    counted = step("population", "count", 'table = "seed"', 'weight = "value"', 'by = ["SEX"]', "smallest = 1")
    declaration = source("seed") + counted
    own = f"{column},SEX,value\nXA,F,61\nXA,M,52\n"
    assert rows(combined(tmp_path, declaration, seed=own), "population", "SEX", "value") == [("F", "61"), ("M", "52")]
    says = f"Source seed: seed: {column} is GE, but the product is for XA, in 1 line: 3"
    with pytest.raises(SdmxmigError, match=says):
        combined(tmp_path, declaration, seed=own.replace("XA,M", "GE,M"))


SOME_SILENT = "sex,w,e\n" + "F,10,1\n" * 30 + "F,10,0\n" * 10 + "F,20,\n" * 10 + "M,5,1\n" * 40
ANSWERS = source("s") + step("t", "survey", 'table = "s"', 'weight = "w"', 'of = "e"', 'by = ["sex"]')


def test_total_of_respondents_is_refused_or_scaled(tmp_path: Path) -> None:
    """Of 600 women 400 answered and 300 of these work: 300 would be too low, 450 is what their share tells."""
    total = ANSWERS + 'measure = "total"\n'
    with pytest.raises(SdmxmigError, match=r'e is empty in 10 lines: 42, .*too low.*missing = "scaled"'):
        combined(tmp_path, total, s=SOME_SILENT)
    scaled = combined(tmp_path, total + 'missing = "scaled"\n', s=SOME_SILENT)
    assert rows(scaled, "t", "sex", "value", "persons") == [("F", "450", "40"), ("M", "200", "40")]
    words = "e is empty for 10 persons of 90, 25.0% by weight"
    assert f"t: {words}; those of their group who answered stand for them" in scaled.notes
    shares = combined(tmp_path, ANSWERS, s=SOME_SILENT)
    assert rows(shares, "t", "sex", "value", "high") == [("F", "0.75", "0.858129"), ("M", "1", "1")]
    assert f"t: {words}; they are left out" in shares.notes
    assert f"- t: {words}; they are left out." in shares.account
    data = SHARES.replace('"employed"', '"e"').replace('"lfs"', '"s"').replace("lfs.csv", "s.csv")
    made = combined(tmp_path, data, s=SOME_SILENT.replace("sex", "SEX"))
    assert words in made.outputs[0].dataset.attributes["COMMENT_DSET"]
    with pytest.raises(
        SdmxmigError, match=r"The survey gives no figure .* Fewer than 30 .* e is empty for 80 persons of 90"
    ):
        combined(tmp_path, ANSWERS, s=SOME_SILENT.replace(",5,1", ",5,").replace(",10,1", ",10,"))
    with pytest.raises(SdmxmigError, match="“zero” is not an option of total"):
        combined(tmp_path, total + 'missing = "zero"\n', s=SOME_SILENT)


def test_unmatched_persons_and_unused_sources_are_reported(tmp_path: Path) -> None:
    """Keys that a source writes otherwise would count everybody twice; nobody but the office knows."""
    other = CENSUS.replace("R", "r").replace("P", "p")
    result = combined(tmp_path, JOINED + source("old"), register=REGISTER, census=other, old=REGISTER.replace("M", "F"))
    apart, unused = (note for note in result.notes if "another" in note or "takes" in note)
    assert apart.startswith(
        "persons: no person of register, census is in another source: where it is written otherwise"
    )
    assert unused == "old: no step takes this source"
    one = "person,c_citizen\nP0,IT\n" + "".join(f"Q{n},XA\n" for n in range(6))
    result = combined(tmp_path, JOINED, register=REGISTER, census=one)
    assert any(note.endswith("fewer than 3 persons of 20 are in several sources") for note in result.notes)


def test_months_of_groups_add_up_to_months_of_the_total(tmp_path: Path) -> None:
    """By sex and citizenship with their totals, by sex alone, and without groups: every month says the same."""
    cells = {"F,FC": 41, "F,NC": 19, "M,FC": 7, "M,NC": 0}
    cells |= {f"{sex},_T": sum(n for key, n in cells.items() if key[0] == sex) for sex in "FM"}
    by_both = "SEX,CTZ_STATUS,year,value\n" + "".join(f"{key},2024,{number}\n" for key, number in cells.items())
    declaration = source("both") + source("sexes") + source("years") + source("course", "BOR")
    for name in ("both", "sexes", "years"):
        declaration += step(f"{name}_", "months", f'table = "{name}"', 'indicator = "course"', "smallest = 1")
    result = combined(
        tmp_path, declaration, both=by_both, sexes="SEX,year,value\nF,2024,60\nM,2024,7\n_T,2024,68\n",
        years="year,value\n2024,67\n", course=COURSE,
    )  # fmt: skip
    both = {cells[:3]: int(cells[3]) for cells in rows(result, "both_", "SEX", "CTZ_STATUS", "period", "value")}
    sexes = {cells[:2]: int(cells[2]) for cells in rows(result, "sexes_", "SEX", "period", "value")}
    months = {period: int(value) for period, value in rows(result, "years_", "period", "value")}
    assert len(months) == 12
    for key, number in cells.items():
        assert sum(value for codes, value in both.items() if ",".join(codes[:2]) == key) == number, key
    for period, number in months.items():
        assert sexes["F", period] + sexes["M", period] == number
        for sex in "FM":
            assert both[sex, "FC", period] + both[sex, "NC", period] == both[sex, "_T", period]
        assert both["F", "_T", period] + both["M", "_T", period] == number
    assert [note for note in result.notes if "sum" in note][-2] == "sexes_: parts of _T do not sum to it in 2024"


@cases_from("records/cases/months_of_margins_add_up_or_the_difference_is_reported.csv", told=as_list)
def test_months_of_margins_add_up_or_differences_are_reported(years: str, told: list[str], tmp_path: Path) -> None:
    declaration = source("y") + step("y_", "months", 'table = "y"', "smallest = 1")
    result = combined(tmp_path, declaration, y="SEX,CTZ_STATUS,year,value\n" + years)
    assert [note for note in result.notes if "do not sum" in note] == told
    cells = {cells[:3]: int(cells[3]) for cells in rows(result, "y_", "SEX", "CTZ_STATUS", "period", "value")}
    apart = [
        period
        for sex, status, period in cells
        if (sex, status) == ("_T", "_T")
        and cells["F", "_T", period] + cells["M", "_T", period] != cells["_T", "_T", period]
    ]
    assert bool(apart) == bool(told)


def test_months_add_up_to_years_even_in_leap_years(tmp_path: Path) -> None:
    declaration = (
        source("years")
        + step("months", "months", 'table = "years"', 'flow = "DF_IMM"', 'set = { DIRECTION = "I" }')
        + '\n[attributes]\nRES_RULE = "R12"\nDUR_BASIS = "_U"\nREF_DATE = "_Z"\n'
    )
    result = combined(
        tmp_path, declaration, years="year,SEX,value\n2023,F,1201\n2024,F,1300\n2023,M,1000\n2024,M,900\n"
    )
    data = pl.DataFrame(rows(result, "months", "TIME_PERIOD", "SEX", "OBS_VALUE", "FREQ"), orient="row")
    assert data.height == 48
    assert data["column_3"].unique().to_list() == ["M"]
    sums = data.group_by(pl.col("column_0").str.head(4), "column_1").agg(pl.col("column_2").cast(pl.Int64).sum())
    assert sorted(sums.rows()) == [("2023", "F", 1201), ("2023", "M", 1000), ("2024", "F", 1300), ("2024", "M", 900)]


LINKED = (
    source("register")
    + source("permits", "PER_RES")
    + step("residents", "link", 'table = "register"', 'links = "links.csv"', 'record = "id"')
    + step("holders", "link", 'table = "permits"', 'links = "links.csv"', 'record = "id"', 'linkage = "errors.csv"')
    + step("persons", "prefer", 'tables = ["residents", "holders"]', 'order.C_CITIZEN = ["holders", "residents"]')
    + step("stock", "count", 'table = "persons"', 'by = ["C_CITIZEN"]', 'flow = "DF_POP"')
    + 'set = { TIME_PERIOD = "2024" }\n[attributes]\nRES_RULE = "R12"\nDUR_BASIS = "_U"\nREF_DATE = "D0101"\n'
)
ERRORS = """to_source,kind,measure,value,low,high,basis,pairs,judged
permits,between,precision,0.98,0.95,1.0,clerical sample,40,30
permits,between,recall,0.9,0.84,0.95,clerical sample,40,30
permits,between,missed_links,12.4,,,clerical sample,40,30
permits,between,false_links,0.8,,,clerical sample,40,30
"""


def of_linked(**others: str) -> dict[str, str]:
    """Ten residents, the first with two records, and six holders of permits, of whom five are residents."""
    register = "id,C_CITIZEN\n" + "".join(f"R{n},XA\n" for n in range(10)) + "R10,\n"
    permits = "id,C_CITIZEN\n" + "".join(f"V{n},FR\n" for n in range(6))
    pairs = [(f"R{n}", "register", f"P{n % 10}", "DET") for n in range(11)]
    pairs += [(f"V{n}", "permits", f"P{n + 5}", "PROB") for n in range(6)]
    links = "record,source,person,method\n" + "".join(f"{','.join(pair)}\n" for pair in pairs)
    return {"register": register, "permits": permits, "links": links, "errors": ERRORS, **others}


def test_unmeasured_missed_links_are_unknown(tmp_path: Path) -> None:
    measured = "".join(line for line in ERRORS.splitlines(keepends=True) if "missed_links" not in line)
    said = rows(combined(tmp_path, LINKED, **of_linked(errors=measured)), "stock", "COMMENT_DSET")[0][0]
    assert "residual of linkage: an unknown number of persons counted twice since links are missed" in said


def test_linked_records_count_as_persons_with_linkage_errors(tmp_path: Path) -> None:
    result = combined(tmp_path, LINKED, **of_linked())
    assert rows(result, "stock", "C_CITIZEN", "OBS_VALUE", "INTEG_METHOD") == [("FR", "6", "PROB"), ("XA", "5", "PROB")]
    said = rows(result, "stock", "COMMENT_DSET")[0][0]
    for words in (
        "register has 11 records of 10 persons by links.csv; fewer than 3 records more of persons who have several",
        "linkage of permits with those before, by clerical sample: precision 0.98 (0.95 to 1.0), recall 0.9 (0.84",
        "residual of linkage: 12 persons counted twice since links are missed, fewer than 3 persons counted with",
        "residents (10), holders (6) joined by person; 45.5% of 11 persons are in several sources",
    ):
        assert words in said, words
        assert words in result.account
    assert result.outputs[0].made.methods == ("DET", "PROB")


def test_differing_records_of_a_person_are_always_reported(tmp_path: Path) -> None:
    """The first resident is of XA by one record and of FR by the other, whichever stands first in the file."""
    register = of_linked()["register"].replace("R10,", "R10,FR")
    head, *lines = register.splitlines()
    for content in (register, "\n".join([head, *reversed(lines)])):
        result = combined(tmp_path, LINKED, **of_linked(register=content))
        assert rows(result, "stock", "C_CITIZEN", "OBS_VALUE") == [("FR", "6"), ("XA", "5")]
        said = "residents: C_CITIZEN: records of fewer than 3 persons differ; the first in the order of id counts"
        assert said in result.notes


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"links": "record,source,person\nR0,register,P0\n"}, "register: no link has the record in 10 lines: 3, 4"),
        ({"links": "record,source,person\nR0,border,P0\n"}, "No link refers to the source “register”"),
        ({"links": "record,source,person\nR0,register,P0\nR0,register,P1\n"}, "has two persons in 2 lines: 2, 3"),
        ({"links": "record,person\nR0,P0\n"}, "links.csv has no column source"),
        ({"errors": ERRORS.replace("permits", "border")}, "none of these sources. They cover: border"),
        ({"errors": ERRORS.replace("0.98", "98 %")}, "errors.csv|holders"),
    ],
)
def test_invalid_links_are_refused(others: dict[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError) as refusal:
        combined(tmp_path, LINKED, **of_linked(**others))
    assert re.search(says, str(refusal.value)), refusal.value


def test_metadata_name_sources_keys_rules_and_legal_basis(tmp_path: Path) -> None:
    """Each has its own attribute, as do versions, match rate and residual."""
    declaration = (
        source("register", "REG", 'legal_basis = "Agreement of 2023"', 'about.universe = "usual residents"')
        + source("census", "CEN")
        + source("by_sex", "CEN")
        + step("persons", "prefer", 'tables = ["register", "census"]', 'order.SEX = ["register", "census"]')
        + step("counts", "count", 'table = "persons"', 'by = ["SEX"]')
        + step("stock", "fit", 'table = "counts"', 'margins = ["by_sex"]')
    )
    census = "person,SEX\n" + listed(8, "F")
    tables = {"register": REGISTER.replace("sex", "SEX"), "census": census, "by_sex": "SEX,value\nF,90\nM,60\n"}
    result = combined(tmp_path, declaration, **tables)
    values = {
        attribute.id: " ".join(map(str, attribute.values))
        for report in result.metadata.reports
        for held in report.attributes
        for attribute in (*held.attributes, *(inner for each in held.attributes for inner in each.attributes))
    }
    for name, words in {
        "SOURCE_TYPE": "register (REG, version 2024-01, SHA-256",
        "NONSAMPLING_ERR": "joined by person; 57.1% of 14 persons are in several sources",
        "DATA_VALIDATION": "SEX from register, else census; sources differ for no person",
        "COHER_INTERNAL": "which leaves margin residuals",
        "INST_MAN_LA_OA": "Law on statistics",
        "INST_MAN_SHAR": "register: Agreement of 2023",
        "STAT_POP": "register: usual residents",
        "CONF_DATA_TR": "counts: 3 or more; stock: 3 or more",
        "INTEG_METHOD": "DET CAL",
        "SRC_TYPE": "REG CEN",
    }.items():
        assert words in values[name], name
    heads = ("Sources", "Keys and match rate", "Rules for differing sources", "Residuals", "Figures")
    assert all(f"## {head}\n" in result.account for head in heads)


def test_sources_with_other_definitions_need_a_justification(tmp_path: Path) -> None:
    about = [source("register", "REG", 'about.REF_DATE = "D0101"'), source("census", "CEN", 'about.REF_DATE = "D0701"')]
    steps = JOINED[JOINED.index("[[step]]") :]
    with pytest.raises(SdmxmigError, match=r"Sources differ in REF_DATE \(register D0101, census D0701\)"):
        combined(tmp_path, "".join(about) + steps, register=REGISTER, census=CENSUS)
    steps = steps.replace('kind = "prefer"', 'kind = "prefer"\ndespite.REF_DATE = "few moved in between"')
    figures = steps.replace("c_citizen", "C_CITIZEN") + AS_DATA
    tables = {name: table.replace("c_citizen", "C_CITIZEN") for name, table in PERSONS.items()}
    result = combined(tmp_path, "".join(about) + figures, **tables)
    assert set(rows(result, "stock", "OBS_STATUS")) == {("D",)}, "definition differs"
    assert "few moved in between" in rows(result, "stock", "COMMENT_DSET")[0][0]


CENSUS_AND = CENSUS + "Z,FR\n"
EACH = (
    source("register")
    + source("census")
    + "".join(
        step(name, "count", f'table = "{table}"') for name, table in (("residents", "register"), ("counted", "census"))
    )
)
OF_TWO = JOINED.replace('by = ["c_citizen"]', "") + step("all", "count", 'table = "register"')
TOTAL_OF = ESTIMATE.replace('of = "employed"', 'of = "employed"\nmeasure = "total"\nmissing = "scaled"')
OF_ALL = TOTAL_OF[TOTAL_OF.index("[[step]]") :].replace('"employment"', '"all"').replace('by = ["CTZ_STATUS"]', "")


@pytest.mark.parametrize(
    ("declaration", "tables", "says"),
    [
        (EACH, {"register": REGISTER, "census": REGISTER + "Z,FR,F\n"}, "Steps residents and counted differ by so few"),
        (OF_TWO, {"register": REGISTER, "census": CENSUS_AND}, "Steps stock and all differ by so few persons"),
        (
            TOTAL_OF + OF_ALL,
            {"lfs": made_survey()},
            "Figures suppressed in step employment follow by subtraction from step all",
        ),
        (JOINED, {"register": REGISTER + "Q1,F,DE\nQ2,F,DE\n", "census": CENSUS}, "1 figure of fewer than 3 persons"),
    ],
)
def test_small_counts_are_protected_against_subtraction(
    declaration: str, tables: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SdmxmigError, match=says):
        combined(tmp_path, declaration, **tables)
    assert combined(tmp_path, declaration.replace('kind = "count"', 'kind = "count"\nsmallest = 1').replace(
        'kind = "survey"', 'kind = "survey"\nsmallest = 1'), **tables).outputs  # fmt: skip


def test_fit_states_number_of_persons_or_marks_unknown_number(tmp_path: Path) -> None:
    """A factor would disclose a cell of one person; for a table of figures the number of persons is unknown."""
    few = source("register") + source("by_sex", "CEN") + source("by_birth", "CEN") + step(
        "counts", "count", 'table = "register"', 'by = ["SEX", "BIRTH"]', "between = true"
    ) + step("stock", "fit", 'table = "counts"', 'margins = ["by_sex", "by_birth"]')  # fmt: skip
    tables = {
        "register": "SEX,BIRTH\n" + "F,NB\n" * 5 + "F,FB\n" + "M,NB\n" * 4 + "M,FB\n" * 3,
        "by_sex": "SEX,value\nF,60\nM,70\n",
        "by_birth": "BIRTH,value\nNB,90\nFB,40\n",
    }
    for declaration in (few, few + "round = 5\n"):
        with pytest.raises(SdmxmigError, match="Figures that are made of counts of fewer than 3 persons"):
            combined(tmp_path, declaration, **tables)
    assert "| any number: to be protected" in combined(tmp_path, few + "smallest = 1\n", **tables).account
    three = tables | {"register": tables["register"] + "F,FB\n" * 2}
    assert combined(tmp_path, few, **three).account.endswith(" | 3 or more |\n")
    assert "| not known, since it was made of figures; each is 3 or more |" in combined(tmp_path, FIT, **FITTED).account


def test_tables_that_disclose_each_other_are_refused(tmp_path: Path) -> None:
    """By citizenship and by sex: all sexes are published, so their sum reveals the suppressed group."""
    survey = pl.read_csv(made_survey().encode(), infer_schema=False).with_columns(
        SEX=pl.Series(np.where(np.arange(900) % 2 == 0, "F", "M"))
    )
    by_sex = TOTAL_OF[TOTAL_OF.index("[[step]]") :].replace('"employment"', '"sexes"').replace("CTZ_STATUS", "SEX")
    with pytest.raises(SdmxmigError, match="subtraction from step sexes"):
        combined(tmp_path, TOTAL_OF + by_sex, lfs=survey.write_csv())


ABOUT_UNIT = 'about.UNIT_MEASURE = "EVENT"'
FITTED = {"seed": SEED, "by_sex": BY_SEX, "by_citizenship": BY_CITIZENSHIP}
PERSONS = {"register": REGISTER, "census": CENSUS}
SURVEY = {"lfs": made_survey()}
TWICE = JOINED.replace('["register", "census"]', '["register", "register"]', 1)
AFTER_FIRST = JOINED[JOINED.index("[[source]]", 1) :]
NAMED_TWICE = 'order.c_citizen = ["register", "register"]'
ORDERED = 'order.c_citizen = ["register", "census"]'
DATA = FIT + AS_DATA
SHARES = (
    source("lfs", "LFS")
    + step("employment", "survey", 'table = "lfs"', 'weight = "w"', 'of = "employed"', 'by = ["SEX"]')
    + AS_DATA.replace('2024" }', '2024", UNIT_MEASURE = "PT" }')
)
SEXES = {"lfs": "SEX,employed,w\n" + "F,1,10\n" * 30 + "F,0,10\n" * 10 + "M,0,5\n" * 30 + "M,1,5\n" * 10}


def of_two_sizes(survey: str) -> str:
    """A survey of 50 clusters a stratum, except for the value of the eighth person."""
    return (
        pl.read_csv(io.StringIO(survey), infer_schema=False)
        .with_columns(of=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("60")).otherwise(pl.lit("50")))
        .write_csv()
    )


def with_records(survey: str) -> str:
    """A survey with a record in each row, the eighth of which has that of another."""
    head, *rows = survey.splitlines()
    return "\n".join([f"{head},record", *(f"{row},{0 if at == 7 else at}" for at, row in enumerate(rows))])


def changed(tables: dict[str, str], **others: str) -> dict[str, str]:
    return {**tables, **others}


def test_shares_have_their_unit_and_declared_status(tmp_path: Path) -> None:
    """Three of four women of the survey work, and one of four men: 75 and 25 per cent, or 0.75 and 0.25."""
    columns = ("SEX", "UNIT_MEASURE", "OBS_VALUE", "OBS_STATUS")
    percent = rows(combined(tmp_path, SHARES, **SEXES), "employment", *columns)
    assert sorted(percent) == [("F", "PT", "75", "A"), ("M", "PT", "25", "A")]
    ratio = SHARES.replace('"PT"', '"RO", OBS_STATUS = "E"')
    assert sorted(rows(combined(tmp_path, ratio, **SEXES), "employment", *columns)) == [
        ("F", "RO", "0.75", "E"),
        ("M", "RO", "0.25", "E"),
    ]


@pytest.mark.parametrize(
    ("declaration", "tables", "says"),
    [
        (FIT, changed(FITTED, by_sex=BY_SEX.replace("52", "53")), "by_sex and by_citizenship contradict .* by 1"),
        (FIT.replace('"fit"', '"fix"'), FITTED, "not a kind of step"),
        (FIT.replace('table = "seed"', 'table = "sed"'), FITTED, "There is no table “sed”"),
        (FIT.replace('"CEN"', '"CENSUS"'), FITTED, "not a code of CL_SRC_TYPE"),
        (FIT + 'method = "IPF"\n', FITTED, "not a code of CL_INTEG_METHOD"),
        (FIT + 'flow = "DF_POPS"\n', FITTED, "not a dataflow"),
        (FIT + 'colour = "red"\n', FITTED, "colour"),
        (FIT.replace('"stock"', '"../stock"'), FITTED, "cannot be the name"),
        (FIT, changed(FITTED, seed=SEED.replace("F,NC", ",NC")), "seed: SEX has no code in 1 line: 2"),
        (FIT, changed(FITTED, seed=SEED.replace("40", "4 000")), "seed: value is not a number in 1 line: 2"),
        (FIT, changed(FITTED, by_sex='SEX,value\nF,"61,0"\nM,52\n'), "by_sex: value is not a number .* point before"),
        (FIT, changed(FITTED, seed=SEED.replace("40", "-40")), "seed: value is negative in 1 line: 2"),
        (FIT, changed(FITTED, by_sex="SEX,value\nF,-1\nM,114\n"), "by_sex: value is negative"),
        (FIT, changed(FITTED, seed=SEED[:21]), "Source seed: It has no rows"),
        (FIT, changed(FITTED, by_sex="SEX,value\nF,113\n"), "by_sex lacks 1 code of the table: M"),
        (FIT, changed(FITTED, by_sex=BY_SEX + "X,1\n"), "by_sex: SEX has a code missing from the table in 1 line: 4"),
        (FIT, changed(FITTED, by_sex=BY_SEX + "_T,113\n"), "by_sex: SEX is _T in 1 line: 4"),
        (FIT, changed(FITTED, seed=SEED + "F,NC,3\n"), "seed: a cell is listed again in 1 line: 6"),
        (FIT, changed(FITTED, seed=SEED.replace("40", "0").replace("10", "0")), "A total of by_sex has no cell"),
        (FIT + 'fixed = "f"\n' + source("f"), changed(FITTED, f="SEX,CTZ_STATUS,value\nF,FC,70\n"), "exceed a total"),
        (FIT + "round = -5\n", FITTED, "-5 is not a rounding base"),
        (FIT + "round = 1000\n", FITTED, "every cell of the table is 0"),
        (DATA, {name: table.replace("FC", "FX") for name, table in FITTED.items()}, "“FX” is not a code of CTZ_STATUS"),
        (DATA.replace('"2024"', '"last year"'), FITTED, "“last year” is not a TIME_PERIOD"),
        (DATA.replace("RES_RULE", 'RES_RUL = "x"\nRES_RULE'), FITTED, "DF_POP has no RES_RUL"),
        (FIT, FITTED | {"by_sex": SEED}, "the same: their files do not differ"),
        (JOINED, changed(PERSONS, register=REGISTER + "P0 ,F,FR\n"), "register: a person occurs twice in 1 line: 16"),
        (JOINED, changed(PERSONS, register=REGISTER + ",F,FR\n"), "register: person is empty in 1 line: 16"),
        (JOINED.replace(ORDERED, NAMED_TWICE), PERSONS, "named twice for c_citizen"),
        (JOINED.replace(ORDERED, ORDERED.replace("census", "tax")), PERSONS, "“tax” is not a source of this step"),
        (JOINED.replace(ORDERED, "order.c_citizen = []"), PERSONS, "No source is named"),
        (JOINED.replace(ORDERED, ORDERED + '\nrule.c_citizen = "newest"'), PERSONS, "not a rule for choosing a value"),
        (JOINED.replace(ORDERED, ORDERED + '\nrule.c_citizen = "latest"'), PERSONS, "have no dates"),
        (JOINED.replace(ORDERED, ORDERED + '\nrule.sex = "majority"'), PERSONS, "sex has a rule but no order"),
        (TWICE, PERSONS, "names a table twice"),
        (JOINED.replace("table =", "tabel ="), PERSONS, "Step stock: “table” is missing.* instead of “tabel”"),
        (JOINED + 'margins = ["register"]\n', PERSONS, "“margins” is not a valid key here. .*, weight"),
        (JOINED.replace('by = ["c_', 'by = ["c'), PERSONS, "Step stock: persons has no column ccitizen.* “c_citizen”"),
        (JOINED.replace("census.csv", "cens.csv"), PERSONS, "Source census: There is no such.* census.csv"),
        (JOINED.replace("tables =", 'linkage = "e.csv"\ntables ='), PERSONS, "e.csv: Step persons: There is no such"),
        (JOINED.replace("order.", 'flow = "DF_POP"\norder.'), PERSONS, "Tables of persons cannot be published"),
        (source("seed") + step("s", "count", 'table = "seed"'), FITTED, "Step s: seed is a table of figures"),
        (
            FIT + step("s", "survey", 'table = "stock"', 'weight = "value"', 'of = "SEX"'),
            FITTED,
            "Step s: stock is a table of figures",
        ),
        (FIT, changed(FITTED, by_sex="SEX,note,value\nF,x,61\n"), "by_sex has note, which the table has not"),
        (FIT.replace("by_sex.csv", "data\\by_sex.csv"), FITTED, "a character that file names cannot have.* Write /"),
        (DATA.replace('2024" }', '2024", REF_AREA = "XB" }'), FITTED, "REF_AREA is XA here, not XB"),
        (DATA.replace('2024" }', '2024", SEX = "M" }'), FITTED, "SEX is what a step finds"),
        (DATA.replace('flow = "DF_POP"\n', ""), FITTED, "“set” needs a dataflow"),
        (FIT + '[attributes]\nRES_RUL = "R12"\n', FITTED, "No step uses the attribute RES_RUL. .*“RES_RULE”"),
        (FIT + "smallest = 0\n", FITTED, "smallest = 0 has no effect"),
        (SHARES.replace('"PT"', '"PS"'), SEXES, "A share is not a number of persons.* UNIT_MEASURE = .PT."),
        (FIT, changed(FITTED, seed="PK\x03\x04"), "seed.csv: Source seed: This is a workbook"),
        (ESTIMATE, {"lfs": "CTZ_STATUS,w\nFC,2\n"}, "Step employment: lfs has no column stratum, cluster, employed"),
        (ESTIMATE, {"lfs": with_records(made_survey())}, "lfs: a record is listed again in 1 line: 9"),
        (source("register", "REG", ABOUT_UNIT.replace("EVENT", "PIECE")) + AFTER_FIRST, PERSONS, "code of CL_UNIT"),
        (
            source("seed") + step("s", "count", 'table = "seed"', 'weight = "value"', 'by = ["value"]'),
            FITTED,
            "Do not count by",
        ),
        (JOINED + step("s", "count", 'table = "persons"', 'weight = "c_citizen"'), PERSONS, "is not a number"),
        (source("seed"), FITTED, "No step makes figures"),
        (source("seed") + source("seed"), FITTED, "two sources|the same"),
        (ESTIMATE, {"lfs": made_survey(w="0")}, "lfs: w is not above 0 in 1 line: 9"),
        (ESTIMATE, {"lfs": made_survey(stratum="")}, "lfs: stratum is empty in 1 line: 9"),
        (ESTIMATE + 'size = "of"\n', {"lfs": of_two_sizes(made_survey())}, "lfs: stratum has another of in 1 line: 9"),
        (ESTIMATE, {"lfs": made_survey(stratum="9")}, "1 stratum has only one cluster"),
        (ESTIMATE, {"lfs": made_survey(employed="2")}, "lfs: employed is not 1 or 0 in 1 line: 9"),
        (ESTIMATE + "least = 0\n", SURVEY, "least = 0 gives no protection"),
        (CALIBRATED, SURVEY | {"totals": TOTALS.replace("20000", "-5")}, "totals: value is negative"),
        (CALIBRATED, SURVEY | {"totals": TOTALS.replace("20000", "0")}, "is 0 for a group with persons in lfs"),
        (CALIBRATED, SURVEY | {"totals": TOTALS.replace("STLS,500\n", "")}, "no total of totals is for .* in 5"),
        (CALIBRATED, SURVEY | {"totals": TOTALS + "FC,20000\n"}, "totals: a group occurs twice in 1 line: 5"),
        (
            CALIBRATED.replace('["totals"]', '["totals", "other"]') + source("other"),
            SURVEY | {"totals": TOTALS, "other": "stratum,value\n0,30000\n1,30000\n2,3000\n"},
            "totals and other contradict each other: their sums are 90,000 and 63,000",
        ),
        (MONTHS, {"years": YEARS, "course": COURSE.replace("2024-04,54\n", "")}, "course lacks a month: 2024-04"),
        (MONTHS, {"years": YEARS, "course": "SEX," + COURSE.replace("\n2", "\nF,2")}, "besides .* SEX"),
        (MONTHS, {"years": YEARS, "course": COURSE.replace(",52", ",0")}, "not above 0"),
        (MONTHS, {"years": YEARS, "course": COURSE + "2024-12,9\n"}, "course: a month is listed again in 1 line: 26"),
        (MONTHS, {"years": "year,value\n2022,9\n2024,5\n", "course": COURSE}, "the year 2023 is missing"),
        (MONTHS, {"years": YEARS + "2024,5\n", "course": COURSE}, "the year 2024 occurs twice"),
        (
            MONTHS.replace("indicator =", "# indicator ="),
            {"years": "SEX,year,value\nF,2022,50\nF,2023,60\nM,2023,40\n", "course": COURSE},
            "years: M lacks 2022, which other groups have",
        ),
        (MONTHS, {"years": YEARS.replace("1400", "-1"), "course": COURSE}, "years: value is negative"),
        (MONTHS, {"years": YEARS.replace("2024", "2024.5"), "course": COURSE}, "year is not a year in 1 line: 3"),
        (MONTHS, {"years": YEARS.replace("2024", "24"), "course": COURSE}, "year is not a year in 1 line: 3"),
    ],
)  # fmt: skip
def test_impossible_combinations_are_refused(
    declaration: str, tables: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SdmxmigError) as refusal:
        combined(tmp_path, declaration, **tables)
    assert re.search(says, str(refusal.value)), refusal.value
