"""Lazy imports: ``from sdmxmig.primitives.lazily import pl``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

__all__ = ["Flags", "Floats", "Integers", "LazyModule"]
__all__ += ["babel", "import_function", "import_lazily", "np", "olefile", "openpyxl", "pd", "pl", "rapidfuzz"]


class LazyModule(ModuleType):
    """A proxy that imports a library on first use."""

    def __getattr__(self, name: str) -> Any:
        library = import_module(self.__name__)
        vars(self).update({**vars(library), "__name__": self.__name__})
        return getattr(library, name)


def import_lazily(name: str) -> ModuleType:
    """Return a lazy module; raises ModuleNotFoundError at once if missing."""
    library = name.partition(".")[0]
    if find_spec(library) is None:
        raise ModuleNotFoundError(f"No module named {library!r}", name=library)
    return LazyModule(name)


def import_function(module: str, name: str) -> Any:
    """Return a function of a higher layer, imported on call."""
    return getattr(import_module(module), name)


if TYPE_CHECKING:
    import babel
    import numpy as np
    import olefile
    import openpyxl.formatting.rule
    import openpyxl.styles
    import openpyxl.worksheet.datavalidation
    import openpyxl.worksheet.hyperlink
    import openpyxl.worksheet.pagebreak
    import pandas as pd
    import polars as pl
    import rapidfuzz
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Flags: TypeAlias = NDArray[np.bool_]
    Integers: TypeAlias = NDArray[np.int64]
else:
    Floats = Flags = Integers = None
    babel, np, olefile, openpyxl, pd, pl, rapidfuzz = map(
        import_lazily, ("babel", "numpy", "olefile", "openpyxl", "pandas", "polars", "rapidfuzz")
    )
