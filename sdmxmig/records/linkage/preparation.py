"""Preparation of records for comparison: names, plausible birth dates and strength of keys.

With a guessable key anyone could try all numbers, so keys must look random.
"""

from __future__ import annotations

import hmac
import math
import re
import unicodedata
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, write_pip_install
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.reading import ENTRY_SEPARATOR, Check, check_rows, split_entries
from sdmxmig.records.rows import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from sdmxmig.io.network import Secret
    from sdmxmig.records.linkage.declaration import NameRules, UnknownValues
    from sdmxmig.records.rows import RowNumbers


SHORTEST, MIN_SIGNS, MIN_BITS = 16, 8, 64
CHARACTER_CLASSES = (
    (re.compile("[0-9]"), 10),
    (re.compile("[a-f]"), 6),
    (re.compile("[g-z]"), 20),
    (re.compile("[A-Z]"), 26),
)
OTHER_CHARACTERS = 30
ORDERED_RUNS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qwertzuiop",
)
ORDERED_SHARE = 0.5
COMMON_FOLLOWERS = {
    "a": "lnrstg", "c": "aeho", "d": "eio", "e": "dlnrsty", "g": "er", "h": "aei", "i": "celnostg",
    "k": "eis", "l": "aeio", "m": "aei", "n": "adegiost", "o": "fnru", "p": "or", "r": "aeiou",
    "s": "eiost", "t": "aehior", "u": "aenrst", "v": "e", "w": "o", "x": "m",
}  # fmt: skip
"""Letters that often follow a letter in words of languages in Latin letters."""
WORDLIKE_SHARE, MIN_LETTERS = 0.4, 8
KEY_HINT = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def derive_key(secret: Secret) -> bytes:
    text = secret.reveal()
    if why := explain_weakness(text):
        raise SdmxmigError(f"The key for linkage could be guessed: {why}.", hint=KEY_HINT)
    return text.encode()


def explain_weakness(text: str) -> str:
    """Explain why a key could be guessed; return an empty text if it looks random.

    >>> explain_weakness("k" * 32), explain_weakness("9f2c4be07d61a8e35c17")
    ('it has 1 different sign', '')
    """
    letters = re.sub("[^a-z]", "", text.casefold())
    pairs = [first + second for first, second in pairwise(letters)]
    different = len(set(text))
    reasons = {
        f"it has fewer than {SHORTEST} characters": len(text) < SHORTEST,
        "it has signs beyond ASCII, which programs write in several ways": not text.isascii(),
        f"it has {different} different sign{'' if different == 1 else 's'}": different < MIN_SIGNS,
        "it repeats itself": any(text[length:] == text[:-length] for length in range(1, len(text) // 2 + 1)),
        "its characters follow the order of the alphabet, of numbers or of the keyboard": compute_order_share(text)
        > ORDERED_SHARE,
        "it is made of words": len(letters) >= max(MIN_LETTERS, len(text) / 2)
        and sum(pair[1] in COMMON_FOLLOWERS.get(pair[0], "") for pair in pairs) > WORDLIKE_SHARE * len(pairs),
        f"there are fewer than 2 to the {MIN_BITS} keys of its kind": estimate_entropy(text) < MIN_BITS,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def compute_order_share(text: str) -> float:
    plain = text.casefold()
    rows = [row for order in ORDERED_RUNS for row in (order, order[::-1])]
    steps = [any(first + second in row for row in rows) or first == second for first, second in pairwise(plain)]
    return sum(steps) / max(1, len(steps))


def estimate_entropy(text: str) -> float:
    size = sum(count for kind, count in CHARACTER_CLASSES if kind.search(text))
    size += OTHER_CHARACTERS if re.search("[^0-9a-zA-Z]", text) else 0
    return len(text) * math.log2(max(size, 1))


BYTES_OF_NUMBER, DIGITS_OF_PERSON = 8, 20
PLACEHOLDER = re.compile(r"|0+|X+|(.)\1{3,}")
"""Placeholder numbers: 0, XX, or a character repeated at least four times."""
IGNORED_CHARACTERS = re.compile(r"[\W_]+")
SHORTENED = r"\d[.,]\d+[eE]\+?\d+|\d+[eE]\+\d+"
SHORTENED_NUMBER, FRACTION_OF_NONE = re.compile(SHORTENED), re.compile(r"\d+[.,]0")


def hash_number(key: bytes, text: str, unknown: Collection[str] = ()) -> int | None:
    """Hash a number (first 64 bits of HMAC-SHA-256, RFC 2104); return None for placeholders.

    Ignores case, spaces, hyphens, character width, script of digits and a trailing .0. Numbers shortened by
    spreadsheets are rejected.

    >>> hash_number(b"k" * 16, "ab-12 3") == hash_number(b"k" * 16, "AB123")
    True
    """
    whole = normalise_digits(unicodedata.normalize("NFKC", text).strip())
    if SHORTENED_NUMBER.fullmatch(whole):
        return None
    plain = IGNORED_CHARACTERS.sub("", whole[:-2] if FRACTION_OF_NONE.fullmatch(whole) else whole).upper()
    if PLACEHOLDER.fullmatch(plain) or plain in unknown:
        return None
    return int.from_bytes(hmac.digest(key, plain.encode(), "sha256")[:BYTES_OF_NUMBER], "big", signed=True)


def normalise_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def hash_person(key: bytes, record: str, source: str) -> str:
    return hmac.digest(key, f"person\0{source}\0{record}".encode(), "sha256").hex()[:DIGITS_OF_PERSON]


def hash_texts(texts: pl.Series, key: bytes, unknown: Collection[str]) -> pl.Series:
    distinct = texts.drop_nulls().unique()
    numbers = pl.Series([hash_number(key, text, unknown) for text in distinct], dtype=pl.Int64)
    return texts.replace_strict(distinct, numbers, default=None, return_dtype=pl.Int64)


def hash_lists(texts: pl.Series, key: bytes, unknown: Collection[str]) -> pl.Series:
    cells = pl.DataFrame({"cell": texts.drop_nulls().unique()})
    entries = cells.with_columns(entry=pl.col("cell").str.replace_all(ENTRY_SEPARATOR, ";").str.split(";")).explode(
        "entry"
    )
    entries = entries.with_columns(number=hash_texts(entries["entry"], key, unknown)).drop_nulls("number")
    lists = entries.group_by("cell").agg(pl.col("number").unique().sort())
    return pl.DataFrame({"cell": texts}).join(lists, on="cell", how="left", maintain_order="left")["number"]


SEPARATOR_SIGNS = r"[/\\+&\n،、；]"
POSSIBLE_NUMBER = r"^[^\p{L}\d]*(?:[\p{L}\d][\s.\-]*){4,}$"
"""A text of four letters and digits or more; shorter ones are parts of a number."""
UNIT, SOURCE, FILE = "unit", "source", "file"
ONE, OTHER = "unit_l", "unit_r"
"""The two records of a pair."""


def prepare_records(
    identities: pl.DataFrame, reader: NameReader, key: bytes, unknown: UnknownValues, *, first_row: int = 1
) -> pl.DataFrame:
    """Prepare records in order; `row` is the row in the file. Numbers are hashed; placeholders are null."""
    frame = identities.with_row_index("row", first_row).with_columns(pl.col("row").cast(pl.Int64)).sort("record")
    frame = frame.with_columns(
        drop_unknown("sex", unknown.sex),
        drop_unknown("c_birth", unknown.countries),
        number=hash_texts(frame["person_number"], key, unknown.numbers),
        documents=hash_lists(frame["document"], key, unknown.numbers),
        birth_date=pl.when(~pl.col("birth_date").is_in([*unknown.days])).then("birth_date"),
    ).drop("person_number", "document")
    frame = add_names(frame, reader).with_columns(citizenships=parse_citizenships(frame["c_citizen"], unknown))
    return add_birth_fields(frame.drop("c_citizen"))


def find_multi_number_cells(identities: pl.DataFrame) -> dict[str, list[int]]:
    parted = {"person_number": f"{ENTRY_SEPARATOR}|{SEPARATOR_SIGNS}", "document": SEPARATOR_SIGNS}
    return {
        column: rows for column, signs in parted.items() if (rows := find_multi_number_rows(identities[column], signs))
    }


def find_shortened_numbers(identities: pl.DataFrame) -> dict[str, list[int]]:
    entry = rf"(?:^|{ENTRY_SEPARATOR})\s*(?:{SHORTENED})\s*(?:{ENTRY_SEPARATOR}|$)"
    shortened = {
        name: identities.select(pl.col(name).str.contains(entry).fill_null(value=False)).to_series()
        for name in ("person_number", "document")
    }
    return {name: (column.arg_true() + 1).to_list() for name, column in shortened.items() if column.any()}


def find_rows_exposing_numbers(identities: pl.DataFrame) -> list[int]:
    same = pl.any_horizontal(pl.col("record") == pl.col(name) for name in ("person_number", "document"))
    return (identities.select(same.fill_null(value=False)).to_series().arg_true() + 1).to_list()


def find_multi_number_rows(cells: pl.Series, signs: str) -> list[int]:
    parts = cells.to_frame("cell").select(pl.col("cell").str.replace_all(signs, "\n").str.split("\n"))
    are_numbers = pl.element().str.contains(POSSIBLE_NUMBER)
    several = parts.select(pl.col("cell").list.eval(are_numbers).list.sum() > 1)["cell"]
    return (several.fill_null(value=False).arg_true() + 1).to_list()


def parse_citizenships(cells: pl.Series, unknown: UnknownValues) -> pl.Series:
    different = pl.DataFrame({"c_citizen": cells.drop_nulls().unique()})
    countries = split_entries("c_citizen").list.set_difference([*unknown.countries]).list.unique().list.sort()
    lists = different.with_columns(citizenships=pl.when(countries.list.len() > 0).then(countries))
    asked = pl.DataFrame({"c_citizen": cells})
    return asked.join(lists, on="c_citizen", how="left", maintain_order="left")["citizenships"]


def drop_unknown(column: str, unknown: Sequence[str]) -> pl.Expr:
    return pl.when(~pl.col(column).is_in([*unknown])).then(pl.col(column)).alias(column)


def add_names(frame: pl.DataFrame, reader: NameReader) -> pl.DataFrame:
    for side in ("given", "family"):
        column = f"{side}_name"
        spelt = reader.read(frame[column]).rename({"name": column, "letters": side, "sounds": f"{side}_parts"})
        frame = frame.join(spelt, on=column, how="left", maintain_order="left").drop(column)
    sides = [("given", "family"), ("family", "given")]
    filled = {
        f"{side}{kind}": pl.coalesce(f"{side}{kind}", f"{other}{kind}")
        for side, other in sides
        for kind in ("", "_parts")
    }
    frame = frame.with_columns(**filled)
    return frame.with_columns(
        given_sound=pl.col("given_parts").list.join(""),
        family_sound=pl.col("family_parts").list.join(""),
        parts=pl.concat_list("given_parts", "family_parts").list.unique().list.sort(),
    ).with_columns(name_key=pl.col("parts").list.join(" "))


def add_birth_fields(frame: pl.DataFrame) -> pl.DataFrame:
    born = pl.col("birth_date")
    year, month, day = born.dt.year(), born.dt.month(), born.dt.day()
    new_year = (month == 1) & (day == 1)
    return frame.with_columns(
        birth=born.dt.strftime("%Y%m%d"),
        birth_year=year.cast(pl.Int64),
        birth_month=month.cast(pl.Int64),
        birth_day=day.cast(pl.Int64),
        birth_month_day=born.dt.strftime("%m%d"),
        birth_turned=pl.when((day <= 12) & (day != month)).then(born.dt.strftime("%Y%d%m")),
        birth_sure=pl.when(~new_year).then(born.dt.strftime("%Y%m%d")),
        new_year=new_year,
    ).drop("birth_date")


def remove_shared_numbers(frame: pl.DataFrame, unknown: UnknownValues) -> tuple[pl.DataFrame, dict[str, int]]:
    """Remove numbers and documents shared by too many persons; birth dates shared by too many become uncertain.

    Returns their counts as ``numbers`` and ``days``. Requires more names and birthdays than declared, and half as many
    as records.
    """
    numbers = find_shared_values(frame.select("number", "name_key", "birth").drop_nulls("number"), "number", unknown)
    listed = frame.select("documents", "name_key", "birth").drop_nulls("documents").explode("documents")
    documents = find_shared_values(listed, "documents", unknown)
    most = max(unknown.fewest_of_day, frame.height * unknown.most_of_thousand // 1000)
    sizes = frame.filter(~pl.col("new_year")).group_by("birth").len()
    days = sizes.filter(pl.col("len") > most)["birth"]
    crowded = pl.col("birth").is_in(days.implode())
    left = pl.col("documents").list.set_difference(documents.to_list()).list.sort()
    frame = frame.with_columns(
        number=pl.when(~pl.col("number").is_in(numbers.implode())).then("number"),
        documents=pl.when(left.list.len() > 0).then(left),
        birth_sure=pl.when(~crowded).then("birth_sure"),
        new_year=pl.col("new_year") | crowded,
    )
    return frame, {"numbers": numbers.len() + documents.len(), "days": days.len()}


def find_shared_values(rows: pl.DataFrame, column: str, unknown: UnknownValues) -> pl.Series:
    held = rows.group_by(column).agg(
        pl.len(), *(pl.col(name).drop_nulls().n_unique().alias(name) for name in ("name_key", "birth"))
    )
    many = [
        (pl.col(name) == 0) | ((pl.col(name) > unknown.most_holders) & (2 * pl.col(name) > pl.col("len")))
        for name in ("name_key", "birth")
    ]
    return held.filter(pl.all_horizontal(many) & (pl.col("name_key") + pl.col("birth") > 0))[column].sort()


def check_records(identities: pl.DataFrame, numbers: RowNumbers) -> None:
    hint = "Give each row its own record; two records of one person are joined."
    same = Check(pl.col("record").is_duplicated(), "The same record is listed several times", hint=hint)
    check_rows(identities.lazy().with_row_index(ROW, 1), [same], numbers)


def concatenate_records(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    named = [
        frame.with_columns(pl.lit(source).alias(name) for name in (SOURCE, FILE)) for source, frame in frames.items()
    ]
    return pl.concat(named).with_row_index(UNIT).with_columns(pl.col(UNIT).cast(pl.Int64))


MISSING_LIBRARIES = f"Install the libraries for record linkage: {write_pip_install('link')}"
APOSTROPHES = re.compile("['’‘`ʼʻ´]")
WORDS = re.compile("[a-z]+")
REPEATED_LETTER = re.compile(r"(.)\1+")


class NameReader:
    def __init__(self, rules: NameRules) -> None:
        self.rules = rules
        self.letters = str.maketrans(dict(rules.letters))
        self.signs = str.maketrans("", "", "".join(letter for letter, read in rules.letters if not read))
        self.spellings = dict(rules.sounds)
        self.spelling = re.compile("|".join(map(re.escape, self.spellings)) or "$^")
        self.article = re.compile(rf"\b(?:{'|'.join(re.escape(text) for text in rules.articles) or '$^'})(?=\w{{2}})")
        self.begin = tuple(text for text, _ in rules.beginnings)
        self.beginning = re.compile(f"({'|'.join(re.escape(text) for text, _ in rules.beginnings) or '$^'})(.*)")
        self.of_beginning = dict(rules.beginnings)
        self.vowel = re.compile(f"[{re.escape(rules.vowels)}]+")
        self.to_ascii = load_transliteration()
        self.sounds: dict[str, str] = {}

    def parts(self, name: str) -> list[str]:
        name = name[: self.rules.longest]
        text = name if name.isascii() else self.to_ascii(self.bare(unicodedata.normalize("NFKC", name)))
        words = WORDS.findall(APOSTROPHES.sub("", text.lower()))
        if "".join(words) in self.rules.unknown:
            return []
        return self.joined([word for word in words if word not in self.rules.particles] or words)

    def bare(self, name: str) -> str:
        return self.article.sub("", name.translate(self.signs)).translate(self.letters)

    def joined(self, words: list[str]) -> list[str]:
        if not any(word.startswith(self.begin) for word in words):
            return words
        parts: list[str] = []
        begun = ""
        for word in words:
            match = self.beginning.fullmatch(word)
            if begun:
                parts.append(begun + word)
                begun = ""
            elif match and not match[2]:
                begun = self.of_beginning[match[1]]
            elif match and len(match[2]) > 2:
                parts.append(self.of_beginning[match[1]] + match[2])
            else:
                parts.append(word)
        return [*parts, begun] if begun else parts

    def sound(self, part: str) -> str:
        if part not in self.sounds:
            text = self.spelling.sub(lambda match: self.spellings[match[0]], part)
            first = "a" if self.vowel.match(text) else ""
            self.sounds[part] = REPEATED_LETTER.sub(r"\1", first + self.vowel.sub("", text)) or part
        return self.sounds[part]

    def read(self, names: pl.Series) -> pl.DataFrame:
        spelt: list[str] = []
        letters: list[str] = []
        sounds: list[str] = []
        sound = self.sound
        for name in names.drop_nulls().unique():
            if parts := self.parts(name):
                spelt.append(name)
                letters.append("".join(parts))
                sounds.append(" ".join([sound(part) for part in parts]))
        columns = {"name": spelt, "letters": letters, "sounds": sounds}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        return frame.with_columns(pl.col("sounds").str.split(" "))


def load_transliteration() -> Callable[[str], str]:
    try:
        from anyascii import anyascii
    except ImportError:
        raise MissingLibrary(
            "The library that transliterates names is not installed.", hint=MISSING_LIBRARIES
        ) from None
    return anyascii


def find_possible_births(frames: Iterable[pl.DataFrame], unknown: UnknownValues, day: date | None) -> tuple[str, str]:
    """Return the possible range of birth dates as YYYYMMDD, from the day of the records or the span of most births."""
    if day:
        return f"{max(0, day.year - unknown.oldest):04}{day:%m%d}", f"{day.year:04}{day:%m%d}"
    born = pl.concat([frame.select("birth_year") for frame in frames])["birth_year"].drop_nulls()
    years = born.filter(born.is_between(unknown.first_year, unknown.last_year)).value_counts().sort("birth_year").rows()
    if not years:
        return f"{unknown.first_year:04}0101", f"{unknown.last_year:04}1231"
    held = {first: sum(count for year, count in years if first <= year <= first + unknown.oldest) for first, _ in years}
    first = max(held, key=lambda year: (held[year], -year))
    return f"{first:04}0101", f"{min(first + unknown.oldest, unknown.last_year):04}1231"


def clear_impossible_births(frame: pl.DataFrame, possible: tuple[str, str]) -> tuple[pl.DataFrame, list[int]]:
    wrong = (~frame["birth"].is_between(*possible)).fill_null(value=False)
    kept = frame.with_columns(pl.when(~wrong).then(pl.col("^(birth.*|new_year)$")).name.keep())
    return kept, frame.filter(wrong)["row"].sort().to_list()


NUMBER, DOCUMENTS = "number", "documents"


def move_documents(
    sources: Mapping[str, pl.DataFrame],
) -> tuple[dict[str, pl.DataFrame], dict[str, list[int]]]:
    """Move documents out of the number column and list the rows.

    Requires a matching document with the same birth or name part.
    """
    records = concatenate_records(sources).select([UNIT, SOURCE, "row", NUMBER, DOCUMENTS, "birth", "parts"])
    held = records.explode(DOCUMENTS).drop_nulls(DOCUMENTS)
    both = records.drop_nulls(NUMBER).join(held, left_on=NUMBER, right_on=DOCUMENTS, suffix="_of")
    agrees = (pl.col("birth") == pl.col("birth_of")).fill_null(value=False) | (
        pl.col("parts").list.set_intersection("parts_of").list.len() > 0
    ).fill_null(value=False)
    both = both.filter(agrees)
    shared = both[UNIT].unique().implode()
    # In the join, the left record's number is the right one's document; the right one's own number is number_of.
    wrong = both.filter(pl.col(f"{NUMBER}_of") != pl.col(NUMBER))
    moved = wrong.select(UNIT, SOURCE, "row").unique().sort(UNIT)
    with_it = pl.col(DOCUMENTS).fill_null([]).list.concat(pl.concat_list(NUMBER)).list.unique().list.sort()
    placed = records.with_columns(
        pl.when(pl.col(UNIT).is_in(shared)).then(with_it).otherwise(DOCUMENTS).alias(DOCUMENTS),
        pl.when(~pl.col(UNIT).is_in(moved[UNIT].implode())).then(NUMBER).alias(NUMBER),
    )
    frames = {
        source: frame.with_columns(placed.filter(pl.col(SOURCE) == source).select(NUMBER, DOCUMENTS).get_columns())
        for source, frame in sources.items()
    }
    return frames, {source: moved.filter(pl.col(SOURCE) == source)["row"].sort().to_list() for source in sources}
