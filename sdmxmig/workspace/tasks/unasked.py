"""Sends that need confirmation: withdrawn or older data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.delivery import WITHDRAWN, Dispatch
from sdmxmig.transmission.delivery.queue import OVER
from sdmxmig.workspace.tasks.revising import AcceptedComparison
from sdmxmig.workspace.tasks.sealed_submissions import SealedSubmission
from sdmxmig.workspace.tasks.vintages import moment_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something that a receiver has, or is about to have, beside a submission: its name, and when it was prepared."""

    name: str
    prepared: str
    is_accepted: bool


def beside(comparison: AcceptedComparison) -> tuple[Known, ...]:
    return tuple(
        Known(name=vintage.name, prepared=vintage.prepared, is_accepted=True)
        for vintage in comparison.accepted
        if not vintage.datasets.keys().isdisjoint(comparison.after)
    )


def newest_beyond(
    submission: SealedSubmission, accepted: Iterable[Known], sent: Sequence[Dispatch], action: str
) -> Known | None:
    """Find newer accepted or queued data; None if absent.

    Ignores rejected, withdrawn and undated ones.
    """
    promised = [each.parcel for each in sent if each.state not in OVER]
    last = promised[-1] if promised else None
    if last is not None and submission.id in (last.submission, last.revises) and action in ("", last.action):
        return None
    names = [Known(name=each.submission, prepared=each.prepared, is_accepted=False) for each in promised]
    own = moment_in(submission.prepared)
    return max(
        (each for each in (*names, *accepted) if moment_in(each.prepared) > own),
        key=lambda each: (moment_in(each.prepared), each.is_accepted),
        default=None,
    )


def sentence_of(submission: SealedSubmission, newer: Known) -> str:
    own, other = moment_in(submission.prepared), moment_in(newer.prepared)
    about = (submission.id, f"{own:%Y-%m-%d %H:%M}", newer.name, f"{other:%Y-%m-%d %H:%M}", submission.receiver)
    if newer.is_accepted:
        return "{} of {} is older than {} of {}, which {} has accepted.".format(*about)
    return "{} of {} is older than {} of {}, which was promised to {}.".format(*about)


def check_not_older(submission: SealedSubmission, newer: Known | None, *, is_meant: bool) -> None:
    if newer is not None and not is_meant:
        hint = "Look at what it changes with --dry-run. If the older data are meant, say --older."
        raise SdmxmigError(sentence_of(submission, newer), hint=hint)


def withdrawn_of(submission: SealedSubmission, sent: Iterable[Dispatch]) -> list[Dispatch]:
    last = {each.parcel.flow: each for each in sent if submission.id in (each.parcel.submission, each.parcel.revises)}
    return [each for each in last.values() if each.state == WITHDRAWN]


def withdrawal_of(withdrawn: Dispatch) -> str:
    return f"{withdrawn.parcel.name} was withdrawn on {withdrawn.since:%Y-%m-%d}: {withdrawn.reason}"


def check_not_withdrawn(submission: SealedSubmission, sent: Iterable[Dispatch], *, is_meant: bool) -> None:
    for withdrawn in withdrawn_of(submission, sent):
        if not is_meant:
            hint = "If it is to go out after all, say --again. Another one is sent with --submission ID."
            raise SdmxmigError(withdrawal_of(withdrawn), Place(submission.id), hint)
