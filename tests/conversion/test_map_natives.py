"""Those born in the reporting country beside those born outside it are a status, and no unknown labels."""

from __future__ import annotations

from case_tables import cases_from, listed
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
    codes = {own: "NB", others: "FB", "Total": "_T"}
    assert birth(area, own, others, "Total") == (codes, False)
    assert birth(area, own, others, "Total", "Not stated") == ({**codes, "Not stated": "_U"}, False)


@cases_from("conversion/cases/labels_resembling_native_born_are_asked_about.csv", labels=listed)
def test_labels_resembling_native_born_are_asked_about(area: str, labels: tuple[str, ...]) -> None:
    codes, asked = birth(area, *labels, "Total")
    assert asked or not {"NB", "FB"} <= set(codes.values())
