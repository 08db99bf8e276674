"""The structures that stand when a submission is sealed: kept beside it, and found again by their hash.

A submission holds what is its office's to send, in the format of its receiver: that is not all that its data rest on.
So that it can be told later which structures there were, all of them are kept in a folder whose name is their hash,
which the manifest of the submission says. Submissions with the same structures share one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdmxmig.catalogue import metadata_about, structures_of
from sdmxmig.io.intake.packed import read_message
from sdmxmig.io.publishing.made import digest_of, hashes_of
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.fitting import fitting
from sdmxmig.sdmx.model.dependencies import needed, references
from sdmxmig.sdmx.model.outgoing import DATA, METADATA, STRUCTURES
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.transmission.sealing.submission import MANIFEST
from sdmxmig.workspace.results import STANDING
from sdmxmig.workspace.tasks.data_folder import declarations
from sdmxmig.workspace.tasks.verifying import content_of, hashes_in

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.metadata import MetadataSet
    from sdmxmig.sdmx.model.outgoing import Outgoing
    from sdmxmig.sdmx.model.structures import Artefact
    from sdmxmig.transmission.pull.holdings import Standing
    from sdmxmig.workspace.tasks.sealed_submissions import SealedSubmission
    from sdmxmig.workspace.tasks.session import Session

FORM = "sdmx-json-2.1"
"""The format in which they are kept: it holds whatever can be declared."""
STRUCTURES_FILE, METADATA_FILE = "structures.json", "metadata.json"
AROUND = (
    *("DataConstraint", "ContentConstraint", "ProvisionAgreement", "Categorisation", "MetadataConstraint"),
    *("MetadataProvisionAgreement", "Hierarchy", "HierarchyAssociation"),
)
"""The kinds of artefacts that stand around others, and say something of them."""
VERSION = "structures"
"""What a manifest calls the hash of the structures that stood."""
WITHOUT_TIME = "1970-01-01T00:00:00+00:00"
"""When the kept messages were prepared, as they say: the same structures are the same bytes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be kept: the structures of these dataflows as these declarations (their hash) have them."""

    declarations: str
    sender: str
    _: KW_ONLY
    flows: frozenset[Ref]
    catalogue: Catalogue = field(compare=False, hash=False)


def standing(session: Session, outgoing: Outgoing) -> dict[str, bytes]:
    """The files to be kept of the structures and reference metadata on which what is about to be sealed rests."""
    datasets = [dataset for message in outgoing.of(DATA) for dataset in message.datasets]
    names = {message.flow for message in outgoing.of(DATA)}
    flows = {dataset.flow.dataflow.ref for dataset in datasets}
    flows |= {session.catalogue.flow(name).dataflow.ref for name in names}
    sender = session.workspace.sender
    kept = Kept(declarations(session), sender, flows=frozenset(flows), catalogue=session.catalogue)
    return dict(files_of(kept))


@lru_cache(maxsize=2)  # from one submission to the next nothing changes, as a rule
def files_of(kept: Kept) -> Mapping[str, bytes]:
    """The files of what is kept."""
    catalogue, header = kept.catalogue, Header("STANDING", WITHOUT_TIME, sender=Party(kept.sender))
    urns = {flow.urn for flow in kept.flows}
    sets = [each for each in metadata_about(catalogue) if is_about(each, urns)]
    refs = stood(catalogue.artefacts, {*kept.flows, *(each.describes for each in sets if each.describes)})
    artefacts = [artefact for artefact in structures_of(catalogue) if artefact.ref in refs]
    files = {STRUCTURES_FILE: fitting(FORMATS[FORM], artefacts, header).content}
    return files | ({METADATA_FILE: metadata_bytes(FORMATS[FORM], sets, header)} if sets else {})


def is_about(metadata_set: MetadataSet, urns: Collection[str]) -> bool:
    """Whether a set has a name of its own and is about one of these."""
    return metadata_set.ref is not None and any(
        target.value in urns for report in metadata_set.reports for target in report.targets
    )


def stood(artefacts: Mapping[Ref, Artefact], roots: Collection[Ref]) -> set[Ref]:
    """What these rest on, what is said of any of it, and what that rests on; with all agencies."""
    below = needed(artefacts, roots)
    sayings = {
        ref
        for ref, artefact in artefacts.items()
        if ref.kind in AROUND and any(named.scheme in below for named in references(artefact))
    }
    return {*needed(artefacts, {*below, *sayings}), *(ref for ref in artefacts if ref.kind == "AgencyScheme")}


def hash_of_files(files: Mapping[str, bytes]) -> str:
    """The hash under which files are kept."""
    return digest_of(hashes_of(files))


def manifest_of(submission: SealedSubmission) -> dict[str, Any]:
    """What the manifest of a submission says."""
    described: dict[str, Any] = json.loads(content_of(submission.folder / MANIFEST))
    return described


def kept_with(out: Path, submission: SealedSubmission) -> Path | None:
    """The folder of the structures that stood when a submission was sealed; None if there is none, or not as it was."""
    sha256 = str(manifest_of(submission).get("versions", {}).get(VERSION, ""))
    folder = out / STANDING / sha256
    is_whole = sha256.isalnum() and folder.is_dir() and digest_of(hashes_in(folder)) == sha256
    return folder if is_whole else None


def sealed_messages(submission: SealedSubmission) -> tuple[Path | None, Path | None]:
    """The structures and the reference metadata that were sent, as far as there are any."""
    paths = {part.name.partition(".")[0]: submission.folder / part.name for part in submission.parts}
    return paths.get(STRUCTURES), paths.get(METADATA)


def reader_of(structures: Path | None, metadata: Path | None) -> partial[Standing]:
    """What reads the structures and metadata of a moment when they are asked for."""
    return partial(read_standing, structures, metadata)


@lru_cache(maxsize=4)  # several submissions share them
def read_standing(structures: Path | None, metadata: Path | None) -> Standing:
    """The artefacts and metadata sets in two messages; raises `InputError` for what is none."""
    artefacts = read_structures(*read_message(structures)) if structures else ()
    if metadata is None:
        return artefacts, ()
    name, content = read_message(metadata)
    reader = FORMATS[detect(name, content).format].read_metadata
    return artefacts, tuple(reader(name, content)) if reader else ()
