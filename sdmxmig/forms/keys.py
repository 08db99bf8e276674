"""Hidden keys of sheets, rows and columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class CellKey:
    """A hidden key: kind, name, and (dimension, code) pairs."""

    kind: str
    name: str = ""
    _: KW_ONLY
    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ";".join([self.kind, self.name, *(f"{name}={code}" for name, code in self.pairs)]).rstrip(";")


def key(kind: str, name: str = "", pairs: Iterable[tuple[str, str]] = ()) -> str:
    """The text of a hidden cell.

    >>> key("value", pairs=[("TIME_PERIOD", "2024"), ("SEX", "F")])
    'value;;TIME_PERIOD=2024;SEX=F'
    """
    return str(CellKey(kind, name, pairs=tuple(pairs)))


def parsed(text: str, kinds: Collection[str]) -> CellKey | None:
    """What a hidden cell says; None if it says nothing of one of these kinds.

    >>> parsed("label;SEX", ["label"]), parsed("Total", ["label"])
    (CellKey(kind='label', name='SEX', pairs=()), None)
    """
    kind, *fields = text.strip().split(";")
    if kind not in kinds:
        return None
    pairs = []
    for part in fields[1:]:
        name, sign, code = part.partition("=")
        if not (name and sign):
            return None
        pairs.append((name, code))
    return CellKey(kind, fields[0] if fields else "", pairs=tuple(pairs))
