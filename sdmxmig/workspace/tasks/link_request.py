"""Requests for record linkage."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.io.network.secrets import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.engines import DUCKDB, SPARK
from sdmxmig.records.linkage.declaration import LinkageRules, rules_of
from sdmxmig.workspace.tasks.record_statements import digest

DECLARATION = ("linkage", "persons.toml")
SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
ROW, RECORD, HASH = "row", "record", "hash"
LINKING_ENGINES = (DUCKDB, SPARK)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A linkage request: identities by source.

    `day` is the date of records; `sample` the number of pairs for clerical review.
    """

    files: Mapping[str, Path]
    secret: Secret
    _: KW_ONLY
    day: date | None = None
    declaration: Path | None = None
    engine: str = DUCKDB
    memory: str = "4GB"
    master: str = "local[2]"
    slices: int = 1
    sample: int = 0
    shown_as: str = ROW


def check_request(request: LinkRequest) -> None:
    """Refuse what cannot be asked."""
    if not request.files:
        raise SdmxmigError("No identities are named.", hint="Name a file: --identities register=register.csv.")
    for source in request.files:
        if not SOURCE_NAME.fullmatch(source):
            raise SdmxmigError(f"“{source}” cannot be the name of a source.", hint="Use letters and digits.")
    if len({digest(path) for path in request.files.values()}) < len(request.files):
        raise SdmxmigError("One file is named as two sources.", hint="Name the file of each source.")
    if request.engine not in LINKING_ENGINES:
        hint = f"Name {' or '.join(LINKING_ENGINES)}."
        raise SdmxmigError(f"“{request.engine}” does not link records.", hint=hint)
    if not 1 <= request.slices <= 200:
        raise SdmxmigError(f"{request.slices} slices cannot be made.", hint="Ask for 1 to 200.")
    if request.sample < 0:
        raise SdmxmigError(f"{request.sample} pairs cannot be drawn.", hint="Ask for 0 (no sample) or more.")
    if request.shown_as not in (ROW, RECORD, HASH):
        hint = f"Name {', '.join((ROW, RECORD, HASH))}."
        raise SdmxmigError(f"“{request.shown_as}” is no way to name records of a sample.", hint=hint)


def declared(path: Path | None) -> LinkageRules:
    file = path or shipped("structures").joinpath(*DECLARATION)
    return rules_of(file.name, file.read_bytes())


def stamp(request: LinkRequest, key: bytes) -> str:
    parts = [f"{source}={digest(path)}" for source, path in request.files.items()]
    declaration = request.declaration or shipped("structures").joinpath(*DECLARATION)
    parts += [request.day.isoformat()] if request.day else []
    return hash_of(*parts, digest(declaration), hashlib.sha256(b"key" + key).hexdigest())


def fingerprint(request: LinkRequest, key: bytes) -> str:
    return hash_of(stamp(request, key), str(request.slices), request.engine)


def hash_of(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
