"""Linkage rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared

TEXT_COLUMNS = (
    "given",
    "family",
    "given_sound",
    "family_sound",
    "name_key",
    "birth",
    "birth_turned",
    "birth_month_day",
    "birth_sure",
    "sex",
    "c_birth",
    "file",
)
WHOLE_NUMBERS = ("birth_year", "birth_month", "birth_day", "number")
LIST_COLUMNS = ("given_parts", "family_parts", "parts", "citizenships", "documents")
BOOLEAN_COLUMNS = ("new_year",)
COLUMNS = (*TEXT_COLUMNS, *WHOLE_NUMBERS, *LIST_COLUMNS, *BOOLEAN_COLUMNS)
PAIR_CONDITION = re.compile(r"(not )?(\w+) (=|shares|begins|within (\d) edits of|within (\d{1,3}) of) (\w+)")
RECORD_CONDITION = re.compile(r"(both|either) (\w+)")
COLUMNS_BY_OPERATOR = {
    "=": (*TEXT_COLUMNS, *WHOLE_NUMBERS),
    "shares": LIST_COLUMNS,
    "edits": TEXT_COLUMNS,
    "begins": TEXT_COLUMNS,
    "within": WHOLE_NUMBERS,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on two records.

    `kind` is ``=``, ``shares``, ``edits``, ``begins``, ``within``, ``both`` or ``either``. A `denied` condition
    requires known, different values.
    """

    kind: str
    left: str
    right: str
    most: int = 0
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    label: str
    ways: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    name: str
    compares: tuple[str, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns that agree in records of one person; `within` compares them within a source too."""

    name: str
    equal: tuple[str, ...]
    within: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Blocking columns; `other` are those of the second record."""

    equal: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Conditions that show different persons, unless all of `unless` are met."""

    reason: str
    conditions: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """Rules for reading names. `articles` are joined to the next word; `unknown` lists placeholders."""

    particles: frozenset[str]
    beginnings: tuple[tuple[str, str], ...]
    articles: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]
    sounds: tuple[tuple[str, str], ...]
    vowels: str
    unknown: frozenset[str]
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownValues:
    """Placeholders, and limits for shared values.

    Birth dates outside `first_year` to `last_year`, or for ages above `oldest`, are unknown. At most `most_holders`
    names and births may share a number; at most `most_of_thousand` records per thousand a birthday, above
    `fewest_of_day`.
    """

    sex: tuple[str, ...]
    countries: tuple[str, ...]
    days: tuple[date, ...]
    first_year: int
    last_year: int
    oldest: int
    numbers: frozenset[str]
    most_holders: int
    most_of_thousand: int
    fewest_of_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageRules:
    name: str
    names: NameRules
    unknown: UnknownValues
    apart: tuple[Separation, ...]
    status: str
    source: str
    stages: tuple[Stage, ...]
    blocks: tuple[Block, ...]
    training: tuple[tuple[str, ...], ...]
    comparisons: tuple[Comparison, ...]
    largest_block: int
    false_links: int
    seed: int


def read_rules(name: str, content: bytes) -> LinkageRules:
    table = Declared.parse(name, content)
    blocking = table.table("blocking", required=True)
    rules = table.read(
        LinkageRules,
        name=name,
        names=read_name_rules(table.table("names", required=True)),
        unknown=read_unknown(table.table("unknown", required=True)),
        apart=tuple(read_separation(entry) for entry in table.tables("apart")),
        stages=tuple(read_stage(entry) for entry in table.tables("stage")),
        blocks=tuple(read_block(entry) for entry in table.tables("block")),
        training=tuple(read_training(entry) for entry in table.tables("training")),
        comparisons=tuple(read_comparison(entry) for entry in table.tables("comparison")),
        largest_block=blocking.integer("largest_block"),
        false_links=table.integer("false_links_per_thousand"),
    )
    blocking.close()
    for key, entries in (("comparison", rules.comparisons), ("block", rules.blocks), ("training", rules.training)):
        if not entries:
            raise DeclarationError(f"There is no [[{key}]].", table.place, "Copy them from the shipped declaration.")
    names = [comparison.name for comparison in rules.comparisons]
    if len(set(names)) < len(names):
        raise DeclarationError("Two comparisons have the same name.", table.at("comparison"), "Give each its own name.")
    return rules


def read_name_rules(table: Declared) -> NameRules:
    beginnings = table.table("beginnings")
    written = {text: name for name in beginnings.values for text in beginnings.strings(name)}
    sounds = table.table("sounds").pairs()
    return table.read(
        NameRules,
        beginnings=tuple((text, written[text]) for text in list_longest_first(written)),
        articles=table.strings("articles"),
        letters=tuple(sorted(table.table("letters").pairs().items())),
        sounds=tuple((text, sounds[text]) for text in list_longest_first(sounds)),
    )


def read_unknown(table: Declared) -> UnknownValues:
    days = []
    for text in table.strings("days", ()):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            raise DeclarationError(
                f"“{text}” is not a day.", table.at("days"), "Write for example 1900-01-01."
            ) from None
    return table.read(UnknownValues, sex=table.strings("sex"), countries=table.strings("countries"), days=tuple(days))


def read_separation(table: Declared) -> Separation:
    reason, conditions, unless = table.text("says"), table.strings("all", None), table.strings("unless")
    table.close()
    if not conditions:
        raise DeclarationError("“all” is empty.", table.at("all"), 'Write for example all = ["not sex = sex"].')
    return Separation(
        reason=reason,
        conditions=tuple(parse_condition(text, table.at("all")) for text in conditions),
        unless=tuple(parse_condition(text, table.at("unless")) for text in unless),
    )


def list_longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def read_columns(table: Declared, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = table.strings(key, default) or default
    if not names:
        raise DeclarationError(f"“{key}” is not a column.", table.at(key), f"Possible values: {', '.join(COLUMNS)}.")
    for name in names:
        check_known("column", name, COLUMNS, table.at(key))
    return names


def read_stage(table: Declared) -> Stage:
    return table.read(Stage, equal=read_columns(table, "equal"), within=table.flag("within", default=False))


def read_block(table: Declared) -> Block:
    equal = read_columns(table, "equal")
    block = Block(equal, read_columns(table, "with", equal))
    table.close()
    if len(block.other) != len(equal):
        raise DeclarationError(
            "“with” and “equal” have different numbers of columns.", table.at("with"), "Name pairs of columns."
        )
    return block


def read_training(table: Declared) -> tuple[str, ...]:
    equal = read_columns(table, "equal")
    table.close()
    for name in equal:
        if name in LIST_COLUMNS:
            raise DeclarationError(f"“{name}” is a list.", table.at("equal"), "Train with single values.")
    return equal


def read_comparison(table: Declared) -> Comparison:
    levels = tuple(read_level(entry) for entry in table.tables("level"))
    comparison = Comparison(table.text("name"), read_columns(table, "compares"), levels=levels)
    table.close()
    if not re.fullmatch("[a-z][a-z_]{0,30}", comparison.name):
        raise DeclarationError(f"“{comparison.name}” cannot be the name.", table.at("name"), "Use lowercase letters.")
    if not levels:
        raise DeclarationError("A comparison has no level.", table.place, "Write [[comparison.level]] below it.")
    return comparison


def read_level(table: Declared) -> Level:
    says, ways = table.text("says"), table.strings("any", None)
    table.close()
    if not ways:
        raise DeclarationError("“any” is empty.", table.at("any"), 'Write for example any = ["sex = sex"].')
    return Level(
        says, tuple(tuple(parse_condition(text, table.at("any")) for text in way.split(" and ")) for way in ways)
    )


def parse_condition(text: str, place: Place) -> Condition:
    if match := PAIR_CONDITION.fullmatch(text.strip()):
        denied, left, kind, edits, apart, right = match.groups()
        kind = "edits" if edits else "within" if apart else kind
        for name in (left, right):
            check_known(f"column for “{text}”:", name, COLUMNS_BY_OPERATOR[kind], place)
        return Condition(kind, left, right=right, most=int(edits or apart or 0), denied=bool(denied))
    if match := RECORD_CONDITION.fullmatch(text.strip()):
        check_known(f"column for “{text}”:", match[2], BOOLEAN_COLUMNS, place)
        return Condition(match[1], match[2], right=match[2])
    raise DeclarationError(
        f"“{text}” is not a condition.", place, 'Write for example "birth = birth", "given within 1 edits of family".'
    )
