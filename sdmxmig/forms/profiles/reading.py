"""Reading of profiles: forms by hidden keys, and ``profile.toml``.

``[items.A01]``, ``[indicators.IMM_RATE.L01]``, ``[inventory.H01.S06]``, ``[products.X.P04]``, ``[actions.X.R05]``,
``[comments.X.O01]``, ``[abbreviations.X.W01]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, Answer, Profile, Scale
from sdmxmig.forms.cells import FilledCell, parse_choice, read_cells, read_sheet_mark
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW, AnswerCells, decode_text
from sdmxmig.forms.profiles.plan import BLOCK_KINDS, QuestionPlan
from sdmxmig.forms.profiles.profile_content import PlacedText, WrittenAnswer, WrittenProfile, build_profile
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import FindingCollector, Findings
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Table

MAX_NAMED = 8


def read_form(tables: Sequence[Table], asked: QuestionPlan) -> tuple[Profile, Findings, AnswerCells]:
    """Read a form into a profile, errors, and cells of items; moved rows are reported but not read."""
    collector = FindingCollector(ASSESSMENT_FLOW, asked.rules)
    reader = FormReader(tables, asked, collector)
    profile = build_profile(reader.read(), asked, collector)
    return profile, Findings(tuple(collector.findings)), reader.cells


class FormReader:
    def __init__(self, tables: Sequence[Table], asked: QuestionPlan, collector: FindingCollector) -> None:
        self.asked, self.collector = asked, collector
        self.place = Place(tables[0].file if tables else "")
        self.cells: dict[tuple[str, str], Place] = {}
        self.sheets = self.marked(tables)
        if not self.sheets:
            hint = "Make one with: sdmxmig profile form"
            raise InputError("This workbook is not a profile form.", self.place, hint)
        control = self.sheets.get(keys.CONTROL)
        lines = [(control.text(row, 2), control.text(row, 3)) for row in sorted(control.rows)] if control else []
        self.language = dict(lines).get("language", "en")
        if dict(lines).get("format", keys.FORMAT_VERSION) != keys.FORMAT_VERSION:
            hint = "Make a new form, and copy the answers into its yellow cells."
            raise InputError("This is a form of another release.", self.place, hint)
        self.heads = {name: text for name, text in lines if name in keys.READ_FIELDS}
        self.expected = [(sheet, key) for sheet, key in lines if keys.parsed(key)]

    def marked(self, tables: Sequence[Table]) -> dict[str, Table]:
        sheets: dict[str, Table] = {}
        for table in tables:
            mark = read_sheet_mark(table, keys.FORM_MARK)
            if mark in sheets:
                self.collector.add(RuleId.FORM_PART_GONE, [table.place(1, 1)], said=table.sheet, what="twice")
            elif mark:
                sheets[mark] = table
        return sheets

    def read(self) -> WrittenProfile:
        written = WrittenProfile(place=self.place)
        written.facts = dict(self.facts())
        written.sources = list(self.sources())
        if keys.CONTROL not in self.sheets:
            self.collector.add(RuleId.FORM_PART_GONE, [self.place], said=keys.CONTROL)
        for sheet in dict.fromkeys([*(name for name, _ in self.expected), *self.sheets]):
            if sheet in self.sheets:
                reader = SheetReader(self.sheets[sheet], self)
                written.entries += reader.entries()
                self.report_missing(sheet, reader.returned)
            else:
                self.collector.add(RuleId.FORM_PART_GONE, [self.place], said=sheet)
        return written

    def report_missing(self, sheet: str, returned: Counter[str]) -> None:
        missing_keys = [key for name, key in self.expected if name == sheet and key not in returned]
        if missing_keys:
            named = [" ".join(filter(None, read_shown_key(key))) for key in missing_keys[:MAX_NAMED]]
            more = f" … (+{len(missing_keys) - MAX_NAMED})" if len(missing_keys) > MAX_NAMED else ""
            place = Place(self.sheets[sheet].file, self.sheets[sheet].sheet)
            self.collector.add(RuleId.FORM_PART_GONE, [place], said=", ".join(named) + more)

    def facts(self) -> Iterator[tuple[str, PlacedText]]:
        table = self.sheets.get(keys.ABOUT)
        for row, key in iterate_keyed_rows(table) if table else ():
            if table and key.kind == keys.FACT:
                yield key.name, PlacedText(table.text(row, 3).strip(), table.place(row, 3))

    def sources(self) -> Iterator[tuple[PlacedText, PlacedText]]:
        table = self.sheets.get(keys.SOURCES)
        if table is None:
            self.collector.add(RuleId.FORM_PART_GONE, [self.place], said=keys.SOURCES)
            return
        columns = find_columns(table)
        names = [name for name in (keys.ID, keys.CITATION) if name not in columns]
        if names:
            self.collector.add(RuleId.FORM_PART_GONE, [Place(table.file, table.sheet)], said=", ".join(names))
            return
        head = find_header_row(table)
        for row in sorted(row for row in table.rows if row > head):
            cells = [(row, columns[name]) for name in (keys.ID, keys.CITATION)]
            key, citation = (PlacedText(table.text(*cell).strip(), table.place(*cell)) for cell in cells)
            if key.text or citation.text:
                yield key, citation


class SheetReader:
    def __init__(self, table: Table, form: FormReader) -> None:
        self.table, self.form = table, form
        self.cells = read_cells(table)
        self.columns = find_columns(table)
        self.returned: Counter[str] = Counter()
        self.slots: dict[str, PlacedText] = {}

    def entries(self) -> Iterator[WrittenAnswer]:
        if not any(key.kind == keys.ITEM for _, key in iterate_keyed_rows(self.table)):
            return
        self.drop_exchanged()
        missing_columns = [name for name in keys.READ_FIELDS if name not in self.columns]
        if missing_columns:
            self.form.collector.add(
                RuleId.FORM_PART_GONE, [Place(self.table.file, self.table.sheet)], said=", ".join(missing_columns)
            )
        by_row, head = dict(iterate_keyed_rows(self.table)), find_header_row(self.table)
        for row in sorted(row for row in self.table.rows if row > head):
            key = by_row.get(row)
            if key is None:
                self.report_outside(row)
            elif key.kind == keys.SUBJECT:
                self.slots |= {slot: self.part(row, keys.ID) for name, slot in key.pairs if name == keys.SLOT}
            elif key.kind == keys.ITEM:
                self.returned[str(key)] += 1
                yield from self.entry(row, key)

    def drop_exchanged(self) -> None:
        row = find_header_row(self.table)
        for name, column in list(self.columns.items()) if row > 1 else ():
            head, expected = self.table.text(row, column).strip(), self.form.heads.get(name, "")
            if expected and head != expected:
                self.form.collector.add(
                    RuleId.FORM_ROW_MOVED, [self.table.place(row, column)], said=head, expected=expected
                )
                del self.columns[name]

    def report_outside(self, row: int) -> None:
        parts = [self.part(row, name) for name in (keys.ANSWER, keys.PRACTICE) if name in self.columns]
        written = next((part for part in parts if part.text), None)
        if written:
            self.form.collector.add(RuleId.ANSWER_OUTSIDE_FORM, [written.place], said=written.text)

    def entry(self, row: int, key: keys.CellKey) -> Iterator[WrittenAnswer]:
        """Yield the answer of a row, unless the row was separated from its key."""
        shown_id = self.part(row, keys.ID)
        if shown_id.text and shown_id.text != key.name:
            self.form.collector.add(RuleId.FORM_ROW_MOVED, [shown_id.place], said=shown_id.text, expected=key.name)
            return
        pairs = dict(key.pairs)
        slot = self.slots.get(pairs.get(keys.SLOT, ""))
        subject = slot.text if slot else pairs.get(keys.OF, COUNTRY_CODE)
        parts = {name: self.part(row, name) for name in keys.READ_FIELDS}
        practice, question = parts[keys.PRACTICE].text, parts[keys.QUESTION].text
        places = {name: part.place for name, part in parts.items()}
        if self.form.asked.scale(key.name) is None and not parts[keys.ANSWER].text:
            places[keys.ANSWER] = places[keys.PRACTICE]
        self.form.cells[key.name, subject] = places[keys.ANSWER]
        answer = Answer(
            key.name,
            read_code(self.form.asked.scale(key.name), parts[keys.ANSWER].text),
            evidence=parse_choice(parts[keys.EVIDENCE].text),
            quoted=parts[keys.QUOTED].text,
            practice=decode_text(practice, self.form.language) if practice else Text(),
            question=decode_text(question, self.form.language) if question else Text(),
            sources=tuple(
                source.strip() for source in parts[keys.CITED].text.replace(",", ";").split(";") if source.strip()
            ),
            subject=subject,
        )
        if not answer.is_empty:
            places |= {keys.ID: shown_id.place, keys.OF: slot.place if slot else shown_id.place}
            yield WrittenAnswer(kind=self.kind_of(key.name), answer=answer, places=places)

    def kind_of(self, item: str) -> str:
        return next((kind for kind, items in self.form.asked.about.items() if item in items), "")

    def part(self, row: int, name: str) -> PlacedText:
        column = self.columns.get(name)
        if column is None:
            return PlacedText("", Place(self.table.file, self.table.sheet))
        place = self.table.place(row, column)
        cell: FilledCell | None = self.cells.get((row, column))
        if cell and (cell.kind == "error" or (cell.formula and not cell.text)):
            self.form.collector.add(RuleId.ERROR_AS_ANSWER, [place], said=cell.text)
            return PlacedText("", place)
        return PlacedText(cell.text.replace("\r\n", "\n").strip() if cell else "", place)


def iterate_keyed_rows(table: Table) -> Iterator[tuple[int, keys.CellKey]]:
    for row in sorted(table.rows):
        key = keys.parsed(table.text(row, 1))
        if key and row > 1:
            yield row, key


def find_columns(table: Table) -> dict[str, int]:
    keys_by_column = {column: keys.parsed(text) for column, text in table.rows.get(1, {}).items()}
    return {key.name: column for column, key in keys_by_column.items() if key and key.kind == keys.COLUMN}


def find_header_row(table: Table) -> int:
    return next((row for row, key in iterate_keyed_rows(table) if key.kind == keys.HEAD), 1)


def read_code(scale: Scale | None, text: str) -> str:
    """Return the code in a cell, given as code or label; otherwise its text.

    >>> read_code(Scale("YN", (("Y", Text.of(en="Yes", fr="Oui")),), points=()), "oui")
    'Y'
    """
    if scale is None:
        return text
    codes = {code.casefold(): code for code, _ in scale.labels}
    for candidate in (text, parse_choice(text)):
        if candidate.casefold() in codes:
            return codes[candidate.casefold()]
    labels = [code for code, label in scale.labels if text.casefold() in {name.casefold() for _, name in label}]
    return labels[0] if len(labels) == 1 else text


def read_shown_key(text: str) -> tuple[str, ...]:
    """Return the item and subject of a hidden key.

    >>> read_shown_key("item;L01;subject=IMM_RATE")
    ('L01', 'IMM_RATE')
    """
    key = keys.parsed(text)
    return (key.name, *(value for _, value in key.pairs)) if key else (text,)


def read_profile(name: str, content: bytes, asked: QuestionPlan) -> Profile:
    profile, findings = read_file(name, content, asked)
    for finding in findings.items:
        if finding.severity == "error":
            raise DeclarationError(finding.sentence(), finding.place, finding.remedy())
    return profile


def read_file(name: str, content: bytes, asked: QuestionPlan) -> tuple[Profile, Findings]:
    collector = FindingCollector(ASSESSMENT_FLOW, asked.rules)
    written = FileReader(collector).read(Declared.parse(name, content))
    profile = build_profile(written, asked, collector)
    return profile, Findings(tuple(collector.findings))


class FileReader:
    def __init__(self, collector: FindingCollector) -> None:
        self.collector = collector

    def read(self, declared: Declared) -> WrittenProfile:
        written = WrittenProfile(place=declared.place)
        for name in (keys.AREA, keys.YEAR, keys.SIGNED_OFF):
            written.facts[name] = PlacedText("", declared.at(name))
            with self.reporting_refusals():
                written.facts[name] = PlacedText(declared.text(name, ""), declared.at(name))
        with self.reporting_refusals():
            sources = declared.table("sources")
            at = sources.at
            written.sources = [
                (PlacedText(key, at(key)), PlacedText(text, at(key))) for key, text in sources.pairs().items()
            ]
        with self.reporting_refusals():
            written.entries += self.entries(declared.table("items"), "", COUNTRY_CODE)
        for table, kind in BLOCK_KINDS.items():
            with self.reporting_refusals():
                subjects = declared.table(table)
                for key in subjects.values:
                    with self.reporting_refusals():
                        written.entries += self.entries(subjects.table(key), kind, key)
        with self.reporting_refusals():
            declared.close()
        return written

    @contextmanager
    def reporting_refusals(self) -> Iterator[None]:
        try:
            yield
        except DeclarationError as error:
            places = [error.place] if error.place else []
            self.collector.add(RuleId.UNREADABLE_PART, places, said=error.message, remedy=error.hint)

    def entries(self, declared: Declared, kind: str, subject: str) -> Iterator[WrittenAnswer]:
        for key in declared.values:
            with self.reporting_refusals():
                yield self.entry(declared.table(key), (kind, subject, key), declared.place)

    @staticmethod
    def entry(declared: Declared, address: tuple[str, str, str], above: Place) -> WrittenAnswer:
        """Read the answer to an item about the subject `above`."""
        kind, subject, item = address
        names = {keys.ANSWER: "answer", keys.EVIDENCE: "evidence", keys.CITED: "sources"}
        places = {name: declared.at(key) for name, key in names.items()}
        answer = Answer(
            item,
            declared.text("answer", ""),
            evidence=declared.text("evidence", ""),
            quoted=declared.text("quoted", ""),
            practice=declared.texts("practice"),
            question=declared.texts("question"),
            sources=declared.strings("sources"),
            subject=subject,
        )
        declared.close()
        return WrittenAnswer(kind=kind, answer=answer, places={**places, keys.ID: declared.place, keys.OF: above})
