"""SDMX data messages as tables: a sheet for each dataset, with a column for each component."""

from __future__ import annotations

import io
import re

from polars import selectors as cs

from sdmxmig.conversion.tables.readers import READERS, TableDraft, TableReader, allowance
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.inference import infer_flows
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.tables import Table

MESSAGE_START = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*"
    rb"<(?:[\w.-]+:)?(?:StructureSpecific(?:TimeSeries)?Data|Generic(?:TimeSeries)?Data|CompactData)[\s>/]",
    re.DOTALL,
)
HEAD_BYTES = 4096


def is_data_message(content: bytes) -> bool:
    is_json = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"dataSets"' in content
    return is_json or bool(MESSAGE_START.match(content[:HEAD_BYTES]))


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a data message as tables; raise `InputError` if it is malformed, too large or without observations."""
    try:
        return read_tables(name, content)
    except InputError as error:
        if error.hint:
            raise
        raise InputError(error.message, error.place, "Ask for the data again.") from None


def read_tables(name: str, content: bytes) -> tuple[Table, ...]:
    form = FORMATS[detect(name, content).format]
    flows = infer_flows(form, name, io.BytesIO(content), {}).flows
    shared = allowance()
    tables = []
    for number, dataset in enumerate(read_all(form, name, content, flows, Faults(TOLERANT)), start=1):
        frame = join_attributes(dataset).with_columns(cs.list().list.join("\n"))
        draft = TableDraft(name, f"DataSet {number}", allowance=shared)
        columns = [column for column in frame.columns if frame[column].null_count() < frame.height]
        for row, texts in enumerate((columns, *frame.select(columns).iter_rows()), start=1):
            for column, text in enumerate(texts, start=1):
                draft.add((row, column), (text or "", "text"))
        if draft.last_row > 1:
            tables.append(draft.table())
    if not tables:
        raise InputError("The message has no observations.", Place(name), "Ask for the data again.")
    return tuple(tables)


READERS.add("sdmx")(TableReader("sdmx", (".xml",), magic=b"", read=read, recognises=is_data_message))
