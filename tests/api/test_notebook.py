"""The example notebook runs from its first cell to its last, through the public face only."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from folders import ROOT
from shipped import CATALOGUE

import sdmxmig
from sdmxmig.api import sources

NOTEBOOK = ROOT / "examples" / "georgia.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def test_notebook_uses_only_the_public_face() -> None:
    tree = ast.parse("\n".join(CODE))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [name for name in imported if name.startswith("sdmxmig")] == ["sdmxmig"]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sdmxmig"
    }
    assert used <= set(sdmxmig.__all__)


@pytest.mark.long
def test_notebook_runs_and_prints_a_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell ends in what a notebook shows below it."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(sources, "load_shipped_catalogue", lambda: CATALOGUE)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    shown = [result_of(cell, names) for cell in CODE]
    pages = [thing._repr_html_() for thing in shown if thing is not names["figure"]]  # type: ignore[attr-defined]
    assert len(pages) == len(CODE) - 1
    assert max(map(len, pages)) < 25_000
    lines = names["axes"].get_lines()  # type: ignore[attr-defined]
    assert [line.get_label() for line in lines] == ["Immigrants", "Emigrants"]
    assert lines[0].get_ydata()[-1] == 135_811
    assert (tmp_path / "sdmxmig-georgia" / "report.html").stat().st_size > 100_000


def result_of(cell: str, names: dict[str, object]) -> object:
    """The value of the last line of a cell, after the others were run."""
    *statements, last = ast.parse(cell).body
    exec(compile(ast.Module(statements, []), str(NOTEBOOK), "exec"), names)  # noqa: S102 - our own notebook
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)  # noqa: S307
