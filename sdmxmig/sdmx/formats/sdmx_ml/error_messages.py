"""Error messages of web services."""

from __future__ import annotations

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats.faults import Faults, attempt
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_note
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part, in_lines, open_message
from sdmxmig.sdmx.model.messages import ErrorMessage
from sdmxmig.sdmx.model.submission import Note

ASK_AGAIN = "Mend what the service complains about, and ask it again."


def read_error(name: str, content: bytes, faults: Faults | None = None) -> ErrorMessage:
    """Read the errors of a service.

    Raises `InputError` with line and element, or records unknown content.
    """
    root = open_message(name, content, faults)
    if root.name != "Error":
        raise root.error("is no error message.", "An error message begins with <Error>.")
    message = ErrorMessage(tuple(root.each(note_of, "mes:ErrorMessage")), root.place)
    attempt(faults, Part.close, root)
    return message


def note_of(part: Part) -> Note:
    note = Note(part.attribute("code"), in_lines(part.words("com:Text")))
    part.close()
    return note


def write_error(message: ErrorMessage, dialect: Dialect) -> bytes:
    """Write an error message.

    Raises `SdmxmigError` for missing errors or texts and invalid characters.
    """
    if not message.errors:
        raise SdmxmigError("There is no error to tell.", hint="Give at least one code with a text.")
    root = start_message(dialect, "Error", {})
    for note in message.errors:
        add_note(root, dialect, namespace=dialect.message, name="ErrorMessage", note=note)
    return to_bytes(root)


def refusal(name: str, content: bytes) -> InputError:
    message = read_error(name, content)
    return InputError(f"A service answered with an error instead: {message}", message.place, ASK_AGAIN)
