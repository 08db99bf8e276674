"""SDMX REST maintenance of structures.

SDMX REST 1.5 and 2.x (github.com/sdmx-twg/sdmx-rest, ``4_8_maintenance.md`` and ``maintenance.md``): POST creates, PUT
replaces, DELETE removes; answers are ``SubmitStructureResponse``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from sdmxmig.io.network.addresses import Unreachable
from sdmxmig.io.network.exchange import NothingSent, OutcomeUnknown
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.sdmx.formats import structure_bytes
from sdmxmig.sdmx.model.delivery import (
    APPEND,
    DELETE,
    READY,
    RECEIVED,
    REJECTED,
    REPLACE,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import STRUCTURES
from sdmxmig.transmission.transports import TRANSPORTS, Settings
from sdmxmig.transmission.transports.credentials import check_credential
from sdmxmig.transmission.transports.registry import (
    ABSENT,
    OTHERWISE,
    SAME_KIND,
    SECONDS,
    TIERS,
    Line,
    Message,
    Unanswered,
    action_of,
    asking,
    beyond,
    compared,
    kept,
    message_in,
    outcome_of,
    posted,
    standing,
    tiers_of,
)

AT = "/structure"
VERSIONS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "1": ("", f"{AT}/{{agency}}/all/all", {}),
    "2": (AT, f"{AT}/*/{{agency}}/*/*", SAME_KIND),
}
ACTIONS = (REPLACE, APPEND, DELETE)
NOT_THERE, IN_USE = 404, 409
ROUNDS = 4


@TRANSPORTS.add("sdmx-rest")
def channel(settings: Settings) -> Channel:
    """Create, replace or delete the structures of a file.

    `address` ends before ``/structure``; `api` is ``2`` or ``1`` (1.5); `action`: ``replace``, ``append``, ``delete``.
    """

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        action, message = action_of(dispatch, ACTIONS), structures_in(dispatch, pieces)
        line = line_to(settings, message)
        try:
            return removed(line, message) if action == DELETE else submitted(line, message, action)
        except Unanswered as question:
            return question.outcome

    def compare(dispatch: Dispatch) -> Outcome:
        message = structures_in(dispatch, settings.kept(dispatch.parcel.content))
        line = line_to(settings, message)
        return left(line, message) if action_of(dispatch, ACTIONS) == DELETE else compared(line, message)

    return Channel(
        send=send,
        ask=asking(compare),
        takes=(STRUCTURES,),
        actions=ACTIONS,
        check=partial(check_credential, settings),
        beyond=lambda sent: beyond(settings, line_of(settings, SECONDS), sent),
    )


def structures_in(dispatch: Dispatch, pieces: Iterator[bytes]) -> Message:
    message = message_in(dispatch, pieces)
    if message.sets:
        hint = "Send the files of structures. Reference metadata go to an FMR, or to a .Stat service."
        message_text = "SDMX’s REST interface describes how structures are maintained, and not reference metadata."
        raise SdmxmigError(message_text, hint=hint)
    return message


def line_to(settings: Settings, message: Message) -> Line:
    calls = (ROUNDS + 2) * len(message.artefacts) + len(TIERS) + 1
    return line_of(settings, settings.habits.lease / 2 / calls)


def line_of(settings: Settings, seconds: float) -> Line:
    version = settings.more.get("api", "2")
    check_known("version of SDMX REST", version, VERSIONS)
    structures, all_of, names = VERSIONS[version]
    return Line(settings, seconds, structures=structures, all_of=all_of, sets="", names=names)


def submitted(line: Line, message: Message, action: str) -> Outcome:
    """Create and replace tier by tier until one is refused; all answers are kept."""
    stands = [(artefact, standing(line, message.form, artefact)) for artefact in message.artefacts]
    new = [artefact for artefact, there in stands if there == ABSENT]
    other = [artefact for artefact, there in stands if there == OTHERWISE]
    if other and action == APPEND:
        names = ", ".join(artefact.ref.short for artefact in other)
        return Outcome(state=REJECTED, reason=f"The registry has {names} already, and otherwise.")
    answers, warnings = list[bytes](), list[str]()
    for tier in tiers_of([*new, *other]):
        for group in groups_of(tier, new):
            outcome = maintained(line, message, group, is_new=group[0] in new)
            answers.append(outcome.answer)
            if outcome.state != RECEIVED:
                return replace(outcome, answer=kept(answers))
            warnings += [outcome.reason] if outcome.reason else []
    result = compared(line, message)
    state = RECEIVED if result.state == RECEIVED else UNCERTAIN  # it accepted everything, and added content
    return replace(
        result, state=state, reason=" ".join([result.reason, *warnings]), answer=kept([*answers, result.answer])
    )


def groups_of(tier: Iterable[Artefact], new: Collection[Artefact]) -> list[list[Artefact]]:
    created = [artefact for artefact in tier if artefact in new]
    return ([created] if created else []) + [[artefact] for artefact in tier if artefact not in new]


def maintained(line: Line, message: Message, artefacts: list[Artefact], *, is_new: bool) -> Outcome:
    form, refs = message.form, [artefact.ref for artefact in artefacts]
    heads = {"Accept": "application/xml", "Content-Type": form.structure_media_type}
    method, path = ("POST", AT) if is_new else ("PUT", f"{AT}/{line.path_of(refs[0])}")
    content = structure_bytes(form, artefacts, message.header)
    return posted(line, path, heads, content=content, refs=refs, method=method)


def removed(line: Line, message: Message) -> Outcome:
    """Delete only the artefacts of a file, dependents first; all answers are kept."""
    waiting = [artefact.ref for tier in reversed(tiers_of(message.artefacts)) for artefact in tier]
    answers = list[bytes]()
    while waiting:
        used = list[Ref]()
        for ref in waiting:
            outcome, is_used = taken_away(line, ref)
            answers.append(outcome.answer)
            used += [ref] if is_used else []
            if outcome.state != RECEIVED and not (is_used and len(used) < len(waiting)):
                return replace(outcome, answer=kept(answers))
        waiting = used
    result = left(line, message)
    return replace(result, answer=kept([*answers, result.answer]))


def taken_away(line: Line, ref: Ref) -> tuple[Outcome, bool]:
    try:
        answer = line.call("DELETE", f"{AT}/{line.path_of(ref)}", {"Accept": "application/xml"})
    except (NothingSent, OutcomeUnknown, Unreachable) as error:  # asking again is safe: removed content stays removed
        return Outcome(state=READY, reason=str(error)), False
    if answer.status == NOT_THERE:
        return Outcome(state=RECEIVED, answer=answer.body), False
    return outcome_of(answer, (ref,)), answer.status == IN_USE


def left(line: Line, message: Message) -> Outcome:
    there = [standing(line, message.form, artefact) != ABSENT for artefact in message.artefacts]
    reason = f"The registry has {sum(there)} of {len(there)} still."
    if any(there):
        return Outcome(state=READY, reason=reason)
    receipt = "\n".join([reason, *(artefact.ref.urn for artefact in message.artefacts), ""])
    return Outcome(state=RECEIVED, reason=reason, answer=receipt.encode())
