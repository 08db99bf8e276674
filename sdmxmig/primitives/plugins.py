"""Plugin registries by package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from sdmxmig.primitives.errors import DeclarationError

T = TypeVar("T")


class Kind(Mapping[str, T]):
    """A registry that the modules of a package fill.

    ``RULES = Kind("sdmxmig.quality.rules")``, ``@RULES.add("TOTAL-IS-SUM")``. The modules are imported on first lookup.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._entries: dict[str, T] = {}
        self._walked = False

    def add(self, name: str) -> Callable[[T], T]:
        def register(entry: T) -> T:
            if name in self._entries:
                raise DeclarationError(f"“{name}” is declared twice in {self.package}.")
            self._entries[name] = entry
            return entry

        return register

    def _walk(self) -> dict[str, T]:
        if not self._walked:
            self._walked = True
            package = importlib.import_module(self.package)
            for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
                importlib.import_module(f"{self.package}.{module.name}")
        return self._entries

    def __getitem__(self, name: str) -> T:
        return self._entries[name] if name in self._entries else self._walk()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._walk()))

    def __len__(self) -> int:
        return len(self._walk())
