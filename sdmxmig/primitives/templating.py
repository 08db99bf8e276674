"""Sandboxed templates with escaping."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import LazyModule, import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import replace_unprintable

if TYPE_CHECKING:
    import jinja2
    from jinja2 import sandbox
else:
    jinja2 = import_lazily("jinja2")
    sandbox = LazyModule("jinja2.sandbox")


class Templates:
    """Templates in folders (the first has precedence), in Jinja's immutable sandbox; undefined values are errors."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        words: Mapping[str, object],
        filters: Mapping[str, Callable[..., Any]] | None = None,
        finalize: Callable[[Any], Any] | None = None,
    ) -> None:
        self._environment = _build_sandbox()(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders], followlinks=False),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=finalize,
            auto_reload=False,  # a running program keeps the templates it first read
            bytecode_cache=_build_template_cache(finalize, frozenset((filters or {}).items())),
        )
        self._environment.globals.update(words)
        self._environment.filters.update(filters or {})

    def fill(self, name: str, **values: object) -> str:
        try:
            return replace_unprintable(self._environment.get_template(name).render(**values))
        except jinja2.TemplateSyntaxError as error:
            place = Place(error.name or name, line=error.lineno)
            raise DeclarationError(f"The template cannot be read: {error.message}.", place) from None
        except jinja2.TemplateError as error:
            message = f"The template uses something that is not allowed: {error.message}."
            raise DeclarationError(message, find_error_place(error, name)) from None

    def source(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - for the type checker; the constructor gives one
        return loader.get_source(self._environment, name)[0]


@lru_cache(maxsize=1)
def _build_sandbox() -> type[sandbox.SandboxedEnvironment]:
    """Build Jinja's immutable sandbox with cached safety checks, for speed."""

    class Sandbox(sandbox.ImmutableSandboxedEnvironment):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._answers: dict[tuple[type, str], bool] = {}

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            question = (type(obj), attr)
            if question not in self._answers:
                self._answers[question] = super().is_safe_attribute(obj, attr, value)
            return self._answers[question]

    return Sandbox


@lru_cache(maxsize=8)
def _build_template_cache(
    finalize: Callable[[Any], Any] | None,  # noqa: ARG001 - what it says of constants is compiled in
    filters: frozenset[tuple[str, Callable[..., Any]]],  # noqa: ARG001 - so is what these say
) -> jinja2.BytecodeCache:
    class Compiled(jinja2.BytecodeCache):
        def __init__(self) -> None:
            self._code: dict[str, tuple[str, CodeType | None]] = {}

        def load_bytecode(self, bucket: Any) -> None:
            checksum, code = self._code.get(bucket.key, ("", None))
            bucket.code = code if checksum == bucket.checksum else None

        def dump_bytecode(self, bucket: Any) -> None:
            self._code[bucket.key] = (bucket.checksum, bucket.code)

    return Compiled()


def find_error_place(error: BaseException, name: str) -> Place:
    place = Place(name)
    trace = error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = Place(Path(file).name, line=trace.tb_lineno)
        trace = trace.tb_next
    return place


def hash_content(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
