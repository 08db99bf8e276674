"""Sources of data: a path, bytes or an open file; others are rejected."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import open_file, read_limited
from sdmxmig.io.intake.packed import read_message
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.workspace.folder import DECLARED, check_declares

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.structures import Artefact

StrPath: TypeAlias = "str | os.PathLike[str]"
Source: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"
"""A path, the bytes of a file, or a file that is open in binary mode."""
ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:/+\w")
"""How addresses begin, also where a path has lost one of their slashes."""
CONTENT = re.compile(r"^\s*[<{]|\n")
"""Text that cannot be a file name: the start of a message, or a second line."""


def path_of(source: StrPath) -> Path:
    """A path, if it is one; raises `SdmxmigError` for an address, and for the content of a file."""
    if not isinstance(source, (str, os.PathLike)):
        raise SdmxmigError(f"A path is a text or a Path, not {type(source).__qualname__}.", hint="Give a path.")
    text = os.fsdecode(source)
    if ADDRESS.match(text):
        hint = "Download the file and give its path, or fetch it with get or get_structures, which give one."
        raise InputError(f"“{text}” is an address, and no file.", hint=hint)
    if isinstance(source, str) and CONTENT.search(source):
        raise InputError("This text is no name of a file.", hint="Give the content of a file as bytes: text.encode().")
    return Path(text)


def opened(source: Source) -> tuple[str, Path | BinaryIO]:
    """Return the display name of a source, and its path or a seekable file.

    Raises `SdmxmigError` for other objects, and closed or missing files.
    """
    if isinstance(source, (str, os.PathLike)):
        path = path_of(source)
        open_file(path).close()
        return str(path), path
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "the bytes", io.BytesIO(source)
    name = getattr(source, "name", "")
    return named_file(name if isinstance(name, str) and name else "the file", source)


def named_file(name: str, source: object) -> tuple[str, BinaryIO]:
    """An open file under a name, in memory if it cannot be rewound."""
    if not hasattr(source, "read"):
        message = (
            f"A source is a path, bytes or an open file, not {type(source).__module__}.{type(source).__qualname__}."
        )
        is_table = hasattr(source, "columns")
        hint = "Make a dataset of a table with from_pandas or from_polars." if is_table else "Give the path of a file."
        raise InputError(message, hint=hint)
    called = "This file" if name == "the file" else f"The file {name}"
    if getattr(source, "closed", False):
        raise InputError(f"{called} is closed.", hint='Open it again: open(path, "rb").')
    if isinstance(source, io.TextIOBase):
        is_memory = isinstance(source, io.StringIO)
        hint = "Give the text as bytes: text.encode()." if is_memory else 'Open it in binary mode: open(path, "rb").'
        raise InputError(f"{called} is open as text.", hint=hint)
    stream: BinaryIO = source  # type: ignore[assignment]
    can_rewind = getattr(stream, "seekable", lambda: False)()
    return name, stream if can_rewind else io.BytesIO(read_limited(stream, name))


def folder_of(workspace: object) -> Path | None:
    """Return the folder of a workspace, given by path or `Workspace`; None without one.

    Raises `SdmxmigError` if it is not a workspace and has no declarations.
    """
    if workspace is None:
        return None
    folder = getattr(workspace, "folder", workspace)
    if not isinstance(folder, (str, os.PathLike)):
        raise SdmxmigError("A workspace is the path of a folder.", hint="Give a path, or a Workspace.")
    path = path_of(folder)
    check_declares(path)
    return path


def catalogue_for(workspace: object = None) -> Catalogue:
    """Load all declarations of a workspace and sdmxmig; shipped ones are cached."""
    folder = folder_of(workspace)
    if folder is not None and any((folder / name).is_dir() for name in DECLARED):
        return catalogue.load(folder)
    return shipped_catalogue()


@cache
def shipped_catalogue() -> Catalogue:
    """Load the declarations shipped with sdmxmig."""
    return catalogue.load()


def artefacts_of(structure: object) -> list[Artefact]:
    """Return the artefacts of structure messages, given as sources or messages."""
    if isinstance(structure, Iterable) and not isinstance(structure, (str, bytes, bytearray, io.IOBase)):
        return [artefact for member in structure for artefact in artefacts_of(member)]
    artefacts = getattr(structure, "structures", None)
    if artefacts is not None:
        return list(artefacts)
    name, source = opened(structure)  # type: ignore[arg-type]
    return list(read_structures(*read_message(source, name)))


def flow_in(known: Catalogue, flow: object) -> Flow:
    """Return a dataflow by id or unchanged; raises `SdmxmigError` with the nearest name."""
    if isinstance(flow, Flow):
        return flow
    if not isinstance(flow, str) or not flow:
        raise SdmxmigError(
            "Which dataflow is it?", hint='Give its id, such as "DF_POP", or a dataflow of the catalogue.'
        )
    return known.flow(flow)


def flow_name(flow: object) -> str:
    """The name by which a dataflow is looked up; empty if none is given."""
    if isinstance(flow, Flow):
        return flow.dataflow.ref.short
    if not isinstance(flow, str):
        raise SdmxmigError("A dataflow is given by its id.", hint='Such as "DF_POP".')
    return flow
