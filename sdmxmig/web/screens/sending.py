"""Sending confirmation screen."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.screens import Screen, Shown, Visit
from sdmxmig.web.screens.deliveries import OPTIONS, confirmation_of, delivery_facts
from sdmxmig.workspace.tasks.promising import chosen
from sdmxmig.workspace.tasks.talk import quoted


def show(visit: Visit) -> Shown:
    session = visit.desk.session()
    options = {name: visit.asked.get(name, "").strip() for name in OPTIONS}
    submission = chosen(session, options["id"])
    deliveries = delivery_facts(visit, session, submission)
    if deliveries is None or deliveries["way"] is None:
        raise SdmxmigError("No way to the receiver is set.", hint="Set it on the screen Settings, under Delivery.")
    facts = {
        "options": options,
        "submission": {
            "id": submission.id,
            "receiver": submission.receiver,
            "prepared": submission.prepared,
            "parts": len(submission.parts),
            "size": sum(part.size for part in submission.parts),
        },
        "older": session.results.older("submission") if submission.is_newest else [],
        "deliveries": deliveries,
        "confirmed": confirmation_of(submission, options, deliveries),
    }
    return Shown(facts, command=f"sdmxmig send {quoted(visit.desk.folder)} --dry-run")


SCREEN = Screen(name="sending", title="Confirm sending", show=show, rail=False)
