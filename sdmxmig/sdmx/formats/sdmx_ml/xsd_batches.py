"""Validation of large data messages in batches, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml

BATCH = 50_000
"""Number of elements of a batch, extended to the end of a series."""
DATASETS, CONTENT = 1, 2


def judged_in_batches(content: bytes | Iterable[bytes], name: str, judge: Callable[[etree._Element], None]) -> None:
    """Call `judge` with one batch of data after another.

    A batch repeats the last element of the previous one, so that order is checked. The tree is still growing: `judge`
    must not remove elements and may see more than the batch. The last call has no data. Series are never split.

    Raises `InputError` like `parse_xml`.
    """
    root: etree._Element | None = None
    count, is_in_dataset = 0, False
    for depth, event, element in with_depth(iterate_xml(content, name)):
        root = element if root is None else root
        count += is_in_dataset and event == "end"
        if depth == CONTENT and event == "end" and is_in_dataset and count >= BATCH:
            judge(root)
            remove_before(element)
            count = 0
        elif depth == DATASETS and event == "start":
            is_in_dataset = local(element) == "DataSet"
            remove_before(element, "DataSet")
        elif depth == DATASETS and is_in_dataset:
            judge(root)
            count = 0
        elif depth == 0 and event == "end":
            remove_before(None, "DataSet", root)
            judge(root)


def with_depth(events: Iterator[tuple[str, etree._Element]]) -> Iterator[tuple[int, str, etree._Element]]:
    depth = 0
    for event, element in events:
        depth -= event == "end"
        yield depth, event, element
        depth += event == "start"


def remove_before(element: etree._Element | None, name: str = "", above: etree._Element | None = None) -> None:
    above = element.getparent() if element is not None else above
    siblings = element.itersiblings(preceding=True) if element is not None else above
    for sibling in list(siblings if siblings is not None else ()):
        if above is not None and name in ("", local(sibling)):
            above.remove(sibling)


def local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
