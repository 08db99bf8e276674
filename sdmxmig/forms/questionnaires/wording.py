"""Words of questionnaires."""

from __future__ import annotations

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.cells import chosen_from, format_choice
from sdmxmig.forms.questionnaires.plan import AREA, FREQUENCY, TOTAL, AskedTable, Questionnaire
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.words import Words


class QuestionnaireWording:
    def __init__(self, questionnaire: Questionnaire, catalogue: Catalogue, words: Words) -> None:
        self.questionnaire, self.catalogue, self.words = questionnaire, catalogue, words
        self.flow = questionnaire.flow
        self.language = words.language
        self.lists = codes_to_choose(questionnaire)
        self.columns = tuple(dict.fromkeys(self.lists.values()))
        self._items = {
            component.id: {item.id: item for item in codelist}
            for component in self.flow.structure.components
            if (codelist := self.flow.codelist(component)) is not None
        }

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def concept(self, component: str) -> str:
        codelist = self.flow.codelist(component)
        names = [name for name in (self.flow.concepts.get(component), codelist.name if codelist else None) if name]
        translated = [name for name in names if name.has(self.language)]
        return (translated or names)[0].in_language(self.language) if names else component

    def definition(self, component: Component) -> Text:
        return self.of_concept(component.concept).description

    def of_concept(self, ref: Ref) -> Item:
        scheme = self.catalogue.artefacts.get(ref.scheme)
        concepts = scheme if isinstance(scheme, ItemScheme) else ()
        return next((item for item in concepts if item.id == ref.item), Item(ref.item, Text.of(en=ref.item)))

    def code(self, component: str, code: str) -> str:
        item = self._items.get(component, {}).get(code)
        return (item.name.in_language(self.language) if item else "") or code

    def choice(self, component: str, code: str) -> str:
        items = self._items.get(component, {})
        return format_choice(code, self.code(component, code)) if code in items else code

    def table(self, grid: AskedTable) -> str:
        name = self.flow.dataflow.name.in_language(self.language)
        dimensions = " × ".join(self.concept(dimension) for dimension in grid.by_row)
        return f"{name}: {dimensions}" if dimensions else name

    def about(self, grid: AskedTable) -> str:
        parts = [self.code(AREA, self.questionnaire.area)]
        parts += [
            f"{self.concept(name)}: {self.code(name, code)}"
            for name, code in grid.fixed.items()
            if name not in (AREA, FREQUENCY) and code != TOTAL
        ]
        return " · ".join(parts)

    def source(self, component: str, *, short: bool = False) -> str:
        column = 2 + 2 * self.columns.index(self.lists[component]) + (0 if short else 1)
        return chosen_from(column, 2, len(self.lists[component]))


def codes_to_choose(questionnaire: Questionnaire) -> dict[str, tuple[str, ...]]:
    codes = {}
    for component in questionnaire.flow.structure.components:
        codelist = questionnaire.flow.codelist(component)
        if codelist is not None and component.role in ("dimension", "attribute"):
            varying_codes = [code for code, _ in questionnaire.codes.get(component.id, ())]
            codes[component.id] = tuple(dict.fromkeys([*varying_codes, *codelist.ids]))
    return codes
