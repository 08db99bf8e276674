"""Line numbers of elements beyond the limit of the XML library."""

from __future__ import annotations

from xml.parsers import expat


def line_of_element(content: bytes, number: int) -> int:
    """Find the line of the element with this number, in a document without DOCTYPE."""
    parser = expat.ParserCreate()
    remaining = number

    def begun(_: str, __: object) -> None:
        nonlocal remaining
        remaining -= 1
        if not remaining:
            raise _FoundError(parser.CurrentLineNumber)

    parser.StartElementHandler = begun
    try:
        parser.Parse(content, True)
    except _FoundError as error:
        return error.line
    except (expat.ExpatError, ValueError):
        pass
    return 0


class _FoundError(Exception):
    """Ends the search for a line."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line
