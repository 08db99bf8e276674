"""Differences between two releases, their messages by SDMX action, and the resulting data of a receiver."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, read_all
from sdmxmig.sdmx.formats.fitting import write_valid_data
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.delivery import ACTIONS, APPEND, DELETE, MERGE
from sdmxmig.sdmx.revision import (
    ACTION_LETTERS,
    BEFORE,
    apply_message,
    apply_messages,
    build_changes,
    compare_data,
    find_disagreement,
)

MEN, WOMEN = made.MEN, made.WOMEN
Row = tuple[str, str, str | None, str | None]


def release(*rows: Row, unit: str = "PS", comment: str | None = None) -> Dataset:
    """A release of figures by sex, year, value and status."""
    keys = {"M": MEN, "F": WOMEN}
    observations = [(*keys[sex], year, value, status, comment) for sex, year, value, status in rows]
    used = [keys[sex] for sex in dict.fromkeys(row[0] for row in rows)]
    return made.dataset(observations, [(*key, unit, None) for key in used])


OLD = release(("M", "2022", "10", "A"), ("M", "2023", "11", "P"), ("F", "2022", "20", "A"), ("F", "2023", "21", "P"))
NEW = release(("M", "2023", "12", "A"), ("F", "2022", "20", "A"), ("F", "2023", "21", "A"), ("F", "2024", "22", "P"))


def keys_of(frame: object) -> list[str]:
    return [".".join(row) for row in frame.select("SEX", "TIME_PERIOD").rows()]  # type: ignore[attr-defined]


def test_comparison_counts_observations_and_attributes() -> None:
    differing = compare_data(OLD, NEW)
    assert keys_of(differing.added) == ["F.2024"]
    assert keys_of(differing.deleted) == ["M.2022"]
    assert sorted(keys_of(differing.changed)) == ["F.2023", "M.2023"]
    assert (differing.figures, differing.attributes) == (1, (("OBS_STATUS", 2),))
    men = next(row for row in differing.changed.iter_rows(named=True) if row["SEX"] == "M")
    assert (men[f"OBS_VALUE{BEFORE}"], men["OBS_VALUE"]) == ("11", "12")


def test_order_of_content_does_not_count_as_change() -> None:
    turned = replace(OLD, observations=OLD.observations.reverse(), series=OLD.series.reverse())
    assert compare_data(OLD, turned).is_none


def test_everything_is_new_without_an_earlier_release() -> None:
    differing = compare_data(None, NEW)
    assert (differing.added.height, differing.changed.height, differing.deleted.height) == (4, 0, 0)


def test_changed_series_attribute_counts_at_each_observation() -> None:
    other = release(("M", "2022", "10", "A"), ("M", "2023", "11", "P"), unit="TH")
    differing = compare_data(release(("M", "2022", "10", "A"), ("M", "2023", "11", "P")), other)
    assert (differing.figures, differing.attributes) == (0, (("UNIT", 2),))


def test_changed_decimals_are_a_difference() -> None:
    assert compare_data(release(("M", "2022", "10", "A")), release(("M", "2022", "10.0", "A"))).figures == 1


def test_append_contains_only_new_values_and_refuses_changes() -> None:
    grown = release(("M", "2022", "10", "A"), ("M", "2023", "11", "A"))
    before = release(("M", "2022", "10", "A"))
    message = build_changes(compare_data(before, grown), before, grown, APPEND)
    assert (keys_of(message.observations), message.action) == (["M.2023"], "A")
    with pytest.raises(SdmxmigError, match="An append changes nothing: 2 observations"):
        build_changes(compare_data(OLD, NEW), OLD, NEW, APPEND)


def test_merge_refuses_to_remove_an_attribute() -> None:
    without = release(("M", "2022", "10", None))
    before = release(("M", "2022", "10", "A"))
    with pytest.raises(SdmxmigError, match="OBS_STATUS"):
        build_changes(compare_data(before, without), before, without, MERGE)


@pytest.mark.parametrize("action", [APPEND, MERGE, DELETE])
def test_equal_releases_require_no_message(action: str) -> None:
    assert build_changes(compare_data(OLD, OLD), OLD, OLD, action) is None


FORMS = {
    "sdmx-csv-2.0": (APPEND, MERGE, DELETE),
    "sdmx-csv-2.1": (MERGE, DELETE),
    "sdmx-ml-2.1": (APPEND, DELETE),
    "sdmx-ml-3.0": (APPEND, DELETE),
    "sdmx-ml-3.1": (APPEND, MERGE, DELETE),
    "sdmx-json-2.0": (APPEND, DELETE),
    "sdmx-json-2.1": (APPEND, MERGE, DELETE),
}


@pytest.mark.parametrize(("form", "action"), [(form, action) for form, actions in FORMS.items() for action in actions])
def test_each_format_states_action_and_observations(form: str, action: str) -> None:
    after = release(*ROWS_BEFORE[:3], ("F", "2024", "22", "P")) if action != APPEND else release(*ROWS_GROWN)
    message = build_changes(compare_data(OLD, after), OLD, after, action)
    assert not [sentence for sentence in FORMATS[form].losses(message, DEFAULT_LAYOUT) if "action" in sentence]
    out = io.BytesIO()
    write_valid_data(FORMATS[form], [message], made.HEADER, out, DEFAULT_LAYOUT)
    (back,) = read_all(FORMATS[form], "message", out.getvalue(), {"DF_POP": made.FLOW})
    assert back.action == ACTION_LETTERS[action]
    key = list(made.FLOW.structure.key)
    assert back.observations.select(key).sort(key).rows() == message.observations.select(key).sort(key).rows()
    state = apply_message(OLD, back)
    ours = apply_message(OLD, message)
    assert state is not None
    assert ours is not None
    assert find_disagreement(("read", [state]), ("ours", [ours])) == ""


ROWS_BEFORE: Sequence[Row] = (
    ("M", "2022", "10", "A"),
    ("M", "2023", "11", "P"),
    ("F", "2022", "20", "A"),
    ("F", "2023", "21", "P"),
)
ROWS_GROWN: Sequence[Row] = (*ROWS_BEFORE, ("F", "2024", "22", "P"))


def test_sdmx_ml_header_names_the_action() -> None:
    message = build_changes(compare_data(OLD, NEW), OLD, NEW, DELETE)
    assert message is not None
    for form in ("sdmx-ml-2.1", "sdmx-ml-3.0"):
        out = io.BytesIO()
        write_valid_data(FORMATS[form], [message], made.HEADER, out, DEFAULT_LAYOUT)
        read_header = FORMATS[form].read_header
        assert read_header("message", io.BytesIO(out.getvalue())).dataset_action == "Delete"


def test_deletion_of_partial_observations_is_refused() -> None:
    some = replace(release(("M", "2022", "10", None)), action="D")
    with pytest.raises(InputError, match="more or less than whole observations"):
        apply_message(OLD, some)
    everything = release(("M", "2022", None, None))
    observations = everything.observations.with_columns(TIME_PERIOD=None)
    with pytest.raises(InputError, match="more or less than whole observations"):
        apply_message(OLD, replace(everything, observations=observations, action="D"))


def test_applying_all_messages_yields_the_new_release() -> None:
    merged = build_changes(compare_data(OLD, NEW), OLD, NEW, MERGE)
    gone = build_changes(compare_data(OLD, NEW), OLD, NEW, DELETE)
    assert merged is not None
    assert gone is not None
    state = apply_messages([{"DF_POP": OLD}, {"DF_POP": merged}, {"DF_POP": gone}])
    assert find_disagreement(("state", [state["DF_POP"]]), ("new", [NEW])) == ""


CELLS = st.dictionaries(
    st.tuples(st.sampled_from("MF"), st.sampled_from(["2021", "2022", "2023"])),
    st.tuples(st.sampled_from(["1", "2", "2.0"]), st.sampled_from(["A", "P"])),
    min_size=1,
)


@settings(max_examples=25, deadline=None)
@given(before=CELLS, after=CELLS)
def test_merge_and_deletion_yield_any_release_from_another(
    before: dict[tuple[str, str], tuple[str, str]], after: dict[tuple[str, str], tuple[str, str]]
) -> None:
    old, new = (release(*((*key, *cell) for key, cell in cells.items())) for cells in (before, after))
    differing = compare_data(old, new)
    assert differing.is_none == (before == after)
    messages = [build_changes(differing, old, new, action) for action in (MERGE, DELETE)]
    state = apply_messages([{"DF_POP": old}, *({"DF_POP": message} for message in messages if message is not None)])
    assert compare_data(state["DF_POP"], new).is_none


def test_every_action_has_an_sdmx_letter() -> None:
    assert {ACTION_LETTERS[action] for action in ACTIONS} == {"A", "R", "M", "D"}
