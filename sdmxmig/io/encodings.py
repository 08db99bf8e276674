"""Detection of encodings (by mark, UTF-8 or letter statistics of CLDR names) and delimiters of text tables.

Ambiguous encodings are rejected, since a question is better than a wrong letter in a name.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise
from pathlib import Path, PurePath

from sdmxmig.io.disk_cache import load_or_make
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import babel
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import read_csv_rows

Chunks = Callable[[], Iterable[bytes]]
"""Returns the bytes from the beginning on each call."""
Candidate = tuple[str, str, list[str], int]

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CANDIDATES = tuple(
    (row["name"], row["codec"], row["languages"].split(), int(row["prior"]))
    for row in read_csv_rows(Path(__file__).with_name("encodings.csv"))
)
"""Encodings with the languages written in them and their prior log odds."""
LANGUAGES = [language for _, _, languages, prior in CANDIDATES if prior == 0 for language in languages]
UTF_8 = ("UTF-8", "utf-8", LANGUAGES, 4)
"""Much more common than any other; few texts are valid UTF-8 by chance."""

WORD_SEPARATORS = re.compile(rb"[\x00-\x2f\x3a-\x3f]+")
MAX_WORD_BYTES = 1 << 16
PIECE_LIMIT, PIECES, FIRST_LOOK = 200, 2000, 40
MAX_STRANGENESS = 60.0
SURE_MARGIN = 6.0
"""Minimum difference between the best decoding and the next (natural logarithm)."""
MIN_SCORE = -9.0
"""Minimum log-likelihood of each byte in a piece of text."""
SAVE_AS_UTF_8 = "Save it as UTF-8, which Excel calls “CSV UTF-8”, or name its encoding in [text] of its mapping."


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    name: str
    codec: str
    mark: int = 0
    found_by: str = "its bytes"


def detect_encoding(name: str, chunks: Chunks) -> Encoding:
    head = next(iter(chunks()), b"")
    for mark, codec in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            if codec == "utf-8":
                _check_utf_8(name, chunks)
            return Encoding(name=codec.upper(), codec=codec, mark=len(mark), found_by="its mark")
    if codec := detect_wide_codec(head):
        return Encoding(name=codec.upper(), codec=codec, mark=0, found_by="its bytes")
    if b"\0" in head:
        raise InputError("The file is not text: it contains NUL bytes.", Place(name), SAVE_AS_UTF_8)
    if re.search(rb"\x1b\$[@B]", head):
        return Encoding(name="ISO-2022-JP", codec="iso2022_jp", mark=0, found_by="its bytes")
    pieces, is_utf_8 = collect_pieces(chunks())
    if is_utf_8:
        if _has_two_scripts(pieces):
            return detect_by_letters(name, chunks, pieces, candidates=(UTF_8, *CANDIDATES))
        return Encoding(name="UTF-8", codec="utf-8")
    _refuse_broken_utf_8(name, chunks, pieces)
    return detect_by_letters(name, chunks, pieces)


def check_stated_encoding(name: str, chunks: Chunks, encoding: str) -> Encoding:
    codec = codecs.lookup(encoding).name.removesuffix("-sig")
    head = next(iter(chunks()), b"")
    length = 0
    mark, of_mark = next(((mark, codec) for mark, codec in BYTE_ORDER_MARKS if head.startswith(mark)), (b"", ""))
    if mark and not of_mark.startswith(codec):
        message = f"The file begins with the mark of {of_mark.upper()}, but the mapping states the encoding {encoding}."
        raise InputError(message, Place(name), "Correct or remove “encoding” in [text] of the mapping.")
    if mark:
        codec, length = of_mark, len(mark)
    if codec == "utf-8":
        _check_utf_8(name, chunks)
    return Encoding(name=encoding, codec=codec, mark=length, found_by="the mapping")


def detect_wide_codec(head: bytes) -> str:
    r"""Return the UTF-16 codec of bytes without a byte order mark, recognised by their zeros; else empty.

    >>> detect_wide_codec("Год;Всего\n2024;1\n".encode("utf-16-le")), detect_wide_codec(b"Year;Total\n")
    ('utf-16-le', '')
    """
    sample = head[: len(head) // 2 * 2]
    signs = set(b'\t\n\r ,;|"0123456789')
    low = sum(1 for at in range(0, min(len(sample), 20_000), 2) if sample[at + 1] == 0 and sample[at] in signs)
    high = sum(1 for at in range(0, min(len(sample), 20_000), 2) if sample[at] == 0 and sample[at + 1] in signs)
    if max(low, high) < 3 or min(low, high) * 4 > max(low, high):
        return ""
    return "utf-16-le" if low > high else "utf-16-be"


def collect_pieces(chunks: Iterable[bytes]) -> tuple[list[bytes], bool]:
    """Return distinct words with non-ASCII bytes, and whether everything is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    pieces: dict[bytes, None] = {}
    is_utf_8, open_end, unfinished = True, False, b""
    for chunk in chain(chunks, [b" "]):
        plain = chunk.isascii()
        if is_utf_8 and not (plain and not open_end):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf_8 = False
            open_end = bool(decoder.getstate()[0])
        if not (plain and unfinished.isascii()) and len(pieces) < PIECES:
            *words, unfinished = WORD_SEPARATORS.split(
                unfinished + chunk
            )  # the last word may continue in the next chunk
            pieces.update((word[:PIECE_LIMIT], None) for word in words if not word.isascii())
            unfinished = b"" if len(unfinished) > MAX_WORD_BYTES else unfinished
        elif plain:
            unfinished = b""
    return list(pieces)[:PIECES], is_utf_8 and not open_end


def detect_by_letters(
    name: str, chunks: Chunks, pieces: Sequence[bytes], *, candidates: Sequence[Candidate] = CANDIDATES
) -> Encoding:
    scores = list_decodings(pieces, candidates)
    likeliest = max(scores, key=lambda reading: reading.score, default=None)
    length = sum(len(piece) for piece in pieces)
    if likeliest is None or likeliest.score < MIN_SCORE * length:
        line, piece = find_line(chunks(), pieces[0])
        message = f"The file is not text in an encoding that sdmxmig knows: {_format_bytes(piece)} in line {line}."
        raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8)
    best = next(reading for reading in scores if reading.words == likeliest.words)
    competitors = [
        reading for reading in scores if reading.words != best.words and reading.score > likeliest.score - SURE_MARGIN
    ]
    if competitors:
        competitor = max(competitors, key=lambda reading: reading.score)
        at = next(at for at, word in enumerate(best.words) if word != competitor.words[at])
        line, _ = find_line(chunks(), pieces[at])
        raise InputError(
            f"The encoding of the file is unclear: line {line} reads “{best.words[at]}” in {best.name}, "
            f"“{competitor.words[at]}” in {competitor.name}.",
            Place(name, line=line),
            SAVE_AS_UTF_8,
        )
    many = f"{len(pieces)} words" if len(pieces) > 1 else "one word"
    return Encoding(name=best.name, codec=best.codec, mark=0, found_by=f"the letters of {many}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    name: str
    codec: str
    words: tuple[str, ...]
    score: float


def list_decodings(pieces: Sequence[bytes], candidates: Sequence[Candidate]) -> list[Decoding]:
    open_ones = list(_try_encodings(candidates, pieces[:FIRST_LOOK]))
    top = max((reading.score for reading in open_ones), default=0.0)
    likely = {reading.codec for reading in open_ones if reading.score > top - MAX_STRANGENESS}
    return list(_try_encodings([candidate for candidate in candidates if candidate[1] in likely], pieces))


def _try_encodings(candidates: Iterable[Candidate], pieces: Sequence[bytes]) -> Iterator[Decoding]:
    for name, codec, languages, prior in candidates:
        try:
            words = tuple(_decode_piece(piece, codec) for piece in pieces)
        except UnicodeDecodeError:
            continue
        yield Decoding(
            name=name, codec=codec, words=words, score=prior + sum(_score(word, languages) for word in words)
        )


def _decode_piece(piece: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)().decode(piece, final=len(piece) < PIECE_LIMIT)


def _score(word: str, languages: Sequence[str]) -> float:
    letters = index_letters_by_language()
    likelihoods = [letters[language].likelihood(word) for language in languages]
    best = max(likelihoods)
    return best + math.log(sum(math.exp(likelihood - best) for likelihood in likelihoods) / len(likelihoods))


def find_line(chunks: Iterable[bytes], piece: bytes) -> tuple[int, bytes]:
    """Return the line (from 1) in which bytes first occur, and those bytes."""
    line, unfinished = 1, b""
    for chunk in chunks:
        text = unfinished + chunk
        at = text.find(piece)
        if at >= 0:
            return line + text.count(b"\n", 0, at), piece
        searched = max(0, len(text) - len(piece))
        line += text.count(b"\n", 0, searched)
        unfinished = text[searched:]
    return line, piece


def _refuse_broken_utf_8(name: str, chunks: Chunks, pieces: Sequence[bytes]) -> None:
    broken = [piece for piece in pieces if not _is_utf_8(piece)]
    sound = len(pieces) - len(broken)
    if sound >= 3 and sound >= 4 * len(broken):
        _check_utf_8(name, chunks)


def _check_utf_8(name: str, chunks: Chunks) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for chunk in [*chunks(), b""]:
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += chunk.count(b"\n", 0, max(error.start - waiting, 0))
            byte = error.object[error.start]
            message = f"The file is UTF-8 text except for the byte {byte:#04x} in line {line}."
            raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8) from None
        line += chunk.count(b"\n")


def _has_two_scripts(pieces: Sequence[bytes]) -> bool:
    """Check whether bytes are UTF-8 only by chance, with letters of two scripts: ÓŁ in ISO-8859-2 reads as ӣ."""
    if len(pieces) > 2:
        return False
    scripts = [{find_script(sign) for sign in piece.decode("utf-8", "replace")} for piece in pieces]
    return any({"LATIN", "CYRILLIC"} <= of_word or {"LATIN", "ARABIC"} <= of_word for of_word in scripts)


def _is_utf_8(piece: bytes) -> bool:
    try:
        _decode_piece(piece, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _format_bytes(piece: bytes) -> str:
    return " ".join(f"{byte:#04x}" for byte in piece[:8])


WORD_EDGE = " "
DIGITS_AS_ZERO = str.maketrans("123456789", "000000000")
NOTATION = [row["text"] for row in read_csv_rows(Path(__file__).with_name("notation.csv"))]
NOTATION_WEIGHT = 30
STRANGE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
DRAWING_RANGE = ("\u2500", "\u25ff")
UNSEEN_LETTER, UNSEEN_IDEOGRAPH = 1 / 300, 1 / 5000
FOREIGN_PROBABILITY, IMPOSSIBLE = 1e-6, 1e-12
UNSEEN_WEIGHT = 60
"""The weight, in observed letters, of expected unseen letters."""
PAIR_WEIGHT = 4
"""The weight, in observed pairs, of the frequency of a single letter."""
SIGN_AFTER_LETTER = 0.01
MIN_SCRIPT_LETTERS = 30
"""Number of occurrences that make a script part of a language."""
IDEOGRAPHS = frozenset({"CJK", "HANGUL"})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Letters:
    single: Mapping[str, int]
    pairs: Mapping[str, int]
    before: Mapping[str, int]
    total: int
    scripts: frozenset[str]
    likelihoods: dict[str, float] = field(default_factory=dict)

    def likelihood(self, word: str) -> float:
        """Return the log likelihood of a word.

        >>> letters = index_letters_by_language()["fr"]
        >>> letters.likelihood("Corée") > letters.likelihood("CorÚe")
        True
        """
        if word not in self.likelihoods:
            self.likelihoods[word] = sum(self._score_pair(pair) for pair in split_letter_pairs(word))
        return self.likelihoods[word]

    def _score_pair(self, pair: str) -> float:
        alone = (self.single.get(pair[1], 0) + UNSEEN_WEIGHT * self._score_unseen(pair[1])) / (
            self.total + UNSEEN_WEIGHT
        )
        if find_script(pair[0]) and not (pair[1].isascii() or find_script(pair[1])):
            alone *= SIGN_AFTER_LETTER
        count = self.pairs.get(pair, 0) + PAIR_WEIGHT * alone
        return math.log(count / (self.before.get(pair[0], 0) + PAIR_WEIGHT))

    def _score_unseen(self, sign: str) -> float:
        if unicodedata.category(sign) in STRANGE_CATEGORIES or DRAWING_RANGE[0] <= sign <= DRAWING_RANGE[1]:
            return IMPOSSIBLE
        script = find_script(sign)
        if script not in self.scripts:
            return UNSEEN_IDEOGRAPH if sign.isascii() else FOREIGN_PROBABILITY
        return UNSEEN_IDEOGRAPH if script in IDEOGRAPHS else UNSEEN_LETTER


@lru_cache(maxsize=1)
def index_letters_by_language() -> Mapping[str, Letters]:
    """Return the letter statistics of all languages, cached between runs."""
    return load_or_make("letters", (), lambda: {language: read_letters(language) for language in LANGUAGES})


def read_letters(language: str) -> Letters:
    """Return letter statistics of a language, by CLDR id such as ``cs`` or ``zh_Hant``."""
    words = normalise_word((WORD_EDGE * 2).join(list_words(language)))
    pairs = Counter({first + second: times for (first, second), times in Counter(pairwise(words)).items()})
    del pairs[WORD_EDGE * 2]
    for sign in NOTATION:
        pairs.update(dict.fromkeys(split_letter_pairs(sign), NOTATION_WEIGHT))
    single: Counter[str] = Counter()
    before: Counter[str] = Counter()
    scripts: Counter[str] = Counter()
    for pair, times in pairs.items():
        before[pair[0]] += times
        single[pair[1]] += times
    for sign, times in single.items():
        scripts[find_script(sign)] += times
    usual_scripts = frozenset(script for script, times in scripts.items() if script and times >= MIN_SCRIPT_LETTERS)
    return Letters(single=single, pairs=pairs, before=before, total=single.total(), scripts=usual_scripts)


def split_letter_pairs(word: str) -> list[str]:
    """Return the letter pairs of a word with its edges; all digits count as one letter.

    >>> split_letter_pairs("Á1")
    [' Á', 'Á0', '0 ']
    """
    signs = normalise_word(word)
    return [signs[at : at + 2] for at in range(len(signs) - 1)]


def normalise_word(words: str) -> str:
    return WORD_EDGE + unicodedata.normalize("NFC", words).translate(DIGITS_AS_ZERO) + WORD_EDGE


def list_words(language: str) -> Iterator[str]:
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
def find_script(sign: str) -> str:
    """Return the script of a letter: the first word of its Unicode name; empty for others.

    >>> find_script("é"), find_script("Ж"), find_script("中"), find_script("–")
    ('LATIN', 'CYRILLIC', 'CJK', '')
    """
    if not unicodedata.category(sign).startswith(("L", "M")):
        return ""
    return unicodedata.name(sign, "").split(" ")[0].split("-")[0]


LIKELY_DELIMITERS = ("\t", ";", "|", ",")
SAMPLED_LINES = 200
TAB_SUFFIXES = (".tsv", ".tab")
SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n"])"?\s*(?:\r|\n|$)', re.IGNORECASE)
SHARE_TOLERANCE = 0.1


def detect_delimiter(name: str, head: str) -> str:
    r"""Detect the delimiter: ``sep=;`` line, tab by file name, or the most regular one.

    >>> detect_delimiter("a.csv", "Year;Men;Women\n2023;1 793,8;1 942,5\n"), detect_delimiter("a.csv", "sep=|\nA|B;C\n")
    (';', '|')
    """
    if delimiter := find_named_delimiter(head):
        return delimiter
    if PurePath(name).suffix.lower() in TAB_SUFFIXES and "\t" in head:
        return "\t"
    shares = {sign: _compute_share(head, sign) for sign in LIKELY_DELIMITERS}
    best = max(shares.values())
    return next(sign for sign in LIKELY_DELIMITERS if shares[sign] >= best - SHARE_TOLERANCE) if best else ","


def find_named_delimiter(head: str) -> str:
    match = SEPARATOR_LINE.match(head)
    return match[1] if match else ""


def _compute_share(head: str, sign: str) -> float:
    try:
        records = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=sign), SAMPLED_LINES))
    except csv.Error:
        return 0.0
    widths = Counter(len(fields) for fields in records if any(fields))
    many = max((times for width, times in widths.items() if width > 1), default=0)
    return many / max(1, widths.total())
