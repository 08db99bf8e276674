"""Office workbooks read for copying."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from lxml import etree

from sdmxmig.conversion.tables.xlsx import Relation, part, relations
from sdmxmig.io.intake.archives import Archive, open_zip
from sdmxmig.io.intake.xml import check_xml, local
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.office_copy.formulas import is_range, stays_within
from sdmxmig.reporting.outputs.office_copy.package import CopiedSheet, CopyLosses, CopySource, DefinedName, titled
from sdmxmig.reporting.outputs.office_copy.rows import TEXT, CopiedRows
from sdmxmig.reporting.outputs.office_copy.sheet import Remark, pieces, read_comments, surroundings
from sdmxmig.reporting.outputs.office_copy.styles import FIRST, StyleBook, as_part, fits, is_main, read_styles
from sdmxmig.sdmx.model.tables import Cell

RUNNING = re.compile(r"xl/(vbaProject|macrosheets|dialogsheets|embeddings|activeX|ctrlProps)")
"""Parts that do something: macros, embedded objects, controls."""
SHOWN = re.compile(
    r"xl/(media|charts|chartsheets|drawings/drawing|diagrams|slicers|timelines|pivotTables|pivotCache|richData)"
)
"""Parts that show something: pictures, charts, pivot tables."""
SOURCES = re.compile(r"(?:xl/)?(externalLinks|connections|queryTables|model/|webextensions|customXml/)")
"""Parts that say from where something is fetched."""
HOOKS = re.compile(r"(?:_xlnm\.)?auto_?(?:open|close|activate|deactivate)", re.IGNORECASE)
"""Names that programs look for to run something."""
STRINGS = re.compile(rb'(?:<si><t(?: xml:space="preserve")?+>' + TEXT + rb"</t></si>\s*+)*+")
STRING_END = b"</si>"
FIRST_STRING = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*\?>)?\s*<sst [^<>]*(?<!/)>")
LONGEST_HEAD, LONGEST_STRING = 1 << 16, 1 << 20
GONE = "#REF!"
STATES = ("hidden", "veryHidden")
TRUE = ("1", "true")


def read_office(name: str, content: bytes) -> CopySource:
    # everything is read twice, each time within the limits
    archive, again = open_zip(content, name), open_zip(content, name)
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    workbook = part(archive, main)
    linked = {relation.id: relation for relation in relations(archive, main)}
    parts: dict[str, list[etree._Element]] = {}
    for element in workbook.iter():
        if is_main(element):
            parts.setdefault(local(str(element.tag)), []).append(element)
    declared = [element for element in parts.get("sheet", ()) if kind_of(element, linked) == "worksheet"]
    names = [attributes(element).get("name", "") for element in declared]
    titles = titled(names)
    unrenamed = frozenset(title.casefold() for title, original in zip(titles, names, strict=True) if title == original)
    ranges = list(defined(parts, declared, unrenamed))
    range_names = frozenset(name.name.casefold() for name in ranges)
    losses = CopyLosses(
        running=any(map(RUNNING.match, archive.members)),
        shown=any(map(SHOWN.match, archive.members)),
        sources=any(map(SOURCES.match, archive.members)) or len(ranges) < len(list(names_with_cells(parts))),
    )
    sheets = []
    for title, original, sheet in zip(titles, names, declared, strict=True):
        member = linked[attributes(sheet)["id"]].target
        state = sheet.get("state", "") if sheet.get("state") in STATES else ""
        sheets.append(
            sheet_of(
                (archive, again), member, called=(title, original, state), names=(unrenamed, range_names), losses=losses
            )
        )
    targets = {relation.kind: relation.target for relation in linked.values()}
    properties = parts.get("workbookPr", ())
    return CopySource(
        sheets=sheets,
        styles=styles_of(archive, targets.get("styles", "")),
        losses=losses,
        names=ranges,
        theme=theme_of(archive, targets.get("theme", "")),
        strings=strings_of(archive, again, targets.get("sharedStrings", "")),
        since_1904=any(element.get("date1904") in TRUE for element in properties),
        calculates=any(element.get("fullCalcOnLoad") in TRUE for element in parts.get("calcPr", ())),
    )


def attributes(element: etree._Element) -> dict[str, str]:
    return {local(str(name)): str(value) for name, value in element.attrib.items()}


def kind_of(sheet: etree._Element, linked: dict[str, Relation]) -> str:
    relation = linked.get(attributes(sheet).get("id", ""))
    return relation.kind if relation else ""


def sheet_of(
    archives: tuple[Archive, Archive],
    member: str,
    called: tuple[str, str, str],
    names: tuple[Collection[str], Collection[str]],
    losses: CopyLosses,
) -> CopiedSheet:
    """Copy a sheet; `called` has title, name and state, `names` those of sheets and ranges."""
    archive, again = archives
    title, original, state = called
    place = Place(archive.name, original)
    around_rows = surroundings(archive.chunks(member), place, *names)
    losses.links += around_rows.links
    losses.formulas += around_rows.formulas
    targets = [relation.target for relation in relations(archive, member) if relation.kind == "comments"]
    remarks: dict[Cell, Remark] = {}
    for target in targets:
        if target in archive:
            remarks |= read_comments(archive.read(target), place)
    return CopiedSheet(
        title=title,
        original_name=original,
        place=place,
        before=around_rows.before,
        behind=around_rows.behind,
        wrapper=around_rows.wrapper,
        pieces=lambda: pieces(again.chunks(member), place),
        merged=around_rows.merged,
        state=state,
        remarks=remarks,
    )


def names_with_cells(parts: dict[str, list[etree._Element]]) -> Iterator[etree._Element]:
    return (element for element in parts.get("definedName", ()) if (element.text or "") != GONE)


def defined(
    parts: dict[str, list[etree._Element]], declared: Sequence[etree._Element], unrenamed: Collection[str]
) -> Iterator[DefinedName]:
    """Yield the names for cells of copied sheets."""
    all_sheets = parts.get("sheet", [])
    for element in names_with_cells(parts):
        name, cells, scope = element.get("name", ""), element.text or "", element.get("localSheetId")
        if HOOKS.match(name) or not is_range(cells) or not stays_within(cells, unrenamed):
            continue
        if scope is None:
            yield DefinedName(name, cells)
        elif scope.isdigit() and int(scope[:6]) < len(all_sheets) and all_sheets[int(scope)] in declared:
            yield DefinedName(name, cells, sheet=list(declared).index(all_sheets[int(scope)]))


def styles_of(archive: Archive, member: str) -> StyleBook:
    content = archive.read(member) if member in archive else FIRST
    return read_styles(content, Place(archive.name, key=member))


def theme_of(archive: Archive, member: str) -> bytes:
    if member not in archive:
        return b""
    root = part(archive, member)
    for element in root.iter():
        if any("relationships" in str(name) for name in element.attrib) or local(str(element.tag)) == "extLst":
            return b""
    return as_part(root)


def strings_of(archive: Archive, again: Archive, member: str) -> Callable[[], Iterator[bytes]] | None:
    if member not in archive:
        return None
    if not are_plain(archive.chunks(member)):
        check_xml(again.chunks(member), f"{archive.name} › {member}")
    return lambda: again.chunks(member)


def are_plain(chunks: Iterable[bytes]) -> bool:
    """Check whether all strings are written as spreadsheet programs do."""
    pending = b""
    begun = False
    for chunk in chunks:
        pending += chunk
        if not begun:
            start = FIRST_STRING.match(pending)
            if start is None:
                if len(pending) > LONGEST_HEAD:
                    return False
                continue
            begun, pending = True, pending[start.end() :]
        end = pending.rfind(STRING_END) + len(STRING_END)
        if end >= len(STRING_END):
            if not is_run(pending[:end]):
                return False
            pending = pending[end:]
        elif len(pending) > LONGEST_STRING:
            return False
    return begun and pending.strip() in (b"</sst>", b"")


def is_run(piece: bytes) -> bool:
    return fits(STRINGS, piece.lstrip())


def losses_of(name: str, content: bytes) -> CopyLosses:
    source = read_office(name, content)
    names = frozenset(name.name.casefold() for name in source.names)
    for sheet in source.sheets:
        rows = CopiedRows(sheet.place, source.titles, names=names, colours={}, restyle=source.styles.coloured)
        for _ in rows.carried(sheet.pieces(), sheet.wrapper):
            pass
        source.losses.formulas += rows.values
    return source.losses
