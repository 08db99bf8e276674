"""A unit or a day in the corner above the heads is no head of the last column."""

from __future__ import annotations

from case_tables import cases_from
from proposed import asked_labels, proposed


@cases_from("conversion/cases/caption_in_the_corner_is_no_head.csv")
def test_caption_in_the_corner_is_not_read_as_a_header(caption: str) -> None:
    rows = "| Total | 1600 | 1700 | 1800 |\n| Uganda | 1000 | 1000 | 1000 |\n| India | 600 | 700 | 800 |\n"
    heads = f"| | | | {caption} |\n| Citizenship | 2021 | 2022 | 2023 |\n"
    text = f"## Sheet S\n| Immigrants by citizenship | | | |\n{heads}{rows}"
    proposal = proposed(text, "DF_IMM", "KE")
    components = {part.component: str(part.source) for block in proposal.mapping.blocks for part in block.components}
    assert components == {"C_CITIZEN": "column 1", "TIME_PERIOD": "header 1"}
    assert not [label for label in asked_labels(proposal) if label.startswith(("codes", "line"))]


def test_spaced_letters_of_a_total_are_recognised() -> None:
    text = (
        "## Sheet S\n| 국적 | 2021 | 2022 |\n| 총 계 | 1600 | 1700 |\n| 중국 | 1000 | 1000 |\n| 베트남 | 600 | 700 |\n"
    )
    codes = dict(proposed(text, "DF_IMM", "KR").mapping.blocks[0].components[0].codes)
    assert codes["총 계"] == "_T"
