"""The receiver's list is compared with sent files, and changes only open deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from case_tables import cases_from
from test_delivery import Office, office_at

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ASKABLE,
    KEYED,
    PERSON,
    RECEIVED,
    REJECTED,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
    RetryPolicy,
)
from sdmxmig.transmission.delivery.ledger import find_tampered_line, list_dispatches
from sdmxmig.transmission.delivery.sending import OTHER, THERE, UNASKED, UNKNOWN, Receiver, Sender, reconcile


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path / "queue.sqlite", tmp_path) as made:
        yield made
        assert find_tampered_line(made.ledger) == 0


def asked(office: Office, names: Iterable[str] | None = None) -> list[tuple[str, str, str]]:
    """The result for each file: its former state, the receiver's answer, and its new state."""
    listing = None if names is None else lambda: iter(names)
    channel = Channel(send=office.send, ask=office.ask, listing=listing)
    receiver = Receiver("UNSD", channel, habits=office.habits)
    sender = Sender(worker="a", now=office.moment, chance=lambda: 1.0)
    said = list(reconcile(office.ledger, office.folder, receiver, sender))
    return [(each.before, each.verdict, each.dispatch.state if each.dispatch else "") for each in said]


def stood(office: Office, outcome: Outcome, content: bytes = b"1", **more: str) -> None:
    """Let a dispatch stand where this outcome leaves it."""
    office.answers = [outcome]
    office.promise(content, **more)
    office.work()


@cases_from("transmission/cases/only_open_or_final_states_change.csv")
def test_only_open_or_final_states_change(office: Office, before: str, answer: str, verdict: str, after: str) -> None:
    stood(office, Outcome(state=before, answer=b"1"))
    steps = len(list_dispatches(office.ledger))
    office.asked = [Outcome(state=answer, reason="they say", answer=b"2")]
    assert asked(office) == [(before, verdict, after)]
    assert [dispatch.state for dispatch in list_dispatches(office.ledger)] == [after]
    assert (len(office.got), steps) == (1, 1), "nothing is sent by asking"


@pytest.mark.parametrize("repeat", [KEYED, PERSON])
def test_receiver_that_cannot_be_queried_leaves_states_unchanged(office: Office, repeat: str) -> None:
    office.habits = RetryPolicy(repeat=repeat)
    stood(office, Outcome(state=RECEIVED))
    assert asked(office) == [(RECEIVED, UNASKED, RECEIVED)]


def test_unsent_file_at_the_receiver_is_named(office: Office) -> None:
    stood(office, Outcome(state=RECEIVED))
    office.asked = [Outcome(state=RECEIVED)]
    assert asked(office, ["theirs.csv", "a.csv"]) == [(RECEIVED, THERE, RECEIVED), ("", UNKNOWN, "")]


def test_surplus_is_named_or_reported_as_unlisted(office: Office) -> None:
    stood(office, Outcome(state=RECEIVED))
    stood(office, Outcome(state=REJECTED), b"2")

    def beyond(sent: Iterable[Dispatch]) -> Iterator[str]:
        assert [each.state for each in sent] == [RECEIVED], "what was refused has brought nothing"
        yield "Codelist=XA:CL(1.0)"
        raise SdmxmigError("The receiver answered 500.")

    channel = Channel(send=office.send, ask=office.ask, beyond=beyond)
    sender = Sender(worker="a", now=office.moment, chance=float)
    office.asked = [Outcome(state=RECEIVED)]
    listed = [*reconcile(office.ledger, office.folder, Receiver("UNSD", channel, habits=office.habits), sender)]
    assert [(each.name, each.verdict) for each in listed] == [
        ("a.csv", THERE),
        ("Codelist=XA:CL(1.0)", UNKNOWN),
        ("UNSD", UNASKED),
    ]
    assert "answered 500" in listed[-1].reason


def test_different_file_with_sent_name_is_recognised(office: Office) -> None:
    stood(office, Outcome(state=RECEIVED))
    office.asked = [Outcome(state=UNCERTAIN, reason="Another file lies there.")]
    assert asked(office, ["a.csv"]) == [(RECEIVED, OTHER, RECEIVED)]


def test_replaced_data_are_queried_by_the_last_file(office: Office) -> None:
    for content in (b"1", b"2"):
        stood(office, Outcome(state=RECEIVED), content)
    office.asked = [Outcome(state=RECEIVED)]
    assert asked(office) == [(RECEIVED, THERE, RECEIVED)]


def test_unreachable_receiver_leaves_states_unchanged(office: Office) -> None:
    stood(office, Outcome(state=UNCERTAIN))

    def gone() -> Iterator[str]:
        raise SdmxmigError("There is no folder.")
        yield ""

    channel = Channel(send=office.send, ask=office.ask, listing=gone)
    receiver = Receiver("UNSD", channel, habits=RetryPolicy(repeat=ASKABLE))
    with pytest.raises(SdmxmigError, match="no folder"):
        list(reconcile(office.ledger, office.folder, receiver, Sender(worker="a", now=office.moment, chance=float)))
    assert office.states() == [UNCERTAIN]
