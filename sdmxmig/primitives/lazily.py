"""Libraries that take long to read are read when they are first used, though their imports stand at the top.

What many modules need stands here, to be imported by the name that its users know: ``from sdmxmig.primitives.lazily
import pl``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["Later", "babel", "later", "np", "nw", "openpyxl", "pd", "pl", "rapidfuzz", "view"]


class Later(ModuleType):
    """Stands for a library until something in it is asked for, and is as fast as the library from then on."""

    def __getattr__(self, name: str) -> Any:
        library = import_module(self.__name__)
        vars(self).update({**vars(library), "__name__": self.__name__})
        return getattr(library, name)


def later(name: str) -> ModuleType:
    """A library, or a module of one, by its name, read when something in it is first asked for.

    For the head of a module, beside the import that type checkers read. A library that is not installed is told at
    once, as by any import: ModuleNotFoundError. Of a module in a package nothing is read before, its package included.
    """
    library = name.partition(".")[0]
    if find_spec(library) is None:
        raise ModuleNotFoundError(f"No module named {library!r}", name=library)
    return Later(name)


def view(module: str, name: str) -> Any:
    """A function that stands above its caller, read when it is called.

    Only for the conversions that public nouns offer, such as `Dataset.to_pandas`: each is one line that asks here.
    tests/test_layers.py lists them.
    """
    return getattr(import_module(module), name)


if TYPE_CHECKING:
    import babel
    import narwhals as nw
    import numpy as np
    import openpyxl.formatting.rule
    import openpyxl.styles
    import openpyxl.worksheet.datavalidation
    import openpyxl.worksheet.hyperlink
    import openpyxl.worksheet.pagebreak
    import pandas as pd
    import polars as pl
    import rapidfuzz
else:
    babel, np, nw, openpyxl, pd, pl, rapidfuzz = map(
        later, ("babel", "numpy", "narwhals", "openpyxl", "pandas", "polars", "rapidfuzz")
    )
