"""Profile forms as workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.look import Look, finished, new_workbook
from sdmxmig.forms.profiles.asked import asked_by
from sdmxmig.forms.profiles.item_sheets import ChoiceLists, ItemSheet, row_key
from sdmxmig.forms.profiles.other_sheets import draw_about, draw_codes, draw_control, draw_cover, draw_sources
from sdmxmig.forms.profiles.plan import FormSheet, plan
from sdmxmig.forms.profiles.wording import FormWording
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import translated_into
from sdmxmig.sdmx.model.profile import Profile
from sdmxmig.sdmx.words import Words


def to_workbook(
    profile: Profile,
    catalogue: Catalogue,
    words: Mapping[str, Mapping[str, str]],
    *,
    language: str = "en",
    short: bool = False,
) -> bytes:
    """Write a form with the profile filled in; deterministic.

    Raises `SdmxmigError` for an unknown language.
    """
    wording = worded(catalogue, words, language)
    workbook = new_workbook()
    look = Look(workbook, wording.language)
    lists = ChoiceLists(wording)
    planned = plan(catalogue, wording.asked, profile, short=short)
    draw_about(look, wording, profile)
    draw_sources(look, wording, profile)
    drawn = [ItemSheet(look, wording, lists, sheet).draw() for sheet in planned]
    draw_codes(look, wording)
    lists.draw(look)
    draw_control(look, wording, [(sheet, list(keys_of(sheet))) for sheet in planned])
    draw_cover(look, wording, profile, drawn)
    look.close()
    workbook.move_sheet(workbook.worksheets[-1], -len(workbook.worksheets) + 1)
    return finished(workbook)


def worded(catalogue: Catalogue, words: Mapping[str, Mapping[str, str]], language: str) -> FormWording:
    spoken = translated_into(language, words)
    if not spoken:
        message = f"Forms of the profile are not translated into “{language}”."
        raise SdmxmigError(message, hint=did_you_mean(language, words))
    return FormWording(catalogue, asked_by(catalogue), Words(spoken, words[spoken]))


def keys_of(sheet: FormSheet) -> Iterator[str]:
    for block in sheet.blocks:
        for question in block.questions:
            yield row_key(sheet, block, question.item)
