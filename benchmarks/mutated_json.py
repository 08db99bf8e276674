"""Ways to spoil an SDMX-JSON message: its bytes, or its shape while it stays JSON.

``spoilt(content, way, chance)`` gives the spoilt message; a reader takes it, or refuses it by one clear error.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    7,
    10**25,
    1.5,
    "",
    "x",
    "0:0",
    "NaN",
    [],
    {},
    [[]],
    [0, 1],
    {"en": "a"},
    {"0": [1]},
    ["a", 1],
)
Place = tuple[Any, Any]


def places(value: Any) -> list[Place]:
    found: list[Place] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        names = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for name in names:
            found.append((one, name))
            waiting.append(one[name])
    return found


def put(chance: random.Random, found: list[Place]) -> None:
    """Replace a value by an odd one."""
    container, name = chance.choice(found)
    container[name] = copy.deepcopy(chance.choice(ODD))


def drop(chance: random.Random, found: list[Place]) -> None:
    container, name = chance.choice(found)
    if isinstance(container, dict) or name < len(container):
        del container[name]


def move(chance: random.Random, found: list[Place]) -> None:
    """Move a piece of the message to another place."""
    (source, name), (target, other) = chance.choice(found), chance.choice(found)
    target[other] = json.loads(json.dumps(source[name]))


def rename(chance: random.Random, found: list[Place]) -> None:
    container, name = chance.choice([place for place in found if isinstance(place[0], dict)])
    container[chance.choice(["0", "0:0", "99", "~", "", "id", "values", name + "0"])] = container.pop(name)


SHAPES: dict[str, Callable[[random.Random, list[Place]], None]] = {
    "put": put,
    "drop": drop,
    "move": move,
    "rename": rename,
}


def spoil_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.choice(b'{}[]",:0129-.eNtn\\\x00\xff x')
    return bytes(changed[: chance.choice([len(changed), chance.randrange(1, len(changed))])])


WAYS = (*SHAPES, "bytes")


def spoilt(content: bytes, way: str, chance: random.Random) -> bytes:
    """A message spoilt in one of `WAYS`; the same chance gives the same."""
    if way == "bytes":
        return spoil_bytes(content, chance)
    root = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        SHAPES[way](chance, places(root))
    return json.dumps(root, ensure_ascii=False).encode()
