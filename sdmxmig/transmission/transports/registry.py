"""FMR registry transport, which submits artefacts in tiers."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.intake.json import parse_json
from sdmxmig.io.network import MAX_BODY_BYTES, Answer, NotSentError, UnknownOutcomeError, UnreachableError
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, Format, metadata_bytes, structure_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import read_error
from sdmxmig.sdmx.formats.sdmx_ml.registry import read_answer
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, REJECTED, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import KINDS, Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import METADATA, STRUCTURES, Header, Note
from sdmxmig.transmission.transports import MAX_SHOWN_LENGTH, TRANSPORTS, Settings, truncate_printable
from sdmxmig.transmission.transports.http import (
    build_request,
    call_service,
    check_credential,
    find_reason,
    interpret_refusal,
    send_with_token,
)

SUBMIT, SUBMIT_METADATA = "/ws/secure/sdmxapi/rest/", "/ws/secure/sdmx/v2/metadata"
TRANSACTIONS_PATH = "/ws/registry/tx/searchTransactions"
"""The path of FMR's transactions: each submission is accepted or rejected as a whole."""
MAX_TRANSACTIONS = 100
STRUCTURE_AT, METADATA_AT = "/sdmx/v2/structure", "/sdmx/v2/metadata/metadataset"
ACTIONS = {"replace": "Replace", "append": "Append"}
"""Allowed actions: replace or append. FMR's others delete or mix content and are never used."""
TIERS = {row["kind"]: int(row["tier"]) for row in KINDS if row["tier"]}
"""Kinds by tier; others go with dataflows.

A codelist sent with its structure would sometimes be refused.
"""
FLOW_TIER, MAX_TIERS = 3, 5
ML_BY_JSON = {"sdmx-json-1.0": "sdmx-ml-2.1", "sdmx-json-2.0": "sdmx-ml-3.0", "sdmx-json-2.1": "sdmx-ml-3.1"}
"""As what a message is sent on and asked for: registries before FMR 11.18.1 make wrong JSON."""
METADATA_FORMAT = "sdmx-json-2.0"
KIND_SYNONYMS = {"ContentConstraint": "DataConstraint"}
"""Kinds with another name in SDMX 3; registries answer with their own."""
DONE_STATUSES = (200, 201, 207)
TIMEOUT_SECONDS = 60.0
MAX_FILE_BYTES = 64 * MIB
SUCCESS, WARNING = "Success", "Warning"


@dataclass(frozen=True, slots=True)
class Message:
    form: Format
    header: Header
    artefacts: tuple[Artefact, ...] = ()
    sets: tuple[MetadataSet, ...] = ()


RegistryContent = TypeVar("RegistryContent")


class UnusableAnswer(Exception):  # noqa: N818 - the name says what is the matter
    """A query without a usable answer; nothing was changed."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class RegistryConnection:
    settings: Settings
    seconds: float

    def call(self, method: str, path: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        settings, pieces = self.settings, [content] if content else []
        address = settings.address.rstrip("/") + path
        return send_with_token(
            settings,
            lambda: build_request(settings, method, address, headers, pieces, len(content), seconds=self.seconds),
        )


@TRANSPORTS.add("registry")
def build_channel(settings: Settings) -> Channel:
    """Submit structures or metadata that differ; `action` is ``replace`` or ``append``."""

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        return submit_tiers(settings, dispatch, join_message(dispatch, pieces))

    def ask(dispatch: Dispatch) -> Outcome:
        try:
            message = join_message(dispatch, settings.kept(dispatch.parcel.content))
            return compare_with_registry(open_registry(settings, message), message)
        except UnusableAnswer as question:
            return Outcome(state=dispatch.state, reason=question.outcome.reason)
        except SdmxmigError as error:
            return Outcome(state=dispatch.state, reason=str(error))

    return Channel(
        send=send,
        ask=ask,
        takes=(STRUCTURES, METADATA),
        actions=tuple(ACTIONS),
        check=partial(check_credential, settings),
        beyond=partial(list_extra_artefacts, RegistryConnection(settings, TIMEOUT_SECONDS)),
    )


def join_message(dispatch: Dispatch, pieces: Iterable[bytes]) -> Message:
    name, hint = dispatch.parcel.name, "Send the files of structures and of reference metadata separately."
    if dispatch.parcel.size > MAX_FILE_BYTES:
        raise SdmxmigError(f"“{name}” is too large for a registry: more than {MAX_FILE_BYTES // MIB} MiB.")
    content = b"".join(pieces)
    detected = detect(name, content)
    form = FORMATS[detected.format] if detected.format else None
    if form is None or form.read_header is None or detected.kind not in ("structure", "metadata"):
        raise SdmxmigError(f"A registry does not accept {detected.name}.", hint=hint)
    header = form.read_header(name, io.BytesIO(content))
    if detected.kind == "metadata" and form.read_metadata is not None:
        return prepare_message(Message(FORMATS[METADATA_FORMAT], header, sets=form.read_metadata(name, content)))
    if form.read_structures is None:
        raise SdmxmigError(f"A registry does not accept {detected.name}.", hint=hint)
    artefacts = form.read_structures(name, content)
    return prepare_message(Message(FORMATS[ML_BY_JSON.get(form.id, form.id)], header, artefacts=artefacts))


def prepare_message(message: Message) -> Message:
    form, header, name = message.form, message.header, "the submission"
    if message.sets and form.read_metadata is not None:
        return replace(message, sets=form.read_metadata(name, metadata_bytes(form, message.sets, header)))
    if message.artefacts and form.read_structures is not None:
        artefacts = form.read_structures(name, structure_bytes(form, message.artefacts, header))
        return replace(message, artefacts=artefacts)
    return message


def open_registry(settings: Settings, message: Message) -> RegistryConnection:
    calls = 2 * len(message.artefacts) + 2 * len(message.sets) + MAX_TIERS + 3
    return RegistryConnection(settings, settings.habits.lease / 2 / calls)


def group_by_tier(artefacts: Iterable[Artefact]) -> tuple[tuple[Artefact, ...], ...]:
    tiers: dict[int, list[Artefact]] = {}
    for artefact in artefacts:
        tiers.setdefault(TIERS.get(artefact.ref.kind, FLOW_TIER), []).append(artefact)
    return tuple(tuple(tiers[tier]) for tier in sorted(tiers))


def submit_tiers(settings: Settings, dispatch: Dispatch, message: Message) -> Outcome:
    """Submit missing content by tier until one is refused; keep all answers."""
    line, done = open_registry(settings, message), Submissions()
    action = ACTIONS[find_action(dispatch)]
    heads = {"Action": action, "Accept": "application/xml", "Content-Type": "application/xml"}
    try:
        for tier in group_by_tier(message.artefacts):
            missing = [artefact for artefact in tier if not has_artefact(line, message.form, artefact)]
            if missing:
                done.before = done.before if done.answers else find_newest_transaction(line)
                content = structure_bytes(message.form, missing, message.header)
                outcome = post_message(
                    line, SUBMIT, heads, content=content, refs=[artefact.ref for artefact in missing]
                )
                done.add(confirm_artefacts(line, message.form, missing, outcome))
                if done.last.state != RECEIVED:
                    return finish_submission(line, done, action)
        missing_sets = [each for each in message.sets if not has_set(line, message.form, each)]
        if missing_sets:
            heads |= {"Content-Type": "application/json"}
            content = metadata_bytes(message.form, missing_sets, message.header)
            outcome = post_message(line, SUBMIT_METADATA, heads, content=content, refs=())
            if outcome.state == RECEIVED and not all(has_set(line, message.form, each) for each in missing_sets):
                reason = "The registry accepted the reference metadata, but does not have them unchanged."
                outcome = replace(outcome, state=UNCERTAIN, reason=reason)
            done.add(outcome)
    except UnusableAnswer as question:
        return replace(question.outcome, answer=join_answers([*done.answers, question.outcome.answer]))
    return finish_submission(line, done, action)


class Submissions:
    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.warnings: list[str] = []
        self.before: int | None = None
        self.last = Outcome(state=RECEIVED)

    def add(self, outcome: Outcome) -> None:
        self.answers.append(outcome.answer)
        self.warnings += [outcome.reason] if outcome.state == RECEIVED and outcome.reason else []
        self.last = outcome


def confirm_artefacts(
    line: RegistryConnection, form: Format, artefacts: Iterable[Artefact], outcome: Outcome
) -> Outcome:
    is_warned = outcome.state == RECEIVED and bool(outcome.reason)
    if not is_warned or all(has_artefact(line, form, artefact) for artefact in artefacts):
        return outcome
    return replace(outcome, state=UNCERTAIN, reason=f"{outcome.reason} It does not have them unchanged.")


def finish_submission(line: RegistryConnection, done: Submissions, action: str) -> Outcome:
    listed, numbers = find_transactions_since(line, done.before, action)
    under = f" Transactions there meanwhile: {', '.join(map(str, numbers))}." if numbers else ""
    reason = done.last.reason
    if done.last.state == RECEIVED:
        reason = " ".join([write_summary(done.answers), *done.warnings])
    return replace(done.last, reason=f"{reason}{under}", answer=join_answers([*done.answers, listed]))


def find_newest_transaction(line: RegistryConnection) -> int | None:
    listed, numbers = list_transactions(line, "?max=1")
    return max(numbers, default=0) if listed else None


def find_transactions_since(line: RegistryConnection, before: int | None, action: str) -> tuple[bytes, list[int]]:
    if before is None:
        return b"", []
    listed, numbers = list_transactions(line, f"?action={action}&max={MAX_TRANSACTIONS}")
    newer = sorted(number for number in numbers if number > before)
    return (listed if newer else b""), newer


def list_transactions(line: RegistryConnection, query: str) -> tuple[bytes, list[int]]:
    try:
        answer = line.call("GET", f"{TRANSACTIONS_PATH}{query}", {"Accept": "application/json"})
        listed = parse_json(answer.body, "the answer of the registry") if answer.status == 200 else None
    except (NotSentError, UnknownOutcomeError, SdmxmigError):
        return b"", []
    if not isinstance(listed, list) or not answer.is_whole:
        return b"", []
    numbers = [row.get("Id") for row in listed if isinstance(row, dict)]
    return answer.body, [number for number in numbers if type(number) is int]


def write_summary(answers: list[bytes]) -> str:
    return f"It is there, after {len(answers)} submissions." if answers else "All artefacts were already there."


def join_answers(answers: Iterable[bytes]) -> bytes:
    return b"\n".join(answer for answer in answers if answer)[:MAX_BODY_BYTES]


def find_action(dispatch: Dispatch) -> str:
    action = dispatch.parcel.action
    if action not in ACTIONS:
        hint = f"Write action with one of: {', '.join(ACTIONS)}. Delete other artefacts by hand in the registry."
        raise SdmxmigError(f"A registry does not support the action “{action}”.", hint=hint)
    return action


def compare_with_registry(line: RegistryConnection, message: Message) -> Outcome:
    there = [has_artefact(line, message.form, artefact) for artefact in message.artefacts]
    there += [has_set(line, message.form, each) for each in message.sets]
    reason = f"The registry has {sum(there)} of {len(there)} unchanged."
    if not all(there):
        return Outcome(state=READY, reason=reason)
    names = [each.ref for each in (*message.artefacts, *message.sets) if each.ref is not None]
    receipt = "\n".join([reason, *(ref.urn for ref in names), ""])
    return Outcome(state=RECEIVED, reason=reason, answer=receipt.encode())


def has_artefact(line: RegistryConnection, form: Format, artefact: Artefact) -> bool:
    ref = artefact.ref
    path = f"{STRUCTURE_AT}/{KIND_SYNONYMS.get(ref.kind, ref.kind).lower()}/{build_reference_path(ref)}?detail=full"
    there = read_registry_content(line, path, form.structure_media_type, form.read_structures)
    return simplify_value(artefact) in [simplify_value(each) for each in there]


def has_set(line: RegistryConnection, form: Format, metadata: MetadataSet) -> bool:
    if metadata.ref is None:
        hint = "Make them as SDMX 3.0, where sets have names."
        raise SdmxmigError("A registry keeps metadata sets under their names, and these have none.", hint=hint)
    path = f"{METADATA_AT}/{build_reference_path(metadata.ref)}"
    there = read_registry_content(line, path, form.metadata_media_type, form.read_metadata)
    return simplify_value(replace(metadata, action="")) in [simplify_value(replace(each, action="")) for each in there]


def read_registry_content(
    line: RegistryConnection, path: str, media_type: str, read: Callable[..., Sequence[RegistryContent]] | None
) -> Sequence[RegistryContent]:
    answer = query_registry(line, path, media_type)
    if answer is None or read is None:
        return ()
    try:
        return read("the answer of the registry", answer.body, Faults(TOLERANT))
    except SdmxmigError as error:
        raise UnusableAnswer(Outcome(state=READY, reason=f"The registry’s answer cannot be read: {error}")) from None


def query_registry(line: RegistryConnection, path: str, media_type: str) -> Answer | None:
    try:
        answer = line.call("GET", path, {"Accept": media_type})
    except (NotSentError, UnknownOutcomeError, UnreachableError) as error:
        raise UnusableAnswer(Outcome(state=READY, reason=str(error))) from None
    if answer.status in (204, 404):
        return None
    if answer.status != 200 or not answer.is_whole:
        outcome = interpret_refusal(answer) or Outcome(state=READY, reason=f"{find_reason(answer)} to a question.")
        raise UnusableAnswer(outcome)
    return answer


def build_reference_path(ref: Ref) -> str:
    return "/".join(quote(part, safe="") for part in (ref.agency, ref.id, ref.version))


def simplify_value(value: Any) -> Any:
    if isinstance(value, Text):
        return tuple(sorted(value.values))
    if isinstance(value, Details):
        return value.valid_from, value.valid_to, value.final
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    if isinstance(value, tuple):
        return tuple(simplify_value(member) for member in value)
    if isinstance(value, Ref) or not dataclasses.is_dataclass(value):
        return value
    parts = {each.name: simplify_value(getattr(value, each.name)) for each in dataclasses.fields(value) if each.compare}
    if "annotations" in parts:
        parts["annotations"] = tuple(sorted(parts["annotations"], key=repr))
    return tuple(parts.items())


def list_extra_artefacts(line: RegistryConnection, sent: Iterable[Dispatch]) -> Iterator[str]:
    known: set[str] = set()
    agencies: dict[str, Format] = {}
    providers: dict[str, Format] = {}
    for dispatch in sent:
        message = join_message(dispatch, line.settings.kept(dispatch.parcel.content))
        artefacts = [each.ref for each in message.artefacts]
        sets = [each.ref for each in message.sets if each.ref is not None]
        known |= {
            format_short_reference(ref).upper() for ref in (*artefacts, *sets)
        }  # some registries store ids this way
        agencies |= dict.fromkeys((ref.agency for ref in artefacts), message.form)
        providers |= dict.fromkeys((ref.agency for ref in sets), message.form)
    try:
        there = [ref for agency, form in sorted(agencies.items()) for ref in list_structures(line, agency, form)]
        there += [ref for agency, form in sorted(providers.items()) for ref in list_sets(line, agency, form)]
    except UnusableAnswer as question:
        raise SdmxmigError(question.outcome.reason) from None
    if known and not there:
        raise SdmxmigError("The registry lists none of the artefacts that were sent.")
    yield from sorted(name for name in {format_short_reference(ref) for ref in there} if name.upper() not in known)


def list_structures(line: RegistryConnection, agency: str, form: Format) -> list[Ref]:
    path = f"{STRUCTURE_AT}/*/{quote(agency, safe='')}/*/*?detail=allstubs"
    return [each.ref for each in read_registry_content(line, path, form.structure_media_type, form.read_structures)]


def list_sets(line: RegistryConnection, provider: str, form: Format) -> list[Ref]:
    path = f"{METADATA_AT}/{quote(provider, safe='')}/*/*?detail=allstubs"
    sets = read_registry_content(line, path, form.metadata_media_type, form.read_metadata)
    return [each.ref for each in sets if each.ref is not None]


def post_message(
    line: RegistryConnection, path: str, heads: Mapping[str, str], *, content: bytes, refs: Iterable[Ref]
) -> Outcome:
    return call_service(lambda: line.call("POST", path, heads, content), lambda answer: interpret_answer(answer, refs))


def interpret_answer(answer: Answer, refs: Iterable[Ref]) -> Outcome:
    """Interpret an answer, which must name every artefact."""
    if (untaken := interpret_refusal(answer)) is not None:
        return untaken
    if 400 <= answer.status < 500:
        words = describe_verdicts(answer) or find_reason(answer)
        return Outcome(state=REJECTED, reason=f"The registry refused it: {words}", answer=answer.body)
    if answer.status not in DONE_STATUSES:
        return Outcome(state=UNCERTAIN, reason=f"{find_reason(answer)}.", answer=answer.body)
    names = {format_short_reference(ref) for ref in refs}
    return interpret_verdicts(answer, names) if names else Outcome(state=RECEIVED, answer=answer.body)


def interpret_verdicts(answer: Answer, names: set[str]) -> Outcome:
    results = index_verdicts(answer)
    noted = {name: f"{name} ({words or status})" for name, (status, words) in results.items() if status != SUCCESS}
    refused = [noted[name] for name in noted if results[name][0] != WARNING]
    if not answer.is_whole or set(results) != names:
        others = ", ".join(sorted(set(results) - names)[:3])
        besides = f" It mentions {others}." if others else ""
        reason = f"The registry did not report the result for each artefact.{besides}"
        return Outcome(state=UNCERTAIN, reason=reason, answer=answer.body)
    if refused:
        reason = f"The registry refused {', '.join(refused)}"[: 2 * MAX_SHOWN_LENGTH]
        return Outcome(state=REJECTED, reason=reason, answer=answer.body)
    warned = f"The registry warns of {', '.join(noted.values())}."[: 2 * MAX_SHOWN_LENGTH] if noted else ""
    return Outcome(state=RECEIVED, reason=warned, answer=answer.body)


def index_verdicts(answer: Answer) -> dict[str, tuple[str, str]]:
    try:
        results = read_answer("the answer of the registry", answer.body, Faults())
    except SdmxmigError:
        return {}
    return {format_short_reference(result.artefact): (result.status, join_notes(result.notes)) for result in results}


def describe_verdicts(answer: Answer) -> str:
    words = dict.fromkeys(words for _, words in index_verdicts(answer).values() if words)
    if words:
        return "; ".join(words)[:MAX_SHOWN_LENGTH]
    try:
        return join_notes(read_error("the answer of the registry", answer.body, Faults()).errors)
    except SdmxmigError:
        return ""


def join_notes(notes: Iterable[Note]) -> str:
    return truncate_printable("; ".join(str(note.text) for note in notes if note.text))


def format_short_reference(ref: Ref) -> str:
    return f"{KIND_SYNONYMS.get(ref.kind, ref.kind)}={ref.short}"
