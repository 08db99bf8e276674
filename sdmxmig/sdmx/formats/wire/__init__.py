"""How the records of structures are spelt: one table for SDMX-ML and SDMX-JSON, which the walkers of both go through.

A row is one field of a record: its name, its form, and what SDMX-ML and SDMX-JSON call it. Walkers read and write
record after record, row after row, in the order of the rows, which is that of the schemas of SDMX-ML. What no row takes
is refused by the parts of a message. A new field of SDMX is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from enum import Enum, auto
from typing import Any

from sdmxmig.sdmx.model.references import Ref

CONTENT = "."
"""What SDMX-ML calls the text of an element itself."""
WITHIN = "*"
"""What stands among the other fields of a record, without a name of its own."""
OLDEST, NEWEST = "2.0", "9"
"""Before and after all versions of SDMX."""
SDMX_OF = {"1.0": "2.1", "2.0": "3.0", "2.1": "3.1"}
"""The version of SDMX with which each version of SDMX-JSON goes."""


class Form(Enum):
    """The type of a field, which decides how it is read and written."""

    # Texts.
    ID = auto()
    LOCAL = auto()
    """The id or path of something inside the same artefact."""
    LOCALS = auto()
    PARENT = auto()
    TEXT = auto()
    TEXTS = auto()
    ONE_TEXT = auto()
    """The only one of several texts that the model can have."""
    NUMBER = auto()
    PERIOD = auto()
    ADDRESS = auto()
    SHAPED = auto()
    """A text that has a shape of its own in the schemas, which `pattern` names."""
    NAME = auto()
    """Texts by language, for which the id stands in."""
    WORDS = auto()

    # Words that are chosen, truth values, dates.
    CHOICE = auto()
    WORD = auto()
    """A choice that is checked in both directions."""
    FIXED = auto()
    """A word that is always the same, so that the model does not keep it."""
    PASSED_OVER = auto()
    """What may stand there and is not kept; its default, if it has one, is written."""
    FLAG = auto()
    MAYBE = auto()
    """A truth value that may be left open."""
    EITHER = auto()
    """A truth value, said by two words."""
    TRUTH = auto()
    """A truth value that the model keeps as a text."""
    EMPTY = auto()
    """An element that says all by being there."""
    MOMENT = auto()
    VALIDITY = auto()
    """A date that SDMX-ML has as it is."""

    # Notes, and references to artefacts and items.
    NOTES = auto()
    MINOR_NOTES = auto()
    """The notes on what has no field for links, so that these are notes too."""
    NO_NOTES = auto()
    """Notes that have no place in the model."""
    REFERENCE = auto()
    REFERENCES = auto()
    TARGETS = auto()
    """URNs as texts, perhaps with wildcards."""

    # Records inside of records.
    PART = auto()
    PARTS = auto()
    ONE_PART = auto()
    """The only one of several parts that the model can have."""
    EACH = auto()
    """Parts of which a lenient reading leaves out those that it cannot read."""
    OLD_EACH = auto()
    """Parts of which a lenient reading of SDMX-JSON 1.0 leaves out those that it cannot read."""
    SECTION = auto()
    """Fields of the same record in an element of their own."""
    INSIDE = auto()
    """A part that stands in another one, by the path of both."""
    PAIR = auto()
    PAIRS = auto()

    # From here on forms that are made for one kind of record each: hierarchies and maps,
    CODING_FORMAT = auto()
    CODE_OF_HIERARCHY = auto()
    LEVEL_OF_CODE = auto()
    SIDES = auto()
    SCHEME = auto()
    TIME_MAPS = auto()
    MAPPED_COMPONENTS = auto()
    MAPPED_FREQUENCIES = auto()
    FIXED_COMPONENT = auto()

    # item schemes,
    ITEMS = auto()
    CORE = auto()
    OWN = auto()
    """The properties that only one kind of scheme or item has."""
    CONTACT_DETAILS = auto()
    SELECTION = auto()

    # data and metadata structures,
    COMPONENTS = auto()
    COMPONENT_LIST = auto()
    COMPONENT_ID = auto()
    COMPONENT_NOTES = auto()
    POSITION = auto()
    REPRESENTATION = auto()
    METADATA_REPRESENTATION = auto()
    RELATIONSHIP = auto()
    DIMENSIONS = auto()
    OCCURRENCES = auto()
    TARGET_OBJECTS = auto()

    # constraints,
    ROLE = auto()
    """A word that also SDMX-ML checks; the first choice is meant where neither a field nor a note says another."""
    CASCADE = auto()
    ALWAYS_INCLUDED = auto()
    COUNTS = auto()
    ATTACHMENT = auto()
    MEMBERS = auto()
    MEMBERS_IN_KEY = auto()
    OBJECT = auto()
    BOUNDS = auto()

    # and dialogues with registries.
    ACTION = auto()
    MESSAGES = auto()
    ARTEFACTS = auto()
    SOURCES = auto()
    ABOUT = auto()
    FOUND = auto()
    EVENTS = auto()


Key = type | str
"""What a table is of: a record, or a kind of artefact."""


LISTS = (
    *(Form.TEXTS, Form.LOCALS, Form.REFERENCES, Form.TARGETS, Form.PARTS, Form.EACH, Form.OLD_EACH, Form.TIME_MAPS),
    *(Form.ITEMS, Form.MEMBERS),
)
"""The forms of which SDMX-JSON has arrays."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a record: its name and form, and how it is called in SDMX-ML (element, or @attribute) and SDMX-JSON.

    SDMX-JSON has the names of SDMX-ML with a small first letter, lists in the plural; `json` where it does otherwise.
    `only` is the family for which the row is, if it is for one only; `optional_in` the one whose
    reader does not ask for what is `required`.

    `of` is what parts are, `kinds` are those that a reference may name; the first is meant where SDMX 2.1 does not say.
    `stub` is the kind that an artefact names which is only a stub and does not say what, `together` the field that has
    to be there if this one is. `what` is said of a text that cannot stand there, `needed` and `lost` (what, and a hint)
    when it is missing, or cannot be said in the version; in braces they may name fields of the record. `always` are the
    families that write a flag also if it is false, `choices` the words of a choice. `unique` is said of values
    of which one stands twice. `note` is the type of the annotation that carries the value where the version has no
    place for it.
    `where` is the field of parts, and its value (or whether it has one), of those that are called so; several rows may
    hold the parts of one field. `common` is the last version whose elements are of the common namespace.
    """

    name: str
    form: Form
    _: KW_ONLY
    ml: str = ""
    json: str = ""
    only: str = ""
    of: Key = ""
    kinds: tuple[str, ...] = ()
    pattern: str = "ID"
    what: str = ""
    required: bool = False
    optional_in: str = ""
    stub: str | None = None
    together: str = ""
    needed: tuple[str, str] = ("", "")
    lost: tuple[str, str] = ("", "")
    always: tuple[str, ...] = ()
    default: str = ""
    choices: tuple[str, ...] = ()
    unique: str = ""
    note: str = ""
    where: tuple[str, str | bool] = ("", "")
    common: str = ""
    since: str = OLDEST
    until: str = NEWEST

    def called(self, family: str) -> str:
        """What a family (``ml`` or ``json``) calls the field; empty if the row is not for it."""
        if self.only not in ("", family):
            return ""
        if family == "ml" or self.json or not self.ml:
            return self.ml if family == "ml" else self.json
        name = self.ml.removeprefix("@").removeprefix("com:")
        return f"{name[0].lower()}{name[1:]}{'s' if self.form in LISTS else ''}"

    def is_in(self, version: str) -> bool:
        """Whether a version of SDMX has this field under this name."""
        return self.since <= version <= self.until

    @property
    def implied(self) -> dict[str, Any]:
        """The fields of parts that the name of their element or member says."""
        return {self.where[0]: self.where[1]} if self.where[1] and self.where[1] is not True else {}

    def holds(self, part: Any) -> bool:
        """Whether a part is called as this row has it."""
        name, value = self.where
        return not name or getattr(part, name) == value or bool(getattr(part, name)) is value


Shape = tuple[Field, ...]
SEVERAL = (
    *(Form.CODING_FORMAT, Form.TIME_MAPS, Form.MAPPED_COMPONENTS, Form.FIXED_COMPONENT, Form.FOUND),
    *(Form.SECTION, Form.PASSED_OVER, Form.COMPONENTS, Form.COMPONENT_NOTES, Form.POSITION, Form.REPRESENTATION),
    *(Form.RELATIONSHIP, Form.DIMENSIONS, Form.OCCURRENCES, Form.METADATA_REPRESENTATION, Form.NO_NOTES),
    *(Form.CORE, Form.FIXED, Form.SELECTION, Form.ATTACHMENT, Form.BOUNDS),
)
"""The forms that are several fields of a record at once."""
Shapes = Mapping[Any, Shape]


def rows(shapes: Shapes, key: Key, *, family: str, version: str = "") -> Shape:
    """The fields that a family (``ml`` or ``json``) has in a version of SDMX, or in any, in their order."""
    fitting = (row for row in shapes[key] if row.called(family) and (not version or row.is_in(version)))
    if family == "json":
        return tuple(replace(row, json=row.called(family)) for row in fitting)
    return tuple(replace(row, ml=f"com:{row.ml}") if version and version <= row.common else row for row in fitting)


def without_place(shapes: Shapes, key: Key, *, family: str, version: str) -> Shape:
    """The fields for which a family has no place in a version."""
    spelt_names = {row.name for row in rows(shapes, key, family=family, version=version)}
    return tuple({row.name: row for row in shapes[key] if row.name not in spelt_names}.values())


def absent_reference(row: Field) -> Ref | None:
    """The reference of a field that is absent: none, or in a stub one without a name."""
    return None if row.stub is None else Ref(row.stub, "", id="", version="")


def about(text: str, record: Any) -> str:
    """A text in which braces stand for fields of a record."""
    return text.format_map(_Fields(record)) if "{" in text else text


class _Fields(dict[str, Any]):
    """The fields of a record by name."""

    def __init__(self, record: Any) -> None:
        super().__init__()
        self.record = record

    def __missing__(self, name: str) -> Any:
        return getattr(self.record, name)


NAME = Field("name", Form.NAME, ml="com:Name")
DESCRIPTION = Field("description", Form.WORDS, ml="com:Description")
NOTES = Field("annotations", Form.NOTES, ml="Annotations")
MINOR_NOTES = Field("annotations", Form.MINOR_NOTES, ml="Annotations")
