"""Targets of reference metadata in SDMX-CSV: an artefact type and a name instead of a URN."""

from __future__ import annotations

import re

from sdmxmig.sdmx.model.references import ITEM_KINDS, PACKAGE_OF

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.(?P<kind>[A-Za-z]+)=(?P<name>.+)", re.DOTALL)
NAME = re.compile(
    r"(?P<holder>(?:[A-Za-z][\w.\-]*|\*):(?:[A-Za-z0-9_@$\-]+|\*))(?P<version>\((?:[0-9][0-9A-Za-z.+\-]*|\*)\))?"
    r"(?P<item>\.[A-Za-z0-9_@$\-.*]+)?",
    re.ASCII,
)
SCHEME_OF = {item: scheme for scheme, item in ITEM_KINDS.items()}
KIND_OF = {kind.lower(): kind for kind in PACKAGE_OF}
UNVERSIONED = "(1.0)"
"""The version of unversioned artefacts."""


def target_of(type_: str, name: str) -> str:
    """Build the URN of a target; items are named by the type of their scheme or by their own.

    >>> target_of("categoryscheme", "A:CS(1.0).X.Y")
    'urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=A:CS(1.0).X.Y'

    Raises `ValueError` for an unknown type, and for what is no name.
    """
    kind = KIND_OF.get(type_.strip().lower())
    match = NAME.fullmatch(name.strip())
    if kind is None or match is None:
        raise ValueError(type_ if kind is None else name)
    if match["item"]:
        kind = ITEM_KINDS.get(kind, kind)
    version = match["version"] or UNVERSIONED
    return f"urn:sdmx:org.sdmx.infomodel.{PACKAGE_OF[kind]}.{kind}={match['holder']}{version}{match['item'] or ''}"


def named(urn: str) -> tuple[str, str]:
    """Split a URN into the type and name of a target.

    >>> named("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:DF(1.0.0)")
    ('dataflow', 'A:DF(1.0.0)')

    Raises `ValueError` for a URN that they would not give back.
    """
    match = URN.fullmatch(urn)
    if match is None:
        raise ValueError(urn)
    kind = SCHEME_OF.get(match["kind"], match["kind"])
    type_and_name = (kind.lower(), match["name"])
    if target_of(*type_and_name) != urn:
        raise ValueError(urn)
    return type_and_name
