"""Which statements of a table a proposal takes up, and the doubts about phrases that it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sdmxmig.conversion.suggestion.lines import Fit
from sdmxmig.sdmx.model.data import Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A phrase that nothing takes up, where that was said, and what it raises: doubts `about` the same are one.

    `component_code` is the component with the code that would say it, if the dataflow has one.
    """

    about: str
    phrase: str
    who_says: str
    asks: str
    component_code: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """What a proposal has taken up: the components that it reads, those that are fixed, and what is left out.

    `settled` are the components whose one code a person named.
    """

    read: frozenset[str]
    fixed: Attributes
    left_out: bool
    settled: frozenset[str] = frozenset()

    def code(self, component: str) -> str:
        """The one code of a component, empty if it has none or several."""
        return dict(self.fixed).get(component, "")


def taken_up(fits: Iterable[Fit], fixed: Attributes, settled: Iterable[str], *, left_out: bool) -> TakenUp:
    """What a proposal takes up; `left_out` says that it leaves columns of shares and the like out.

    `settled` are the components whose one code a person named.
    """
    read = frozenset(fit.component for fit in fits)
    return TakenUp(read=read, fixed=fixed, left_out=left_out, settled=frozenset(settled))
