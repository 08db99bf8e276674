"""Two counts of migrants on page one."""

from __future__ import annotations

from assessed_examples import example

from sdmxmig.reporting.sections.key_figures import leading_figures
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording


def test_another_group_of_migrants_from_another_table_has_its_own_year() -> None:
    (figure,) = [figure for figure in leading_figures(example("chile"), Wording("en")) if figure.value == "1,918,583"]
    assert figure.label == "Foreign citizens"
    assert figure.note.startswith("2023 (estimate); 31 de diciembre, por nacionalidad")


def test_tables_over_years_leave_out_years_without_values() -> None:
    section = VIEWS["production"](example("norway"), Wording("en"))
    for table in (section["rates"], section["flows"], section["population"].data):  # type: ignore[attr-defined]
        assert all(any(not cell.is_absent for cell in row.cells[1:]) for row in table.rows)
