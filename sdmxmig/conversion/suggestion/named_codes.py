"""Names given as answers, resolved to codes."""

from __future__ import annotations

from sdmxmig.conversion.mapping.meanings import country_names
from sdmxmig.conversion.suggestion.lines import AREA_LISTS
from sdmxmig.quality.rules.codes import nearest_code, spoken_code
from sdmxmig.sdmx.model.artefacts import ItemScheme

MAX_NAMED_CODES = 12


def code_called(text: str, codelist: ItemScheme, language: str = "") -> str:
    codes = () if text in codelist else codes_called(text, codelist, language)
    return codes[0] if len(codes) == 1 else text


def codes_called(text: str, codelist: ItemScheme, language: str = "") -> tuple[str, ...]:
    """Find codes by name, preferring the chosen `language`.

    Countries also have other names and letter codes.
    """
    if codelist.ref.id in AREA_LISTS:
        areas = tuple(code for code in country_names().called(text, language) if code in codelist)
        if areas:
            return areas
    name = spelt(text)
    in_language = tuple(item.id for item in codelist if spelt(item.name.in_language(language)) == name)
    return in_language or tuple(item.id for item in codelist if any(spelt(each) == name for _, each in item.name))


def spelt(name: str) -> str:
    return " ".join(name.casefold().split())


def which_code(text: str, codelist: ItemScheme, concept: str) -> str:
    """Suggest codes for a name; names never match code letters."""
    codes = codes_called(text, codelist)
    meant = " or ".join(spoken_code(codelist, code) for code in codes) or alike(text, codelist, concept)
    if meant:
        return f"Did you mean {meant}?"
    named = "; ".join(spoken_code(codelist, code) for code in codelist.ids[:MAX_NAMED_CODES])
    return f"Known are: {named}{'; …' if len(codelist) > MAX_NAMED_CODES else ''}."


def alike(text: str, codelist: ItemScheme, concept: str) -> str:
    nearest = nearest_code(text, codelist, concept)
    code = nearest.partition(" ")[0]
    if code not in codelist or nearest != spoken_code(codelist, code):
        return ""  # none is alike, or the whole of a short list
    letters = country_names().codes.get(code, code) if codelist.ref.id in AREA_LISTS else code
    return spoken_code(codelist, letters) if letters in codelist else nearest
