"""True identities, fault groups of persons, and faults of records, applied in the order of `KINDS`.

Names are invented from syllables (``structures/simulation/syllables.csv``), with two transliterations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.lazily import Integers, np, pl
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.records.simulation.life_courses import NO_PERSON, RandomDraws
from sdmxmig.records.simulation.populations import HOME_COUNTRY, index_countries, read_rows
from sdmxmig.records.simulation.true_tables import Truth

FAULTY_FIELDS = ("person_number", "given_name", "family_name", "sex", "birth_date", "c_birth", "c_citizen", "document")
NAME_CHANGE_SHARE = 0.25
"""The share of women of the ages below who married in the last ten years."""
YOUNGEST_BRIDE, OLDEST_BRIDE = 20, 45
RECENT_DAYS = 730
DAYS_PER_YEAR = 365.25


def build_identities(truth: Truth) -> pl.DataFrame:
    chance = RandomDraws(truth.world.seed, "identities")
    persons, names = truth.persons, draw_names(truth)
    last = truth.citizenships.unique("person", keep="last", maintain_order=True)
    joined = persons.join(
        last.select("person", "c_former", now="c_citizen", since="day"), on="person", how="left", maintain_order="left"
    )
    number = persons.height
    digits = len(str(number)) + 2
    frame = pl.concat([joined.drop("c_mother", "mother"), names], how="horizontal").with_columns(
        person_number=draw_numbers(digits, "", chance, number),
        other_number=draw_numbers(digits, "", chance, number),
        document=draw_numbers(digits, "D", chance, number),
        other_document=draw_numbers(digits, "E", chance, number),
        birth_date=pl.col("born").cast(pl.Int32).cast(pl.Date),
        c_citizen=pl.coalesce("now", "c_citizen"),
        former=pl.coalesce("c_former", "c_citizen"),
        married=pl.Series(chance.happens(NAME_CHANGE_SHARE, number)),
    )
    frame = frame.with_columns(person_number=pl.when(~pl.col("visitor")).then("person_number"))
    return frame.drop("now", "c_former", "id", "resident")


def draw_numbers(digits: int, letter: str, chance: RandomDraws, count: int) -> pl.Series:
    drawn = np.sort(chance.distinct(10**digits, count))[chance.order(count)]
    return (pl.Series([letter]) + pl.Series(drawn).cast(pl.String).str.zfill(digits)).rename("number")


def define_groups(until: int) -> dict[str, pl.Expr]:
    citizen, native = pl.col("c_citizen") == HOME_COUNTRY, pl.col("c_birth") == HOME_COUNTRY
    age = (until - pl.col("born")) / DAYS_PER_YEAR
    of_day = pl.col("birth_date").dt.day()
    former = [code for code, country in index_countries().items() if country.former]
    others = [code for code, country in index_countries().items() if country.calendar]
    letters = pl.col("family_name").str.contains(r"[^\x00-\x7F]")
    return {
        "everybody": pl.lit(value=True),
        "native-citizens": citizen,
        "foreign-citizens": ~citizen,
        "foreign-born": ~native,
        "refugees": pl.col("refugee"),
        "foreign-born-not-refugees": ~native & ~pl.col("refugee"),
        "women-married-in-last-10-years": (pl.col("sex") == "F")
        & age.is_between(YOUNGEST_BRIDE, OLDEST_BRIDE)
        & pl.col("married"),
        "dual-citizens": pl.col("dual") & citizen & ~native,
        "naturalised-in-last-2-years": citizen & (pl.col("since") >= until - RECENT_DAYS).fill_null(value=False),
        "born-in-former-states": pl.col("c_birth").is_in(former),
        "other-calendar-countries": pl.col("c_birth").is_in(others),
        "day-not-above-12": (of_day <= 12) & (of_day != pl.col("birth_date").dt.month()),
        "names-in-arabic-script": pl.col("script") == "arabic",
        "names-in-cyrillic-script": pl.col("script") == "cyrillic",
        "names-in-chinese-script": pl.col("script") == "chinese",
        "names-with-diacritics": letters,
        "compound-surnames": pl.col("two"),
        "two-given-names": pl.col("two_given"),
        "single-name-persons": pl.col("single"),
        "very-long-names": pl.col("long"),
    }


ARABIC_NAMES = "arabic"
TWO_PART_SHARES = {"local": 0.25, "accents": 0.3}
WITH_ARTICLE, ARTICLE = 0.4, "al-"
SINGLE_NAME, VERY_LONG, COMMON = 0.02, 0.03, 0.01
SYLLABLES = {"given": 2, "second": 2, "family": 3, "part": 2, "father": 2, "maiden": 2, "tail": 3}
"""Syllables of names, and their number."""


@cache
def index_syllables() -> dict[str, list[tuple[str, str]]]:
    table: dict[str, list[tuple[str, str]]] = {}
    for row in read_csv_rows(find_shipped_folder("structures") / "simulation" / "syllables.csv"):
        table.setdefault(row["script"], []).append((row["latin"], row["other_latin"]))
    return table


def draw_names(truth: Truth) -> pl.DataFrame:
    chance = RandomDraws(truth.world.seed, "names")
    persons = truth.persons
    number = persons.height
    script = persons["c_birth"].replace_strict({code: country.script for code, country in index_countries().items()})
    drawn = {name: chance.uniform(number * count).reshape(number, count) for name, count in SYLLABLES.items()}
    traits = {name: chance.uniform(number) for name in ("article", "two", "second", "single", "long", "common")}
    copy_names(persons, drawn, traits)
    share = script.replace_strict(TWO_PART_SHARES, default=0.0, return_dtype=pl.Float64).to_numpy()
    arabic = (script == ARABIC_NAMES).to_numpy()
    frame = pl.DataFrame(
        {
            "script": script,
            "article": arabic & (traits["article"] < WITH_ARTICLE),
            "two": traits["two"] < share,
            "two_given": traits["second"] < share,
            "single": arabic & (traits["single"] < SINGLE_NAME),
            "long": traits["long"] < VERY_LONG,
        }
    )
    pieces = {
        f"{name}_{spelling}": spell_names(script, values, spelling)
        for name, values in drawn.items()
        for spelling in (0, 1)
    }
    frame = frame.with_columns(**pieces)
    return frame.select(
        "script",
        given_name=draw_given_names(0),
        family_name=draw_family_name(0),
        other_given=draw_given_names(1),
        other_family=draw_family_name(1),
        father=capitalise("father_0"),
        maiden=capitalise("maiden_0"),
        single="single",
        long="long",
        two="two",
        two_given="two_given",
    )


def copy_names(persons: pl.DataFrame, syllable: dict[str, np.ndarray], traits: dict[str, np.ndarray]) -> None:
    """Give children their mother's family name, twins each other's, and some persons a stranger's full name."""
    order = np.argsort(persons["born"].to_numpy(), kind="stable")
    same = order[1:][traits["common"][order[1:]] < COMMON]
    other = order[:-1][traits["common"][order[1:]] < COMMON]
    for name in ("given", "second", "family", "part"):
        syllable[name][same] = syllable[name][other]
    for relation in ("mother", "twin"):
        relative = persons[relation].to_numpy()
        related = np.flatnonzero(relative != NO_PERSON)
        for name in ("family", "part", "tail"):
            syllable[name][related] = syllable[name][relative[related]]
        for name in ("article", "two", "long"):
            traits[name][related] = traits[name][relative[related]]


def spell_names(script: pl.Series, values: np.ndarray, spelling: int) -> pl.Series:
    tables = index_syllables()
    names = sorted(tables)
    sizes = np.array([len(tables[name]) for name in names])
    starts = np.cumsum(sizes) - sizes
    texts = pl.Series([pair[spelling] for name in names for pair in tables[name]])
    which = script.replace_strict({name: place for place, name in enumerate(names)}, return_dtype=pl.Int64).to_numpy()
    index: Integers = starts[which][:, None] + np.floor(values * sizes[which][:, None]).astype(np.int64)
    parts = [texts.gather(index[:, column]).alias(str(column)) for column in range(index.shape[1])]
    return pl.DataFrame(parts).select(pl.concat_str(pl.all())).to_series()


def capitalise(name: str) -> pl.Expr:
    return pl.col(name).str.slice(0, 1).str.to_uppercase() + pl.col(name).str.slice(1)


def draw_given_names(spelling: int) -> pl.Expr:
    both = capitalise(f"given_{spelling}") + " " + capitalise(f"second_{spelling}")
    names = pl.when("two_given").then(both).otherwise(capitalise(f"given_{spelling}"))
    return pl.when("single").then(pl.lit(None, dtype=pl.String)).otherwise(names)


def draw_family_name(spelling: int) -> pl.Expr:
    end = pl.when("long").then(pl.col(f"tail_{spelling}") + pl.col(f"father_{spelling}")).otherwise(pl.lit(""))
    name = capitalise(f"family_{spelling}") + end
    article = pl.when("article").then(pl.lit(ARTICLE)).otherwise(pl.lit(""))
    part = pl.when("two").then(pl.lit(" ") + capitalise(f"part_{spelling}")).otherwise(pl.lit(""))
    return article + name + part


Columns = Mapping[str, pl.Expr | pl.Series]
Spoil = Callable[[pl.DataFrame, "RandomDraws", str], Columns]
LETTERS_WITHOUT_ACCENT = {"þ": "th", "Þ": "Th", "ł": "l", "Ł": "L"}
LETTERS = "aeiorntslkdm"
MAX_NAME_LENGTH = 12
"""Maximum length of a family name in a short field."""


def apply_faults(
    records: pl.DataFrame, source: str, until: int, chance: RandomDraws
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply faults to a source; returns records and their faults (`record`, `kind`, `field`, `group`)."""
    groups_of_records = records.select(**define_groups(until))
    rows = [fault for fault in build_record_faults(source) if fault.kind in FAULT_MAKERS]
    rows.sort(key=lambda fault: list(FAULT_MAKERS).index(fault.kind))
    applied = []
    for fault in rows:
        hit = chance.happens(fault.rate, records.height) & groups_of_records[fault.applies_to].to_numpy()
        places = np.flatnonzero(hit)
        if len(places):
            picked = records[places]
            columns = FAULT_MAKERS[fault.kind](picked, chance, fault.field)
            changed = picked.with_columns(**columns)
            records = records.with_columns(records[name].scatter(places, changed[name]) for name in columns)
            applied.append(
                picked.select(
                    "record", kind=pl.lit(fault.kind), field=pl.lit(fault.field), group=pl.lit(fault.applies_to)
                )
            )
    nothing = pl.DataFrame(schema=dict.fromkeys(("record", "kind", "field", "group"), pl.String))
    return records, pl.concat([nothing, *applied])


def mistype(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    texts, how = records[field].to_list(), chance.between(0, 3, records.height).tolist()
    where, which = chance.uniform(records.height).tolist(), chance.between(0, len(LETTERS) - 1, records.height).tolist()
    wrong = [
        None if text is None else mistype_letter(text, kind, int(place * max(len(text) - 1, 1)), LETTERS[letter])
        for text, kind, place, letter in zip(texts, how, where, which, strict=True)
    ]
    return {field: pl.Series(wrong, dtype=pl.String)}


def mistype_letter(text: str, how: int, place: int, letter: str) -> str:
    """Change, drop, double or exchange a letter at a place.

    >>> [mistype_letter("Moro", how, 1, "a") for how in range(4)]
    ['Maro', 'Mro', 'Mooro', 'Mroo']
    """
    before, after = text[:place], text[place + 1 :]
    ways = (before + letter + after, before + after, before + text[place] * 2 + after)
    return ways[how] if how < len(ways) else before + after[:1] + text[place] + after[1:]


def respell_name(_: pl.DataFrame, __: RandomDraws, field: str) -> Columns:
    return {field: pl.col("other_given" if field == "given_name" else "other_family")}


def split_surname(_: pl.DataFrame, __: RandomDraws, field: str) -> Columns:
    parts = pl.col(field).str.split(" ")
    two = parts.list.len() > 1
    moved = pl.concat_str("given_name", parts.list.first(), separator=" ", ignore_nulls=True)
    return {
        "given_name": pl.when(two).then(moved).otherwise("given_name"),
        field: pl.when(two).then(parts.list.last()).otherwise(pl.col(field)),
    }


def swap_names(_: pl.DataFrame, __: RandomDraws, ___: str) -> Columns:
    return {"given_name": pl.col("family_name"), "family_name": pl.col("given_name")}


def round_day(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    middle = pl.Series(chance.happens(0.5, records.height))
    return {field: pl.col(field).dt.truncate("1mo") + pl.duration(days=pl.when(middle).then(14).otherwise(0))}


def shift_year(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    return {field: shift_years(records[field], 2 * chance.between(0, 1, records.height) - 1)}


def misstate_age(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    years = (2 * chance.between(0, 1, records.height) - 1) * chance.between(1, 2, records.height)
    return {field: shift_years(records[field], years)}


def shift_years(days: pl.Series, years: np.ndarray) -> pl.Series:
    return pl.select(days.dt.offset_by(pl.Series(years).cast(pl.String) + "y")).to_series()


def change_calendar(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    days = 365 + chance.between(1, 40, records.height)
    return {field: pl.select(records[field] - pl.duration(days=pl.lit(pl.Series(days)))).to_series()}


def falsify_digit(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    day = pl.col(field).dt.day()
    tens = pl.Series(chance.happens(0.5, records.height))
    ones = pl.when(day % 10 >= 5).then(day - 3).otherwise(day + 3)
    decade = pl.when(pl.col(field).dt.year() % 100 >= 50).then(pl.lit("-10y")).otherwise(pl.lit("-20y"))
    other = pl.date(
        pl.col(field).dt.year(), pl.col(field).dt.month(), pl.when(ones > 28).then(day - 10).otherwise(ones)
    )
    return {field: pl.when(tens).then(pl.col(field).dt.offset_by(decade)).otherwise(other)}


def falsify_figure(records: pl.DataFrame, chance: RandomDraws, field: str) -> Columns:
    digits, where = chance.between(1, 9, records.height).tolist(), chance.uniform(records.height).tolist()
    wrong = [
        None if text is None else change_digit(text, 1 + int(place * (len(text) - 1)), digit)
        for text, digit, place in zip(records[field].to_list(), digits, where, strict=True)
    ]
    return {field: pl.Series(wrong, dtype=pl.String)}


def change_digit(text: str, place: int, more: int) -> str:
    """Add to a digit at a place, without carrying.

    >>> change_digit("D1293", 3, 4)
    'D1233'
    """
    place = min(place, len(text) - 1)
    return f"{text[:place]}{(int(text[place]) + more) % 10}{text[place + 1 :]}"


def join_name(name: pl.Expr) -> pl.Expr:
    parts = name.str.split(" ")
    return parts.list.first() + parts.list.slice(1).list.join("").str.to_lowercase()


def change_article(name: pl.Expr) -> pl.Expr:
    return pl.when(name.str.starts_with(ARTICLE)).then(name.str.slice(len(ARTICLE))).otherwise(ARTICLE + name)


def swap_day_and_month(day: pl.Expr) -> pl.Expr:
    swapped = pl.date(day.dt.year(), pl.min_horizontal(day.dt.day(), 12), day.dt.month())
    return pl.when(day.dt.day() <= 12).then(swapped).otherwise(day)


def replace_by_former_state(country: pl.Expr) -> pl.Expr:
    return country.replace({code: state.former for code, state in index_countries().items() if state.former})


def apply_change(change: Callable[[pl.Expr], pl.Expr]) -> Spoil:
    return lambda _records, _chance, field: {field: change(pl.col(field))}


def replace_with(value: pl.Expr) -> Spoil:
    return lambda _records, _chance, field: {field: value}


FAULT_MAKERS: Mapping[str, Spoil] = {
    "TRANSLITERATION-VARIANT": respell_name,
    "PATRONYMIC-AS-SURNAME": replace_with(pl.col("father")),
    "MARRIAGE-NAME": replace_with(pl.col("maiden")),
    "ARTICLE-JOINED-OR-DROPPED": apply_change(change_article),
    "SINGLE-NAME-DOUBLED": replace_with(pl.col("family_name")),
    "NAME-SYLLABLES-JOINED": apply_change(
        lambda name: name.str.slice(0, 2) + " " + name.str.slice(2).str.to_titlecase()
    ),
    "COMPOUND-SURNAME-SPLIT": split_surname,
    "COMPOUND-SURNAME-JOINED": apply_change(join_name),
    "SURNAME-PART-DROPPED": apply_change(lambda name: name.str.split(" ").list.first()),
    "SECOND-GIVEN-NAME-DROPPED": apply_change(lambda name: name.str.split(" ").list.first()),
    "NICKNAME": apply_change(lambda name: name.str.slice(0, 3)),
    "DIACRITICS-LOST": apply_change(
        lambda name: name.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "").str.replace_many(LETTERS_WITHOUT_ACCENT)
    ),
    "NAME-CUT-OFF": apply_change(lambda name: name.str.slice(0, MAX_NAME_LENGTH)),
    "TYPING-ERROR": mistype,
    "NAMES-SWAPPED": swap_names,
    "BIRTH-DATE-1-JANUARY": apply_change(lambda day: pl.date(day.dt.year(), 1, 1)),
    "BIRTH-DATE-15-OR-FIRST-OF-MONTH": round_day,
    "BIRTH-DATE-BY-AGE": misstate_age,
    "BIRTH-YEAR-OTHER-CALENDAR": change_calendar,
    "BIRTH-YEAR-OFF-BY-ONE": shift_year,
    "BIRTH-DAY-MONTH-SWAPPED": apply_change(swap_day_and_month),
    "BIRTH-DATE-DIGIT-WRONG": falsify_digit,
    "SEX-WRONG": apply_change(lambda sex: pl.when(sex == "F").then(pl.lit("M")).otherwise(pl.lit("F"))),
    "BIRTH-COUNTRY-FORMER-STATE": apply_change(replace_by_former_state),
    "BIRTH-COUNTRY-IS-CITIZENSHIP": replace_with(pl.col("c_citizen")),
    "BIRTH-COUNTRY-EMPTY": replace_with(pl.lit(None)),
    "CITIZENSHIP-CHANGED": replace_with(pl.col("former")),
    "CITIZENSHIP-OF-OTHER-PASSPORT": replace_with(pl.col("c_birth")),
    "CITIZENSHIP-CLAIMED": replace_with(pl.lit(HOME_COUNTRY)),
    "DOCUMENT-RENEWED": replace_with(pl.col("other_document")),
    "SECOND-DOCUMENT": replace_with(pl.col("other_document")),
    "DOCUMENT-NUMBER-WRONG": falsify_figure,
    "PERSON-NUMBER-WRONG": falsify_figure,
    "SECOND-NUMBER": replace_with(pl.col("other_number")),
    "FIELD-EMPTY": replace_with(pl.lit(None)),
}


ANY_FIELD = "any"


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    source: str
    _: KW_ONLY
    rate: float
    applies_to: str
    field: str = ""
    value: float = 0.0


@cache
def read_faults(table: str) -> tuple[Fault, ...]:
    return tuple(read_rows(f"{table}_faults.csv", Fault))


def build_record_faults(source: str) -> list[Fault]:
    rows = read_faults("linkage")
    own = {(fault.kind, fault.field, fault.applies_to) for fault in rows if fault.source == source}
    return [
        fault
        for fault in rows
        if fault.source == source
        or (fault.source == ANY_FIELD and (fault.kind, fault.field, fault.applies_to) not in own)
    ]


def build_source_fault(source: str, kind: str, applies_to: str) -> Fault:
    rows = [fault for fault in read_faults("source") if fault.source == source and fault.applies_to == applies_to]
    return next(fault for fault in rows if fault.kind == kind)
