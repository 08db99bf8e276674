"""A seeded sample of the campaign of damaged tables; `python -m benchmarks.planted_damage` runs it in full."""

from __future__ import annotations

from benchmarks.planted_damage import DAMAGES, Campaign, cases


def test_no_figure_of_a_damaged_table_moves_in_silence() -> None:
    campaign = Campaign()
    listed = list(cases(2 * len(DAMAGES)))
    assert {case.damage for case in listed} == set(DAMAGES)
    for case in listed:
        assert campaign.outcome(case) in ("refused", "named", "right"), case


def test_what_a_campaign_calls_silent_is_a_figure_in_a_wrong_cell() -> None:
    """The judge itself: two countries that change places under their labels are seen by nobody but it."""
    campaign = Campaign()

    def labels_swapped(cells: list[list[str]], _: object) -> None:
        cells[4][0], cells[5][0] = cells[5][0], cells[4][0]

    (case, *_) = cases(1)
    DAMAGES["labels_swapped"] = labels_swapped
    try:
        assert campaign.outcome(type(case)("crossed", "labels_swapped", 1, numbers=True)) == "silent"
    finally:
        del DAMAGES["labels_swapped"]
