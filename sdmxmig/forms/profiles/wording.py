"""Words of profile forms."""

from __future__ import annotations

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import BenchmarkItem, Scale
from sdmxmig.forms.cells import format_choice
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW
from sdmxmig.forms.profiles.plan import ITEM_LIST, OBSTACLES, Asked, FormSheet
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.words import Words

QUESTIONS = {
    "H": "Do migration statistics use this source? {item}",
    "ALIGN": "How close is your practice to the framework? {item}",
    "AVAIL": "Do you compile and publish this? {item}",
    "YNP": "Does this apply in your country? {item}",
}
"""Questions about the country by module, else by scale."""


class FormWording:
    def __init__(self, catalogue: Catalogue, asked: Asked, words: Words) -> None:
        self.asked, self.words, self.language = asked, words, words.language
        self.catalogue = catalogue
        self.items = catalogue.item_scheme(ITEM_LIST)
        self.areas = catalogue.flow(ASSESSMENT_FLOW).codelist("REF_AREA")

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def country(self, area: str) -> str:
        areas = self.areas
        return (areas[area].name.in_language(self.language) if areas and area in areas else "") or area

    def name_of(self, item: str) -> str:
        return self.items[item].name.in_language(self.language) if item in self.items else item

    def question(self, item: BenchmarkItem) -> str:
        name = self.words.of(item.name).text
        asked = "" if item.of else QUESTIONS.get(item.module) or QUESTIONS.get(item.scale, "")
        return self.say(asked, item=name) if asked and name else name

    def title(self, sheet: FormSheet) -> str:
        if sheet.id.endswith(f".{OBSTACLES}"):
            return f"{self.name_of(sheet.module)} – {self.say('obstacles')}"
        return self.name_of(sheet.module)

    def list_of(self, scale: Scale) -> ItemScheme:
        return self.catalogue.item_scheme(f"CL_SCALE_{scale.id}")

    def choice(self, scale: Scale | None, code: str) -> str:
        label = scale.label(code).in_language(self.language) if scale else ""
        return format_choice(code, label)

    def evidence(self, code: str) -> str:
        classes = self.asked.evidence
        return format_choice(code, classes[code].in_language(self.language)) if code in classes else code

    def status(self, status: str) -> str:
        return self.say(status) if status in ("verified", "candidate", "national") else status
