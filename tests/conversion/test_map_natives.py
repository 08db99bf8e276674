"""Those born in the reporting country beside those born outside it are a status, and no unknown labels."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed


def birth(area: str, *labels: str) -> tuple[dict[str, str], bool]:
    """The codes of the labels beside the figures as a status, and whether anything about them is open."""
    rows = "".join(f"| {label} | {at + 4} | {at + 7} |\n" for at, label in enumerate(labels))
    proposal = proposed(
        f"\n## Sheet A\n| Population 1 January | | |\n| Persons | 2020 | 2021 |\n{rows}", "DF_POP", area
    )
    codes = [
        dict(question.codes)
        for block in proposal.mapping.blocks
        for question in block.components
        if question.component == "BIRTH_STATUS"
    ]
    asked = any(question.component == "BIRTH_STATUS" or question.part.startswith("line") for question in proposal.open)
    return (codes[0] if codes else {}), asked


@cases_from("conversion/cases/native_and_foreign_born_labels_are_recognised.csv")
def test_native_and_foreign_born_labels_are_recognised(area: str, own: str, others: str) -> None:
    assert birth(area, own, others, "Total") == ({own: "NB", others: "FB", "Total": "_T"}, False)


@pytest.mark.parametrize(
    ("area", "labels"),
    [
        ("KE", ("Born in Uganda", "Born outside Uganda")),
        ("KE", ("Born in Kenya", "Born outside Uganda")),
        ("KE", ("Not born in Kenya", "Born outside Kenya")),
        ("KE", ("Born in Kenya", "Born in Kenya or Uganda")),
        ("KE", ("Women born in Kenya", "Born outside Kenya")),
        ("KE", ("Born in Kenya since 2000", "Born outside Kenya")),
        ("KE", ("Children born in Kenya", "Others born outside Kenya")),
        ("KE", ("Born in Kenya", "Living outside Kenya")),
        ("NE", ("Born in Nigeria", "Born outside Nigeria")),
        ("FR", ("Nés en Guyane", "Nés hors de Guyane")),
    ],
)
def test_labels_resembling_native_born_are_asked_about(area: str, labels: tuple[str, ...]) -> None:
    codes, asked = birth(area, *labels, "Total")
    assert asked or not {"NB", "FB"} <= set(codes.values())
