"""The indicator set: sixty rows with permanent ids, formulas over our dataflows, and what may be called verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from folders import ROOT, write_files
from shipped import CATALOGUE
from small_country import dataset

from sdmxmig.catalogue import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import (
    IndicatorValues,
    compute,
    index_topic_names,
    list_shown_topics,
)
from sdmxmig.statistics.calculations.policy_domains import ANSWERS, LEVELS, QUESTIONS, compute_policy_domains

# --- values


def data(flow_id: str, rows: Sequence[Mapping[str, str]], **attributes: str) -> Dataset:
    """Observations of one country; other dimensions have their total."""
    return dataset(flow_id, *({"TIME_PERIOD": "2024", **row} for row in rows), **attributes)


def computed(indicator: str, *datasets: Dataset) -> IndicatorValues:
    return compute(CATALOGUE.indicators[indicator], datasets)


def rounded(found: IndicatorValues, period: str = "2024") -> dict[str, str]:
    return {value.variant: f"{value.value:.3f}" for value in found.values if value.period == period}


GROUPS = {"NB_NC": ("NB", "NC"), "NB_FC": ("NB", "FC"), "FB_NC": ("FB", "NC"), "FB_FC": ("FB", "FC")}
ACCOUNT = {  # synthetic numbers: NB_NC, NB_FC, FB_NC, FB_FC
    "POP_BEG": (9_000_000, 60_000, 200_000, 740_000),
    "POP_END": (8_993_300, 62_200, 205_900, 783_100),
    "FLW_IMM": (12_000, 800, 3_000, 90_000),
    "FLW_EMI": (40_000, 1_200, 4_000, 35_000),
}


def by_group(item: str, **fixed: str) -> list[dict[str, str]]:
    """The four groups of an item of the account, with all their totals."""
    rows = []
    for birth in ("_T", "NB", "FB"):
        for citizenship in ("_T", "NC", "FC"):
            parts = zip(GROUPS.values(), ACCOUNT[item], strict=True)
            total = sum(n for (b, c), n in parts if birth in ("_T", b) and citizenship in ("_T", c))
            rows.append({"BIRTH_STATUS": birth, "CTZ_STATUS": citizenship, "OBS_VALUE": str(total), **fixed})
    return rows


@cache
def worked_account() -> tuple[Dataset, ...]:
    population = [*by_group("POP_BEG", TIME_PERIOD="2024"), *by_group("POP_END", TIME_PERIOD="2025")]
    return (
        data("DF_POP", population, REF_DATE="D0101"),
        data("DF_IMM", by_group("FLW_IMM", DIRECTION="I")),
        data("DF_EMI", by_group("FLW_EMI", DIRECTION="E")),
    )


def test_mi_1_1_equals_that_of_the_worked_account() -> None:
    found = rounded(computed("MIG_SHARE", *worked_account()), "2025")
    assert found == {"FB": "9.846", "FC": "8.416", "FB_NC": "2.050", "NB_FC": "0.619", "FB_FC": "7.796"}


def test_flow_rates_equal_those_of_the_worked_account() -> None:
    total = {name: rounded(computed(name, *worked_account()))["_T"] for name in ("IMM_RATE", "EMI_RATE", "NET_RATE")}
    assert total == {"IMM_RATE": "10.557", "EMI_RATE": "8.002", "NET_RATE": "2.554"}
    rates = computed("NET_RATE", *worked_account())
    exact = {value.variant: value.value for value in rates.values}
    assert abs(sum(exact[group] for group in GROUPS) - exact["_T"]) < Decimal("1e-20")


def test_counts_of_policy_area_2_use_administrative_records() -> None:
    records = data(
        "DF_ADMIN",
        [
            {"ADM_ITEM": "REFUSED", "UNIT_MEASURE": "PS", "OBS_VALUE": "1200"},
            {"ADM_ITEM": "REFUSED", "UNIT_MEASURE": "PS", "OBS_VALUE": "700", "C_CITIZEN": "AZ"},
            {"ADM_ITEM": "IRR_CROSS", "UNIT_MEASURE": "NUMBER", "OBS_VALUE": "85"},
            {"ADM_ITEM": "DEAD_MISSING", "UNIT_MEASURE": "PS", "OBS_VALUE": "3"},
        ],
    )
    refused = computed("ENTRY_REFUSED", records)
    assert [(one.value, one.unit) for one in refused.values] == [(1200, "PS")]
    assert [(part.codes, part.value) for part in refused.parts] == [((("C_CITIZEN", "AZ"),), 700)]
    assert computed("IRR_CROSS", records).values[0].value == 85
    assert computed("DEATHS_MISSING", records).values[0].value == 3
    overstay = computed("OVERSTAY", records)
    assert overstay.values == ()
    assert overstay.missing[0][0] == "_T"


def test_every_indicator_without_data_has_a_reason() -> None:
    for indicator in CATALOGUE.indicators.values():
        computed_values = compute(indicator, (), "GE")
        assert (computed_values.values, computed_values.parts) == ((), ())
        assert {variant for variant, _ in computed_values.missing} == {variant.id for variant in indicator.variants}
        assert {topic for topic, _ in computed_values.undivided} == set(indicator.primary_topics) - {
            "BIRTH_STATUS",
            "CTZ_STATUS",
        }


def poverty(*rows: tuple[str, str, Mapping[str, str]]) -> Dataset:
    told = [{"IND_TERM": term, "OBS_VALUE": value, **codes} for term, value, codes in rows]
    return data("DF_IND_TERM", [{"INDICATOR": "POV_50_MEDIAN", **row} for row in told])


def test_indicator_of_part_b_is_broken_down_as_data_allow() -> None:
    women, foreign = {"SEX": "F"}, {"BIRTH_STATUS": "FB"}
    found = computed(
        "POV_50_MEDIAN",
        poverty(
            ("NUM", "100", {}),
            ("DEN", "1000", {}),
            ("NUM", "30", foreign),
            ("DEN", "150", foreign),
            ("NUM", "60", women),
            ("DEN", "500", women),
            ("NUM", "20", women | foreign),
            ("DEN", "80", women | foreign),
            ("NUM", "9", {"CTZ_STATUS": "FC"}),
        ),
    )
    assert {value.variant: value.value for value in found.values} == {"_T": 10, "FB": 20}
    assert {(part.variant, part.codes): part.value for part in found.parts} == {
        ("_T", (("SEX", "F"),)): 12,
        ("FB", (("SEX", "F"),)): 25,
    }
    assert dict(found.undivided) == {"AGE": "DF_IND_TERM holds no code of AGE but the total"}
    assert dict(found.missing)["FC"].startswith("no numerators and denominators of indicators")
    assert {variant for variant, _ in found.missing} == {"NB", "NC", "FC"}


def test_topic_missing_in_all_dataflows_is_named() -> None:
    asked = replace(CATALOGUE.indicators["MIG_SHARE"], primary_topics=("HAIR_COLOUR",))
    computed_values = compute(asked, worked_account())
    assert computed_values.undivided == (("HAIR_COLOUR", "DF_POP has no dimension HAIR_COLOUR"),)


def test_rates_of_women_are_per_1000_women() -> None:
    women = {"SEX": "F"}
    people = [{"OBS_VALUE": "1000"}, {"OBS_VALUE": "600", **women}]
    population = data("DF_POP", [*people, *({**person, "TIME_PERIOD": "2025"} for person in people)], REF_DATE="D0101")
    coming = [{"DIRECTION": "I", "OBS_VALUE": "10"}, {"DIRECTION": "I", "OBS_VALUE": "3", **women}]
    found = computed("IMM_RATE", population, data("DF_IMM", coming))
    assert [(part.codes, part.value) for part in found.parts] == [((("SEX", "F"),), 5)]


def test_immigration_rate_by_country_is_per_1000_residents() -> None:
    population = data(
        "DF_POP", [{"OBS_VALUE": "1000", "TIME_PERIOD": year} for year in ("2024", "2025")], REF_DATE="D0101"
    )
    coming = data("DF_IMM", [{"DIRECTION": "I", "OBS_VALUE": "4", "C_CITIZEN": "AM"}])
    found = computed("IMM_RATE", population, coming)
    assert [(part.codes, part.value) for part in found.parts] == [((("C_CITIZEN", "AM"),), 4)]


def test_acquisitions_are_percent_of_earlier_foreigners() -> None:
    population = data("DF_POP", [{"CTZ_STATUS": "FC", "OBS_VALUE": "200", "TIME_PERIOD": "2023"}], REF_DATE="D1231")
    acquired = data("DF_CTZ_ACQ", [{"EVENT": "CTZ_ACQ", "OBS_VALUE": "5"}])
    assert rounded(computed("CTZ_ACQ_RATE", population, acquired)) == {"_T": "2.500"}


def test_codes_of_a_term_are_added_up(tmp_path: Path) -> None:
    file = (ROOT / "structures" / "indicators" / "ENTRY_REFUSED.toml").read_text(encoding="utf-8")
    summed = file.replace('ADM_ITEM = "REFUSED"', 'ADM_ITEM = ["REFUSED", "FOUND_IRREG"]')
    write_files(tmp_path, {"structures/indicators/ENTRY_REFUSED.toml": summed})
    records = data(
        "DF_ADMIN",
        [
            {"ADM_ITEM": "REFUSED", "UNIT_MEASURE": "PS", "OBS_VALUE": "12"},
            {"ADM_ITEM": "FOUND_IRREG", "UNIT_MEASURE": "PS", "OBS_VALUE": "30"},
            {"ADM_ITEM": "REFUSED", "UNIT_MEASURE": "PS", "OBS_VALUE": "7", "TIME_PERIOD": "2023"},
        ],
    )
    computed_values = compute(load(tmp_path).indicators["ENTRY_REFUSED"], [records])
    assert [(one.period, one.value, one.formula) for one in computed_values.values] == [("2024", 42, "(12 + 30)")]


def test_data_of_two_countries_are_refused_without_a_country() -> None:
    rows = [{"OBS_VALUE": "1"}, {"OBS_VALUE": "2", "REF_AREA": "AM"}]
    both = data("DF_POP", rows, REF_DATE="D0101")
    with pytest.raises(DeclarationError, match="several areas"):
        computed("MIG_SHARE", both)


# --- SDG indicator 10.7.2


@cache
def lists() -> list[ItemScheme]:
    return [CATALOGUE.item_scheme(name) for name in (QUESTIONS, ANSWERS, LEVELS)]


def answered(**domains: str) -> dict[str, str]:
    """Answers by domain, one letter for each of its sub-categories."""
    return {
        f"{domain}{letter}": one for domain, text in domains.items() for letter, one in zip("ABCDE", text, strict=True)
    }


def test_policy_domains_and_country_have_value_and_level() -> None:
    found = compute_policy_domains(
        answered(PD_1="YYLLN", PD_2="YYYYN", PD_3="YNNNN", PD_4="YYNNN", PD_5="YYYYY", PD_6="NNNNN"), *lists()
    )
    assert [(one.domain, one.value, one.level) for one in found] == [
        ("PD_1", 60, "2"),
        ("PD_2", 80, "3"),
        ("PD_3", 20, "1"),
        ("PD_4", 40, "2"),
        ("PD_5", 100, "4"),
        ("PD_6", 0, "1"),
        ("_T", 50, "2"),
    ]


def test_domain_with_unanswered_question_has_no_value() -> None:
    found = {
        policy_domain.domain: policy_domain
        for policy_domain in compute_policy_domains({**answered(PD_2="YYYYY"), "PD_1A": "Y"}, *lists())
    }
    assert found["PD_2"].level == "4"
    assert (found["PD_1"].value, found["PD_1"].missing) == (None, ("PD_1B", "PD_1C", "PD_1D", "PD_1E"))
    assert found["_T"].value is None


@pytest.mark.parametrize(
    ("answers", "said"), [({"PD_2A": "L"}, "“L” is not an answer"), ({"PD_1X": "Y"}, "no sub-cat")]
)
def test_impossible_answer_is_refused(answers: dict[str, str], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        compute_policy_domains(answers, *lists())


def immigrants(*parts: Mapping[str, str]) -> Dataset:
    return data("DF_IMM", [{"DIRECTION": "I", "OBS_VALUE": "10"}, *({"DIRECTION": "I", **part} for part in parts)])


def residents(**codes: str) -> Dataset:
    """Everybody at two dates, and half of them under these codes."""
    dates = [{"TIME_PERIOD": "2024"}, {"TIME_PERIOD": "2025"}]
    halves = [{"OBS_VALUE": "500", **codes, **date} for date in dates] if codes else []
    return data("DF_POP", [*({"OBS_VALUE": "1000", **date} for date in dates), *halves], REF_DATE="D0101")


WOMEN, UKRAINE = {"SEX": "F", "OBS_VALUE": "6"}, {"C_CITIZEN": "UA", "OBS_VALUE": "4"}


@pytest.mark.parametrize(
    ("datasets", "shown", "by"),
    [
        ([immigrants(), residents()], "", ""),
        ([immigrants(UKRAINE), residents()], "C_CITIZEN", "C_CITIZEN"),
        ([immigrants(WOMEN), residents()], "SEX", ""),
        ([immigrants(WOMEN, UKRAINE), residents(SEX="F")], "SEX C_CITIZEN", "SEX C_CITIZEN"),
        ([immigrants(), residents(SEX="F")], "", ""),
        ([immigrants(UKRAINE)], "C_CITIZEN", ""),
        ([residents(SEX="F")], "", ""),
        ([immigrants({"BIRTH_STATUS": "FB", "OBS_VALUE": "9"}), residents(BIRTH_STATUS="FB")], "", ""),
        ([immigrants({"SEX": "_U", "OBS_VALUE": "1"}), residents()], "", ""),
    ],
)
def test_rate_has_values_by_topics_of_events_and_persons(datasets: list[Dataset], shown: str, by: str) -> None:
    rate = CATALOGUE.indicators["IMM_RATE"]
    found = list_shown_topics(rate, Figures(datasets, "GE"))
    assert [topic for topic, _ in found] == list(rate.primary_topics)
    assert [topic for topic, is_shown in found if is_shown] == shown.split()
    everybody = [part for part in compute(rate, datasets, "GE").parts if part.variant == "_T"]
    assert [topic for part in everybody for topic, _ in part.codes] == by.split()


def arrivals_by(**rows: tuple[str, ...]) -> Dataset:
    """Ten immigrants in each of two years; by name of a row, the years in which it is there too."""
    parts = {"women": {"SEX": "F"}, "of_citizens": {"SEX": "F", "CTZ_STATUS": "NC"}, "citizens": {"CTZ_STATUS": "NC"}}
    everybody = [{"TIME_PERIOD": year, "OBS_VALUE": "10"} for year in ("2023", "2024")]
    divided = [{"TIME_PERIOD": year, "OBS_VALUE": "6", **parts[name]} for name, years in rows.items() for year in years]
    return data("DF_IMM", [{"DIRECTION": "I", **row} for row in (*everybody, *divided)])


@pytest.mark.parametrize(
    ("rows", "is_shown"),
    [
        ({"women": ("2023", "2024")}, True),
        ({"women": ("2024",)}, False),
        ({"of_citizens": ("2023", "2024")}, False),
        ({"citizens": ("2023", "2024"), "of_citizens": ("2023", "2024")}, False),
    ],
    ids=["every year", "one of two years", "a part without its total", "a part of everybody"],
)
def test_topic_is_shown_if_available_in_every_year(rows: Mapping[str, tuple[str, ...]], *, is_shown: bool) -> None:
    figures = Figures([arrivals_by(**rows)], "GE")
    assert dict(list_shown_topics(CATALOGUE.indicators["IMM_RATE"], figures))["SEX"] is is_shown


@pytest.mark.parametrize(
    ("arrivals", "departures", "is_shown", "reason"),
    [
        ([WOMEN], [WOMEN], True, ""),
        ([WOMEN], [], False, "no "),
        ([], [WOMEN], False, "DF_IMM holds no code of SEX but the total"),
        ([], [], False, "DF_IMM holds no code of SEX but the total"),
    ],
)
def test_difference_is_broken_down_if_both_flows_are(
    arrivals: list[Mapping[str, str]], departures: list[Mapping[str, str]], *, is_shown: bool, reason: str
) -> None:
    rate = CATALOGUE.indicators["NET_RATE"]
    out = [{"DIRECTION": "E", "OBS_VALUE": "8"}, *({"DIRECTION": "E", **departure} for departure in departures)]
    datasets = [immigrants(*arrivals), data("DF_EMI", out), residents(SEX="F")]
    assert dict(list_shown_topics(rate, Figures(datasets, "GE")))["SEX"] is is_shown
    computed_values = compute(rate, datasets, "GE")
    assert bool(computed_values.parts) is is_shown
    assert dict(computed_values.undivided).get("SEX", "").startswith(reason)
    assert ("SEX" in dict(computed_values.undivided)) is not is_shown


def test_values_are_broken_down_only_by_topics_of_indicator() -> None:
    women, citizens = {"SEX": "F"}, {"C_CITIZEN": "AZ"}
    usual = {"ADM_ITEM": "REFUSED", "UNIT_MEASURE": "PS"}
    refused = data("DF_ADMIN", [{**usual, **one, "OBS_VALUE": "9"} for one in ({}, women, citizens)])
    assert "SEX" not in CATALOGUE.indicators["ENTRY_REFUSED"].primary_topics
    assert [part.codes for part in computed("ENTRY_REFUSED", refused).parts] == [(("C_CITIZEN", "AZ"),)]
    by_status = {topic for part in computed("NET_RATE", *worked_account()).parts for topic, _ in part.codes}
    assert by_status == set()


def test_codes_are_named_by_the_first_list_containing_the_code() -> None:
    stock, arrivals = residents(), immigrants(UKRAINE)
    (part,) = compute(CATALOGUE.indicators["IMM_RATE"], [stock, arrivals], "GE").parts
    countries = arrivals.flow.codelists["C_CITIZEN"]
    short = replace(countries, items=tuple(item for item in countries.items if item.id != "UA"))
    own = replace(countries, items=(replace(countries["UA"], name=Text.of(en="Own name")),))

    def named(*lists: ItemScheme | None) -> dict[str, str]:
        kept = {name: codelist for name, codelist in arrivals.flow.codelists.items() if name != "C_CITIZEN"}
        flows = [
            replace(arrivals.flow, codelists=kept if code_list is None else {**kept, "C_CITIZEN": code_list})
            for code_list in lists
        ]
        return {
            code: str(name)
            for code, name in index_topic_names([part], [replace(arrivals, flow=f) for f in flows]).items()
        }

    assert named(countries, own) == {"C_CITIZEN.UA": "Ukraine"}
    assert named(own, countries) == {"C_CITIZEN.UA": "Own name"}
    assert named(None, own) == named(short, own) == {"C_CITIZEN.UA": "Own name"}
    assert named(None, short) == named() == {}
