"""“NaN” among numbers is a missing value, as programs write it; where no numbers stand, and in names, it is a word."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.figures import is_figure
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose


def tried(text: str, flow: str = "DF_IMM") -> TriedProposal:
    return propose(read("immigrants.csv", text.encode()), flow, CATALOGUE, WORDS, area="KE")


def of_values(*values: str) -> str:
    rows = "".join(f"{2010 + at},{value}\n" for at, value in enumerate(values))
    return f"Year,Immigrants\n{rows}"


def missing(trial: TriedProposal) -> dict[str, str]:
    (block,) = trial.proposal.mapping.blocks
    return {sign: dict(attributes)["OBS_STATUS"] for sign, attributes in block.values.missing}


@cases_from("conversion/cases/words_of_programs_among_numbers_are_missing_values.csv", values=listed)
def test_words_of_programs_among_numbers_are_missing_values(values: tuple[str, ...]) -> None:
    trial = tried(of_values(*values))
    words = {value for value in values if not value[0].isdecimal()}
    assert missing(trial) == dict.fromkeys(words, "O")
    assert not [question for question in trial.open if question.part in ("values", "sheet")]


def test_mostly_missing_columns_are_found_beside_empty_ones() -> None:
    rows = "2014,,,NUMBER,251\n2015,,,NUMBER,NaN\n2016,,,NUMBER,NaN\n2017,,,NUMBER,NaN\n2018,,,NUMBER,53\n"
    trial = tried(f"Year,Sex,Age,Units,Value\n{rows}", "DF_SDG_10_7_3")
    assert missing(trial) == {"NaN": "O"}
    assert {component for example in trial.examples for component, _ in example.key} >= {"TIME_PERIOD", "UNIT_MEASURE"}


@pytest.mark.parametrize(
    "label", ["Nan (Thailand)", "Nana", "NaN-Hai", "Nancy", "Nanjing", "Banan", "nan nan", "NaN 1", "NaN%"]
)
def test_similar_names_are_not_read_as_missing_values(label: str) -> None:
    assert not is_figure(label, WORDS.vocabulary)


@pytest.mark.parametrize("code", ["NA", "ZA", "KE"])
def test_country_codes_beside_numbers_stay_labels(code: str) -> None:
    rows = "".join(
        f"{2010 + at},{component_map},{12 + at}\n"
        for at in range(3)
        for component_map in ("DE", "FR", "TZ", "UG", code)
    )
    trial = tried(f"Year,Citizenship,Immigrants\n{rows}")
    (block,) = trial.proposal.mapping.blocks
    assert any(component_map.component == "C_CITIZEN" for component_map in block.components)
    assert not block.values.missing
