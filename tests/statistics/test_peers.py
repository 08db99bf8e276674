"""Figures of other countries beside those of a country: only comparable ones, the others counted with the reason.

All countries here are made up: their codes are those that ISO 3166-1 leaves to users, their figures are invented.
"""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from case_tables import cases_from, pairs, text_from
from click.testing import CliRunner, Result
from folders import write_files
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.catalogue.folders import find_shipped_folder, list_search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.cli import cli
from sdmxmig.primitives.errors import InputError
from sdmxmig.reporting.outputs.typed_json import read
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.peers import build_peer_comparisons
from sdmxmig.statistics.model.assessment import PeerComparison
from sdmxmig.workspace.tasks import assessing
from sdmxmig.workspace.tasks.session import open_session

CHOICE = read_comparisons(list_search_path("structures"), CATALOGUE).page_one
HEADER = Header("T1", "2026-01-01T00:00:00Z", sender=Party("XA1"), receivers=(Party("UNSD"),))
# On 1 January 2024 216 of the 1,000 residents of Alvoria (XA) were born abroad: 21.6 per cent.
OWN = """flow,REF_AREA,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE,RES_RULE,DUR_BASIS,REF_DATE
DF_POP,XA,_T,2024,1000,R12,ACT,D0101
DF_POP,XA,FB,2024,216,R12,ACT,D0101
"""
SHARE = {
    "REF_AREA": "XB",
    "INDICATOR": "MIG_SHARE",
    "BIRTH_STATUS": "FB",
    "SEX": "_T",
    "UNIT_MEASURE": "PT",
    "TIME_PERIOD": "2024",
    "OBS_VALUE": "8.3",
    "OBS_STATUS": "A",
    "CONF_STATUS": "",
    "RES_RULE": "R12",
    "DUR_BASIS": "ACT",
    "REF_DATE": "D0101",
    "SOURCE_DETAIL": "Invented",
}
"""The share of the foreign-born in another country, as its office exchanges it."""


def message(*figures: dict[str, str]) -> str:
    """Shares as a message of DF_INDICATOR; missing components are as in `SHARE`."""
    rows = [",".join({**SHARE, **figure}.values()) for figure in figures]
    return "\n".join([",".join(SHARE), *rows])


def beside(table: str, flow: str = "DF_INDICATOR", *, own: str = OWN) -> tuple[PeerComparison, ...]:
    figures = Figures(datasets(own, CATALOGUE.flows), "XA")
    of_others = datasets(table, CATALOGUE.flows, flow)
    return build_peer_comparisons(
        figures, Text.of(en="Alvoria"), of_others, indicators=CATALOGUE.indicators, choice=CHOICE
    )


def shares(comparison: PeerComparison) -> list[tuple[str, str, Decimal]]:
    return [(figure.area, figure.period, figure.value) for figure in comparison.others]


def test_figure_of_equal_indicator_rule_and_date_is_compared() -> None:
    (comparison,) = beside(message({}))
    assert (comparison.measure, comparison.unit) == ("MIG_SHARE_FB", "PT")
    assert (comparison.own.period, comparison.own.value) == ("2024", Decimal("21.6"))
    assert shares(comparison) == [("XB", "2024", Decimal("8.3"))]
    assert comparison.others[0].sources == ("Invented",)
    assert comparison.left_out == ()


@cases_from("statistics/cases/population_is_in_its_dimension_or_in_the_indicator_code.csv", key=pairs)
def test_population_is_read_from_dimension_or_indicator_code(key: dict[str, str]) -> None:
    assert shares(beside(message(key))[0]) == [("XB", "2024", Decimal("8.3"))]


def test_indicator_is_computed_from_inputs_of_other_countries() -> None:
    # XB: 90 of 1,000 are 9 per cent. XC: 30 immigrants to (1,980 + 2,020) / 2 = 2,000 residents are 15 per 1,000.
    table = """flow,REF_AREA,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE,RES_RULE,DUR_BASIS,REF_DATE
DF_POP,XB,_T,2024,1000,R12,ACT,D0101
DF_POP,XB,FB,2024,90,R12,ACT,D0101
DF_POP,XC,_T,2023,1980,R12,ACT,D0101
DF_POP,XC,_T,2024,2020,R12,ACT,D0101
DF_IMM,XC,_T,2023,30,R12,ACT,
"""
    # XA: 8 immigrants to (900 + 1,100) / 2 = 1,000 residents are 8 per 1,000.
    own = f"""{OWN}DF_POP,XA,_T,2023,900,R12,ACT,D0101
DF_IMM,XA,_T,2023,8,R12,ACT,
""".replace("XA,_T,2024,1000", "XA,_T,2024,1100")
    share, rate = beside(table, own=own)
    assert shares(share) == [("XB", "2024", Decimal(9))]
    assert (rate.measure, rate.own.value, rate.own.period) == ("IMM_RATE__T", Decimal(8), "2023")
    assert shares(rate) == [("XC", "2023", Decimal(15))]


def test_published_value_precedes_computed_value() -> None:
    table = """flow,REF_AREA,INDICATOR,UNIT_MEASURE,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE,RES_RULE,DUR_BASIS,REF_DATE
DF_POP,XB,,PS,_T,2024,1000,R12,ACT,D0101
DF_POP,XB,,PS,FB,2024,90,R12,ACT,D0101
DF_INDICATOR,XB,MIG_SHARE,PT,FB,2024,8.9,R12,ACT,D0101
"""
    assert shares(beside(table)[0]) == [("XB", "2024", Decimal("8.9"))]


@cases_from("statistics/cases/figure_that_cannot_be_compared_is_counted_with_its_reason.csv", otherwise=pairs)
def test_incomparable_figure_is_counted_with_its_reason(otherwise: dict[str, str], reason: str) -> None:
    comparison = beside(message(otherwise, {"REF_AREA": "XC"}))[0]
    assert shares(comparison) == [("XC", "2024", Decimal("8.3"))]
    assert comparison.left_out == ((reason, 1),)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"BIRTH_STATUS": "_T"},
        {"SEX": "F"},
        {"UNIT_MEASURE": "IX"},
        {"OBS_STATUS": "F"},
        {"CONF_STATUS": "C"},
        {"OBS_VALUE": ""},
        {"REF_AREA": "XA"},
    ],
    ids=lambda otherwise: next(iter(otherwise)),
)
def test_forecasts_and_confidential_figures_are_ignored(otherwise: dict[str, str]) -> None:
    assert beside(message(otherwise)) == ()


OMITTED = {
    "more than 5 per cent are of unknown birth": ("FB 90 _U 100", "caveat"),
    "150 per cent would be born abroad": ("FB 1500", "value"),
    "two different figures of one year": ("FB 90 FB 95", "several"),
}


@pytest.mark.parametrize(("figures", "reason"), OMITTED.values(), ids=OMITTED)
def test_share_not_computable_is_counted_with_its_reason(figures: str, reason: str) -> None:
    codes = figures.split()
    table = "REF_AREA,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE,RES_RULE,DUR_BASIS,REF_DATE\nXB,_T,2024,1000,R12,ACT,D0101\n"
    table += "".join(f"XB,{code},2024,{n},R12,ACT,D0101\n" for code, n in zip(codes[::2], codes[1::2], strict=True))
    (comparison,) = beside(table, "DF_POP")
    assert (comparison.others, comparison.left_out) == ((), ((reason, 1),))


def test_country_of_unknown_rule_is_not_compared() -> None:
    (comparison,) = beside(message({"RES_RULE": "OTH"}, {"REF_AREA": "XC"}), own=OWN.replace("R12", "OTH"))
    assert (comparison.others, comparison.left_out) == ((), (("own", 2),))


def test_closest_year_is_compared_and_ties_take_the_later() -> None:
    early, late = {"TIME_PERIOD": "2023", "OBS_VALUE": "8.1"}, {"TIME_PERIOD": "2025", "OBS_VALUE": "8.5"}
    assert shares(beside(message(early))[0]) == [("XB", "2023", Decimal("8.1"))]
    assert shares(beside(message(early, late))[0]) == [("XB", "2025", Decimal("8.5"))]
    assert shares(beside(message(early, late, {}))[0]) == [("XB", "2024", Decimal("8.3"))]


def test_status_of_a_figure_is_kept() -> None:
    assert [figure.status for figure in beside(message({"OBS_STATUS": "P"}))[0].others] == ["P"]


def test_six_countries_are_shown_and_the_others_counted() -> None:
    comparison = beside(message(*({"REF_AREA": f"X{letter}"} for letter in "BCDEFGH")))[0]
    assert [figure.area for figure in comparison.others] == ["XB", "XC", "XD", "XE", "XF", "XG"]
    assert comparison.left_out == (("room", 1),)


RATE = {"INDICATOR": "IMM_RATE", "BIRTH_STATUS": "_T", "UNIT_MEASURE": "PER_1000_POP", "REF_DATE": ""}
WITH_RATE = f"""{OWN}DF_POP,XA,_T,2023,900,R12,ACT,D0101
DF_IMM,XA,_T,2023,8,R12,ACT,
"""
"""XA: 8 immigrants to (900 + 1,000) / 2 = 950 residents in 2023."""


@pytest.mark.parametrize("value", ["-0.1", "150", "100.1", "NaN", "INF", "-INF", "many"])
def test_impossible_share_is_counted_but_not_shown(value: str) -> None:
    (comparison,) = beside(message({"OBS_VALUE": value}))
    assert (comparison.others, comparison.left_out) == ((), (("value", 1),))


@pytest.mark.parametrize("value", ["0", "100"])
def test_shares_of_0_and_100_percent_are_accepted(value: str) -> None:
    assert shares(beside(message({"OBS_VALUE": value}))[0]) == [("XB", "2024", Decimal(value))]


def test_rate_may_exceed_100_but_not_be_negative() -> None:
    low, high = ({**RATE, "TIME_PERIOD": "2023", "REF_AREA": area} for area in ("XB", "XC"))
    table = message({**low, "OBS_VALUE": "-5"}, {**high, "OBS_VALUE": "120"})
    (comparison,) = (c for c in beside(table, own=WITH_RATE) if c.measure == "IMM_RATE__T")
    assert shares(comparison) == [("XC", "2023", Decimal(120))]
    assert comparison.left_out == (("value", 1),)


def test_unknown_area_is_counted_but_not_shown() -> None:
    comparison = beside(message({"REF_AREA": "ZZ9"}, {"REF_AREA": "XC"}))[0]
    assert shares(comparison) == [("XC", "2024", Decimal("8.3"))]
    assert comparison.left_out == (("area", 1),)


def test_known_group_of_countries_is_ignored() -> None:
    (comparison,) = beside(message({"REF_AREA": "150"}, {"REF_AREA": "XC"}))
    assert shares(comparison) == [("XC", "2024", Decimal("8.3"))]
    assert comparison.left_out == ()


# --- the folder peers/ of a workspace

COUNTRY = text_from("statistics/cases/peers_country.toml")
MAPPING = text_from("statistics/cases/peers_mapping.toml")


TABLES = {"mappings/population.toml": MAPPING, "tables/population.csv": "Year,All,Born abroad\n2024,1000,216\n"}
MADE_UP = "".join(
    f"{code},,{name},,,,,,,national,made up for a test\n" for code, name in {"XA": "Alvoria", "XB": "Borania"}.items()
)
AREAS = "codelists/SDMX/CL_AREA.2.0.csv"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A made-up country in a list of countries, without tables, and a folder for data of others."""
    listed = (find_shipped_folder("codelists").parent / AREAS).read_text(encoding="utf-8-sig").rstrip("\n")
    profile = 'area = "XA"\nyear = "2024"\n'
    (tmp_path / "peers").mkdir()
    return write_files(tmp_path, {"country.toml": COUNTRY, "profile.toml": profile, AREAS: f"{listed}\n{MADE_UP}"})


@pytest.fixture
def with_table(workspace: Path) -> Path:
    """The same with one table."""
    run("convert", write_files(workspace, TABLES))
    return workspace


def put(workspace: Path, table: str, name: str = "XB_DF_INDICATOR.csv") -> None:
    """Put a message of indicators into the folder peers/."""
    content = data_bytes(FORMATS["sdmx-csv-2.0"], datasets(table, CATALOGUE.flows, "DF_INDICATOR"), HEADER)
    (workspace / "peers" / name).write_bytes(content)


def run(command: str, workspace: Path) -> Result:
    return CliRunner().invoke(cli, [command, str(workspace)], catch_exceptions=False)


def test_assess_compares_the_country_with_data_in_peers(with_table: Path) -> None:
    put(with_table, message({}, {"REF_AREA": "XC", "RES_RULE": "R6"}))
    run("assess", with_table)
    assessment = read((with_table / "out" / "assessment.json").read_bytes())
    (comparison,) = assessment.peers
    assert (str(comparison.own.name), comparison.own.value) == ("Alvoria", Decimal("21.6"))
    assert str(comparison.others[0].name) == "Borania"
    assert shares(comparison) == [("XB", "2024", Decimal("8.3"))]
    assert comparison.left_out == (("rule", 1),)
    assert "XB_DF_INDICATOR.csv" in dict(assessment.provenance)


def test_comparison_is_omitted_without_partner_data(workspace: Path) -> None:
    run("assess", workspace)
    assert read((workspace / "out" / "assessment.json").read_bytes()).peers == ()


def test_assessment_is_outdated_by_new_partner_data(workspace: Path) -> None:
    run("assess", workspace)
    put(workspace, message({}))
    results = open_session(workspace, None, "2026-01-01T00:00:00Z").results
    assert results.older("assessment") == ["peers/XB_DF_INDICATOR.csv is new"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"Year,All\n2024,8.3\n", "not an SDMX message"),
        (b"STRUCTURE,STRUCTURE_ID,ACTION\ndataflow,SDMXMIG:DF_NOWHERE(1.0.0),R\n", "There is no dataflow"),
    ],
    ids=["empty", "no message", "unknown dataflow"],
)
def test_unreadable_file_is_refused_by_name(workspace: Path, content: bytes, said: str) -> None:
    (workspace / "peers" / "neighbour.csv").write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        run("assess", workspace)
    assert str(refused.value.place).startswith("peers/neighbour.csv"), "comparisons/ may have a file of that name too"
    assert refused.value.hint


def test_file_with_data_of_own_country_is_refused(workspace: Path) -> None:
    put(workspace, message({"REF_AREA": "XA"}), "own.csv")
    with pytest.raises(InputError, match="not data of another country") as refused:
        run("assess", workspace)
    assert "own.csv" in str(refused.value.place)
    assert "DF_INDICATOR" in refused.value.hint


def test_partner_data_have_a_total_size_limit(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workspace, message({}), "first.csv")
    put(workspace, message({"REF_AREA": "XC"}), "second.csv")
    sizes = [len((workspace / "peers" / name).read_bytes()) for name in ("first.csv", "second.csv")]
    packed = gzip.compress((workspace / "peers" / "second.csv").read_bytes())
    (workspace / "peers" / "second.csv").unlink()
    (workspace / "peers" / "second.csv.gz").write_bytes(packed)
    monkeypatch.setattr(assessing, "PEERS_LIMIT", sum(sizes))
    run("assess", workspace)
    monkeypatch.setattr(assessing, "PEERS_LIMIT", sum(sizes) - 1)
    with pytest.raises(InputError, match="unpacked, the files in peers/ are larger than") as refused:
        run("assess", workspace)
    assert "second.csv.gz" in str(refused.value.place)
    assert "indicators" in refused.value.hint


def test_compressed_file_is_not_expanded_beyond_the_limit(workspace: Path) -> None:
    # 80 MiB of lines that differ little, packed about twenty times smaller.
    lines = (f"dataflow,SDMXMIG:DF_INDICATOR(1.0.0),R,{number:060}\n".encode() for number in range(880_000))
    (workspace / "peers" / "large.csv.gz").write_bytes(gzip.compress(b"".join(lines), compresslevel=1))
    with pytest.raises(InputError, match="larger than 64 MiB"):
        run("assess", workspace)


@pytest.mark.parametrize(
    "other", [{}, {"INDICATOR": "MIG_SHARE_FB", "BIRTH_STATUS": "_T"}], ids=["in the same codes", "in other codes"]
)
def test_differing_values_of_a_year_are_counted_but_not_shown(other: dict[str, str]) -> None:
    (comparison,) = beside(message({"OBS_VALUE": "8.3"}, {**other, "OBS_VALUE": "9.1"}))
    assert (comparison.others, comparison.left_out) == ((), (("several", 1),))
    assert shares(beside(message({"OBS_VALUE": "8.3"}, {**other, "OBS_VALUE": "8.3"}))[0]) == [
        ("XB", "2024", Decimal("8.3"))
    ]


def test_differing_values_are_not_replaced_by_computed_value() -> None:
    table = """flow,REF_AREA,INDICATOR,UNIT_MEASURE,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE,RES_RULE,DUR_BASIS,REF_DATE
DF_POP,XB,,PS,_T,2024,1000,R12,ACT,D0101
DF_POP,XB,,PS,FB,2024,90,R12,ACT,D0101
DF_INDICATOR,XB,MIG_SHARE,PT,FB,2024,8.9,R12,ACT,D0101
DF_INDICATOR,XB,MIG_SHARE,PT,FB,2024,8.8,R12,ACT,D0101
"""
    (comparison,) = beside(table)
    assert (comparison.others, comparison.left_out) == ((), (("several", 1),))


def test_two_values_of_a_distant_year_count_as_distant() -> None:
    years = {"TIME_PERIOD": "2020"}
    (comparison,) = beside(message({**years, "OBS_VALUE": "8.3"}, {**years, "OBS_VALUE": "9.1"}))
    assert comparison.left_out == (("year", 1),)


def test_files_with_differing_values_of_country_are_counted(with_table: Path) -> None:
    put(with_table, message({}), "a.csv")
    put(with_table, message({"OBS_VALUE": "9.1"}), "b.csv")
    run("assess", with_table)
    (comparison,) = read((with_table / "out" / "assessment.json").read_bytes()).peers
    assert (comparison.others, comparison.left_out) == ((), (("several", 1),))


def test_own_figure_in_partner_data_is_skipped_and_reported(with_table: Path) -> None:
    put(with_table, message({}, {"REF_AREA": "XA", "OBS_VALUE": "50"}))
    told = run("assess", with_table)
    (comparison,) = read((with_table / "out" / "assessment.json").read_bytes()).peers
    assert (comparison.own.value, shares(comparison)) == (Decimal("21.6"), [("XB", "2024", Decimal("8.3"))])
    assert comparison.left_out == ()
    assert "XB_DF_INDICATOR.csv: the figures of XA itself are ignored" in told.output
