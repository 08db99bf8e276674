"""Repeated shapes of data elements, which schemas need to check only once.

Elements with the same names in the same order get the same result; values are checked elsewhere.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

DATASET, CONTENT, OBSERVATION = 2, 3, 4
"""Element depths; the root is 1."""
TOLD = ("id", "type", "REPORTING_YEAR_START_DAY")
"""Attributes whose values schemas check, besides those with a namespace."""
MANY = 10_000
"""Maximum number of shapes remembered; other data are validated unchanged."""
Shape = tuple[object, ...]


@dataclass(slots=True)
class OpenElement:
    """An open element: its position, shape and whether it may repeat."""

    start: int
    shape: Shape
    _: KW_ONLY
    children: list[Shape] = field(default_factory=list)
    is_plain: bool = True
    is_known: bool = True


class Repeats:
    """Finds the bytes of a message that repeat a shape.

    `cuts` are byte ranges that may be removed; `decided` is the extent analysed. Elements with text are kept.
    """

    def __init__(self) -> None:
        self.cuts: list[tuple[int, int]] = []
        self.decided = 0
        self._open: list[OpenElement] = []
        self._seen: set[Shape] = set()
        self._orders: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._is_in_data = False
        self._last_observation = 0

    def begun(self, at: int, tag: str, attributes: dict[str, str], before: str) -> None:
        """An element begins at this byte; `before` is the text before it."""
        depth = len(self._open) + 1
        if depth == DATASET:
            self._seen, self._is_in_data = set(), tag.rpartition("}")[2] == "DataSet"
        elif depth == CONTENT:
            self.decided = at
        if before and self._open and not before.isspace():
            self._open[-1].is_plain = False
        names = "\n".join(attributes)
        if names not in self._orders:
            if len(self._orders) >= MANY:
                self._orders.clear()
            with_values = tuple(sorted(name for name in attributes if name in TOLD or "}" in name))
            self._orders[names] = "\n".join(sorted(attributes)), with_values
        sorted_names, with_values = self._orders[names]
        values = [attributes[name] for name in with_values] if with_values else ()
        self._open.append(OpenElement(at, (tag, sorted_names, *values)))

    def ended(self, at: int, text: str) -> bool:
        element = self._open[-1]
        if text and not text.isspace():
            element.is_plain = False
        if len(self._open) >= CONTENT and self._is_in_data:
            return True
        self._open.pop()
        self.decided = max(self.decided, at)
        return False

    @property
    def may_be_empty(self) -> bool:
        return not self._open[-1].children

    def closed(self, end: int) -> None:
        depth = len(self._open)
        element = self._open.pop()
        above, name = self._open[-1], str(element.shape[0])
        is_observation = depth == OBSERVATION and name.rpartition("}")[2] == "Obs"
        shape = (*element.shape, *element.children)
        is_repeated = element.is_plain and element.is_known and shape in self._seen
        if is_repeated and (depth == CONTENT or is_observation):
            self._cut(element.start, end)
        elif element.is_plain and (depth == CONTENT or is_observation) and len(self._seen) < MANY:
            self._seen.add(shape)
        if depth == CONTENT:
            self.decided = end
        elif is_observation:
            self._last_observation = end
            above.is_known &= is_repeated
            if not above.children or above.children[-1] != (name,):
                above.children.append((name,))
        else:
            above.is_plain &= element.is_plain
            above.is_known &= element.is_known
            above.children.append(shape)

    def decide(self) -> None:
        if len(self._open) >= CONTENT and self._is_in_data:
            self._open[CONTENT - 1].is_known = False
            self.decided = max(self.decided, self._last_observation)

    def cut_before(self, end: int) -> list[tuple[int, int]]:
        number = sum(after <= end for _, after in self.cuts)
        before, self.cuts = self.cuts[:number], self.cuts[number:]
        return before

    def _cut(self, start: int, end: int) -> None:
        while self.cuts and self.cuts[-1][0] >= start:
            self.cuts.pop()
        self.cuts.append((start, end))
