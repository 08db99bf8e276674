"""A large data message held against its schemas in batches, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml

BATCH = 50_000
"""So many elements are judged at once, and as many more as it takes to the end of a series."""
DATASETS, CONTENT = 1, 2
"""How deep they stand below the root."""


def judged_in_batches(content: bytes | Iterable[bytes], name: str, judge: Callable[[etree._Element], None]) -> None:
    """Give a message to `judge` again and again, each time with the next batch of its data and without those before.

    The first element of a batch was the last one of the batch before, so that their order is seen. The message is still
    open then: nothing in it may be removed, and more of it may stand there than the batch. The last time it has no data
    any more. A series is judged with all its observations.

    Raises `InputError` as `parse_xml` does.
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
    """Events with how deep their elements stand; the root stands at 0."""
    depth = 0
    for event, element in events:
        depth -= event == "end"
        yield depth, event, element
        depth += event == "start"


def remove_before(element: etree._Element | None, name: str = "", above: etree._Element | None = None) -> None:
    """Take out the siblings before an element, or all that stands `above` it; with a name, only those called so."""
    above = element.getparent() if element is not None else above
    siblings = element.itersiblings(preceding=True) if element is not None else above
    for sibling in list(siblings if siblings is not None else ()):
        if above is not None and name in ("", local(sibling)):
            above.remove(sibling)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)
