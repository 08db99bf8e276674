"""Sources of data (a path, bytes or an open file), and keyword arguments from request fields.

Unlike on the command line, errors name parameters, and progress is displayed only where visible.
"""

from __future__ import annotations

import functools
import inspect
import io
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Concatenate, ParamSpec, TextIO, TypeAlias, TypeVar, get_type_hints

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import open_file, read_limited
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.text import escape_invisible
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.workspace.folder import DECLARED, check_declares
from sdmxmig.workspace.requests import list_fields, write_help
from sdmxmig.workspace.tasks.messages import build_system_error

StrPath: TypeAlias = "str | os.PathLike[str]"
Source: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"
"""A path, the bytes of a file, or a file that is open in binary mode."""
ADDRESS_PATTERN = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:/+\w")
"""Prefixes of addresses, also of paths that have lost a slash."""
CONTENT_PATTERN = re.compile(r"^\s*[<{]|\n")
"""Text that cannot be a file name: the start of a message, or a second line."""


def to_path(source: StrPath) -> Path:
    """Return a path; raise `SdmxmigError` for addresses and file contents."""
    if not isinstance(source, (str, os.PathLike)):
        raise SdmxmigError(f"A path is a text or a Path, not {type(source).__qualname__}.", hint="Give a path.")
    text = os.fsdecode(source)
    if ADDRESS_PATTERN.match(text):
        hint = "Download the file and give its path, or fetch it with get or get_structures."
        raise InputError(f"“{text}” is an address, not a file.", hint=hint)
    if isinstance(source, str) and CONTENT_PATTERN.search(source):
        raise InputError("This text is not a file name.", hint="Give the content of a file as bytes: text.encode().")
    return Path(text)


def open_source(source: Source) -> tuple[str, Path | BinaryIO]:
    """Return the display name of a source, and its path or a seekable file.

    Raises `SdmxmigError` for other objects, and closed or missing files.
    """
    if isinstance(source, (str, os.PathLike)):
        path = to_path(source)
        open_file(path).close()
        return str(path), path
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "the bytes", io.BytesIO(source)
    name = getattr(source, "name", "")
    return open_stream(name if isinstance(name, str) and name else "the file", source)


def open_stream(name: str, source: object) -> tuple[str, BinaryIO]:
    """Name an open file, copying it to memory if it cannot be rewound."""
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


def find_workspace_folder(workspace: object) -> Path | None:
    """Return the folder of a workspace, given by path or `Workspace`; None without one.

    Raises `SdmxmigError` if it is not a workspace and has no declarations.
    """
    if workspace is None:
        return None
    folder = getattr(workspace, "folder", workspace)
    if not isinstance(folder, (str, os.PathLike)):
        raise SdmxmigError("A workspace is the path of a folder.", hint="Give a path, or a Workspace.")
    path = to_path(folder)
    check_declares(path)
    return path


def load_catalogue(workspace: object = None) -> Catalogue:
    """Load all declarations of a workspace and sdmxmig; shipped ones are cached."""
    folder = find_workspace_folder(workspace)
    if folder is not None and any((folder / name).is_dir() for name in DECLARED):
        return catalogue.load(folder)
    return load_shipped_catalogue()


@cache
def load_shipped_catalogue() -> Catalogue:
    """Load the declarations shipped with sdmxmig."""
    return catalogue.load()


def read_artefacts(structure: object) -> list[Artefact]:
    """Return the artefacts of structure messages, given as sources or messages."""
    if isinstance(structure, Iterable) and not isinstance(structure, (str, bytes, bytearray, io.IOBase)):
        return [artefact for member in structure for artefact in read_artefacts(member)]
    artefacts = getattr(structure, "structures", None)
    if artefacts is not None:
        return list(artefacts)
    name, source = open_source(structure)  # type: ignore[arg-type]
    return list(read_structures(*read_message(source, name)))


def find_flow(known: Catalogue, flow: object) -> Flow:
    """Return a dataflow, looked up if given by id; raise `SdmxmigError` with the nearest name."""
    if isinstance(flow, Flow):
        return flow
    if not isinstance(flow, str) or not flow:
        raise SdmxmigError(
            "Which dataflow is it?", hint='Give its id, such as "DF_POP", or a dataflow of the catalogue.'
        )
    return known.flow(flow)


def find_flow_name(flow: object) -> str:
    """Return the name of a dataflow; empty if none is given."""
    if isinstance(flow, Flow):
        return flow.dataflow.ref.short
    if not isinstance(flow, str):
        raise SdmxmigError("Give the id of a dataflow, such as DF_POP.")
    return flow


Given = ParamSpec("Given")
Made = TypeVar("Made")

OPTION_PATTERN = re.compile(
    r"(?<!\S)-(?:-(?P<name>[a-z][a-z-]+)|o)(?: (?P<value>[a-z_]+=\w+(?:\.\w+)?|[A-Z][A-Z0-9_]*|\d[\d:]*)\b)?"
)
METAVARS = frozenset({"FILE", "DIR", "FOLDER", "ID", "FORMAT", "NAME", "CODE", "TIME", "PATH"})
COMMAND_PATTERN = re.compile(
    r"\bsdmxmig (?P<task>init|convert|validate|build|package|assess|report|run)\b(?: (?P<folder>[^\s,;]*[^\s,;.]))?"
)
PARAMETER_NAMES = {"to": "format"}
OWN_PARAMETERS = {
    "derive": {"from": "first", "to": "last", "set": "parameters", "year": "years"},
    "coverage": {"list": "lists", "round": "base"},
}
"""The same by the functions that they are parameters of."""
COMMAND_LINE_ONLY = {"new-flow": "sdmxmig map WORKBOOK --new-flow ID, on the command line"}
"""Options of what Python does not do."""


class SdmxmigWarning(UserWarning):
    """A warning about a result, such as data that have changed since."""


def convert_errors(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Convert errors to `SdmxmigError` with hints that name parameters instead of options."""
    place = "output" if function.__qualname__.startswith("Workspace") else "target"
    names = {**PARAMETER_NAMES, "output": place, **OWN_PARAMETERS.get(function.__qualname__, {})}

    @functools.wraps(function)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return function(*args, **kwargs)
        except SdmxmigError as error:
            error.message, error.hint = (name_parameters(text, names) for text in (error.message, error.hint))
            error.args = (error.message,)
            raise
        except OSError as error:
            raise build_system_error(error) from error

    return asked


def name_parameters(
    text: str, names: Mapping[str, str] = MappingProxyType({**PARAMETER_NAMES, "output": "target"})
) -> str:
    """Replace options and commands in a sentence by parameters and methods.

    `names` are parameters that differ from their options.

    >>> name_parameters("Run first: sdmxmig convert work/ge")
    'Run first: Workspace("work/ge").convert()'
    >>> name_parameters("Give the structure with --structure FILE, or name another file with -o FILE.")
    'Give the structure with structure=…, or name another file with target=….'
    >>> name_parameters("Write: --linked movements=border.")
    'Write: linked={"movements": "border"}.'
    """
    text = COMMAND_PATTERN.sub(lambda match: _method(match["task"], match["folder"] or "…"), text)
    return OPTION_PATTERN.sub(lambda match: _parameter(match["name"] or "output", names, match["value"] or ""), text)


def _method(task: str, folder: str) -> str:
    return f'Workspace.create("{folder}")' if task == "init" else f'Workspace("{folder}").{task}()'


def _parameter(option: str, names: Mapping[str, str], value: str) -> str:
    if option in COMMAND_LINE_ONLY:
        return COMMAND_LINE_ONLY[option]
    name = names.get(option, option.replace("-", "_"))
    key, equals, meant = value.partition("=")
    if equals:
        return f'{name}={{"{key}": "{meant}"}}'
    return f'{name}="{value}"' if value and value not in METAVARS else f"{name}=…"


class Listener:
    """Displays progress where visible, and keeps messages; important messages become warnings."""

    def __init__(self, progress: bool | None = None) -> None:
        self.stream = choose_stream(progress)
        self.said: list[str] = []

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Show a line for each stage, with a tick once its results are in place."""
        self._show(f"{'✓' if done else '·'} {what:<10} {result}")

    def say(self, text: str) -> None:
        """Show a message; one that begins with an exclamation mark is a warning."""
        self.said.append(text)
        if text.startswith("! "):
            warnings.warn(escape_invisible(text.removeprefix("! ")), SdmxmigWarning, stacklevel=2)
        else:
            self._show(text)

    def _show(self, line: str) -> None:
        if self.stream is not None:
            print(escape_invisible(line), file=self.stream, flush=True)


def choose_stream(progress: bool | None) -> TextIO | None:
    """Return the stream for progress: below a notebook cell, or standard error of a terminal; else None."""
    if progress is False:
        return None
    if is_notebook():
        return sys.stdout
    stream = sys.stderr
    is_seen = stream is not None and stream.isatty() and not os.environ.get("CI")
    return stream if progress or is_seen else None


def is_notebook() -> bool:
    """Check whether this runs in a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


Owner = TypeVar("Owner")
Request = TypeVar("Request")


def with_choices(
    request: Callable[Given, Request],
) -> Callable[[Callable[[Request], Made]], Callable[Given, Made]]:
    """Replace a function's request parameter by the fields of the request."""

    def decorate(function: Callable[[Request], Made]) -> Callable[Given, Made]:
        signature = inspect.signature(request)

        @functools.wraps(function)
        def asked(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            signature.bind(*args, **kwargs)  # its errors do not name the record
            return function(request(*args, **kwargs))

        set_signature(asked, request)
        return asked

    return decorate


def with_method_choices(
    request: Callable[Given, Request],
) -> Callable[[Callable[[Owner, Request], Made]], Callable[Concatenate[Owner, Given], Made]]:
    """Replace a method's request parameter by the fields of the request."""

    def decorate(method: Callable[[Owner, Request], Made]) -> Callable[Concatenate[Owner, Given], Made]:
        signature = inspect.signature(request)

        @functools.wraps(method)
        def asked(self: Owner, /, *args: Given.args, **kwargs: Given.kwargs) -> Made:
            signature.bind(*args, **kwargs)
            return method(self, request(*args, **kwargs))

        set_signature(asked, request, inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD))
        return asked

    return decorate


def set_signature(function: Any, request: Any, *before: inspect.Parameter) -> None:
    """Set a function's signature and documentation from a request, after the parameters `before`."""
    hints = get_type_hints(request)
    parameters = [each.replace(annotation=hints[name]) for name, each in inspect.signature(request).parameters.items()]
    result = function.__annotations__["return"]
    function.__signature__ = inspect.Signature([*before, *parameters], return_annotation=result)
    function.__annotations__ = {**{each.name: each.annotation for each in parameters}, "return": result}
    function.__doc__ = f"{inspect.cleandoc(function.__doc__)}\n\nArgs:\n{describe_arguments(request)}"


def describe_arguments(request: type) -> str:
    """Describe the fields of a request as arguments in a docstring.

    >>> from sdmxmig.workspace.requests.tasks import ConvertRequest
    >>> print(describe_arguments(ConvertRequest).strip())
    maps: Also write the mappings as structure maps to this file (.xml or .json).
        force: Also repeat stages whose inputs have not changed.
    """
    lines = []
    for field in list_fields(request):
        default = f" Without it: {field.option.default}." if field.option.default else ""
        lines.append(f"    {field.name}: {write_help(field, '`{}`'.format)}{default}")
    return "\n".join(lines)
