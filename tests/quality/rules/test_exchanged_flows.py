"""Immigration and emigration exchanged in one year are reported once, at every figure.

They are two dataflows, so that each alone shows only a jump.
"""

from __future__ import annotations

from case_tables import text_from
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Findings

EXCHANGED = text_from("quality/cases/exchanged_flows_exchanged.csv")


def found(table: str) -> Findings:
    dataset, *others = datasets(table, CATALOGUE.flows)
    return validate(switched_on(dataset, "MIG-2-108"), AS_LISTED, others)


def test_exchanged_flows_are_reported_at_both_figures() -> None:
    (finding,) = found(EXCHANGED).items  # of men both flows are too near to each other to tell
    assert (str(finding.place), finding.observed, finding.expected) == ("data.xlsx › DF_IMM › A2", "2050", "3060")
    assert [str(place) for place in finding.related] == ["data.xlsx › DF_IMM › A1", "data.xlsx › DF_EMI › A2"]
    assert finding.sentence() == (
        "Immigration, 2022, Female: in 2022, the figures of Immigration and Emigration are closer to the "
        "previous period if they are swapped (direction of the flow)."
    )


def test_exchanged_flows_are_reported_once() -> None:
    turned = "\n".join(["flow,SEX,TIME_PERIOD,OBS_VALUE", *EXCHANGED.split()[5:], *EXCHANGED.split()[1:5]])
    assert found(turned).items == ()


def test_single_changed_figure_is_not_reported_as_exchange() -> None:
    """Of three ages in which the flows differ one looks exchanged: that comes by chance."""
    rows = ["flow,AGE,TIME_PERIOD,OBS_VALUE"]
    moves = {"Y20T24": (3000, 2000), "Y25T29": (4000, 2500), "Y30T34": (5000, 2600)}
    for age, (came, left) in moves.items():
        later = (2050, 3060) if age == "Y20T24" else (came, left)
        rows += [f"DF_IMM,{age},2021,{came}", f"DF_IMM,{age},2022,{later[0]}"]
        rows += [f"DF_EMI,{age},2021,{left}", f"DF_EMI,{age},2022,{later[1]}"]
    assert found("\n".join(sorted(rows, key=lambda row: ("flow" not in row, "DF_EMI" in row)))).items == ()


def test_diverging_flows_are_not_reported_as_exchanged() -> None:
    assert found(EXCHANGED.replace("3060", "4400")).items == ()


def test_swapped_small_figures_may_differ_by_chance() -> None:
    """Of 180 people a sixth more or less is chance; of 18,000 it is not."""
    rows = ["C_FORMER,CTZ_ITEM,TIME_PERIOD,OBS_VALUE", "IR,ACQ,2023,540", "IR,ACQ,2024,155", "IT,ACQ,2023,180"]
    small = "\n".join([*rows, "IT,ACQ,2024,560"])
    large = "\n".join(row if row == rows[0] else f"{row}00" for row in small.splitlines())
    (item,) = exchanged(small).items
    assert item.observed == "560 and 155"
    assert exchanged(large).items == ()


def exchanged(table: str) -> Findings:
    (dataset,) = datasets(table, CATALOGUE.flows, "DF_CITIZENSHIP")
    return validate(switched_on(dataset, "MIG-2-108"), AS_LISTED)
