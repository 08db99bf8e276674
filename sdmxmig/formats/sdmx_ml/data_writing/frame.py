"""The frame of a data message: what stands before its first dataset and behind its last one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.formats.sdmx_ml.elements import start_message, to_bytes
from sdmxmig.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.model.submission import Header

if TYPE_CHECKING:
    from sdmxmig.formats.sdmx_ml.data_writing import DataMessage

END_OF_HEADER = b"</mes:Header>\n"


def message_frame(message: DataMessage, header: Header) -> tuple[bytes, bytes]:
    """The text of a message before its first dataset, and that behind its last one.

    Every structure and dataset is named in the header; what the sender says of the message stands in a footer.
    """
    dialect = message.dialect
    if message.generic:
        prefixes = {"g": dialect.generic}
    else:
        prefixes = {"ss": dialect.specific}
        prefixes |= {f"ns{use.id[1:]}": space for space, use in message.structures.items()}
    root = start_message(dialect, message.root, prefixes)
    uses = tuple(replace(use, namespace="") if message.generic else use for use in message.structures.values())
    action = message.actions[0] if len(set(message.actions)) == 1 else ""
    full_header = replace(header, structures=uses, dataset_action=action, dataset_ids=tuple(message.names))
    add_header(root, dialect, full_header, "data")
    add_footer(root, dialect, header.notes)
    before, end, after = to_bytes(root).partition(END_OF_HEADER)
    return before + end, after
