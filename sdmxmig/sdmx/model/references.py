"""References to artefacts: kinds, packages and notation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.text import read_csv_rows

KINDS = read_csv_rows(Path(__file__).with_name("kinds.csv"))
"""The kinds of artefacts and items of the SDMX information model, 2.0 to 3.1.

`order` is that of lists for readers, `tier` that of submissions to a registry; URNs cannot name `is_unnamed` kinds.
"""
PACKAGE_OF = {row["kind"]: row["package"] for row in KINDS}
PACKAGES = {name: [kind for kind in PACKAGE_OF if PACKAGE_OF[kind] == name] for name in PACKAGE_OF.values()}
ITEM_KINDS = {row["kind"]: row["items"] for row in KINDS if row["items"]}
SCHEME_BY_ITEM = {item: scheme for scheme, item in ITEM_KINDS.items()}
BASE_KINDS = {row["kind"]: row["base"] for row in KINDS if row["base"]}
NAME_PATTERN = re.compile(
    r"^(?:(?P<kind>[A-Za-z]+)=)?(?:(?P<agency>[A-Za-z][\w.-]*):)?"
    r"(?P<id>[A-Za-z0-9_@$-]+)(?:\((?P<version>[^()]+)\))?(?:\.(?P<item>.+))?$"
)


@dataclass(frozen=True, order=True)
class Ref:
    """A reference to an artefact or to one of its items.

    >>> print(Ref.parse("SDMX:CL_SEX(2.1)", kind="Codelist").urn)
    urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_SEX(2.1)
    >>> str(Ref("Concept", "SDMXMIG", id="CS_MIG", version="1.0.0-draft", item="SEX"))
    'Concept=SDMXMIG:CS_MIG(1.0.0-draft).SEX'
    """

    kind: str
    agency: str
    id: str
    version: str
    item: str = ""

    @classmethod
    def parse(cls, text: str, *, kind: str = "") -> Ref:
        """Parse a URN or its short form; omitted parts stay empty. Raises `DeclarationError` for an invalid name."""
        match = NAME_PATTERN.match(re.sub(r"^urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.", "", text.strip()))
        if not match:
            raise DeclarationError(
                f"“{text}” does not name an SDMX artefact.",
                hint="Write AGENCY:ID(VERSION), for example SDMX:CL_SEX(2.1).",
            )
        parts = {name: value or "" for name, value in match.groupdict().items()}
        parts["kind"] = parts["kind"] or kind
        return cls(**parts)

    @property
    def scheme(self) -> Ref:
        return Ref(SCHEME_BY_ITEM.get(self.kind, self.kind), self.agency, id=self.id, version=self.version)

    @property
    def short(self) -> str:
        item = f".{self.item}" if self.item else ""
        return f"{self.agency}:{self.id}({self.version}){item}"

    @property
    def urn(self) -> str:
        return f"urn:sdmx:org.sdmx.infomodel.{PACKAGE_OF[self.kind]}.{self}"

    @property
    def is_draft(self) -> bool:
        return self.version.endswith("-draft")

    def __str__(self) -> str:
        return f"{self.kind}={self.short}"
