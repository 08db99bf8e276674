"""Messages around data as trees of parts: small enough to be held as a whole."""

from __future__ import annotations

from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_ml.parts import Message, Names, Part, kept_line, opened
from sdmxmig.formats.sdmx_ml.spelling import SPELLING_21, SPELLING_30, SPELLING_31
from sdmxmig.intake.xml import parse_xml

PREFIXES = {"registry": "reg:", "message/footer": "foot:"}
FIXED = {"2.1": SPELLING_21, "3.0": SPELLING_30, "3.1": SPELLING_31}


def open_message(name: str, content: bytes, faults: Faults | None = None) -> Part:
    """The root of a message of any kind, with all that is in it; `name` is the file's, for messages.

    Raises `InputError` if it is not well formed, or no message of a version that is known.
    """
    root = parse_xml(content, name)
    folder, version, _ = opened(name, root)
    names = Names(folder)
    names.prefixes |= {f"{folder}/{part}": prefix for part, prefix in PREFIXES.items()}
    fixed = FIXED[version].fixed_versions if version in FIXED else ()
    return Part(root, Message(name, version, names=names, fixed_versions=fixed, line_of=kept_line, faults=faults))
