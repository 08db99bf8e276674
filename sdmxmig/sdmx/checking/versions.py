"""What is the same in all formats, and what each version of SDMX says of the values of data."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21, SDMX_30, SDMX_31, Dialect
from sdmxmig.sdmx.model.data_structures import Component

NUMBER, TEXT = "NaN", "#N/A"
"""How values say that they are missing on purpose: a number, and anything else (SDMX 3.1, technical notes)."""
NUMBERS = (
    *("BigInteger", "Integer", "Long", "Short", "Decimal", "Float", "Double", "Count"),
    *("Incremental", "InclusiveValueRange", "ExclusiveValueRange"),
)


@dataclass(frozen=True, slots=True)
class FormatVersion:
    """What a format's version of SDMX says: its types, the words for missing values, what has to stand where.

    `missing` is ``none`` (no value of an attribute or measure says so but by its type), ``exact`` (each kind of value
    has its word) or ``any``. `old` is SDMX before
    2.1, where some periods were written otherwise.
    """

    dialect: Dialect
    missing: str = "any"
    _: KW_ONLY
    old: bool = False

    def missing_words(self, component: Component) -> tuple[str, ...]:
        """The texts that say of a component that its value is missing on purpose."""
        if self.missing == "none" or component.role not in ("measure", "attribute"):
            return ()
        if self.missing == "any":
            return (NUMBER, TEXT)
        is_number = not component.is_coded and component.data_type in NUMBERS
        return (NUMBER,) if is_number else (TEXT,)


VERSIONS = {
    "sdmx-ml-2.0": FormatVersion(SDMX_21, old=True),
    "sdmx-ml-2.1": FormatVersion(SDMX_21, "none"),
    "sdmx-ml-2.1-generic": FormatVersion(SDMX_21),
    "sdmx-ml-3.0": FormatVersion(SDMX_30, "none"),
    "sdmx-ml-3.1": FormatVersion(SDMX_31, "exact"),
    "sdmx-csv-1.0": FormatVersion(SDMX_21),
    "sdmx-json-1.0": FormatVersion(SDMX_21),
    "sdmx-csv-2.1": FormatVersion(SDMX_31),
    "sdmx-json-2.1": FormatVersion(SDMX_31),
}
WHOLE = frozenset("IR")
"""The actions of data in which what is mandatory has to stand; others leave what they do not name as it is."""
LATEST = FormatVersion(SDMX_30)


def version_of(format_id: str) -> FormatVersion:
    """What the version of a format says of values."""
    return VERSIONS.get(format_id, LATEST)
