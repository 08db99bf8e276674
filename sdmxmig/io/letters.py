"""Letter statistics of languages, from CLDR names (Babel)."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache
from itertools import pairwise

from sdmxmig.primitives.lazily import babel

EDGE = " "
DIGITS = str.maketrans("123456789", "000000000")
"""All digits count as one."""
NOTATION = (
    *("0\xa0000", "000\xa0000\xa0000", "0000–00", "00–00", "–", "—", "…"),
    *("€0", "0€", "«0»", "“0”", "‘0’", "0²", "0°"),
)
NOTATION_WEIGHT = 30
STRANGE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
DRAWING = ("\u2500", "\u25ff")
UNSEEN_LETTER, UNSEEN_IDEOGRAPH = 1 / 300, 1 / 5000
FOREIGN, IMPOSSIBLE = 1e-6, 1e-12
UNSEEN_WEIGHT = 60
"""For how many letters that were seen the expectation of unseen ones counts."""
PAIR_WEIGHT = 4
"""For how many pairs that were seen the frequency of a letter alone counts."""
SIGN_AFTER_LETTER = 0.01
SCRIPT_FROM = 30
"""How often a script must be seen to be one of the language."""
IDEOGRAPHS = frozenset({"CJK", "HANGUL"})


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """Letter and pair frequencies of a language."""

    single: Mapping[str, int]
    pairs: Mapping[str, int]
    _: KW_ONLY
    before: Mapping[str, int]
    total: int
    scripts: frozenset[str]
    likelihoods: dict[str, float] = field(default_factory=dict)

    def likelihood(self, word: str) -> float:
        """Return the log likelihood of a word.

        >>> letters_of("fr").likelihood("Corée") > letters_of("fr").likelihood("CorÚe")
        True
        """
        if word not in self.likelihoods:
            self.likelihoods[word] = sum(self._follows(pair) for pair in pairs_of(word))
        return self.likelihoods[word]

    def _follows(self, pair: str) -> float:
        alone = (self.single.get(pair[1], 0) + UNSEEN_WEIGHT * self._unseen(pair[1])) / (self.total + UNSEEN_WEIGHT)
        if script_of(pair[0]) and not (pair[1].isascii() or script_of(pair[1])):
            alone *= SIGN_AFTER_LETTER
        count = self.pairs.get(pair, 0) + PAIR_WEIGHT * alone
        return math.log(count / (self.before.get(pair[0], 0) + PAIR_WEIGHT))

    def _unseen(self, sign: str) -> float:
        if unicodedata.category(sign) in STRANGE or DRAWING[0] <= sign <= DRAWING[1]:
            return IMPOSSIBLE
        script = script_of(sign)
        if script not in self.scripts:
            return UNSEEN_IDEOGRAPH if sign.isascii() else FOREIGN
        return UNSEEN_IDEOGRAPH if script in IDEOGRAPHS else UNSEEN_LETTER


@lru_cache(maxsize=256)
def letters_of(language: str) -> Letters:
    """The letters of a language, by its id in the Unicode locale data such as ``cs`` or ``zh_Hant``."""
    words = spelled((EDGE * 2).join(words_of(language)))
    pairs = Counter({first + second: times for (first, second), times in Counter(pairwise(words)).items()})
    del pairs[EDGE * 2]
    for sign in NOTATION:
        pairs.update(dict.fromkeys(pairs_of(sign), NOTATION_WEIGHT))
    single: Counter[str] = Counter()
    before: Counter[str] = Counter()
    scripts: Counter[str] = Counter()
    for pair, times in pairs.items():
        before[pair[0]] += times
        single[pair[1]] += times
    for sign, times in single.items():
        scripts[script_of(sign)] += times
    usual_scripts = frozenset(script for script, times in scripts.items() if script and times >= SCRIPT_FROM)
    return Letters(single, pairs, before=before, total=single.total(), scripts=usual_scripts)


def pairs_of(word: str) -> list[str]:
    """The letters of a word by two, with its edges; all digits are one.

    >>> pairs_of("Á1")
    [' Á', 'Á0', '0 ']
    """
    signs = spelled(word)
    return [signs[at : at + 2] for at in range(len(signs) - 1)]


def spelled(words: str) -> str:
    return EDGE + unicodedata.normalize("NFC", words).translate(DIGITS) + EDGE


def words_of(language: str) -> Iterator[str]:
    """The words of the names that a language has for countries and the like, also in capital letters."""
    locale = babel.Locale.parse(language)
    lists = (locale.territories, locale.languages, locale.scripts, locale.currencies)
    periods = (locale.months["format"]["wide"], locale.months["stand-alone"]["wide"], locale.days["format"]["wide"])
    names = {name for listed in (*lists, *periods) for name in listed.values()}
    for name in sorted(names):
        for word in name.split():
            yield word
            if word.upper() != word:
                yield word.upper()


@lru_cache(maxsize=4096)
def script_of(sign: str) -> str:
    """The script of a letter, as the first word of its Unicode name; empty for what is no letter.

    >>> script_of("é"), script_of("Ж"), script_of("中"), script_of("–")
    ('LATIN', 'CYRILLIC', 'CJK', '')
    """
    if not unicodedata.category(sign).startswith(("L", "M")):
        return ""
    return unicodedata.name(sign, "").split(" ")[0].split("-")[0]
