"""Requests: the arguments of tasks, declared once for every interface.

A request is a frozen dataclass; each field carries an `Option`. Options of commands (`cli/options.py`), keywords of
Python (`api/choices.py`) and reference pages are derived from the fields.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean

StrPath: TypeAlias = str | os.PathLike[str]
FIELD = re.compile(r"\{(\w+)\}")


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """The description of a request field.

    `help` is a sentence for every interface; it names another field as ``{field}``. `flag` is the name on the command
    line, by default that of the field. `path` means that values are paths: ``any``, ``existing``, ``file`` or
    ``folder``. `default` describes the default if its value does not.
    """

    help: str
    _: dataclasses.KW_ONLY
    flag: str = ""
    metavar: str = ""
    path: Literal["", "any", "existing", "file", "folder"] = ""
    is_repeated: bool = False
    default: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    option: Option
    type: type[bool] | type[int] | type[str]
    choices: tuple[str, ...] = ()
    is_repeated: bool = False
    is_required: bool = False
    default: Any = None

    @property
    def flag(self) -> str:
        return self.option.flag or f"--{self.name.replace('_', '-')}"


@cache
def list_fields(request: type) -> tuple[Field, ...]:
    hints = get_type_hints(request, include_extras=True)
    defaults = {each.name: each.default for each in dataclasses.fields(request)}
    return tuple(
        build_field(name, option, hints[name].__origin__, default)
        for name, default in defaults.items()
        for option in getattr(hints[name], "__metadata__", ())
        if isinstance(option, Option)
    )


def list_names(request: type) -> frozenset[str]:
    return frozenset(each.name for each in dataclasses.fields(request))


def build_field(name: str, option: Option, hint: Any, default: Any) -> Field:
    is_repeated = get_origin(hint) is Sequence
    value = get_args(hint)[0] if is_repeated else hint
    members = get_args(value) or (value,)
    return Field(
        name=name,
        option=option,
        type=next((kind for kind in (bool, int) if kind in members), str),
        choices=tuple(filter(None, members)) if get_origin(value) is Literal else (),
        is_repeated=is_repeated or option.is_repeated,
        is_required=default is dataclasses.MISSING,
        default=None if default is dataclasses.MISSING else default,
    )


def write_help(field: Field, name_of: Callable[[str], str]) -> str:
    return FIELD.sub(lambda match: name_of(match[1]), field.option.help)


class Request:
    __slots__ = ()

    def __post_init__(self) -> None:
        request: Any = type(self)  # mypy does not treat our classes as hashable
        for field in list_fields(request):
            value = getattr(self, field.name)
            if field.is_repeated and not field.option.is_repeated:
                is_one = isinstance(value, (str, os.PathLike)) or not isinstance(value, Iterable)
                value = (value,) if is_one else tuple(value)
                object.__setattr__(self, field.name, value)
            for one in (value if field.is_repeated else (value,)) if field.choices else ():
                if one and one not in field.choices:
                    raise SdmxmigError(f"There is no {field.name} “{one}”.", hint=did_you_mean(str(one), field.choices))


Profile: TypeAlias = Annotated[str, Option("Use the rules of a profile, such as that of an agency.", metavar="NAME")]
Flow: TypeAlias = Annotated[
    Any, Option("The dataflow or structure, if the data do not name a known one.", metavar="ID")
]
Structure: TypeAlias = Annotated[
    Any, Option("A structure message of the data.", metavar="FILE", path="any", is_repeated=True)
]
Folder: TypeAlias = Annotated[
    StrPath | None,
    Option("A workspace with its own declarations.", metavar="FOLDER", path="folder", default="the current folder"),
]
Follows: TypeAlias = Annotated[bool, Option("Use the structure of {structure}, even if the data name another.")]
Language: TypeAlias = Annotated[
    str, Option("Language: en, fr, es, ar, ru or zh.", metavar="LANG", default="that of the workspace")
]
Force: TypeAlias = Annotated[bool, Option("Also repeat stages whose inputs have not changed.")]
Changed: TypeAlias = Annotated[bool, Option("Accept a file that was changed by hand.")]
By: TypeAlias = Annotated[str, Option("Your name, as in people.toml.", metavar="NAME")]
