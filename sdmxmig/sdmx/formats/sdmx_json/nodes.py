"""A parsed JSON message with the place of each part, for error messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sdmxmig.io.intake.json import escape_json_name
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

TYPE_NAMES = {dict: "an object", list: "an array", str: "a text", int: "an integer", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Node:
    value: Any
    file: str
    pointer: str = ""

    @property
    def place(self) -> Place:
        return Place(self.file, key=self.pointer or "/")

    def wrong(self, message: str, hint: str = "") -> InputError:
        return InputError(message, self.place, hint)

    def at(self, *steps: object) -> Node:
        path = "".join(f"/{escape_json_name(step)}" for step in steps)
        return Node(None, self.file, pointer=self.pointer + path)

    def of(self, kind: type, title: str = "") -> Node:
        if type(self.value) is not kind:
            raise self.wrong(f"{title or 'This'} must be {TYPE_NAMES[kind]}.")
        return self

    def get(self, name: str, kind: type) -> Node | None:
        member = self.of(dict).value.get(name)
        if member is None:
            return None
        return Node(member, self.file, pointer=f"{self.pointer}/{escape_json_name(name)}").of(kind, f"“{name}”")

    def text(self, name: str) -> str:
        node = self.get(name, str)
        return node.value if node else ""

    def members(self) -> Iterator[tuple[str, Node]]:
        for name, value in self.of(dict).value.items():
            yield name, Node(value, self.file, pointer=f"{self.pointer}/{escape_json_name(name)}")

    def elements(self, name: str, kind: type = dict) -> list[Node]:
        array = self.get(name, list)
        if array is None:
            return []
        return [
            Node(element, self.file, pointer=f"{array.pointer}/{index}").of(kind)
            for index, element in enumerate(array.value)
        ]

    def languages(self, plural: str, single: str, language: str) -> dict[str, str]:
        texts = self.get(plural, dict)
        if texts is not None:
            return {name: node.of(str).value for name, node in texts.members()}
        alone = self.text(single)
        return {language: alone} if alone else {}
