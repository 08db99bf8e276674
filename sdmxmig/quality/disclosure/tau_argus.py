"""Patterns that pytauargus proposes: the engine of τ-ARGUS with HiGHS, which looks for the least loss.

Each group of cells that hang together is handed over in the format of its solver (“JJ”: cells with what they need, and
the sums that hold among them), so that hierarchies and linked tables are one problem. It runs in a process of its own,
since it is native code that ends the whole process where a file is not as it likes it. What it proposes is judged, and
completed where need be, by `sdmxmig.quality.disclosure.suppression`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, pip_install
from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.problem import ProtectionProblem
from sdmxmig.quality.disclosure.relations import components
from sdmxmig.quality.disclosure.solver import Expired, never

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME, EXTRA = "pytauargus", pip_install("tau-argus")
LARGEST = 2000
"""Groups of more cells are not handed over: the least loss is looked for exactly, which takes too long there."""
CLOSE = 1e-6
BOUND = 10.0
"""A reader is taken to know that no cell is more than so many times the largest figure or width around it."""
HUNDREDTHS = 100
SAFE, CONFIDENTIAL = "s", "u"
WORKER = """
import sys
from pytauargus import HiTaSCtrl
print("code", HiTaSCtrl().full_jj(in_file_jj=sys.argv[1], out_file=sys.argv[2], max_time=0), flush=True)
"""
SOLVED = ("code 0", "code 1")

Solve = Callable[[str, float], "list[int] | None"]
"""Solves a problem in the format of the engine within so many seconds: the numbers of the cells that it withholds."""


def is_installed() -> bool:
    """Whether pytauargus is there."""
    return find_spec(NAME) is not None


def solved_by_engine(problem: str, seconds: float) -> list[int] | None:
    """The cells that the engine withholds; None where it finds no pattern in time, or none at all."""
    with tempfile.TemporaryDirectory() as folder:
        problem_file, pattern_file = Path(folder) / "problem.jj", Path(folder) / "pattern.jj"
        problem_file.write_text(problem, encoding="ascii")
        command = [sys.executable, "-c", WORKER, str(problem_file), str(pattern_file)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=folder, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return None
        if done.returncode or not done.stdout.rstrip().endswith(SOLVED) or not pattern_file.is_file():
            return None
        return [int(number) for number in pattern_file.read_text(encoding="ascii").split()]


class TauArgusProposal:
    """Proposes the secondary cells of a problem; counts the groups that it was asked about and those it left alone."""

    def __init__(self, *, seconds: float = 60.0, expired: Expired = never, solve: Solve = solved_by_engine) -> None:
        if solve is solved_by_engine and not is_installed():
            raise SdmxmigError("pytauargus is not installed.", hint=f"Install it: {EXTRA}")
        self.seconds, self.expired, self.solve = seconds, expired, solve
        self.proposed = self.asked = self.left = 0

    def __call__(self, problem: ProtectionProblem) -> NDArray[np.bool_]:
        """The cells that are proposed to be withheld for the sake of confidential ones."""
        secondary = np.zeros(problem.relations.cells, dtype=bool)
        group = components(problem.relations, problem.can_change)
        for label in np.unique(group[problem.primary]):
            members = np.flatnonzero(group == label)
            chosen = None
            if 1 < len(members) <= LARGEST and not self.expired():
                chosen = self.solve(problem_text(problem, members), self.seconds)
            if chosen is None:
                self.left += len(members) > 1
                continue
            self.asked += 1
            cells = members[[number for number in chosen if number < len(members)]]
            secondary[cells] = problem.may_hide[cells]
        self.proposed = int(secondary.sum())
        return secondary


def problem_text(problem: ProtectionProblem, members: NDArray[np.int64]) -> str:
    """The cells of one group and the sums among them, as the engine reads them.

    A cell has its number, value, price, status, limits, and how far its interval must reach below and above its value;
    the engine asks for both ends where we ask for the width, so that it withholds no less than is needed. Figures
    that stay published are folded into the sums. A sum of some of the parts of a total gets a cell for the rest; sums
    of rounded figures, which do not hold exactly, are left to the audit.
    """
    relations = problem.relations
    column = np.full(relations.cells, -1)
    column[members] = np.arange(len(members))
    prices = problem.prices(members, np.zeros(relations.cells, dtype=bool))
    most = BOUND * (1.0 + max(np.abs(problem.values[members]).max(), problem.width[members].max()))
    cells = []
    for number, cell in enumerate(members.tolist()):
        value, is_unknown = float(problem.values[cell]), bool(problem.primary[cell] or problem.hidden[cell])
        below, above = needs(problem, cell) if problem.primary[cell] else (0.0, 0.0)
        price = max(int(HUNDREDTHS * prices[number]), 1)
        status = CONFIDENTIAL if is_unknown else SAFE
        cells.append(
            line_of(number, value, price, status) + f" {min(value, 0):.10g} {most:.10g} {below:.10g} {above:.10g} 0"
        )
    sums = []
    concerned = np.unique(relations.relation[column[relations.cell] >= 0])
    now = relations.sums(problem.values)
    for relation in concerned.tolist():
        first, end = np.searchsorted(relations.relation, [relation, relation + 1])
        terms = [*zip(relations.cell[first:end].tolist(), relations.sign[first:end].tolist(), strict=True)]
        is_open = relations.least[relation] < relations.most[relation]
        if any(problem.half[cell] for cell, _ in terms) or (not is_open and abs(now[relation]) > CLOSE):
            continue
        inside = [(int(column[cell]), sign) for cell, sign in terms if column[cell] >= 0]
        if is_open:
            rest = max(float(relations.most[relation] - now[relation]), 0.0)
            inside.append((len(cells), 1.0))
            cells.append(line_of(len(cells), rest, 1, CONFIDENTIAL) + f" 0 {most + rest:.10g} 0 0 0")
        known = sum(sign * problem.values[cell] for cell, sign in terms if column[cell] < 0)
        written = " ".join(f"{number} ({sign:.10g})" for number, sign in inside)
        sums.append(f"{-known + 0.0:.10g} {len(inside)} : {written} ")
    return "\n".join(["0", str(len(cells)), *cells, str(len(sums)), *sums, ""])


def needs(problem: ProtectionProblem, cell: int) -> tuple[float, float]:
    """How far the interval of a confidential cell is to reach below and above its value: together its width."""
    width = float(problem.width[cell])
    below = min(max(float(problem.values[cell]), 0.0), width / 2)
    return below, max(width - below, problem.rise_of(cell))


def line_of(number: int, value: float, price: int, status: str) -> str:
    """How the line of a cell begins."""
    return f"{number} {value:.10g} {price} {status}"
