"""Labels that stand over every column of figures: “Net migration” in one header row is the item of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.recognition.candidates import best
from sdmxmig.suggestion.fixed import TOTAL, Setting
from sdmxmig.suggestion.lines import FlowKnowledge, Line, meanings_of

ITEMS = ("ACC_ITEM", "ADM_ITEM", "PROT_ITEM", "CTZ_ITEM", "TMP_ITEM")
"""Components of what is counted."""


def with_labels_over_all(
    settings: Sequence[Setting], lines: Sequence[Line], known: FlowKnowledge
) -> tuple[Setting, ...]:
    """The settings, those of items that nothing says yet as the one label over all figures says them.

    A label that is several items, and two labels that are two, leave the question. A gap may be anything else.
    """
    over = [line.texts[0] for line in lines if line.source.kind == "header" and len(line.texts) == 1]
    full = [text for text in over if not any(line.carried and text in line.texts for line in lines)]
    return tuple(as_over_all(setting, full, known) if setting.component in ITEMS else setting for setting in settings)


def as_over_all(setting: Setting, texts: Sequence[str], known: FlowKnowledge) -> Setting:
    """A setting as the one label that is a word for a value of it says."""
    if setting.chosen.code or not texts:
        return setting
    meanings = meanings_of(tuple(texts), setting.component, known.flow, known.recogniser)
    meaning_by_text = {
        text: sure for text in texts if (sure := best(meanings[text])) and sure.is_applied and sure.code != TOTAL
    }
    codes = {sure.code for sure in meaning_by_text.values()}
    return Setting(setting.component, next(iter(meaning_by_text.values()))) if len(codes) == 1 else setting
