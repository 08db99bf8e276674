"""Country names in all languages, from alias files (``codelists/aliases/*.tsv``).

Names are from CL_AREA and ``codelists/aliases/CL_AREA.tsv`` (``code``, ``alias``, ``languages``, ``source``), with
Unicode locale data and formal, former and ambiguous names. Brackets are ignored only if redundant; “Germany (East)” is
unknown.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import ItemScheme


def read_alias_rows(
    file: Path,
    columns: list[str],
    workspace: Path | None,
    codes: Container[str] | None = None,
    firsts: Container[str] | None = None,
) -> Iterator[list[str]]:
    for path in (folder / file for folder in list_search_path("codelists", workspace) if (folder / file).is_file()):
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
            if firsts is not None and number > 1 and line.partition("\t")[0] not in firsts:
                continue
            cells = line.split("\t")
            if number == 1 and cells != columns:
                place = Place(path.name, line=number)
                raise DeclarationError("The columns of this file are wrong.", place, f"Write: {' '.join(columns)}.")
            if len(cells) != len(columns):
                place = Place(path.name, line=number)
                raise DeclarationError(f"A row needs {len(columns)} cells, separated by tabs.", place)
            if number > 1 and codes is not None and cells[0] not in codes:
                place = Place(path.name, line=number)
                raise DeclarationError(f"“{cells[0]}” is not a code of {file.stem}.", place)
            if number > 1:
                yield cells


REMAINDER = "REMAINDER"
"""The annotation of codes for countries of a region that are not listed separately."""


def list_groups(codelist: ItemScheme | None) -> frozenset[str]:
    """Return codes of groups: those that contain others, or the rest of a region."""
    return frozenset(item.id if item.note(REMAINDER) else item.parent for item in codelist or ())


ALIASES_FILE = Path("aliases") / "CL_AREA.tsv"
COLUMNS = ["code", "alias", "languages", "source"]
WORDS_FILE = Path("aliases") / "WORDS.tsv"
WORD_COLUMNS = ["concept", *COLUMNS]
ETHIOPIC_VARIANTS = str.maketrans(
    "ሐሑሒሓሔሕሖሗኀኁኂኃኄኅኆኇሠሡሢሣሤሥሦሧዐዑዒዓዔዕዖፀፁፂፃፄፅፆሃኣ", "ሀሁሂሀሄህሆሇሀሁሂሀሄህሆሇሰሱሲሳሴስሶሷአኡኢአኤእኦጸጹጺጻጼጽጾሀአ"
)
"""Amharic letters with the same sound, which writers interchange."""
LETTER_VARIANTS = (
    str.maketrans("ıøłđðىیکة", "iolddييكه", "ـ") | str.maketrans({"æ": "ae", "œ": "oe"}) | ETHIOPIC_VARIANTS
)

ANY_CONCEPT = "*"
FORMER_MARK = "[former]"

MIN_NAME_LENGTH = 4
"""Minimum number of letters in a misspelt name: codes have two or three."""
NUMBER = re.compile(r"\d{1,3}", re.ASCII)
IN_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]")
WORD = re.compile(r"[^\W_]+(?:['’]s\b)?")
MARK = re.compile(r"[\W\d_]*[^\W\d_]?[\W\d_]*")
"""A footnote mark in brackets: signs, digits, and at most one small letter."""
GROUP_SIZE = re.compile(r"(?<![^\W\d_])[A-Z]{2,3}[-\s_]?\d{2}(?:_\d{4})?", re.ASCII)
SAYING_NO_MORE, SAYING_MORE = ("ARTICLE", "FORMAL", "REMARK"), ("PART", "PART_OF")


class Meaning(NamedTuple):
    """A code and the languages of a name (`ANY_CONCEPT`: all)."""

    code: str
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class RedundantWords:
    """Words in brackets that do not change the country; `democratic` words do for former states in `twins`."""

    words: frozenset[str]
    parts: frozenset[str]
    owners: Mapping[str, str]
    democratic: frozenset[str]
    twins: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Areas:
    codes: Mapping[str, str]
    names: Mapping[str, tuple[Meaning, ...]]
    titles: Mapping[str, str]
    official: Mapping[str, tuple[Meaning, ...]]
    remarks: RedundantWords

    def candidates(self, text: str, language: str = "") -> tuple[str, ...]:
        code_text = text.strip()
        number = code_text.zfill(3) if NUMBER.fullmatch(code_text) else code_text
        if number in self.codes:
            return (self.codes[number],)
        meanings = self.find_meanings(code_text)
        if not meanings and code_text.upper() in self.codes:
            return (self.codes[code_text.upper()],)
        return list_codes(meanings, language)

    def called(self, name: str, language: str = "") -> tuple[str, ...]:
        return list_codes(self.find_meanings(name.strip()), language)

    def find_meanings(self, text: str) -> tuple[Meaning, ...]:
        if GROUP_SIZE.fullmatch(text):
            return ()
        for spelling in list_readings(text):
            if spelling in self.names:
                return self.names[spelling]
        short = IN_BRACKETS.sub("", text)
        meanings = self.names.get(fold_name(short), ()) if short.strip() and short != text else ()
        codes = {meaning.code for meaning in meanings}
        initials = "".join(word[0] for word in WORD.findall(short)).casefold()
        remarks = (
            bracketed
            for bracketed in IN_BRACKETS.findall(text)
            if len(initials) < 2 or fold_name(bracketed) != initials
        )
        return meanings if all(self.is_redundant_remark(remark, codes) for remark in remarks) else ()

    def is_redundant_remark(self, remark: str, codes: Collection[str]) -> bool:
        if MARK.fullmatch(remark):
            return not remark.isupper()
        if "," in remark:
            return all(self.is_redundant_remark(part, codes) for part in remark.split(","))
        allowed = self.remarks
        folded_words = {fold_name(word) for word in WORD.findall(remark)}
        if not allowed.twins.isdisjoint(codes) and not allowed.democratic.isdisjoint(folded_words):
            return False
        words = [
            word
            for word in WORD.findall(remark)
            if not word.isdecimal() and (fold_name(word) not in allowed.words or (len(word) == 1 and word.isupper()))
        ]
        if not words or fold_name(remark) in allowed.words:
            return True
        if not allowed.parts.isdisjoint(map(fold_name, (remark, *words))):
            return False
        meant_codes = {code for text in (remark, " ".join(words)) for code in self.candidates(text)}
        return not meant_codes.isdisjoint({*codes, *(allowed.owners.get(code, code) for code in codes)})

    def code(self, text: str, language: str = "") -> str:
        """Return the code of a name; raise `DeclarationError` with candidates."""
        codes = self.candidates(text, language)
        if len(codes) == 1:
            return codes[0]
        if codes:
            choices = " or ".join(f"{code} ({self.titles[code]})" for code in codes)
            raise DeclarationError(f"“{text}” could mean {choices}.", hint="Write the code, or the name in full.")
        hint = self.did_you_mean(self.near(text)) or "Check its spelling, or write its code."
        raise DeclarationError(f"There is no country or area “{text}”.", hint=hint)

    def near(self, text: str) -> tuple[str, ...]:
        name = fold_name(text)
        spellings = (
            difflib.get_close_matches(name, self.names, n=1, cutoff=0.85) if len(name) >= MIN_NAME_LENGTH else ()
        )
        return tuple(meaning.code for spelling in spellings for meaning in self.names[spelling])

    def did_you_mean(self, codes: Collection[str]) -> str:
        return f"Did you mean {' or '.join(f'{code} ({self.titles[code]})' for code in codes)}?" if codes else ""


def list_codes(meanings: Collection[Meaning], language: str) -> tuple[str, ...]:
    base = re.split("[-_]", language)[0]
    in_language = [meaning for meaning in meanings if {base, ANY_CONCEPT} & meaning.languages] if base else []
    return tuple(sorted({meaning.code for meaning in in_language or meanings}))


def fold_name(name: str) -> str:
    """Normalise a name: ignore case, accents, punctuation, spaces and the English article.

    >>> fold_name("Côte d’Ivoire") == fold_name("COTE D'IVOIRE"), fold_name("Guinea-Bissau"), fold_name("The Gambia")
    (True, 'guineabissau', 'gambia')
    """
    if name.isascii():
        lowered = name.replace("&", " and ").lower().removeprefix("the ")
        return "".join(filter(str.isalpha, lowered))
    decomposed = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold().translate(LETTER_VARIANTS)
    words = unicodedata.normalize("NFKD", decomposed).removeprefix("the ")
    return "".join(sign for sign in words if not unicodedata.combining(sign) and unicodedata.category(sign)[0] in "LMN")


def list_readings(name: str) -> Iterator[str]:
    """List forms of a name to look up: as written, and swapped at its comma.

    >>> list(list_readings("Korea, Republic of"))
    ['korearepublicof', 'republicofkorea']
    """
    yield fold_name(name)
    main_part, comma, leading_part = name.partition(",")
    if comma:
        yield fold_name(f"{leading_part.strip()} {main_part}")


def read_areas(codelist: ItemScheme, workspace: Path | None = None) -> Areas:
    titles = {item.id: str(item.name) for item in codelist}
    letters = {item.note("M49"): item.id for item in codelist if item.note("M49")}
    codes = {item.id: letters.get(item.id, item.id) for item in codelist}
    for item in sorted(codelist, key=lambda area: bool(area.valid_to)):  # present countries before former ones
        if item.note("ISO3"):
            codes.setdefault(item.note("ISO3"), codes[item.id])
    codes_by_spelling: dict[str, dict[str, set[str]]] = {}
    official_names = [(codes[item.id], text, {language}) for item in codelist for language, text in item.name]
    for code, name, languages in (*official_names, *list_aliases(workspace, codes)):
        codes_by_spelling.setdefault(fold_name(name), {}).setdefault(code, set()).update(languages)
    for (
        code,
        name,
        languages,
    ) in official_names:  # a present country keeps its name, such as Sudan, despite a former one
        if name.endswith(FORMER_MARK):
            codes_by_spelling.setdefault(fold_name(name.removesuffix(FORMER_MARK)), {code: languages})
    official: dict[str, dict[str, set[str]]] = {}
    for code, name, languages in official_names:
        official.setdefault(fold_name(name), {}).setdefault(code, set()).update(languages)
    return Areas(
        codes=codes,
        names=build_meanings(codes_by_spelling),
        titles=titles,
        official=build_meanings(official),
        remarks=read_remarks(workspace),
    )


def suggest_area(area: str, codelist: ItemScheme, known_codes: Collection[str] = ()) -> str:
    codes = known_codes or codelist.ids
    try:
        areas = read_areas(codelist)
    except DeclarationError:  # a user's own list, to which shipped names do not apply
        return did_you_mean(area, codes)
    meant = [code for code in areas.candidates(area) or areas.near(area) if code in codes]
    return areas.did_you_mean(meant) or "Write its code, such as GE. To list all codes: sdmxmig show CL_AREA"


def build_meanings(codes_by_spelling: Mapping[str, Mapping[str, set[str]]]) -> dict[str, tuple[Meaning, ...]]:
    return {
        spelling: tuple(Meaning(code, frozenset(languages)) for code, languages in meanings.items())
        for spelling, meanings in codes_by_spelling.items()
    }


def read_remarks(workspace: Path | None) -> RedundantWords:
    words: dict[str, set[str]] = {}
    owners: dict[str, str] = {}
    for concept, code, alias, *_ in read_alias_rows(WORDS_FILE, WORD_COLUMNS, workspace):
        if concept in (*SAYING_NO_MORE, *SAYING_MORE):
            words.setdefault(concept, set()).add(fold_name(alias))
        elif concept == "ABBREVIATION":
            words.setdefault(f"{concept} {fold_name(code)}", set()).add(fold_name(alias))
        elif concept == "BELONGS_TO":
            owners[alias.upper()] = code
        elif concept in ("DEMOCRATIC", "FORMER_TWIN"):
            words.setdefault(concept, set()).add(alias.upper() if concept == "FORMER_TWIN" else fold_name(alias))
    saying_more = {word for concept in SAYING_MORE for word in words.get(concept, ())}
    none = {word for concept in SAYING_NO_MORE for word in words.get(concept, ())}
    none |= {short for word in none for short in words.get(f"ABBREVIATION {word}", ())}
    democratic = words.get("DEMOCRATIC", set())
    democratic |= {short for word in democratic for short in words.get(f"ABBREVIATION {word}", ())}
    return RedundantWords(
        words=frozenset(none - saying_more),
        parts=frozenset(saying_more),
        owners=owners,
        democratic=frozenset(democratic),
        twins=frozenset(words.get("FORMER_TWIN", ())),
    )


def list_aliases(workspace: Path | None, codes: Mapping[str, str]) -> Iterator[tuple[str, str, set[str]]]:
    for code, name, languages, _ in read_alias_rows(ALIASES_FILE, COLUMNS, workspace, codes):
        yield codes[code], name, set(languages.split()) or {ANY_CONCEPT}
