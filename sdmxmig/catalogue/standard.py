"""The standard and changes to it (``standard.toml``).

``[document]``: ``name``, ``date``, ``source``, ``published``; while false, ``awaited`` and ``awaited_date``. Afterwards
``[[indicator]]``, ``[[definition]]``, ``[[item]]`` with ``id``, ``passage`` and changed keys: ``number``, ``name``,
``part``, ``tier``, ``policy_area``, ``measure``, ``unit``, ``order``, ``primary``, ``secondary``, ``numerator``,
``denominator``, ``note``, ``formula = false``; ``text``; ``added = true``, ``removed = true``. New wording replaces all
languages. Unlisted items are not verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import PASSAGE, RESTS_ON, Declared
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The source of indicators and definitions.

    For a proposal, `awaited` is the published text, which is not verified yet. `removed` indicators are not in the
    published text; `rewritten` items have new wording, so earlier answers are invalid.
    """

    name: Text = Text()
    date: str = ""
    is_published: bool = False
    awaited: Text = Text()
    awaited_date: str = ""
    source: str = ""
    removed: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()


STANDARD_FILE = "standard.toml"
DEFINITIONS, ITEMS = "CS_DEFINITIONS", "CL_BENCH_ITEM"
SCHEME_KEYS = {DEFINITIONS: "definition", ITEMS: "item"}
CHECKED, ABSENT = "CHECKED", "NOT_IN_STANDARD"
TEXT_FIELDS = ("name", "numerator", "denominator", "note")
WORD_FIELDS = ("part", "tier", "policy_area", "measure", "unit")
LIST_FIELDS = ("primary", "secondary")
FORMULA_FIELDS = ("calculation", "terms", "otherwise", "variant", "divided", "populations")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardEntry:
    """The published wording of an item; fields are empty if unchanged."""

    id: str
    passage: str
    number: str
    name: Text
    text: Text
    values: Mapping[str, object]
    has_formula: bool
    is_added: bool
    is_removed: bool
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedList:
    standard: Standard = field(default_factory=Standard)
    indicators: Mapping[str, StandardEntry] = field(default_factory=dict)
    definitions: Mapping[str, StandardEntry] = field(default_factory=dict)
    items: Mapping[str, StandardEntry] = field(default_factory=dict)


def read_standard(folders: Sequence[Path]) -> PublishedList:
    path = next((folder / STANDARD_FILE for folder in folders if (folder / STANDARD_FILE).is_file()), None)
    if path is None:
        return PublishedList()
    declared = Declared.parse_once(path.name, path.read_bytes())
    standard = read_document(declared.table("document", required=True))
    entries = {kind: read_entries(declared, kind, standard) for kind in ("indicator", *SCHEME_KEYS.values())}
    declared.close()
    removed = tuple(sorted(entry.id for entry in entries["indicator"].values() if entry.is_removed))
    rewritten = tuple(sorted(entry.id for entry in entries["item"].values() if entry.text))
    return PublishedList(
        standard=replace(standard, removed=removed, rewritten=rewritten),
        indicators=entries["indicator"],
        definitions=entries["definition"],
        items=entries["item"],
    )


def read_document(declared: Declared) -> Standard:
    is_published = declared.flag("published", default=False)
    standard = Standard(
        name=declared.texts("name", required=True),
        date=declared.text("date"),
        is_published=is_published,
        awaited=Text() if is_published else declared.texts("awaited", required=True),
        awaited_date="" if is_published else declared.text("awaited_date"),
        source=declared.text("source"),
    )
    declared.close()
    return standard


def read_entries(declared: Declared, kind: str, standard: Standard) -> dict[str, StandardEntry]:
    """Return entries of a kind by id; empty until the text is published."""
    entries: dict[str, StandardEntry] = {}
    for table in declared.tables(kind):
        if not standard.is_published:
            hint = "Write published = true in [document] once you have read the published text."
            raise DeclarationError("Only a published text can change the comparison.", table.place, hint)
        entry = read_entry(table, kind)
        if entry.id in entries:
            raise DeclarationError(f"“{entry.id}” occurs twice.", table.at("id"))
        entries[entry.id] = entry
    return entries


def read_entry(declared: Declared, kind: str) -> StandardEntry:
    is_indicator = kind == "indicator"
    entry = StandardEntry(
        id=declared.text("id"),
        passage=declared.text("passage"),
        number="" if kind == "item" else declared.text("number", ""),
        name=declared.texts("name"),
        text=Text() if is_indicator else declared.texts("text"),
        values=index_indicator_values(declared) if is_indicator else {},
        has_formula=declared.flag("formula", default=True) if is_indicator else True,
        is_added=kind != "item" and declared.flag("added", default=False),
        is_removed=kind != "item" and declared.flag("removed", default=False),
        place=declared.place,
    )
    declared.close()
    if not entry.passage.strip():
        hint = "Write the page or paragraph of the published text and a short summary of it."
        raise DeclarationError("An entry without a passage does not count as checked.", declared.at("passage"), hint)
    return entry


def index_indicator_values(declared: Declared) -> dict[str, object]:
    values: dict[str, object] = {key: dict(text.values) for key in TEXT_FIELDS if (text := declared.texts(key))}
    values |= {key: word for key in WORD_FIELDS if (word := declared.text(key, ""))}
    values |= {key: list(declared.strings(key)) for key in LIST_FIELDS if key in declared.values}
    return values | ({"order": declared.integer("order")} if "order" in declared.values else {})


def revise_indicators(files: Iterable[Declared], published: PublishedList) -> list[Declared]:
    """Apply the published list to indicators, marking removed ones."""
    own = {file.text("id"): file for file in files}
    check_added("indicator", published.indicators, own)
    revised = [
        revise_indicator(file, published.indicators[name], published.standard) if name in published.indicators else file
        for name, file in own.items()
    ]
    added = [entry for entry in published.indicators.values() if entry.is_added]
    return revised + [
        revise_indicator(Declared({"id": entry.id, "order": 1000 + number}, entry.place), entry, published.standard)
        for number, entry in enumerate(added)
    ]


def check_added(kind: str, entries: Mapping[str, StandardEntry], own: Iterable[str]) -> None:
    ids = set(own)
    for entry in entries.values():
        if entry.is_added == (entry.id in ids):
            message = f"There is {'already an' if entry.is_added else 'no'} {kind} “{entry.id}”."
            hint = "Remove added." if entry.is_added else did_you_mean(entry.id, ids) + " Or write added = true."
            raise DeclarationError(message, entry.place, hint.strip())


def revise_indicator(file: Declared, entry: StandardEntry, standard: Standard) -> Declared:
    values = {key: value for key, value in file.values.items() if entry.has_formula or key not in FORMULA_FIELDS}
    if entry.is_removed:
        return Declared({**values, "removed": entry.passage}, file.place)
    passages = {"passage": entry.passage, "checked": entry.passage}
    values |= {**entry.values, **passages, "status": "verified", "source": standard.source}
    if entry.number:
        values |= {"un_number": entry.number, "un_number_status": "verified"}
    return Declared(values, file.place)


def revise_scheme(scheme: ItemScheme, published: PublishedList) -> ItemScheme:
    kind = SCHEME_KEYS.get(scheme.ref.id)
    entries = {"definition": published.definitions, "item": published.items}.get(kind or "", {})
    if not kind or not entries:
        return scheme
    check_added(kind, entries, scheme.ids)
    added = (Item(entry.id, entry.name) for entry in entries.values() if entry.is_added)
    revise = revise_definition if kind == "definition" else revise_benchmark_item
    items = [
        revise(item, entries[item.id], published.standard) if item.id in entries else item for item in (*scheme, *added)
    ]
    return replace(scheme, items=tuple(items))


def revise_definition(item: Item, entry: StandardEntry, standard: Standard) -> Item:
    if entry.is_removed:
        return replace_notes(item, {ABSENT: entry.passage})
    if not entry.text:
        return mark_verified(item, entry, standard)
    item = replace(item, description=Text())
    return mark_verified(
        replace_notes(item, {"SOURCE_KIND": "official text", "CRITERION": entry.text}), entry, standard
    )


def revise_benchmark_item(item: Item, entry: StandardEntry, standard: Standard) -> Item:
    return mark_verified(replace(item, description=entry.text or item.description), entry, standard)


def mark_verified(item: Item, entry: StandardEntry, standard: Standard) -> Item:
    item = replace(item, name=entry.name or item.name, status="verified", source=standard.source)
    passages = {PASSAGE: entry.passage, CHECKED: entry.passage}
    return replace_notes(item, {"UN_NUMBER": entry.number, **passages, "VERIFIED_PART": "", RESTS_ON: ""})


def replace_notes(item: Item, texts: Mapping[str, Text | str]) -> Item:
    new = [Annotation(kind, Text.of(en=text) if isinstance(text, str) else text) for kind, text in texts.items()]
    kept = [note for note in item.annotations if note.type not in texts]
    return replace(item, annotations=(*kept, *(note for note in new if note.text)))
