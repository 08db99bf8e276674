"""Questionnaires as workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.look import Look, finished, new_workbook
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.answer_sheets import (
    TITLES,
    column_keys,
    draw_codes,
    draw_lists,
    draw_metadata,
    draw_more,
    draw_notes,
)
from sdmxmig.forms.questionnaires.grid_sheet import GridSheet
from sdmxmig.forms.questionnaires.guide_sheet import draw_guide
from sdmxmig.forms.questionnaires.plan import Questionnaire
from sdmxmig.forms.questionnaires.prefill import prefill
from sdmxmig.forms.questionnaires.wording import QuestionnaireWording
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import translated_into
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.words import Words


def to_workbook(
    questionnaire: Questionnaire,
    catalogue: Catalogue,
    words: Mapping[str, Mapping[str, str]],
    *,
    language: str = "en",
    dataset: Dataset | None = None,
) -> bytes:
    """Write a questionnaire, readable without mapping; deterministic.

    Raises `SdmxmigError` for an unknown language, and like `prefill`.
    """
    spoken = translated_into(language, words)
    if not spoken:
        message = f"Questionnaires are not translated into “{language}”."
        raise SdmxmigError(message, hint=did_you_mean(language, words))
    workbook = new_workbook()
    look = Look(workbook, spoken)
    wording = QuestionnaireWording(questionnaire, catalogue, Words(spoken, words[spoken]))
    prefilled = prefill(questionnaire, dataset)
    tables = [GridSheet(grid, questionnaire, wording, catalogue.rules) for grid in questionnaire.grids]
    draw_metadata(look, wording, prefilled)
    drawn = [table.draw(look, prefilled) for table in tables]
    draw_more(look, wording, prefilled)
    draw_notes(look, wording, prefilled)
    draw_codes(look, wording)
    draw_lists(look, wording)
    draw_control(look, wording, tables)
    draw_guide(look, wording, drawn)
    look.close()
    workbook.move_sheet(workbook.worksheets[-1], -len(workbook.worksheets) + 1)
    return finished(workbook)


def draw_control(look: Look, wording: QuestionnaireWording, tables: Sequence[GridSheet]) -> None:
    """Draw the control sheet."""
    questionnaire = wording.questionnaire
    sheet: Any = look.sheet(keys.MARK, keys.key(keys.MARK, keys.CONTROL))
    sheet.sheet_state = "veryHidden"
    rows = [
        ("format", keys.FORMAT, ""),
        ("dataflow", questionnaire.flow.dataflow.ref.short, ""),
        ("area", questionnaire.area, ""),
        ("frequency", questionnaire.freq, ""),
        ("language", look.language, ""),
    ]
    rows += [(kind, wording.say(kind.capitalize()), "") for kind in keys.COLUMNS] if tables else []
    rows += [(mark, wording.say(title), "") for mark, title in TITLES.items()]
    rows += [(keys.LIST, mark, key) for mark, key in column_keys(wording)]
    if questionnaire.metadata:
        rows.append(("metadataflow", questionnaire.metadata[0].ref.short, ""))
    for table in tables:
        grid = table.grid
        rows.append(("table", grid.id, keys.key(keys.MARK, pairs=grid.fixed.items())))
        rows += [("row", grid.id, keys.key(keys.ROW, pairs=zip(grid.by_row, row, strict=True))) for row in grid.rows]
        rows += [
            ("column", grid.id, keys.key(kind, pairs=zip(grid.by_column, column, strict=True)))
            for column in grid.columns
            for kind in table.kinds
            if kind != keys.CHECK
        ]
    for number, cells in enumerate(rows, start=2):
        for column, text in enumerate(cells, start=2):
            look.put(sheet, (number, column), text, "key")
