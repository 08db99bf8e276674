"""What the data show stands beside what the profile says, and every contradiction between them is listed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.calculations.evidence import evidence
from sdmxmig.catalogue import load
from sdmxmig.errors import DeclarationError
from sdmxmig.frames import text_frame
from sdmxmig.model.data import Dataset
from sdmxmig.model.evidence import Evidence


def dataset(flow_id: str, *rows: dict[str, str], **attributes: str) -> Dataset:
    """A dataset of Georgia; dimensions that a row does not name stand at their total."""
    flow = CATALOGUE.flow(flow_id)
    columns = [*flow.structure.key, "OBS_VALUE", "OBS_STATUS"]
    usual = dict.fromkeys(flow.structure.key, "_T") | {"FREQ": "A", "REF_AREA": "GE", "OBS_VALUE": "1"}
    return Dataset(flow, text_frame(columns, [usual | row for row in rows]), pl.DataFrame(), attributes, pl.DataFrame())


def look(*datasets: Dataset, **answers: str) -> dict[str, Evidence]:
    return {one.item: one for one in evidence(CATALOGUE.probes, datasets, "GE", answers)}


STOCK = dataset(
    "DF_POP",
    {"TIME_PERIOD": "2022"},
    {"TIME_PERIOD": "2023", "BIRTH_STATUS": "FB"},
    {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB", "OBS_STATUS": "B"},
    RES_RULE="R12",
)


def test_a_stock_by_birth_status_is_evidence_for_that_question_and_no_other() -> None:
    found = look(STOCK)
    assert (found["C01"].first, found["C01"].last) == ("2023", "2024")
    assert [name for name, _ in found["C01"].found] == ["BIRTH_STATUS"]
    assert "C02" not in found
    assert "C03" not in found


@pytest.mark.parametrize(("answer", "contradicts"), [("0", True), ("1", True), ("2", False), ("4", False), ("", False)])
def test_what_the_data_show_contradicts_an_answer_that_there_is_nothing(answer: str, contradicts: bool) -> None:
    assert look(STOCK, C01=answer)["C01"].contradicts is contradicts


def test_both_statuses_at_once_are_asked_for() -> None:
    apart = dataset(
        "DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB"}, {"TIME_PERIOD": "2024", "CTZ_STATUS": "FC"}
    )
    together = dataset("DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB", "CTZ_STATUS": "FC"})
    assert "C03" not in look(apart)
    assert look(together, C03="0")["C03"].contradicts


def test_a_code_for_unknown_is_no_division() -> None:
    assert "C01" not in look(dataset("DF_POP", {"TIME_PERIOD": "2024", "BIRTH_STATUS": "_U"}))


@pytest.mark.parametrize(
    ("stock", "flow", "said", "answer"),
    [("R12", "R12", "same", "1"), ("R12", "R6", "different", "3"), ("R12", "_U", "", "3")],
)
def test_one_rule_for_stocks_and_flows_is_seen_in_the_data(stock: str, flow: str, said: str, answer: str) -> None:
    population = dataset("DF_POP", {"TIME_PERIOD": "2024"}, RES_RULE=stock)
    flows = [dataset(name, {"TIME_PERIOD": "2024"}, RES_RULE=flow) for name in ("DF_IMM", "DF_EMI")]
    found = look(population, *flows, B07=answer)
    assert ("B07" in found) == bool(said)
    if said:
        assert (found["B07"].said, found["B07"].contradicts) == (said, True)


def test_a_rule_that_is_another_one_contradicts_the_answer_aligned() -> None:
    other = dataset("DF_IMM", {"TIME_PERIOD": "2024"}, RES_RULE="OTH")
    assert look(other, B05="3")["B05"].contradicts
    assert not look(other, B05="2")["B05"].contradicts


def test_an_unknown_rule_says_nothing() -> None:
    assert "B05" not in look(dataset("DF_IMM", {"TIME_PERIOD": "2024"}, RES_RULE="_U"))


def test_a_flag_in_the_data_contradicts_that_there_are_none() -> None:
    found = look(STOCK, J08="N", K15="Y")
    assert found["J08"].contradicts
    assert not found["K15"].contradicts
    assert (found["J08"].first, found["J08"].last) == ("2024", "2024")


def test_data_of_another_country_are_no_evidence() -> None:
    assert evidence(CATALOGUE.probes, [STOCK], "SE", {}) == ()


def test_every_probe_can_contradict_some_answers_and_leaves_others_true() -> None:
    for probe in CATALOGUE.probes:
        codes = {name for name, _ in CATALOGUE.scales[CATALOGUE.items[probe.item].scale].labels}
        for answers in probe.contradicts.values():
            assert set() < set(answers) < codes, probe.item


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("item", "C1", "There is no benchmarking item “C1”"), ("kind", "guess", "There is no kind of evidence “guess”")],
)
def test_a_probe_of_what_does_not_exist_is_refused(tmp_path: Path, key: str, value: str, said: str) -> None:
    lines = {"item": "C01", "kind": "shown"} | {key: value}
    folder = tmp_path / "structures"
    folder.mkdir()
    text = "[[evidence]]\n" + "".join(f'{name} = "{one}"\n' for name, one in lines.items())
    (folder / "evidence.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load(tmp_path)
