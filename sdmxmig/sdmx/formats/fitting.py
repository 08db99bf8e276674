"""Structure and metadata messages limited to what a format supports, with each omission reported.

Own artefacts (`fit_artefacts`): anything that refers to an omitted artefact is omitted too. Foreign artefacts
(`write_supported_artefacts`, `write_fitting_metadata`): references to absent artefacts are allowed, and the result is
validated with the official schema.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FindLosses, Format, Layout, accept_any_data, metadata_bytes, structure_bytes
from sdmxmig.sdmx.formats.metadata_versions import describe_set
from sdmxmig.sdmx.model.artefacts import find_dependants, list_named_schemes
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header


@dataclass(frozen=True, slots=True)
class FittedMessage:
    content: bytes
    left_out: tuple[tuple[Ref, str], ...]


def fit_artefacts(form: Format, artefacts: Iterable[Artefact], header: Header) -> FittedMessage:
    """Write what a format supports as one structure message, without artefacts that refer to omitted ones."""
    candidates = list(artefacts)
    named = None
    left_out: dict[Ref, str] = {}
    while True:
        accepted = [artefact for artefact in candidates if artefact.ref not in left_out]
        try:
            return FittedMessage(structure_bytes(form, accepted, header), tuple(left_out.items()))
        except SdmxmigError as error:
            refused = {
                accepted[number].ref: error for number, error in find_rejected_artefacts(error, accepted).items()
            }
            if not refused:
                raise
            left_out |= {ref: f"{error.message} {error.hint}".rstrip() for ref, error in refused.items()}
            named = named or list_named_schemes(candidates)
            named_by_accepted = {artefact.ref: named[artefact.ref] for artefact in accepted}
            for ref, missing in find_dependants(named_by_accepted, refused).items():
                left_out.setdefault(ref, f"It refers to {missing}, which is left out.")


def write_supported_artefacts(
    form: Format, artefacts: Iterable[Artefact], header: Header, leave: Callable[[SdmxmigError], None]
) -> bytes:
    """Write the artefacts of others that a format supports as one valid structure message.

    `leave` receives the error for each omitted artefact and for each that refers to one; references to absent artefacts
    are kept. Raises `SdmxmigError` if the format has no structure messages, cannot write the header or supports none of
    the artefacts.
    """
    accepted = list(artefacts)
    named = None
    refusals: list[SdmxmigError] = []
    problem = form.structure_problem(structure_bytes(form, (), header))
    if problem:  # no single artefact is responsible
        raise SdmxmigError(f"{form.name} cannot express the header of the message: {problem}")
    while True:
        content, refused = try_writing(form, accepted, header)
        if not refused:
            break
        named = named or list_named_schemes(accepted)
        left = {accepted[number].ref for number in refused} - {
            artefact.ref for number, artefact in enumerate(accepted) if number not in refused
        }
        resting = find_dependants({artefact.ref: named[artefact.ref] for artefact in accepted}, left)
        refusals += refused.values()
        refusals += [
            refuse_dependant(form, artefact, resting[artefact.ref])
            for number, artefact in enumerate(accepted)
            if number not in refused and artefact.ref in resting
        ]
        accepted = [
            artefact
            for number, artefact in enumerate(accepted)
            if number not in refused and artefact.ref not in resting
        ]
        if not accepted:
            raise refusals[0]
    for error in refusals:
        leave(error)
    return content


def refuse_dependant(form: Format, artefact: Artefact, missing: Ref) -> SdmxmigError:
    return SdmxmigError(
        f"{form.name} would leave {artefact.ref.kind} {artefact.ref.short} without {missing}, which it refers to.",
        artefact.place,
        "It is left out with it.",
    )


def try_writing(
    form: Format, artefacts: Sequence[Artefact], header: Header
) -> tuple[bytes, Mapping[int, SdmxmigError]]:
    """Write a message, or return the unsupported artefacts by number.

    Raises `SdmxmigError` if they are supported one by one but not together.
    """
    try:
        content = structure_bytes(form, artefacts, header)
    except SdmxmigError as error:
        refused = find_rejected_artefacts(error, artefacts) or find_refused_artefacts(form, artefacts, header)
        if refused:
            return b"", refused
        raise
    problem = form.structure_problem(content)
    refused = find_refused_artefacts(form, artefacts, header) if problem else {}
    if problem and not refused:
        raise SdmxmigError(f"{form.name} cannot express these artefacts together: {problem}", artefacts[0].place)
    return content, refused


def find_rejected_artefacts(error: SdmxmigError, artefacts: Sequence[Artefact]) -> Mapping[int, SdmxmigError]:
    errors_by_number: dict[int, SdmxmigError] = {}
    for fault in (error, *error.others):
        number = find_named_artefact(fault, artefacts)
        if number is not None:
            errors_by_number.setdefault(number, fault)
    return errors_by_number


def find_named_artefact(error: SdmxmigError, artefacts: Sequence[Artefact]) -> int | None:
    """Find the number of the artefact named by an error; of two with the same name, the later."""
    places = {number: artefact for number, artefact in enumerate(artefacts) if artefact.place == error.place}
    named = [number for number, artefact in places.items() if artefact.ref.short in error.message]
    of_kind = [number for number in named if str(places[number].ref).replace("=", " ") in error.message]
    return next(reversed((*named, *of_kind)), None)


def find_refused_artefacts(form: Format, artefacts: Sequence[Artefact], header: Header) -> Mapping[int, SdmxmigError]:
    errors_by_number: dict[int, SdmxmigError] = {}
    for number, artefact in enumerate(artefacts):
        ref = artefact.ref
        try:
            problem = form.structure_problem(structure_bytes(form, (artefact,), header))
            if problem:
                message = f"{form.name} cannot express {ref.kind} {ref.short}: {problem}"
                errors_by_number[number] = SdmxmigError(message, artefact.place, "Leave it out, or change it.")
        except SdmxmigError as error:
            named = ref.short in error.message
            message = error.message if named else f"{form.name} cannot express {ref.kind} {ref.short}: {error.message}"
            errors_by_number[number] = SdmxmigError(message, artefact.place, error.hint)
    return errors_by_number


def write_fitting_metadata(
    form: Format, sets: Sequence[MetadataSet], header: Header, leave: Callable[[SdmxmigError], None]
) -> bytes:
    """Write the metadata sets of others that a format supports as one valid message.

    `leave` receives the error for each omitted set. Raises `SdmxmigError` if the format has no metadata messages, if
    the sets are supported one by one but not together, or if none is supported.
    """
    try:
        return write_valid_metadata(form, sets, header)
    except SdmxmigError as error:
        together = error
    accepted: list[MetadataSet] = []
    refusals: list[SdmxmigError] = []
    for metadata_set in sets:
        try:
            write_valid_metadata(form, [metadata_set], header)
            accepted.append(metadata_set)
        except SdmxmigError as error:
            refusals.append(error)
    if not refusals or not accepted:
        raise refusals[0] if refusals else together
    content = write_valid_metadata(form, accepted, header)
    for refusal in refusals:
        leave(refusal)
    return content


def write_valid_metadata(form: Format, sets: Sequence[MetadataSet], header: Header) -> bytes:
    content = metadata_bytes(form, sets, header)
    if problem := form.metadata_problem(content):
        names = ", ".join(map(describe_set, sets)) or "a message without metadata sets"
        place = sets[0].place if sets else None
        raise SdmxmigError(f"{form.name} cannot express {names}: {problem}", place, "Leave it out, or change it.")
    return content


ACTION_WORDS = {"I": "Information", "A": "Append", "M": "Merge", "R": "Replace", "D": "Delete"}
NOT_REPLACING_TEXT = ", which does not replace what is there already"


def list_lost_action(name: str, dataset: Dataset, written_word: str) -> Iterator[str]:
    """Describe an action that the format lacks; `written_word` is the action written instead, or empty."""
    word = ACTION_WORDS.get(dataset.action, dataset.action)
    if word != written_word:
        instead = (
            f"it says {written_word}{NOT_REPLACING_TEXT if written_word == ACTION_WORDS['A'] else ''}"
            if written_word
            else "it says none"
        )
        yield f"{name} has no word for the action {word}: {instead}."


def collect_losses(
    blocks: Iterable[Dataset], losses: FindLosses, layout: Layout, sentences: dict[str, None]
) -> Iterator[Dataset]:
    """Yield the blocks of a message for writing, and add the losses of the target format to `sentences`."""
    for block in blocks:
        sentences |= dict.fromkeys(losses(block, layout))
        yield block


MAX_MEMORY_BYTES = 4 * MIB
CHECK_HINT = "sdmxmig check lists the faults of the data; --lenient writes them nevertheless."


def collect_flows(blocks: Iterable[Dataset], flows: dict[str, Flow]) -> Iterator[Dataset]:
    for block in blocks:
        flows[block.flow.dataflow.ref.short] = block.flow
        if block.refers_to is not None:
            flows[block.refers_to.urn] = block.flow
        yield block


def write_valid_data(form: Format, datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:
    """Write datasets as one message, then validate it; a file that cannot be read back receives it once it is valid.

    Generated schemas check the position of components; use `check` for values. Raises `SdmxmigError` with the first
    violation; do not use the file then.
    """
    assert form.write_data is not None  # noqa: S101 - only such formats are written
    if form.data_problem is accept_any_data:
        form.write_data(datasets, header, out, layout)
        return
    flows: dict[str, Flow] = {}
    is_readable = isinstance(out, io.BufferedRandom)
    with nullcontext(out) if is_readable else tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as opened:
        message = cast("BinaryIO", opened)
        start = message.tell()
        form.write_data(collect_flows(datasets, flows), header, message, layout)
        message.seek(start)
        problem = form.data_problem(message, flows)
        if problem:
            raise SdmxmigError(f"{form.name} cannot express these data: {problem}", hint=CHECK_HINT)
        if is_readable:
            message.seek(0, io.SEEK_END)
        else:
            message.seek(0)
            shutil.copyfileobj(message, out)
