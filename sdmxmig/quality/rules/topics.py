"""Topics of indicators and their codes."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.words import because
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.sdmx.model.indicators import TOPIC, TOPIC_CODE

TOTAL, LIST_OF_TOPIC = "_T", "CODELIST"


@KINDS.add("CODE-OF-TOPIC")
def code_of_topic(check: Check) -> Iterable[Fault | NotTestable]:
    """A topic has a code of its list beside it, and a code has a topic.

    Codes of topics whose list no dataflow uses, and of topics without a list, are not judged.
    """
    check.parameters.close()
    flow, frame = check.dataset.flow, check.frame
    topics = flow.codelist(TOPIC) if {TOPIC, TOPIC_CODE} <= set(flow.structure.key) else None
    if topics is None:
        yield NotTestable(because("{flow} has no topics with a code beside them", flow=flow.id))
        return
    pairs = frame.group_by(TOPIC, TOPIC_CODE, maintain_order=True).agg("row")
    for topic, code, rows in pairs.iter_rows():
        allowed = allowed_codes(topic, topics, check)
        if topic is None or code is None or topic not in topics or is_allowed(topic, code, allowed):
            continue
        expected = TOTAL if topic == TOTAL else (f"a code of {allowed.ref.short}" if allowed else f"a code of {topic}")
        words = {"value": code, "topic": f"{topic} ({topics[topic].name})", "expected": expected}
        yield Fault(tuple(rows), TOPIC_CODE, parameters=words, observed=code, expected=expected, labels=(TOPIC,))


def is_allowed(topic: str, code: str, allowed: ItemScheme | None) -> bool:
    """Whether a code is valid for a topic; without a list any except the total.

    >>> is_allowed("BORDER_POINT", "Sarpi", None), is_allowed("BORDER_POINT", "_T", None), is_allowed("_T", "F", None)
    (True, False, False)
    """
    if TOTAL in (topic, code):
        return topic == code
    return allowed is None or code in allowed


def allowed_codes(topic: str, topics: ItemScheme, check: Check) -> ItemScheme | None:
    name = topics[topic].note(LIST_OF_TOPIC) if topic in topics else ""
    lists = (codelist for flow in check.flows.values() for codelist in flow.codelists.values()) if name else ()
    return next((codelist for codelist in lists if codelist.ref.short == name), None)
