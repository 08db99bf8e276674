"""``sdmxmig map`` reads whether asylum decisions are those of first instance or final."""

from __future__ import annotations

from case_tables import cases_from
from proposed import asked, codes, tried

COUNTRIES = ("Iraq", "Sudan", "Chad")


@cases_from("conversion/cases/titles_and_heads_give_the_stage_of_asylum_decisions.csv")
def test_titles_and_headers_define_stage_of_asylum_decisions(label: str, area: str, stage: str) -> None:
    rows = "".join(f"| {country} | {10 + at} | {20 + at} |\n" for at, country in enumerate(COUNTRIES))
    text = f"## Sheet S\n| Asylum, 2023 | | |\n| Country of citizenship | Asylum applicants | {label} |\n{rows}"
    trial = tried(text, "DF_PROTECTION", area)
    answers = {(each.sheet, each.part, each.label): "DECIDED" for each in trial.open if each.part == "codes PROT_ITEM"}
    trial = tried(text, "DF_PROTECTION", area, answers)
    assert codes(trial.proposal, "DECISION_STAGE").get(label) == stage

    rows = "".join(f"| {country} | {10 + at} |\n" for at, country in enumerate(COUNTRIES))
    text = f"## Sheet S\n| {label}, 2023 |\n| Country of citizenship | Persons |\n{rows}"
    trial = tried(text, "DF_PROTECTION", area)
    is_asked = any(question.part == "fixed DECISION_STAGE" for question in asked(trial))
    assert is_asked or dict(trial.proposal.mapping.blocks[0].fixed)["DECISION_STAGE"] == stage
