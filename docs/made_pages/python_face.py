"""The page of the Python face: the names of ``import sdmxmig``, from their docstrings."""

from __future__ import annotations

import inspect

import sdmxmig

HEAD = """# Python

These names are the public interface; everything else in the package may change with any release. `import sdmxmig` is
fast, since modules are loaded on first use. A *source* is a path, bytes, or an open binary file.
[The tutorial](../tutorial/python.md) has examples.

"""


def page() -> str:
    """All public names: verbs first, then nouns."""
    names = [name for name in getattr(sdmxmig, "__all__", ()) if not name.startswith("_")]
    found = {name: getattr(sdmxmig, name) for name in names}
    verbs = sorted(name for name, one in found.items() if inspect.isroutine(one))
    nouns = sorted(name for name, one in found.items() if inspect.isclass(one))
    parts = [HEAD, "## Verbs\n", *(directive("autofunction", name) for name in verbs)]
    parts += ["## Nouns\n", *(directive("autoclass", name) for name in nouns)]
    return "\n".join(parts)


def directive(kind: str, name: str) -> str:
    """Write the Sphinx directive of a documented name."""
    members = "   :members:\n" if kind == "autoclass" else ""
    return f"```{{eval-rst}}\n.. {kind}:: sdmxmig.{name}\n{members}```\n"
