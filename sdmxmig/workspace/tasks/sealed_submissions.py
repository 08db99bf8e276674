"""Sealed submissions, read by manifest; structures are stored separately by hash."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.catalogue import list_metadata_about, sort_structures
from sdmxmig.io.disk_cache import load_or_make_from
from sdmxmig.io.intake.files import read_inside
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.io.publishing.files import compute_digest, compute_hashes, pack
from sdmxmig.primitives.errors import SdmxmigError, check_known, did_you_mean
from sdmxmig.reporting.outputs.cover_letter import FILE_NAME as LETTER
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.fitting import fit_artefacts
from sdmxmig.sdmx.model.artefacts import find_needed_artefacts, iterate_references
from sdmxmig.sdmx.model.delivery import REPLACE
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES, Header, Party, Submission, SubmissionPart
from sdmxmig.transmission.sealing import MANIFEST, SEAL_FILES, SUBMISSION_ID, read_manifest
from sdmxmig.workspace.results import NEWEST, STANDING, SUBMISSION, hash_program
from sdmxmig.workspace.tasks.data_folder import hash_declarations
from sdmxmig.workspace.tasks.new_workspace import has_file
from sdmxmig.workspace.tasks.outgoing import FIXED_MOMENT
from sdmxmig.workspace.tasks.verifying import hash_files, read_content

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.metadata import MetadataSet
    from sdmxmig.sdmx.model.structures import Artefact
    from sdmxmig.sdmx.model.submission import Outgoing
    from sdmxmig.transmission.pull.holdings import StructuresAndMetadata
    from sdmxmig.workspace.tasks.session import Session


MAX_BYTES = 500_000_000
"""Maximum size of an archive in bytes."""


NO_MANIFEST = Submission(
    id="", header=Header("", "", sender=Party("")), agency="", area="", parts=(), verdict="", counts=()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSubmission:
    """A sealed submission; if the manifest is damaged, only the id is known."""

    id: str
    folder: Path
    prepared: str
    receiver: str
    is_newest: bool
    parts: tuple[SubmissionPart, ...]
    manifest: Submission
    action: str = REPLACE
    revises: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        names = (*(part.name for part in self.parts), *SEAL_FILES)
        return tuple(name for name in names if has_file(self.folder, name))


def list_submissions(session: Session) -> tuple[SealedSubmission, ...]:
    folder = session.out / SUBMISSION
    newest = read_content(folder / NEWEST).strip().decode(errors="replace")
    folders = (
        (path for path in folder.iterdir() if path.is_dir() and SUBMISSION_ID.fullmatch(path.name))
        if folder.is_dir()
        else ()
    )
    listed = [find_submission(path, newest) for path in folders]
    return tuple(sorted(listed, key=lambda each: (each.is_newest, each.prepared, each.id), reverse=True))


def find_submission(folder: Path, newest: str) -> SealedSubmission:
    manifest = read_manifest(read_content(folder / MANIFEST)) or NO_MANIFEST
    revision = manifest.particulars.revision
    return SealedSubmission(
        id=folder.name,
        folder=folder,
        prepared=manifest.header.prepared,
        receiver=manifest.agency,
        is_newest=folder.name == newest,
        parts=manifest.parts,
        manifest=manifest,
        action=revision.action if revision else REPLACE,
        revises=revision.of if revision else "",
    )


def select_submission(submissions: tuple[SealedSubmission, ...], name: str) -> SealedSubmission:
    by_id = {submission.id: submission for submission in submissions}
    check_known("submission", name, by_id)
    return by_id[name]


def read_letter(submission: SealedSubmission) -> str:
    return read_content(submission.folder / LETTER).decode("utf-8", "replace")


def read_file(submission: SealedSubmission, name: str) -> bytes:
    if name not in submission.files:
        raise SdmxmigError(f"The submission has no file “{name}”.", hint=did_you_mean(name, submission.files))
    return read_inside(submission.folder, name)


def build_archive(submission: SealedSubmission) -> bytes:
    buffer = io.BytesIO()
    write_archive(submission, buffer)
    return buffer.getvalue()


def write_archive(submission: SealedSubmission, file: BinaryIO) -> None:
    size = sum((submission.folder / name).stat().st_size for name in submission.files)
    if size > MAX_BYTES:
        hint = f"Take it from its folder: {submission.folder}"
        raise SdmxmigError(f"The submission has {size:,} bytes, too many for one archive.", hint=hint)
    pack(((f"{submission.id}/{name}", [read_inside(submission.folder, name)]) for name in submission.files), file)


STRUCTURE_FORMAT = "sdmx-json-2.1"
STRUCTURES_FILE, METADATA_FILE = "structures.json", "metadata.json"
STANDING_KINDS = (
    "DataConstraint",
    "ContentConstraint",
    "ProvisionAgreement",
    "Categorisation",
    "MetadataConstraint",
    "MetadataProvisionAgreement",
    "Hierarchy",
    "HierarchyAssociation",
)
"""Kinds of artefacts that describe others."""
STRUCTURES_FOLDER = "structures"


def list_unchanged_parts(session: Session, outgoing: Outgoing) -> dict[str, bytes]:
    datasets = [dataset for message in outgoing.of(DATA) for dataset in message.datasets]
    names = {message.flow for message in outgoing.of(DATA)}
    flows = {dataset.flow.dataflow.ref for dataset in datasets}
    flows |= {session.catalogue.flow(name).dataflow.ref for name in names}
    sender = session.workspace.sender
    inputs = [hash_program(), hash_declarations(session), sender, *sorted(flow.urn for flow in flows)]
    return load_or_make_from("standing", inputs, partial(write_unchanged_parts, session.catalogue, flows, sender))


def write_unchanged_parts(catalogue: Catalogue, flows: Collection[Ref], sender: str) -> dict[str, bytes]:
    header = Header("STANDING", FIXED_MOMENT, sender=Party(sender))
    urns = {flow.urn for flow in flows}
    sets = [each for each in list_metadata_about(catalogue) if is_about(each, urns)]
    refs = select_needed_refs(catalogue.artefacts, {*flows, *(each.describes for each in sets if each.describes)})
    artefacts = [artefact for artefact in sort_structures(catalogue) if artefact.ref in refs]
    files = {STRUCTURES_FILE: fit_artefacts(FORMATS[STRUCTURE_FORMAT], artefacts, header).content}
    return files | ({METADATA_FILE: metadata_bytes(FORMATS[STRUCTURE_FORMAT], sets, header)} if sets else {})


def is_about(metadata_set: MetadataSet, urns: Collection[str]) -> bool:
    return metadata_set.ref is not None and any(
        target.value in urns for report in metadata_set.reports for target in report.targets
    )


def select_needed_refs(artefacts: Mapping[Ref, Artefact], roots: Collection[Ref]) -> set[Ref]:
    below = find_needed_artefacts(artefacts, roots)
    sayings = {
        ref
        for ref, artefact in artefacts.items()
        if ref.kind in STANDING_KINDS and any(named.scheme in below for named in iterate_references(artefact))
    }
    return {
        *find_needed_artefacts(artefacts, {*below, *sayings}),
        *(ref for ref in artefacts if ref.kind == "AgencyScheme"),
    }


def compute_files_digest(files: Mapping[str, bytes]) -> str:
    return compute_digest(compute_hashes(files))


def find_kept(out: Path, submission: SealedSubmission) -> Path | None:
    sha256 = dict(submission.manifest.versions).get(STRUCTURES_FOLDER, "")
    folder = out / STANDING / sha256
    is_whole = sha256.isalnum() and folder.is_dir() and compute_digest(hash_files(folder)) == sha256
    return folder if is_whole else None


def read_sealed_messages(submission: SealedSubmission) -> tuple[Path | None, Path | None]:
    paths = {part.name.partition(".")[0]: submission.folder / part.name for part in submission.parts}
    return paths.get(STRUCTURES), paths.get(METADATA)


@lru_cache(maxsize=4)  # shared by several submissions
def read_references(structures: Path | None, metadata: Path | None) -> StructuresAndMetadata:
    artefacts = read_structures(*read_message(structures)) if structures else ()
    if metadata is None:
        return artefacts, ()
    name, content = read_message(metadata)
    reader = FORMATS[detect(name, content).format].read_metadata
    return artefacts, tuple(reader(name, content)) if reader else ()
