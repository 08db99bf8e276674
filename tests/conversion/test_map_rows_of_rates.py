"""Rows and files that speak of shares beside counts, sums since the beginning of a year, and sheets of other years."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, listed
from console import Console
from markdown_workbooks import workbook
from proposed import WORDS, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, suggest
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.data import NO_COUNTS

COUNTS = ("Male/100/110", "Female/200/210", "Total/300/320")


def sheet(*rows: str, title: str = "Emigrants by sex", name: str = "A") -> str:
    return f"\n## Sheet {name}\n| {title} |\n" + "".join(f"| {' | '.join(row.split('/'))} |\n" for row in rows)


@pytest.mark.parametrize(
    "label",
    [
        *("Growth, %", "Change (%)", "% of total", "Share, %", "in per cent", "Per cent", "Percentage", "Anteil in %"),
        *("Taux de croissance (%)", "Прирост, %", "per 1000 inhabitants"),
    ],
)
@pytest.mark.parametrize("between", [True, False], ids=["below each", "last"])
def test_rows_of_rates_are_left_out_with_a_reason(label: str, *, between: bool) -> None:
    rates = (f"{label}//10", f"{label}//5.0", f"{label}/100/6.7")
    rows = [row for pair in zip(COUNTS, rates, strict=True) for row in pair] if between else [*COUNTS, rates[2]]
    text = sheet("Sex/2019/2020", *rows)
    proposal = proposed(text, "DF_EMI", "KE")
    assert [(skip.match, skip.reason) for skip in proposal.mapping.blocks[0].skip_rows] == [(label, NO_COUNTS)]
    assert sorted(observations(text, proposal).values()) == ["100", "110", "200", "210", "300", "320"]


@cases_from("conversion/cases/other_rows_are_no_rates.csv", rows=listed)
def test_other_rows_are_not_read_as_rates(head: str, rows: tuple[str, ...]) -> None:
    heads = "Male/Female" if head == "Year" else "2019/2020"
    proposal = proposed(sheet(f"{head}/{heads}", *rows), "DF_EMI", "KE")
    assert NO_COUNTS not in {skip.reason for block in proposal.mapping.blocks for skip in block.skip_rows}


@pytest.mark.parametrize("name", ["emigrants_pct.xlsx", "table 3 percent.xlsx", "rates_2020.xlsx", "per_thousand.xlsx"])
def test_file_name_alone_does_not_mean_shares(name: str) -> None:
    tables = read(name, workbook(sheet("Sex/2019/2020", *COUNTS)))
    (block,) = suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_EMI"], WORDS), "KE").mapping.blocks
    assert dict(block.fixed)["UNIT_MEASURE"] == "PS"


def test_title_of_shares_leaves_out_the_table() -> None:
    proposal = proposed(sheet("Sex/2019/2020", *COUNTS, title="Emigrants by sex, per cent"), "DF_EMI", "KE")
    assert proposal.mapping.blocks == ()


@cases_from("conversion/cases/sums_since_the_beginning_of_a_year_are_named.csv", labels=listed)
def test_sums_since_the_beginning_of_a_year_are_named(
    tmp_path: Path, console: Console, labels: tuple[str, ...], since: str
) -> None:
    rows = (f"{label}/{100 * at}" for at, label in enumerate(labels, start=1))
    file = tmp_path / "t.xlsx"
    file.write_bytes(workbook(sheet("Period/Entries", *rows, title="Entries at the border, 2022")))
    assert f"cumulative since {since}" in console.errors("map", file, "DF_BORDER", "--area", "KE")


def test_unmappable_table_is_refused_with_its_labels(tmp_path: Path, console: Console) -> None:
    file = tmp_path / "t.xlsx"
    file.write_bytes(workbook(sheet("Zorblax/Blargh/Quux", "aa/1/2", "bb/3/4", title="Emigrants")))
    assert "“aa, bb”" in console.errors("map", file, "DF_EMI", "--area", "KE")


@pytest.mark.parametrize(("years", "blocks"), [("2021/2022", 2), ("2019/2020", 1), ("2020/2021", 1)])
def test_sheets_of_other_years_yield_other_observations(years: str, blocks: int) -> None:
    first = sheet("Sex/2019/2020", *COUNTS, title="Emigrants by sex (in thousands)", name="Old")
    text = first + sheet(f"Sex/{years}", *COUNTS, name="New")
    proposal = proposed(text, "DF_EMI", "KE")
    assert len(proposal.mapping.blocks) == blocks
    assert {dict(block.fixed)["UNIT_MULT"] for block in proposal.mapping.blocks} == (
        {"3", "0"} if blocks > 1 else {"3"}
    )
