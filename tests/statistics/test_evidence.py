"""Evidence in data is shown with the answers of the profile, and every contradiction is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_country
from folders import write_files
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.assessment import read_claims
from sdmxmig.statistics.calculations.evidence import Claims, list_evidence
from sdmxmig.statistics.model.evidence import Evidence


def dataset(flow_id: str, *rows: dict[str, str], **attributes: str) -> Dataset:
    """A dataset of Georgia; dimensions that a row does not name have their total."""
    return small_country.dataset(flow_id, *({"OBS_VALUE": "1"} | row for row in rows), **attributes)


def claims(**answers: str) -> Claims:
    """A profile of Georgia that gives these answers about the country."""
    given = {item: Answer(item, code) for item, code in answers.items()}
    return read_claims(Profile("GE", "2024", answers=given, about={}, sources={}), CATALOGUE)


def look(*datasets: Dataset, **answers: str) -> dict[str, Evidence]:
    return {evidence_item.item: evidence_item for evidence_item in list_evidence(claims(**answers), datasets, "GE")}


STOCK = dataset(
    "DF_POP",
    {"TIME_PERIOD": "2022"},
    {"TIME_PERIOD": "2023", "BIRTH_STATUS": "FB"},
    {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB", "OBS_STATUS": "B"},
    RES_RULE="R12",
)


def test_stock_by_birth_status_is_evidence_for_its_question() -> None:
    found = look(STOCK)
    assert (found["C01"].first, found["C01"].last) == ("2023", "2024")
    assert [name for name, _ in found["C01"].found] == ["BIRTH_STATUS"]
    assert "C02" not in found
    assert "C03" not in found


def test_stock_of_three_consecutive_years_is_more_than_a_census() -> None:
    years = [{"TIME_PERIOD": year, "BIRTH_STATUS": "FB"} for year in ("2021", "2022", "2023")]
    assert look(dataset("DF_POP", *years), C14="1")["C14"].contradicts
    assert "C14" not in look(dataset("DF_POP", *years[:2]))
    assert "C14" not in look(dataset("DF_POP", *years[:2], {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB"}))


def test_cross_classification_requires_both_statuses_at_once() -> None:
    apart = dataset(
        "DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB"}, {"TIME_PERIOD": "2024", "CTZ_STATUS": "FC"}
    )
    together = dataset("DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB", "CTZ_STATUS": "FC"})
    assert "C03" not in look(apart)
    assert look(together, C03="0")["C03"].contradicts


def test_code_for_unknown_does_not_count_as_breakdown() -> None:
    assert "C01" not in look(dataset("DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "_U"}))


@pytest.mark.parametrize(
    ("stock", "flow", "said", "answer"),
    [("R12", "R12", "same", "1"), ("R12", "R6", "different", "3"), ("R12", "_U", "", "3")],
)
def test_common_rule_of_stocks_and_flows_is_found_in_the_data(stock: str, flow: str, said: str, answer: str) -> None:
    population = dataset("DF_POP", {"TIME_PERIOD": "2024"}, RES_RULE=stock)
    flows = [dataset(name, {"TIME_PERIOD": "2024"}, RES_RULE=flow) for name in ("DF_IMM", "DF_EMI")]
    found = look(population, *flows, B07=answer)
    assert ("B07" in found) == bool(said)
    if said:
        assert (found["B07"].said, found["B07"].contradicts) == (said, True)


def test_unknown_rule_is_not_evidence() -> None:
    assert "B05" not in look(dataset("DF_IMM", {"TIME_PERIOD": "2024"}, RES_RULE="_U"))


def test_data_of_another_country_are_not_evidence() -> None:
    assert list_evidence(claims(), [STOCK], "SE") == ()


def test_every_probe_contradicts_some_but_not_all_answers() -> None:
    asked = {**CATALOGUE.items, **CATALOGUE.questions}
    for probe in CATALOGUE.study.probes:
        for answers in probe.contradicts.values():
            codes = {name for name, _ in CATALOGUE.scales[asked[probe.item].scale].labels}
            assert set() < set(answers) < codes, probe.item


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("item", "C1", "There is no benchmarking item “C1”"), ("kind", "guess", "There is no kind of evidence “guess”")],
)
def test_probe_of_unknown_item_is_refused(tmp_path: Path, key: str, value: str, said: str) -> None:
    lines = {"item": "C01", "kind": "shown"} | {key: value}
    text = "[[evidence]]\n" + "".join(f'{name} = "{line}"\n' for name, line in lines.items())
    write_files(tmp_path, {"structures/evidence.toml": text})
    with pytest.raises(DeclarationError, match=said):
        load(tmp_path)
