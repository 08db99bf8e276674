"""A country's folder as one object: convert, validate, seal, assess and report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.api.account_studies import Accounts
from sdmxmig.api.sources import Listener, StrPath, convert_errors, load_catalogue, to_path, with_method_choices
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.forms.sheets import Difference
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.folders import add_files
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pd
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary, list_some
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.delivery import Dispatch
from sdmxmig.sdmx.model.findings import Findings, Justification
from sdmxmig.statistics.country import Country
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.transmission.retrieval.addresses import build_data_query
from sdmxmig.transmission.retrieval.round_trip import RoundTrip
from sdmxmig.transmission.sealing import read_private_key
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.requests.tasks import (
    AccountsRequest,
    BuildRequest,
    ConvertRequest,
    PackageRequest,
    ReportRequest,
    RunRequest,
    SendRequest,
    ValidateRequest,
)
from sdmxmig.workspace.results import KINDS, SUBMISSION
from sdmxmig.workspace.tasks import (
    accounting,
    assessing,
    building,
    converting,
    data_folder,
    delivering,
    dispatch_confirmations,
    getting,
    justifying,
    packaging,
    pipeline,
    reporting,
    validating,
)
from sdmxmig.workspace.tasks.approvals import record_seal
from sdmxmig.workspace.tasks.codelists import read_incoming_list
from sdmxmig.workspace.tasks.correcting import make_corrected_copies
from sdmxmig.workspace.tasks.data_folder import read_datasets, read_findings
from sdmxmig.workspace.tasks.finding_lists import parse_reports, write_reports
from sdmxmig.workspace.tasks.first_tables import create_workspace_with_tables, read_tables
from sdmxmig.workspace.tasks.new_workspace import EXAMPLES, copy_workspace
from sdmxmig.workspace.tasks.pipeline import read_progress
from sdmxmig.workspace.tasks.published_comparisons import fetch_back
from sdmxmig.workspace.tasks.session import Session, lock_session, open_session, parse_moment

TASKS = tuple(kind.command for kind in KINDS.values())
BY_PEOPLE = {
    "start": "propose(workbook) a mapping",
    "map": "propose(workbook) a mapping",
    "correct": "correct the cells that .validate() names",
    "explain": "explain the warnings that .validate() names, or .run()",
    "approve": "another person approves it: sdmxmig approve",
    "profile": "a profile, answered in sdmxmig open",
}
"""Steps that need a person, in words."""


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """The converted tables of a workspace: a dataset for each dataflow, and findings."""

    datasets: Mapping[str, Dataset]
    findings: Findings

    def summary(self) -> Summary:
        """Count observations by dataflow."""
        facts = [(flow, f"{dataset.observations.height:,} observations") for flow, dataset in self.datasets.items()]
        finding_counts = self.findings.summary().title.removeprefix("Findings: ")
        return Summary(f"{len(self.datasets)} datasets", (*facts, ("findings", finding_counts)))


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The end of a pipeline run: findings, and report files unless errors stopped it."""

    findings: Findings
    report: tuple[Path, ...]

    @property
    def ok(self) -> bool:
        """Check whether the pipeline was completed."""
        return not self.findings.has_errors

    def summary(self) -> Summary:
        """Show how the run ended."""
        end = "" if self.ok else ", which stopped the line: correct them and run again"
        findings = self.findings.summary()
        facts = (*findings.facts, *(("report", str(path)) for path in self.report))
        return Summary(
            f"Run: {findings.title}{end}", facts, columns=findings.columns, rows=findings.rows, more=findings.more
        )


@add_summary
class Workspace:
    """The folder of a country: its tables, mappings and profile, and the results in `output`.

    Every method does the same as the command of its name, with the same files and lock, so you can mix both. `output`
    is the results folder, by default out/ in the folder; `now` is the time in headers, by default the current time;
    `progress` shows a line per stage, by default in notebooks and terminals.

    Raises `SdmxmigError` if the folder is not a workspace, or for invalid settings in country.toml.
    """

    @convert_errors
    def __init__(
        self, folder: StrPath = ".", *, output: StrPath | None = None, now: str = "", progress: bool | None = None
    ) -> None:
        self.folder = to_path(folder)
        self.now = now
        self.progress = progress
        self.output = open_workspace(self.folder).out if output is None else to_path(output)
        parse_moment(now)

    @classmethod
    @convert_errors
    def create(cls, folder: StrPath, *, example: str = "", progress: bool | None = None) -> Workspace:
        """Create a ready workspace with commented files and one real table, or a copy of an `example`.

        Examples are ``georgia``, ``moldova``, ``norway``, ``sweden``, ``chile``, ``colombia``, ``mexico``, ``peru`` and
        ``georgia-faults``. Existing files stay: raises `SdmxmigError` if the folder is not empty.
        """
        if example and example not in EXAMPLES:
            raise SdmxmigError(f"There is no example “{example}”.", hint=did_you_mean(example, EXAMPLES))
        copy_workspace(
            find_shipped_folder("examples") / example if example else find_shipped_folder("templates") / "workspace",
            to_path(folder),
        )
        return cls(folder, progress=progress)

    @classmethod
    @convert_errors
    def from_tables(cls, tables: StrPath, folder: StrPath, *, area: str, progress: bool | None = None) -> Workspace:
        """Create a workspace with the tables of a folder; a warning lists omitted files.

        `area` is the country: two letters or a name. Raises `SdmxmigError` if no table can be read or `folder` is not
        empty.
        """
        found, left_out = read_tables(to_path(tables))
        listener = Listener(progress)
        create_workspace_with_tables(to_path(folder), found, country=area)
        for reason in left_out:
            listener.say(f"! {reason}")
        return cls(folder, progress=progress)

    @property
    def country(self) -> Country:
        """The country and its office, as declared in country.toml."""
        return open_workspace(self.folder).country

    @property
    def area(self) -> str:
        """The code of the country."""
        return self.country.area

    @property
    def name(self) -> str:
        """The name of the country, in the language of the workspace."""
        return self.country.name.in_language(self.language)

    @property
    def language(self) -> str:
        """The language of reports."""
        return self.country.language

    @property
    def tables(self) -> tuple[Path, ...]:
        """The files in tables/."""
        return open_workspace(self.folder).tables

    @property
    def mappings(self) -> tuple[Path, ...]:
        """The files in mappings/."""
        return open_workspace(self.folder).mappings

    @property
    @convert_errors
    def catalogue(self) -> Catalogue:
        """All declarations; those of the workspace take precedence."""
        return load_catalogue(self.folder)

    @property
    @convert_errors
    def datasets(self) -> dict[str, Dataset]:
        """The converted datasets by dataflow id; raises `SdmxmigError` before conversion."""
        session = self._reading("data")
        return {dataset.flow.id: dataset for dataset in read_datasets(session)}

    @property
    @convert_errors
    def findings(self) -> Findings:
        """The findings of the last validation; raises `SdmxmigError` if there was none."""
        session = self._reading("findings")
        path = session.path("findings") / "findings.jsonl"
        if not path.is_file():
            raise SdmxmigError("The data have not been validated.", Place(str(path)), "Call validate() first.")
        return read_findings(path)

    @convert_errors
    @with_method_choices(RunRequest)
    def run(self, request: RunRequest) -> Run:
        """Run the whole pipeline: data, structures, findings, submission, assessment, report.

        If the data have errors, it stops after validation and returns them in `findings`.
        """
        with self._changing() as session:
            findings, reports = pipeline.run_stages(session, request)
        return Run(findings, tuple(Path(row["file"]) for row in reports))

    @convert_errors
    @with_method_choices(ConvertRequest)
    def convert(self, request: ConvertRequest) -> Converted:
        """Convert tables/ with mappings/ and write SDMX-CSV 2.0, SDMX-ML 3.0 and 2.1."""
        with self._changing() as session:
            _, findings = converting.convert(session, request)
            converting.report_lost(session, findings)
            datasets = {dataset.flow.id: dataset for dataset in read_datasets(session)}
        return Converted(datasets, findings)

    @convert_errors
    @with_method_choices(BuildRequest)
    def build(self, request: BuildRequest) -> tuple[Path, ...]:
        """Write codelists, structures and other declarations in every SDMX version; returns the files."""
        with self._changing() as session:
            return tuple(Path(row["file"]) for row in building.build(session, rules=request.vtl))

    @convert_errors
    @with_method_choices(ValidateRequest)
    def validate(self, request: ValidateRequest) -> Findings:
        """Validate the converted data, and write findings and copies of workbooks with marked cells.

        Earlier releases and data of partners are data messages, submissions, or workspaces with results. Findings are
        ``new`` or ``unchanged`` compared with the earlier run, and keep their justifications. The suffix of a report,
        or a word before its name (``csv=results.txt``), selects its format.
        """
        wanted_reports = parse_reports(map(str, request.reports), [self.folder])
        with self._changing() as session:
            validation = validating.validate(session, request)
            write_reports(validation, wanted_reports, session.listener)
            return validation.findings

    @convert_errors
    def justify(self, fingerprint: str, text: str, *, by: str = "") -> Justification:
        """Justify a warning of the last validation, in justifications.toml.

        `fingerprint` is that of the finding, which is stable across resubmissions. Raises `SdmxmigError` for unknown
        findings, errors (to be corrected) and information.
        """
        with self._changing() as session:
            (justification,) = justifying.justify(session, [fingerprint], text, by=by)
            return justification

    @convert_errors
    @with_method_choices(PackageRequest)
    def package(self, request: PackageRequest) -> Path:
        """Seal the validated data into a submission folder with header, manifest and checksums; returns the folder.

        The person who seals it signs the cover letter. The manifest states the reason for sealing despite unexplained
        warnings or content that the receiver would refuse. The key must have no passphrase.
        """
        with self._changing() as session:
            key = request.key
            signing = read_private_key(read_bytes(to_path(key)), str(key)) if key else None
            submission = packaging.package(session, request, key=signing)
            record_seal(session, submission.id, request.by)
            return session.out / SUBMISSION / submission.id

    @convert_errors
    @with_method_choices(SendRequest)
    def send(self, request: SendRequest) -> tuple[Dispatch, ...]:
        """Queue a sealed submission for the receiver, and send all due dispatches.

        Returns every dispatch of the workspace. ``country.toml`` configures the receiver. With the SDMX `action`, the
        receiver gets all data (``replace``), or changes since the last acceptance: new figures (``append``), new and
        changed figures (``merge``), or deletions (``delete``, with their number in `deletions`). Raises `SdmxmigError`
        for older data without `older`, and for a withdrawn submission without `again`.
        """
        with self._changing() as session:
            delivering.queue_submission(session, request)
            for dispatch in delivering.deliver(session):
                session.stage(dispatch.state, f"{dispatch.id[:12]} {dispatch.reason}".rstrip())
            dispatch_confirmations.keep_accepted(session)
            return delivering.read_delivery_status(session).dispatches

    @convert_errors
    def deliveries(self) -> tuple[Dispatch, ...]:
        """Every dispatch of the workspace with its state."""
        return delivering.read_delivery_status(self._reading()).dispatches

    @convert_errors
    def compare_published(
        self,
        agency: str,
        dataflow: str,
        key: str = "",
        *,
        start: str = "",
        end: str = "",
        sent: StrPath | None = None,
        address: str = "",
        private: bool = False,
    ) -> RoundTrip:
        """Compare the data published by an agency with the data sent, observation by observation.

        Uses the newest release in the folder ``accepted``, or else the newest sealed submission; or `sent`, a data
        message or submission folder. The comparison uses the agency's codes and the requested data; `key`, `start`,
        `end`, `address` and `private` are as for `sdmxmig.get`. Without a key, only areas that were sent are requested.
        """
        query = build_data_query(agency, dataflow, key, start=start, end=end)
        how = getting.FetchOptions(address=address, is_private=private)
        return fetch_back(self._reading(), query, how, sent=None if sent is None else to_path(sent)).round_trip

    @convert_errors
    def fetch_comparison(
        self,
        agency: str,
        dataflow: str,
        key: str = "",
        *,
        domain: str,
        flow: str = "",
        address: str = "",
        private: bool = False,
    ) -> Path:
        """Fetch published data into the folder ``comparisons``, for comparison in validation.

        `domain` is the kind of comparison, such as ``mirror`` or ``published``; `flow` is the dataflow of yours to
        which the data are translated, by default none. Returns the data file; a second file records its origin. Other
        parameters are as for `sdmxmig.get`.
        """
        query, how = build_data_query(agency, dataflow, key), getting.FetchOptions(address=address, is_private=private)
        session = self._reading()
        fetched = getting.fetch_comparison_data(session, query, domain, how)
        return getting.save_comparison(session, fetched, query, domain, flow=flow, how=how)

    lay_by = fetch_comparison  # the former name, for one release

    @convert_errors
    def assess(self) -> Assessment:
        """Score the profile, compute the indicators and accounts, and compare practice with data."""
        with self._changing() as session:
            return assessing.assess(session)

    @convert_errors
    @with_method_choices(AccountsRequest)
    def accounts(self, request: AccountsRequest) -> Accounts:
        """Test the accounts with standard errors from variances.toml, and write their tables.

        Identities are ids such as ``A01``, all by default.
        """
        with self._changing() as session:
            study = accounting.compute_workspace_accounts(session, request)
            accounting.write_accounts(session, study)
            return Accounts(study)

    @convert_errors
    @with_method_choices(ReportRequest)
    def report(self, request: ReportRequest) -> tuple[Path, ...]:
        """Write the benchmarking report as HTML, PDF, Word, workbook and Markdown; returns the files.

        A manually changed assessment is rejected unless `changed` is set.
        """
        with self._changing() as session:
            return tuple(Path(row["file"]) for row in reporting.report(session, request))

    @convert_errors
    def trace(self, what: str, **conditions: str) -> pd.DataFrame:
        """Trace observations to cells, or find the use of a cell; one row per cell.

        `what` is a cell such as ``stocks.xlsx!Table 3!C14``, or a dataflow with conditions: ``trace("DF_POP", SEX="F",
        TIME_PERIOD="2023")``.
        """
        session = self._reading("data")
        return pd.DataFrame(data_folder.read_traced_cells(session, what, conditions), dtype=object)

    @convert_errors
    def usage(self, *, cells: bool = False) -> pd.DataFrame:
        """Count the used, skipped and unread figures of every sheet; with `cells`, list them one by one."""
        session = self._reading("data")
        return pd.DataFrame(data_folder.list_usage(session, cells=cells))

    @convert_errors
    def correct(self, data: StrPath, target: StrPath | None = None) -> tuple[Path, ...]:
        """Write corrected figures into the source cells of workbook copies, and make marked copies.

        `data` are an SDMX message with the corrected figures; copies go to `target`, by default corrected/ among the
        results. Returns the copies; empty if no figure differs.
        """
        session = self._reading("data")
        folder = session.out / "corrected" if target is None else to_path(target)
        files = make_corrected_copies(session, to_path(data), folder).files
        return tuple(add_files(folder, files, "target=…")) if files else ()

    @convert_errors
    def load_list(self, file: StrPath, *, name: str = "") -> tuple[Difference, ...]:
        """Read a codelist from a spreadsheet or CSV file into the workspace, and return the changes.

        `name` is ``AGENCY:ID(VERSION)``, if the file does not state it. Raises `SdmxmigError` and writes nothing if a
        spreadsheet program has damaged codes, or the list does not fit other declarations.
        """
        incoming = read_incoming_list(to_path(file), self.folder, name)
        if incoming.is_damaged:
            damaged_code = next(code for code in incoming.damaged if code.is_certain)
            hint = "Set these cells to text in the spreadsheet, correct them, and load it again."
            raise SdmxmigError(f"A code was damaged: {damaged_code}.", damaged_code.place, hint)
        incoming.try_out(self.folder)
        if not incoming.is_same:
            publish_file(self.folder / incoming.path, incoming.content, "workspace")
        return incoming.changes

    def summary(self) -> Summary:
        """Show the country, its files and its results."""
        progress = read_progress(self.folder, self.output)
        workspace, country = progress.workspace, progress.workspace.country
        results = [f"{name} (older)" if name in progress.older else name for name in progress.made]
        step = f".{progress.next}(), or .run()" if progress.next in TASKS else BY_PEOPLE.get(progress.next, "")
        facts = (
            ("country", f"{country.name.in_language(country.language)} ({country.area})"),
            ("tables", list_some([path.name for path in workspace.tables]) or "none yet"),
            ("mappings", list_some([path.name for path in workspace.mappings]) or "none yet"),
            ("profile", workspace.profile.name if workspace.profile else "none yet"),
            ("results", ", ".join(results) or "none yet"),
            ("next", step if progress.next else "all is there"),
        )
        return Summary(f"Workspace {self.folder}", facts)

    @contextmanager
    def _changing(self) -> Iterator[Session]:
        """Open an exclusive session that may change results."""
        listener = Listener(self.progress)
        with lock_session(
            self.folder, self.output, self.now, listener=listener, read_declarations=load_catalogue
        ) as session:
            yield session

    def _reading(self, used: str = "") -> Session:
        """Open a session for reading results, and report if the `used` results are outdated."""
        listener = Listener(self.progress)
        session = open_session(self.folder, self.output, self.now, listener=listener, read_declarations=load_catalogue)
        session.results.reading()
        if used:
            session.report_if_older(used)
        return session
