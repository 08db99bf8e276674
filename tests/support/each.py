"""Many small checks as one test."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def each(name: str, values: Iterable[Any], ids: Callable[[Any], str] = str) -> Callable[..., Callable[..., None]]:
    """Run a test for each value of an argument, and report all that fail by their ids.

    For hundreds of values that take no time: pytest needs milliseconds for each case of a parametrised test.
    """
    cases = list(values)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def run_all(**others: Any) -> None:
            failed = {}
            for value in cases:
                try:
                    test(**others, **{name: value})
                except Exception as error:
                    failed[ids(value)] = error
            if failed:
                lines = [f"{id_}: {type(error).__name__}: {error}" for id_, error in failed.items()]
                raise AssertionError(f"{len(failed)} of {len(cases)} cases fail:\n" + "\n".join(lines))
            assert cases, f"there is no case of {name}"

        run_all.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[part for part in signature.parameters.values() if part.name != name]
        )
        return run_all

    return decorate
