"""Yields of source types: declared for every indicator, by topic no more than in total, and not guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from folders import write_files
from shipped import CATALOGUE
from small_country import assessed
from small_validation import workspace

from sdmxmig.catalogue import load
from sdmxmig.catalogue.indicators import NOT_YIELDED, PARTLY, UNKNOWN, YIELDED, SourceYield, SourceYields
from sdmxmig.cli import run
from sdmxmig.primitives.errors import DeclarationError

YIELDS = CATALOGUE.study.yields
TYPES = CATALOGUE.item_scheme("CL_SRC_TYPE")
PARENTS = {item.parent for item in TYPES}
NO_TYPE = {"_O", "_U"}
BORDER = """
items.H06.answer = "Y"
inventory.H06.S05.practice.en = "Each crossing. [SEX, AGE, C_CITIZEN]"
"""


@pytest.mark.parametrize("source", [item.id for item in TYPES if item.id not in PARENTS | NO_TYPE])
def test_every_source_type_has_an_answer_for_each_indicator(source: str) -> None:
    assert {name for name in CATALOGUE.indicators if YIELDS.of(source, name).answer == UNKNOWN} == set()


@pytest.mark.parametrize("indicator", CATALOGUE.indicators)
def test_needed_source_yields_at_least_part_of_the_indicator(indicator: str) -> None:
    needed = {source for need in CATALOGUE.study.needs.get(indicator, ()) for source in need.sources}
    types = {CATALOGUE.study.types[source] for source in needed if source in CATALOGUE.study.types}
    assert {source for source in types if YIELDS.of(source, indicator).answer == NOT_YIELDED} == set()


def test_yield_by_topic_never_exceeds_total_yield() -> None:
    hope = (NOT_YIELDED, UNKNOWN, PARTLY, YIELDED)
    for source, name in YIELDS.indicators:
        whole, indicator = YIELDS.of(source, name).answer, CATALOGUE.indicators[name]
        for topic in (*indicator.primary_topics, *indicator.secondary_topics):
            assert hope.index(YIELDS.of(source, name, topic).answer) <= hope.index(whole)


def test_lower_yield_of_indicator_or_topic_counts() -> None:
    yields = SourceYields(
        indicators={("BOR", "IMM_RATE"): SourceYield(PARTLY, ("NO_RESIDENCE",), needs=("RESIDENCE_RULE",))},
        topics={
            ("BOR", "SEX"): SourceYield(YIELDED, ("RECORDED_HERE",)),
            ("BOR", "REASON"): SourceYield(NOT_YIELDED, ("NOT_RECORDED",), needs=("QUESTION",)),
        },
    )
    assert yields.of("BOR", "IMM_RATE", "SEX") == SourceYield(PARTLY, ("NO_RESIDENCE",), needs=("RESIDENCE_RULE",))
    assert yields.of("BOR", "IMM_RATE", "REASON") == SourceYield(
        NOT_YIELDED, ("NOT_RECORDED",), needs=("RESIDENCE_RULE", "QUESTION")
    )
    assert yields.of("BOR", "IMM_RATE", "ROUTE").answer == UNKNOWN
    assert yields.of("REG", "IMM_RATE", "SEX").answer == UNKNOWN


def chance_of(answers: str, indicator: str) -> tuple[str, ...]:
    result = next(each for each in assessed(answers).indicators if each.indicator.id == indicator)
    return tuple(f"{chance.source} {chance.answer}" for chance in result.chances)


def test_possible_indicators_follow_from_existing_sources() -> None:
    assert chance_of(BORDER, "OVERSTAY") == ("BOR Y",)
    assert chance_of(BORDER + 'items.H02.answer = "P"\n', "EMI_RATE") == ("REG Y", "BOR P")
    assert chance_of(BORDER, "MIG_SHARE") == (), "border records do not say who is a resident"
    assert chance_of(BORDER.replace('"Y"', '"N"'), "OVERSTAY") == (), "a source that is not used gives nothing"
    assert chance_of("", "OVERSTAY") == (), "nothing is known of the sources"


def test_unlisted_topic_is_queried_if_a_source_may_have_data() -> None:
    result = next(each for each in assessed(BORDER).indicators if each.indicator.id == "EMI_RATE")
    (chance,) = result.chances
    assert set(chance.recorded) == {"AGE", "SEX", "C_CITIZEN"}
    assert set(chance.asked) == {"C_BIRTH", "C_RESIDENCE"}
    phones = 'items.H18.answer = "Y"\n'
    result = next(each for each in assessed(phones).indicators if each.indicator.id == "EMI_RATE")
    assert set(result.chances[0].lacking) == {"AGE", "SEX", "C_BIRTH", "C_CITIZEN"}


def test_existing_inputs_are_not_next_steps() -> None:
    def needs(answers: str) -> tuple[str, ...]:
        result = next(each for each in assessed(answers).indicators if each.indicator.id == "EMI_RATE")
        return result.chances[0].needs

    matched = 'inventory.H06.S07.answer = "Y"\ninventory.H06.S08.answer = "Y"\n'
    assert needs(BORDER) == ("PERSON_KEY", "RESIDENCE_RULE")
    assert needs(BORDER + matched) == ("RESIDENCE_RULE",)
    assert needs(BORDER + matched.replace('S08.answer = "Y"', 'S08.answer = "P"')) == ("PERSON_KEY", "RESIDENCE_RULE")


@cases_from("statistics/cases/a_row_that_is_wrong_is_refused_with_file_and_line.csv")
def test_wrong_row_is_refused_with_file_and_line(row: str, trouble: str, tmp_path: Path) -> None:
    table = f"source,topics,answer,why,needs,status,reference\n{row}\n"
    write_files(tmp_path, {"structures/sources/topics.csv": table})
    with pytest.raises(DeclarationError, match=trouble) as caught:
        load(tmp_path)
    assert str(caught.value.place) == "sources/topics.csv:2"


def test_show_and_profile_list_yields(tmp_path: Path, console: Console) -> None:
    shown = " ".join(console.output("show", "CL_SRC_TYPE.BOR").split())
    assert "OVERSTAY yes Records both ends of a stay by person." in shown
    folder = workspace(tmp_path / "ws")
    (folder / "profile.toml").write_text(f'area = "GE"\nyear = "2024"\nsigned_off = ""\n{BORDER}', encoding="utf-8")
    console.readouterr()
    assert run(["profile", "sources", str(folder), "--format", "json"]) == 0
    rows = {row["indicator"]: row for row in json.loads(console.readouterr().out)}
    assert rows["OVERSTAY"]["gives"] == "yes"
    assert rows["OVERSTAY"]["recorded"] == ["C_CITIZEN", "SEX", "AGE"]
    assert rows["OVERSTAY"]["needs"] == ["Match entries and exits of one person by a key."]
