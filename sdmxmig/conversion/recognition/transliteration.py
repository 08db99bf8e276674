"""Romanisation of Cyrillic, Georgian, Greek and Armenian country names."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sdmxmig.catalogue.areas import Areas, folded

SHORTEST = 4
"""Letters of the shortest name that is looked for in Latin letters."""
CYRILLIC = (
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
    "щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ў=u қ=q ғ=gh ң=ng ө=o ұ=u ү=u һ=h ә=a ј=j љ=lj њ=nj ђ=dj ћ=c џ=dz"
)
GEORGIAN = (
    "ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p ჟ=zh რ=r ს=s ტ=t უ=u ფ=p ქ=k ღ=gh ყ=q შ=sh ჩ=ch ც=ts "
    "ძ=dz წ=ts ჭ=ch ხ=kh ჯ=j ჰ=h"
)
GREEK = "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
ARMENIAN = (
    "ա=a բ=b գ=g դ=d ե=e զ=z է=e ը=y թ=t ժ=zh ի=i լ=l խ=kh ծ=ts կ=k հ=h ձ=dz ղ=gh ճ=ch մ=m յ=y ն=n շ=sh ո=o չ=ch պ=p "
    "ջ=j ռ=r ս=s վ=v տ=t ր=r ց=ts ւ=u փ=p ք=k օ=o ֆ=f"
)
SIGNS = str.maketrans(
    dict(pair.split("=") for letters in (CYRILLIC, GEORGIAN, GREEK, ARMENIAN) for pair in letters.split())
)


def in_latin_letters(text: str) -> str:
    """Romanise a text as the UN and passports do.

    >>> in_latin_letters("Грузия"), in_latin_letters("საქართველო")
    ('gruziya', 'sakartvelo')
    """
    return unicodedata.normalize("NFC", text).casefold().translate(SIGNS)


def latin_spellings(areas: Areas, languages: frozenset[str]) -> Mapping[str, frozenset[str]]:
    codes_by_spelling: dict[str, set[str]] = {}
    for name, meanings in areas.names.items():
        latin = "" if name.isascii() else folded(in_latin_letters(name))
        if latin.isascii() and len(latin) >= SHORTEST and latin != name:
            codes = {meaning.code for meaning in meanings if languages & meaning.languages}
            codes_by_spelling.setdefault(latin, set()).update(codes)
    return {latin: frozenset(codes) for latin, codes in codes_by_spelling.items() if codes}
