"""The tasks of the command line as functions, and access to all declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from sdmxmig import catalogue
from sdmxmig.api.account_studies import Accounts
from sdmxmig.api.messages import Message, read
from sdmxmig.api.sources import (
    Listener,
    Source,
    StrPath,
    convert_errors,
    find_flow_name,
    find_workspace_folder,
    load_catalogue,
    open_source,
    read_artefacts,
    to_path,
    with_choices,
)
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.showing.cards import Card, build_card
from sdmxmig.catalogue.showing.names import choose_namesake, find
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion import mapping
from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.mapping.writing import write as mapping_text
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.table_subjects import Option
from sdmxmig.conversion.suggestion.wording import build_comments
from sdmxmig.conversion.tables import read as read_tables
from sdmxmig.io.intake.files import read_bytes, read_limited
from sdmxmig.io.intake.incoming import open_message
from sdmxmig.io.publishing.files import check_apart, publish_proposal
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import import_lazily, pd
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.primitives.text import find_locale
from sdmxmig.quality.checking import STRUCTURE_HINT, CheckResult
from sdmxmig.quality.checking import identify_and_check as check_message_of
from sdmxmig.quality.rules import describe_kinds
from sdmxmig.sdmx.formats.faults import Faults, is_read
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.sdmx.versions import ArtefactComparison
from sdmxmig.statistics.demography.closing import StatedError
from sdmxmig.statistics.demography.revisions import OtherProviderData
from sdmxmig.transmission.sealing import read_public_key
from sdmxmig.workspace.proposals import TriedProposal, propose_like
from sdmxmig.workspace.requests.tasks import AccountsRequest, TransformRequest, ValidateRequest
from sdmxmig.workspace.tasks import proposing, verifying
from sdmxmig.workspace.tasks.accounting import compute_accounts, parse_stated_errors
from sdmxmig.workspace.tasks.computing import compute_rows
from sdmxmig.workspace.tasks.drafts import find_home
from sdmxmig.workspace.tasks.first_tables import save_new_codes
from sdmxmig.workspace.tasks.messages import check_message, compare_artefacts, find_flows, list_artefacts
from sdmxmig.workspace.tasks.outside_data import list_partner_reports
from sdmxmig.workspace.tasks.transforming import Transformation, transform_message
from sdmxmig.workspace.tasks.validating import DataToCheck, check_data
from sdmxmig.workspace.tasks.verifying import Verification

if TYPE_CHECKING:
    from sdmxmig.api import workspaces
else:
    workspaces = import_lazily("sdmxmig.api.workspaces")


MAX_SHOWN = 5
"""Maximum number of rows of a result shown."""


@convert_errors
def convert(
    workbook: Source | Message, mapping: Source | model.TableMapping, *, workspace: StrPath | None = None
) -> Conversion:
    """Convert the tables of a workbook to SDMX data by a mapping file; every value links to its source cell.

    `workbook` is a source or a `Message` with tables, `mapping` is a source of the mapping file (TOML), as written by
    `propose`. Returns the dataset, findings, and the use of every figure. For all tables of a country:
    ``Workspace(folder).convert()``.

    Raises `SdmxmigError` if the mapping does not fit the tables.
    """
    catalogue = load_catalogue(workspace)
    table_mapping = mapping if isinstance(mapping, model.TableMapping) else read_mapping(mapping, catalogue)
    tables = read_workbook_tables(workbook, table_mapping)
    as_given = replace(table_mapping, file=tables[0].file)
    return conversion.convert(tables, as_given, catalogue.flow(table_mapping.flow), catalogue.rules)


def read_mapping(source: Source, catalogue: Catalogue) -> model.TableMapping:
    """Read a mapping file."""
    name, file = open_source(source)
    content = read_bytes(file) if isinstance(file, Path) else read_limited(file, name)
    return mapping.load(Path(name).name, content, catalogue.flows)


def read_workbook_tables(workbook: Source | Message, known: model.TableMapping) -> tuple[Table, ...]:
    """Read the tables of a workbook in the format stated in its mapping."""
    if isinstance(workbook, Message):
        if workbook.tables:
            return workbook.tables
        raise SdmxmigError("This message contains no tables.", Place(workbook.name), "Give a workbook or a text file.")
    name, file = open_source(workbook)
    content = read_bytes(file) if isinstance(file, Path) else read_limited(file, name)
    short = Path(name).name if isinstance(file, Path) else known.file if "*" not in known.file else name
    return read_tables(short, content, known.text)


@convert_errors
def validate(
    data: Any,
    *,
    others: Iterable[Dataset] = (),
    mirror: Iterable[Dataset] = (),
    previous: Iterable[StrPath] = (),
    profile: str = "",
    levels: Iterable[int] = (),
    workspace: StrPath | None = None,
) -> Findings:
    """Validate data by the rules of their dataflows: codes, keys, totals, accounts, series and mirror flows.

    `data` are a `Dataset` or several, a `Message`, a `Conversion`, or a source. `others` are datasets of the same
    country that must be consistent, `mirror` are reports of partner countries, and `previous` earlier releases: data
    messages, submissions, or workspaces with results. `profile` is the name of a rule profile, such as that of an
    agency; `levels` are the levels of rules to run (default: all). Returns a finding for each fault, with its cell for
    converted data, and the verdict of every rule.

    Raises `SdmxmigError` for an unknown profile or level.
    """
    datasets = read_datasets(data, workspace)
    if not datasets:
        raise SdmxmigError("There are no data.", hint="Give a dataset, or several.")
    is_conversion = isinstance(data, Conversion)
    to_check = DataToCheck(
        datasets=datasets,
        catalogue=load_catalogue(workspace),
        others=read_datasets(list(others), workspace),
        outside=OtherProviderData(tuple(list_partner_reports(read_datasets(list(mirror), workspace)))),
        while_reading=data.findings if is_conversion else Findings(),
        unused_cells=data.unused_cells if is_conversion else None,
        listed=None,
    )
    return check_data(to_check, ValidateRequest(profile=profile, levels=tuple(levels), previous=tuple(previous)))


def read_datasets(data: Any, workspace: StrPath | None = None) -> tuple[Dataset, ...]:
    """Return the datasets in `data`; raise `SdmxmigError` without datasets."""
    if isinstance(data, Dataset):
        return (data,)
    if isinstance(data, Conversion):
        return (data.dataset,)
    if isinstance(data, Mapping):
        data = list(data.values())
    if isinstance(data, (list, tuple)):
        return tuple(dataset for member in data for dataset in read_datasets(member, workspace))
    message = data if isinstance(data, Message) else read(data, workspace=workspace)
    if not message.datasets:
        hint = "Convert tables with a mapping first." if message.tables else "Give data."
        raise SdmxmigError(f"The message contains {message.kind}, not data.", Place(message.name), hint)
    return message.datasets


@convert_errors
def check(
    source: Source, *, structure: Any = (), flow: str = "", lenient: bool = False, workspace: StrPath | None = None
) -> CheckResult:
    """Identify an SDMX message and list all problems with their positions.

    Validates with the official schema, reads past faults, and checks values against codelists, types and constraints of
    `structure` (as in `read`). Data may be larger than memory. `lenient` lists only omissions of lenient reading.
    """
    name, file = open_source(source)
    flows = find_flows(load_catalogue(workspace), read_artefacts(structure), find_flow_name(flow))
    with open_message(file, name) as (_, message):
        return check_message_of(name, message, flows, lenient=lenient, advice=STRUCTURE_HINT)


@convert_errors
@with_choices(TransformRequest)
def transform(request: TransformRequest) -> Transformation:
    """Convert a message to another format, block by block, so that it may be larger than memory.

    `source` and `target` are as in `read` and `write`. The header is kept, except for `id`, `sender` and `now`.

    Raises `SdmxmigError` if the format does not support the content.
    """
    path, (name, file) = to_path(request.target), open_source(request.source)
    if isinstance(file, Path):
        check_apart(path, file, option="target=…")
    check_message(path, "target=…")
    catalogue, artefacts = load_catalogue(request.workspace), read_artefacts(request.structure)
    flows = find_flows(catalogue, artefacts, find_flow_name(request.flow), follows=request.follows)
    faults, listener = Faults.by(lenient=request.lenient, strict=request.strict), Listener()
    made = transform_message(
        request, file, name, flows=flows, catalogue=catalogue, faults=faults, listener=listener, option="target=…"
    )
    notes = [*listener.said, *(str(fault) for fault in faults.listed if is_read(fault))]
    notes += [f"not translated: {untranslated}" for untranslated in made.untranslated]
    return replace(made, notes=tuple(notes), left_out=(*made.left_out, *faults.left_out))


@add_summary
class Differences(Sequence[ArtefactComparison]):
    """The changes between two releases, one comparison per changed artefact."""

    def __init__(self, comparisons: Iterable[ArtefactComparison]) -> None:
        self._comparisons = tuple(comparisons)

    @overload
    def __getitem__(self, at: int) -> ArtefactComparison: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ArtefactComparison, ...]: ...
    def __getitem__(self, at: int | slice) -> ArtefactComparison | tuple[ArtefactComparison, ...]:
        return self._comparisons[at]

    def __len__(self) -> int:
        return len(self._comparisons)

    @property
    def ok(self) -> bool:
        """Check whether every artefact's version was raised as much as its changes require."""
        return all(comparison.is_enough for comparison in self)

    def summary(self) -> Summary:
        """Show the first differences with the required version steps."""
        rows = [
            (
                str(comparison.new or comparison.old),
                comparison.needed,
                comparison.taken,
                "" if comparison.is_enough else f"{comparison.proposed} at least",
            )
            for comparison in self
        ]
        return Summary(
            f"{write_count(len(self), 'artefact')} with differences",
            columns=("artefact", "needs", "took", "not enough") if rows else (),
            rows=tuple(rows[:MAX_SHOWN]),
            more=f"… {len(rows) - MAX_SHOWN} more" if len(rows) > MAX_SHOWN else "",
        )


@convert_errors
def diff(old: StrPath, new: StrPath) -> Differences:
    """Compare two releases of artefacts, with the smallest version step that the SDMX rules require.

    `old` and `new` are structure messages, or folders with codelists/ and structures/.
    """
    return Differences(compare_artefacts(list_artefacts(to_path(old)), list_artefacts(to_path(new))))


@convert_errors
def verify(folder: StrPath, *, id: str = "", key: StrPath = "") -> Verification:  # noqa: A002 - its name everywhere
    """Verify a sealed submission, in its folder or packed: manifest, checksums and every part.

    `id` is the announced id, by default that in the folder's name. `key` is the public key file of the person who
    sealed it; without it the signature is not checked.
    """
    sender_key = read_public_key(read_bytes(to_path(key)), str(key)) if key else None
    return verifying.verify(to_path(folder), id, key=sender_key)


@convert_errors
def compute(indicator: str, *data: Any, area: str = "", workspace: StrPath | None = None) -> pd.DataFrame:
    """Compute an indicator from data: one row per value, with unit, status and formula.

    `indicator` is its id, UN number or name, such as ``MIG_SHARE``; `data` are as for `validate`. Missing values come
    last with the reason. All columns are text.
    """
    values, missing = compute_rows(indicator, load_catalogue(workspace), [*list_datasets(data, workspace)], area)
    return pd.DataFrame([*values, *missing], dtype=object)


def list_datasets(data: Iterable[Any], workspace: StrPath | None) -> Iterator[Dataset]:
    """Return the given datasets, or those of the workspace."""
    for member in data:
        yield from read_datasets(member, workspace)
    if not data:
        if workspace is None:
            raise SdmxmigError("No data are given.", hint="Give datasets, or workspace=….")
        yield from workspaces.Workspace(workspace).datasets.values()


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Proposal:
    """A proposed mapping for a workbook, and the points to confirm.

    `flow` is its dataflow, empty if unclear; `flows` then lists the candidates with reasons. `text` is the mapping
    file, `examples` are some observations in words.
    """

    flow: str
    flows: tuple[Option, ...]
    tried: TriedProposal | None
    text: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every decision about the table with its score and reason."""
        return self.tried.questions if self.tried else ()

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions for you to confirm or decide."""
        return self.tried.open if self.tried else ()

    @property
    def examples(self) -> tuple[str, ...]:
        """Some observations in words, to compare with the table."""
        return tuple(example.sentence for example in self.tried.examples) if self.tried else ()

    def save(self, target: StrPath) -> Path:
        """Save the mapping file; edited files are not replaced."""
        return save_mapping(self, target)

    def summary(self) -> Summary:
        """Summarise the dataflow, open questions and sample observations."""
        if not self.flow:
            rows = tuple((option.flow, str(option.name)) for option in self.flows)
            return Summary(
                "What do these figures count? Name it with flow=…", columns=("dataflow", "counts"), rows=rows
            )
        certain = len(self.questions) - len(self.open)
        open_rows = [(question.sheet, question.part, question.label, question.chosen.reason) for question in self.open]
        return Summary(
            f"Proposal of a mapping to {self.flow}",
            (
                ("certain", f"{certain} of {len(self.questions)} lines"),
                *(("says", sentence) for sentence in self.examples[:3]),
            ),
            columns=("sheet", "part", "label", "to be confirmed, since") if open_rows else (),
            rows=tuple(open_rows[:MAX_SHOWN]),
            more=f"… {len(open_rows) - MAX_SHOWN} more" if len(open_rows) > MAX_SHOWN else "",
        )


@convert_errors
def save_mapping(proposal: Proposal, target: StrPath) -> Path:
    """Write the mapping file of a proposal; raise `SdmxmigError` without one, or for an edited file."""
    if not proposal.text:
        names = ", ".join(option.flow for option in proposal.flows)
        raise SdmxmigError("No dataflow is chosen.", hint=f"Propose again with flow=…: {names}.")
    path = to_path(target)
    publish_proposal(path, proposal.text.encode())
    if proposal.tried and (home := find_home(path)):
        save_new_codes(home, proposal.tried.proposal.mapping, proposal.tried.flow)
    return path


@convert_errors
def propose(
    workbook: StrPath, flow: str = "", *, area: str = "", like: Source | None = None, workspace: StrPath | None = None
) -> Proposal:
    """Propose a mapping file from a workbook to a dataflow, by default the one that the workbook clearly contains.

    `area` is the reporting country, such as GE; `like` is an earlier mapping file of the same table, by default one of
    the workspace whose titles differ only in years. Every line has a score and a reason; uncertain parts are left out
    and listed as open questions.
    """
    material = proposing.read_material(to_path(workbook), find_workspace_folder(workspace))
    area = proposing.find_area_code(area, material.catalogue)
    material = proposing.add_currencies(material, area)
    earlier = None if like is None else read_mapping(like, material.catalogue)
    options: tuple[Option, ...] = ()
    if not flow and earlier is not None:
        flow = earlier.flow
    elif not flow:
        question = proposing.require_table_subject(material)
        options, flow = question.options, question.flow
    if not flow:
        return Proposal(flow="", flows=options, tried=None, text="")
    proposing.check_flow(flow, material.catalogue)
    earlier = earlier or proposing.find_last_mappings(material).get(flow)
    if earlier is None:
        tried = proposing.try_proposal(material, flow, area=area, decisions={})
    else:
        about = Answers(material.tables[0].file, flow)
        tried, _ = propose_like(earlier, material.tables, about, material.catalogue, material.recogniser, area=area)
    text = mapping_text(
        replace(tried.proposal.mapping, text=material.written), build_comments(tried.proposal, tried.questions)
    )
    return Proposal(flow=flow, flows=options, tried=tried, text=text)


MAX_NAMED = 8


@convert_errors
def load(workspace: StrPath | None = None) -> Catalogue:
    """Read all declarations: codelists, structures, dataflows, rules, indicators, benchmarking items.

    Declarations of a workspace override those shipped with sdmxmig. Raises `SdmxmigError` with file and line if a
    declaration is invalid.
    """
    return catalogue.load(find_workspace_folder(workspace))


@convert_errors
def show(name: str, *, language: str = "en", workspace: StrPath | None = None) -> Card:
    """Show a declaration: a codelist, a code, a structure, an indicator, a definition, a rule, an account.

    `name` is an id, ``AGENCY:ID(VERSION)``, a URN, a code such as ``CL_SEX.F``, the number of a definition or
    indicator, or a name. ``print(show("CL_SEX"))`` prints everything. Raises `SdmxmigError` with the nearest name if it
    is unknown, and with the full names if it is ambiguous.
    """
    if not isinstance(name, str) or not name.strip():
        raise SdmxmigError(
            "The name is missing.", hint='Give an id or a name, such as "CL_SEX"; load() returns all declarations.'
        )
    tongue = find_locale(language).language
    catalogue = load_catalogue(workspace)
    things = find(catalogue, name)
    thing = choose_namesake(things)
    if thing is None:
        names = [candidate.name for candidate in things]
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        hint = f"Name one of them: {', '.join(names[:MAX_NAMED])}{more}."
        raise SdmxmigError(f"Several artefacts are called “{name}”.", hint=hint)
    return build_card(thing, catalogue, tongue, describe_kinds=describe_kinds)


@convert_errors
def accounts(
    *data: Any,
    area: str = "",
    identities: Sequence[str] = (),
    variances: Source | None = None,
    balance: bool = False,
    equal_errors: float | str = "",
    mirror: Sequence[StrPath] = (),
    benchmark: str = "",
    workspace: StrPath | None = None,
) -> Accounts:
    """Test the accounts of these data: equations with cells and residual, or missing terms.

    `data` are as in `validate`. `variances` is a source of standard errors in the format of `variances.toml`. With
    `balance`, figures are adjusted within these errors until all accounts close. `equal_errors` is one relative
    standard error for all figures instead. `mirror` are workspaces or data messages of other countries; `benchmark` is
    the country whose immigration the flows are scaled to. For a workspace with its own standard errors and cells:
    ``Workspace(folder).accounts()``.

    Raises `SdmxmigError` if standard errors are needed and missing.
    """
    catalogue = load_catalogue(workspace)
    request = AccountsRequest(
        identities=identities, balance=balance, equal_errors=equal_errors, mirror=mirror, benchmark=benchmark
    )
    stated = () if variances is None else read_stated_errors(variances, catalogue)
    datasets = list(list_datasets(data, workspace))
    return Accounts(compute_accounts(datasets, catalogue, area, request=request, stated=stated))


def read_stated_errors(source: Source, catalogue: Catalogue) -> tuple[StatedError, ...]:
    """Read standard errors from a source."""
    name, file = open_source(source)
    content = read_bytes(file) if isinstance(file, Path) else read_limited(file, name)
    return parse_stated_errors(name, content, catalogue)
