"""Query messages of SDMX-ML 2.0 and 2.1 as short texts."""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree

from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header
from sdmxmig.sdmx.formats.sdmx_ml.parts import LANGUAGE, open_message
from sdmxmig.sdmx.model.messages import Query

OLD_ROOT = "QueryMessage"
WHERE = "Where"
NAMING = ("agencyID", "maintainableParentID", "maintainableParentVersion", "id", "version")


def read_query(name: str, content: bytes, faults: Faults | None = None) -> Query:
    """Read a query message.

    Raises `InputError` with line and element for other content.
    """
    root = open_message(name, content, faults)
    query = root.part("mes:Query")
    if query is None or not (root.name.endswith("Query") or root.name == OLD_ROOT):
        hint = "A query message begins with an element such as <CodelistQuery>, or <QueryMessage> in SDMX-ML 2.0."
        raise root.error("is no query message.", hint)
    resource = root.name.removesuffix("Query")
    if root.name == OLD_ROOT:
        kinds = [local(child).removesuffix(WHERE) for child in query.element if local(child).endswith(WHERE)]
        resource = " and ".join(dict.fromkeys(kinds))
    parameters = tuple(pair for child in query.element for pair in leaves(child, ""))
    attributes = tuple((f"@{key!s}", str(value)) for key, value in query.element.attrib.items())
    return Query(
        read_header(name, io.BytesIO(content), faults), resource, parameters=attributes + parameters, place=root.place
    )


def leaves(element: etree._Element, path_above: str) -> Iterator[tuple[str, str]]:
    """The attributes and texts in an element, each with its path."""
    path = f"{path_above}{local(element)}"
    if local(element) == "Ref":
        yield path, named(element)
        return
    for key, value in element.attrib.items():
        if key == LANGUAGE or not str(key).startswith("{"):
            yield f"{path}@{str(key).rpartition('}')[2]}", str(value)
    if not len(element):
        yield path, " ".join((element.text or "").split())
    for child in element:
        yield from leaves(child, f"{path}/")


def named(element: etree._Element) -> str:
    agency, parent, parent_version, named_id, version = (str(element.get(name, "")) for name in NAMING)
    artefact, stated_version = (parent, parent_version) if parent else (named_id, version)
    short = f"{agency}:{artefact}" if agency else artefact
    short += f"({stated_version})" if stated_version else ""
    return f"{short}.{named_id}" if parent else short


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
