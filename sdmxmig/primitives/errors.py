"""User-visible errors with place and hint."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from sdmxmig.primitives.places import Place

LONG_QUOTATION = re.compile("“([^”]{200})[^”]+”")
FILE_SUFFIX = re.compile(r"\.[a-z]{2,5}$")
"""The ending of a file name; codes are in capitals."""
MIN_LIKENESS = 0.51
Request = TypeVar("Request")
Result = TypeVar("Result")


class SdmxmigError(Exception):
    """An error in a request or declaration; faults in data are findings (`Finding`).

    `others` are further errors; the first is shown.

    >>> print(SdmxmigError("There is no sheet “3”.", Place("a.xlsx"), "Its sheets are: 1, 2."))
    a.xlsx: There is no sheet “3”. Its sheets are: 1, 2.
    >>> SdmxmigError(f"There is no sheet “{'x' * 9000}”.").message == f"There is no sheet “{'x' * 200}…”."
    True
    """

    def __init__(self, message: str, place: Place | None = None, hint: str = "") -> None:
        message = LONG_QUOTATION.sub(r"“\1…”", message)
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint
        self.others: tuple[SdmxmigError, ...] = ()

    def __str__(self) -> str:
        prefix = f"{self.place}: " if self.place else ""
        return f"{prefix}{self.message} {self.hint}".rstrip()


class DeclarationError(SdmxmigError):
    """An invalid declaration, mapping, profile or workspace file."""


class InputError(SdmxmigError):
    """An unreadable or oversized input file."""


class UnknownStructure(InputError):  # noqa: N818 - the name says what is unknown
    """Data refer to an unknown structure."""


class OutputError(SdmxmigError):
    """A result cannot be written."""


class MissingLibrary(SdmxmigError):  # noqa: N818 - the name says what is missing
    """An optional or system library is missing; the hint names it."""


class OutOfMemory(SdmxmigError):  # noqa: N818 - the name says what is lacking
    """There is too little memory, because of the machine or a limit."""

    def __init__(self, place: Place | None = None) -> None:
        hint = "Close other programs, use a smaller file, or a machine with more memory."
        super().__init__("There is not enough memory.", place, hint)


MIN_MEMORY = 256 * 2**20
"""With less than this, libraries cannot be loaded."""


def lacks_memory(error: BaseException) -> bool:
    """Check whether an unexpected error is due to lack of memory, judging also by the memory left."""
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, MemoryError) or getattr(one, "errno", None) == errno.ENOMEM:
            return True
        one = one.__cause__ or one.__context__
    try:
        bytes(MIN_MEMORY)  # a bytearray would fill it: that takes 0.2 s for each refusal
    except MemoryError:
        return True
    return False


def write_pip_install(extra: str) -> str:
    """Return the command that installs an extra, quoted for any shell.

    >>> write_pip_install("web")
    'pip install "sdmxmig[web]"'
    """
    return f'pip install "sdmxmig[{extra}]"'


def apply_to_each(requests: Iterable[Request], do: Callable[[Request], Result]) -> list[Result]:
    """Process each request; the error of the first failed request includes those of the `others`."""
    results: list[Result] = []
    refused: list[SdmxmigError] = []
    for request in requests:
        try:
            results.append(do(request))
        except SdmxmigError as error:
            refused.append(error)
    if refused:
        refused[0].others = tuple(refused[1:])
        raise refused[0]
    return results


def find_nearest(name: str, known_names: Iterable[str]) -> str:
    """Return the nearest known name, or empty; a file with another suffix must have the same stem.

    >>> (find_nearest("RFE_AREA", ["FREQ", "REF_AREA"]),
    ...  find_nearest("XY", ["YU"]), find_nearest("nothere.xlsx", ["review.xlsx"]))
    ('REF_AREA', '', '')
    >>> find_nearest("stocks.xls", ["stocks.xlsx"]), find_nearest("nowhere.xlsx", ["note.txt"])
    ('stocks.xlsx', '')
    """
    stem, ending = FILE_SUFFIX.sub("", name), FILE_SUFFIX.findall(name)
    candidates = {
        known: candidate
        for candidate in known_names
        if (known := FILE_SUFFIX.sub("", candidate)) == stem or FILE_SUFFIX.findall(candidate) == ending
    }
    return next((candidates[known] for known in difflib.get_close_matches(stem, candidates, 1, MIN_LIKENESS)), "")


def did_you_mean(name: str, known_names: Iterable[str]) -> str:
    """Suggest the nearest known name, ignoring case, or list the known names.

    >>> did_you_mean("df_pop", ["DF_IMM", "DF_POP"])
    'Did you mean “DF_POP”?'
    """
    names = [candidate for candidate in known_names if candidate]
    folded = {candidate.casefold(): candidate for candidate in names}
    guess = find_nearest(name, names) or folded.get(find_nearest(name.casefold(), folded), "")
    if guess:
        return f"Did you mean “{guess}”?"
    return f"Possible values: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}." if names else ""


def check_known(kind: str, name: str, known_names: Collection[str], place: Place | None = None) -> None:
    """Reject an unknown name; raise `DeclarationError` with the nearest known one.

    >>> check_known("dataflow", "DF_POP", ["DF_IMM", "DF_POP"])
    """
    if name not in known_names:
        raise DeclarationError(f"There is no {kind} “{name}”.", place, did_you_mean(name, known_names))


def write_count(number: int, noun: str) -> str:
    """Write a number with a noun whose plural ends in s.

    >>> write_count(1, "artefact"), write_count(1200, "observation")
    ('1 artefact', '1,200 observations')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
