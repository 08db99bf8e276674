"""OpenDocument workbooks: .ods and .fods."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.conversion.tables.ods_content import OdsContent
from sdmxmig.conversion.tables.ods_styles import OdsStyles
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.conversion.tables.workbook_xml import feed
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive, open_zip
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

MEMBER, STYLES, LIST, TYPE = "content.xml", "styles.xml", "META-INF/manifest.xml", "mimetype"
SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
HEAD = 16_384
DAMAGED = "Open it in a spreadsheet program and save it again."


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones.

    Raises `InputError` for damaged, encrypted or oversized files.
    """
    archive = open_zip(content, name)
    kind = archive.read(TYPE) if TYPE in archive else SPREADSHEET
    if not kind.startswith(SPREADSHEET):
        hint = "Copy its table into a workbook and save that."
        raise InputError("This is an OpenDocument file, but no workbook.", Place(name), hint)
    if LIST in archive and b"encryption-data" in archive.read(LIST):
        raise InputError("The workbook is protected by a password.", Place(name), "Save it without a password.")
    styles = OdsStyles()
    if STYLES in archive:
        feed(f"{name} › {STYLES}", archive.chunks(STYLES), OdsContent(name, styles))
    return tables_of(name, f"{name} › {MEMBER}", archive.chunks(MEMBER), styles)


def read_flat(name: str, content: bytes) -> tuple[Table, ...]:
    return tables_of(name, name, [content], OdsStyles())


def tables_of(name: str, part: str, pieces: Iterable[bytes], styles: OdsStyles) -> tuple[Table, ...]:
    content = OdsContent(name, styles)
    feed(part, pieces, content)
    if not content.tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), DAMAGED)
    return tuple(content.tables)


def recognises(content: bytes) -> bool:
    try:
        archive: Archive = open_zip(content, "")
        return MEMBER in archive
    except InputError:
        return False


def recognises_flat(content: bytes) -> bool:
    return content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and SPREADSHEET in content[:HEAD]


READERS.add("ods")(TableReader("ods", (".ods", ".ots"), magic=ZIP_MAGIC, read=read, recognises=recognises))
READERS.add("fods")(TableReader("fods", (".fods",), magic=b"", read=read_flat, recognises=recognises_flat))
