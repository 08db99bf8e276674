"""Kinds: what can be found by walking a package, so that a new one is one new file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from sdmxmig.primitives.errors import DeclarationError

T = TypeVar("T")


class Kind(Generic[T]):
    """A collection of functions or records that the modules of one package add to.

    ``RULES = Kind("sdmxmig.quality.rules")`` in the package, ``@RULES.add("TOTAL-IS-SUM")`` in a module. The package is
    walked at the first look-up of what is not known yet, so that nothing is imported before it is needed.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._entries: dict[str, T] = {}
        self._walked = False

    def add(self, name: str) -> Callable[[T], T]:
        """Register what is decorated under a name; a name may be used once."""

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

    def __contains__(self, name: object) -> bool:
        return name in self._walk()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._walk()))
