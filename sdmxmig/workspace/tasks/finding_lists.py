"""Findings by page, validation reports in chosen files, and the choice between overlapping tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec

from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.io.intake.files import open_file
from sdmxmig.io.publishing.files import open_result, publish_file
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.finding_reports import FindingReport, Validation, choose_report
from sdmxmig.reporting.outputs.findings_json import read_finding, read_pairs, read_verdict
from sdmxmig.reporting.outputs.findings_lines import DOCUMENT, FILE_NAME, RECORD_FIELD, read_counts, read_unlisted
from sdmxmig.sdmx.model.data import Dataset, DroppedCode, TableMapping
from sdmxmig.sdmx.model.findings import Finding, Findings, UnlistedFindings, Verdict
from sdmxmig.workspace.folder import OWN_FOLDERS
from sdmxmig.workspace.tasks.mapping_files import load_mappings
from sdmxmig.workspace.tasks.progress_listener import ProgressListener
from sdmxmig.workspace.tasks.session import Session

FILTER_FIELDS = ("severity", "level", "rule", "flow", "state", "justified")
UNJUSTIFIED_FILTER = {"severity": "warning", "justified": "no"}
SEVERITY_ORDER = {"error": 0, "warning": 1, "information": 2}
INCOMPLETE_ERRORS = (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Page:
    findings: tuple[Finding, ...]
    _: KW_ONLY
    chosen: int


class ListedFinding(msgspec.Struct, kw_only=True, rename={"kind": RECORD_FIELD}):
    kind: str
    fingerprint: str = ""
    severity: str = ""
    level: int = 0
    rule: str = ""
    flow: str = ""
    state: str | None = ""
    justification: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def choices(self) -> tuple[str, ...]:
        justified = "no" if bytes(self.justification) == b"null" else "yes"
        return self.severity, str(self.level), self.rule, self.flow, self.state or "", justified


class FindingList:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.rules: dict[str, Mapping[str, Any]] = {}
        self.verdicts: list[Verdict] = []
        self.unlisted: list[UnlistedFindings] = []
        rows: list[tuple[int | str, ...]] = []
        decode = msgspec.json.Decoder(ListedFinding).decode
        with open_file(path) as file:
            first = file.readline()
            self.counts = read_counts(first, str(path))
            at = len(first)
            for number, line in enumerate(file, 2):
                try:
                    noted = decode(line)
                    if noted.kind == "finding":
                        rows.append((SEVERITY_ORDER[noted.severity], at, noted.fingerprint, *noted.choices))
                    else:
                        self._take(msgspec.json.decode(line))
                except INCOMPLETE_ERRORS as error:
                    raise build_error(error, Place(str(path), line=number)) from None
                at += len(line)
        self.index = pl.DataFrame(rows, schema=build_schema(), orient="row").sort("rank", "at")

    def _take(self, record: dict[str, Any]) -> None:
        kind = record.pop(RECORD_FIELD)
        if kind == "rule":
            texts = {name: dict(read_pairs(record[name])) for name in ("name", "message", "hint")}
            self.rules[record["id"]] = {"level": int(record["level"]), **texts}
        elif kind == "verdict":
            self.verdicts.append(read_verdict(record))
        elif kind == "unlisted":
            more = read_unlisted(record)
            if more.severity not in SEVERITY_ORDER:
                raise ValueError(more.severity)
            self.unlisted.append(more)

    def page(self, chosen: Mapping[str, str], *, first: int, most: int) -> Page:
        fitting = self.index.filter(pl.col(name) == value for name, value in chosen.items()) if chosen else self.index
        with open_file(self.path) as file:
            findings = tuple(self._read_finding(file, at) for at in fitting["at"][first : first + most].to_list())
        return Page(findings, chosen=fitting.height)

    def fingerprints(self, chosen: Mapping[str, str]) -> list[str]:
        return self.index.filter(pl.col(name) == value for name, value in chosen.items())["fingerprint"].to_list()

    def select_rules(self, rules: Collection[str]) -> Findings:
        places = self.index.filter(pl.col("rule").is_in(list(rules)))["at"].sort().to_list()
        with open_file(self.path) as file:
            return Findings(tuple(self._read_finding(file, at) for at in places), tuple(self.verdicts))

    def _read_finding(self, file: Any, at: int) -> Finding:
        file.seek(at)
        try:
            record = msgspec.json.decode(file.readline())
            rule = self.rules.get(record["rule"], {})
            return read_finding({**rule, **record})
        except INCOMPLETE_ERRORS as error:
            raise build_error(error, Place(str(self.path))) from None


def build_error(error: Exception, place: Place) -> InputError:
    return InputError(f"A record is not complete: {error}.", place, DOCUMENT.hint)


def build_schema() -> dict[str, Any]:
    return {"rank": pl.UInt8, "at": pl.Int64, "fingerprint": pl.String, **dict.fromkeys(FILTER_FIELDS, pl.String)}


def find_store(out: Path) -> Path:
    return out / "findings" / FILE_NAME


RESULTS, DECLARATION = "out", ".toml"
WantedReports = Sequence[tuple[FindingReport, Path]]
"""Requested reports and their targets."""


def parse_reports(files: Iterable[str], judged: Iterable[Path] = ()) -> WantedReports:
    """Parse reports (``FILE`` or ``REPORT=FILE``); raise `SdmxmigError` for unknown or duplicate reports."""
    reports = [(report, Path(path)) for report, path in map(choose_report, files)]
    read, taken = [path.resolve() for path in judged], set()
    for _, path in reports:
        if path.resolve() in taken:
            raise SdmxmigError(f"Two reports cannot both be written to {path}.", hint="Name a file for each.")
        taken.add(path.resolve())
        if any(belongs_to(path.resolve(), place) for place in read):
            raise SdmxmigError(f"{path} belongs to the checked files.", hint="Write the report to another place.")
    return reports


def belongs_to(path: Path, judged: Path) -> bool:
    if path == judged:
        return True
    if not judged.is_dir() or not path.is_relative_to(judged):
        return False
    first, *rest = path.relative_to(judged).parts
    return first in (*OWN_FOLDERS, RESULTS) if rest else path.suffix == DECLARATION


def write_reports(validation: Validation, reports: WantedReports, listener: ProgressListener) -> None:
    for report, path in reports:
        with open_result(path, report.endings[0], "--report FILE") as file:
            for piece in report.write(validation):
                file.write(piece)
        listener.stage("report", f"{report.name} in {path}")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Periods for which two tables have observations of a dataflow; `lost` are periods only in `other`."""

    flow: str
    _: KW_ONLY
    used: str
    other: str
    periods: tuple[str, ...]
    lost: int


def find_overlaps(datasets: Iterable[Dataset]) -> Iterator[Overlap]:
    for dataset in datasets:
        structure = dataset.flow.structure
        if not structure.time or dataset.observations.select(structure.key).is_unique().all():
            continue
        keys, time = list(structure.key), structure.time.id
        of_values = dataset.origins.filter(pl.col("component").cast(pl.String) == structure.measure.id)
        file = of_values.group_by("observation").agg(pl.col("file").cast(pl.String).first())
        numbered = dataset.observations.select(keys).with_columns(observation=pl.int_range(pl.len(), dtype=pl.Int64))
        read = numbered.join(file.cast({"observation": pl.Int64}), on="observation").unique([*keys, "file"])
        twice = read.filter(pl.len().over(keys) > 1)
        for used, other in permutations(sorted(twice["file"].unique()), 2):
            of_used = read.filter(file=used)
            shared = twice.filter(file=other).join(of_used, on=keys, how="semi", nulls_equal=True)
            periods = shared[time].unique().sort()
            in_periods = read.filter(pl.col("file") == other, pl.col(time).is_in(periods.implode()))
            lost = in_periods.join(of_used, on=keys, how="anti", nulls_equal=True).height
            if shared.height:
                yield Overlap(dataset.flow.id, used=used, other=other, periods=tuple(periods), lost=lost)


def omit_periods(session: Session, overlap: Overlap) -> None:
    mapping = find_replaceable_mapping(load_mappings(session), overlap)
    reason = f"{overlap.used} gives these figures"
    known = {(dropped.component, dropped.code) for dropped in mapping.dropped}
    time = session.catalogue.flow(overlap.flow).structure.time
    pairs = [(time.id, period) for period in overlap.periods] if time else []
    dropped = tuple(DroppedCode(*pair, reason=reason) for pair in pairs if pair not in known)
    changed = replace(mapping, dropped=(*mapping.dropped, *dropped))
    path = next(path for path in session.workspace.mappings if mapping.place and path.name == mapping.place.file)
    publish_file(path, write(changed).encode())


def find_replaceable_mapping(mappings: Iterable[TableMapping], overlap: Overlap) -> TableMapping:
    """Return the only mapping of the unused table; raise `SdmxmigError` if it also reads the other table."""
    reading = [each for each in mappings if each.flow == overlap.flow and is_match(overlap.other, each.file)]
    if len(reading) != 1 or is_match(overlap.used, reading[0].file):
        hint = "Remove these years from one of the tables."
        raise SdmxmigError("These figures cannot be left out by a mapping.", Place(overlap.other), hint)
    return reading[0]
