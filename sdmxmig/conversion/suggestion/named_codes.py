"""What a person writes in words where a code is asked: the code of that name, else which code may be meant."""

from __future__ import annotations

from sdmxmig.conversion.mapping.meanings import country_names
from sdmxmig.conversion.suggestion.lines import AREA_LISTS
from sdmxmig.quality.rules.codes import nearest_code, spoken_code
from sdmxmig.sdmx.model.artefacts import ItemScheme

MAX_NAMED_CODES = 12


def code_called(text: str, codelist: ItemScheme, language: str = "") -> str:
    """The one code of this name, in any language; the text as it is if it is a code, or the name of none or several."""
    codes = () if text in codelist else codes_called(text, codelist, language)
    return codes[0] if len(codes) == 1 else text


def codes_called(text: str, codelist: ItemScheme, language: str = "") -> tuple[str, ...]:
    """The codes of a list that have this name; where it is the name of one in the chosen `language`, those only.

    Countries are known by their other names, too, and by the letters that data are written with, not by their numbers.
    """
    if codelist.ref.id in AREA_LISTS:
        areas = tuple(code for code in country_names().called(text, language) if code in codelist)
        if areas:
            return areas
    name = spelt(text)
    in_language = tuple(item.id for item in codelist if spelt(item.name.in_language(language)) == name)
    return in_language or tuple(item.id for item in codelist if any(spelt(each) == name for _, each in item.name))


def spelt(name: str) -> str:
    """A name without capitals and needless blanks; digits count, since names of ages differ by them alone."""
    return " ".join(name.casefold().split())


def which_code(text: str, codelist: ItemScheme, concept: str) -> str:
    """A hint for who wrote no code: those with this name, else the one whose name or letters are alike, else some.

    A name is compared with names, so that “Spain” never becomes SN because of its letters.
    """
    codes = codes_called(text, codelist)
    meant = " or ".join(spoken_code(codelist, code) for code in codes) or alike(text, codelist, concept)
    if meant:
        return f"Did you mean {meant}?"
    named = "; ".join(spoken_code(codelist, code) for code in codelist.ids[:MAX_NAMED_CODES])
    return f"Known are: {named}{'; …' if len(codelist) > MAX_NAMED_CODES else ''}."


def alike(text: str, codelist: ItemScheme, concept: str) -> str:
    """The code that is most like a text, with its name; of a country that with letters. Empty if none is alike."""
    nearest = nearest_code(text, codelist, concept)
    code = nearest.partition(" ")[0]
    if code not in codelist or nearest != spoken_code(codelist, code):
        return ""  # none is alike, or the whole of a short list
    letters = country_names().codes.get(code, code) if codelist.ref.id in AREA_LISTS else code
    return spoken_code(codelist, letters) if letters in codelist else nearest
