"""Lenient reading of element names: wrong namespaces are resolved by local name."""

from __future__ import annotations

import re

from sdmxmig.sdmx.formats.detection import ML_NAMESPACE
from sdmxmig.sdmx.formats.sdmx_ml.parts import Names

AREAS = {"message": "mes:", "structure": "", "common": "com:"}
PREFIXES = {"m": "mes:", "mes": "mes:", "message": "mes:", "c": "com:", "com": "com:", "common": "com:"}
UNDECLARED = "undeclared:"
"""Begins the namespaces that undeclared prefixes get, so that the message can be parsed at all."""
USED, DECLARED = re.compile(rb"<([A-Za-z_][\w.-]*):"), re.compile(rb"xmlns:([A-Za-z_][\w.-]*)\s*=")
ROOT = re.compile(rb"<[A-Za-z_][^\s/>]*")
MESSAGE = ("Structures",)
COMMON = (
    *("Name", "Description", "Annotations", "Annotation", "AnnotationType", "AnnotationTitle", "AnnotationText"),
    *("AnnotationURL", "AnnotationValue"),
)
"""Elements that one namespace alone has, since SDMX 2.1."""


def declared(content: bytes) -> bytes:
    """Declare all undeclared prefixes of a message.

    >>> declared(b"<a><b:c/></a>")
    b'<a xmlns:b="undeclared:b"><b:c/></a>'
    """
    missing = sorted(set(USED.findall(content)) - set(DECLARED.findall(content)))
    root = ROOT.search(content)
    if not missing or root is None:
        return content
    more = b"".join(b' xmlns:%s="%s%s"' % (prefix, UNDECLARED.encode(), prefix) for prefix in missing)
    return content[: root.end()] + more + content[root.end() :]


class LenientNames(Names):
    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.odd: dict[str, str] = {}
        self.misspelt: dict[str, str] = {}
        self.reported: set[str] = set()
        self.is_old = folder.endswith("v2_0")

    def __missing__(self, tag: str) -> str:
        name = super().__missing__(tag)
        if not isinstance(tag, str):
            return name
        namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if namespace.startswith(UNDECLARED):
            namespace, local = "", f"{namespace.removeprefix(UNDECLARED)}:{local}"
        meant = self.meant(name, namespace, local)
        if meant != name:
            self[tag] = meant
            if ":" in local:
                self.odd[tag] = f"<{local}> has a prefix that is not declared."
            elif self.area_of(namespace) and name.startswith("{"):
                self.misspelt[tag] = namespace
            else:
                self.odd[tag] = f"<{local}> stands in the namespace “{namespace}”, where it does not belong."
        return meant

    def oddness(self, tag: str) -> str:
        self[tag]
        namespace = self.misspelt.get(tag, "")
        if not namespace or namespace in self.reported:
            return self.odd.get(tag, "")
        self.reported.add(namespace)
        return f"“{namespace}” is not spelt as the namespace of SDMX-ML is."

    def area_of(self, namespace: str) -> str:
        """The area of a namespace of SDMX-ML that is spelt otherwise, or of another version; empty if it is none."""
        match = ML_NAMESPACE.fullmatch(namespace)
        area = match["area"].lower() if match else ""
        return area if area in AREAS else ""

    def meant(self, name: str, namespace: str, local: str) -> str:
        """The name of the element that was meant, for one in a wrong namespace."""
        prefix, _, plain = local.rpartition(":")
        if prefix:
            return f"{PREFIXES.get(prefix.lower(), '')}{plain}"
        if name.startswith("{") and (area := self.area_of(namespace)):
            name = f"{AREAS[area]}{plain}"
        known = not name.startswith("{")
        if known and not self.is_old and plain in (*MESSAGE, *COMMON):
            return f"{'mes:' if plain in MESSAGE else 'com:'}{plain}"
        return name
