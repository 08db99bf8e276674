"""The hidden sheet of a form from which answers and marks are chosen."""

from __future__ import annotations

from sdmxmig.forms.choices import LISTS, listed
from sdmxmig.forms.look import Look
from sdmxmig.profiles import keys
from sdmxmig.profiles.wording import MARKS, FormWording

OF_MARKS = "marks"
"""Stands for the list of marks, beside the ids of scales."""
FIRST = 2
"""The row and the column in which the lists begin."""


class ChoiceLists:
    """What can be chosen, by the id of a scale: codes with their labels in the language of the form."""

    def __init__(self, wording: FormWording) -> None:
        scales = wording.asked.scales
        self.choices = {
            name: [wording.choice(scales[name], code) for code, _ in scales[name].labels] for name in scales
        }
        self.choices[OF_MARKS] = [wording.mark(code) for code in MARKS]
        self.refusal = (wording.say("Not in the list"), wording.say("Choose one of the codes of the list."))

    def source(self, name: str) -> str:
        """The cells of the hidden sheet that hold a list."""
        return listed(FIRST + list(self.choices).index(name), FIRST, len(self.choices[name]))

    def draw(self, look: Look) -> None:
        """Write the lists, one in each column."""
        sheet = look.sheet(LISTS, keys.key(keys.MARK, keys.LISTS))
        sheet.sheet_state = "hidden"
        for column, texts in enumerate(self.choices.values(), start=FIRST):
            for row, text in enumerate(texts, start=FIRST):
                look.put(sheet, (row, column), text)
