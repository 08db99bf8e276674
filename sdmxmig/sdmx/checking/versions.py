"""Rules for values that differ between versions of SDMX."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21, SDMX_30, SDMX_31, Dialect
from sdmxmig.sdmx.model.data_structures import Component

NUMBER, TEXT = "NaN", "#N/A"
"""Codes for intentionally missing numbers and texts (SDMX 3.1, technical notes)."""
NUMBERS = (
    *("BigInteger", "Integer", "Long", "Short", "Decimal", "Float", "Double", "Count"),
    *("Incremental", "InclusiveValueRange", "ExclusiveValueRange"),
)


@dataclass(frozen=True, slots=True)
class FormatVersion:
    """The rules of the SDMX version of a format: types, codes for missing values, mandatory components.

    `missing` is ``none`` (no code for missing values), ``exact`` (one code for each type) or ``any``. `old` means
    before SDMX 2.1, when some periods were written differently.
    """

    dialect: Dialect
    missing: str = "any"
    _: KW_ONLY
    old: bool = False

    def missing_words(self, component: Component) -> tuple[str, ...]:
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
"""Actions for which all mandatory components are required; other actions may omit them."""
LATEST = FormatVersion(SDMX_30)


def version_of(format_id: str) -> FormatVersion:
    return VERSIONS.get(format_id, LATEST)
