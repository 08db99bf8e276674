"""Frames computed on first access, which saves memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sdmxmig.primitives.lazily import pl


class FrameOnDemand:
    """A dataclass field that takes a frame or a function, and always returns the frame.

    The function is called once; `dataclasses.replace` calls it too.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, noun: object, frame: pl.DataFrame | Callable[[], pl.DataFrame]) -> None:
        noun.__dict__[self._name] = frame

    def __get__(self, noun: object | None, owner: type) -> pl.DataFrame:
        if noun is None:
            raise AttributeError(self._name)  # the field has no default
        frame = noun.__dict__[self._name]
        if callable(frame):
            frame = noun.__dict__[self._name] = frame()
        return cast("pl.DataFrame", frame)
