"""Account of a combined product, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sdmxmig.records.combination.tables import (
    COMPILATION,
    DIFFERENCE,
    LINKAGE,
    MATCH,
    PRECISION,
    RESIDUAL,
    RULE,
)
from sdmxmig.records.marks import NOTICE
from sdmxmig.sdmx.model.records import SIMULATED
from sdmxmig.workspace.tasks.combined_figures import Output
from sdmxmig.workspace.tasks.combined_metadata import Notes
from sdmxmig.workspace.tasks.combined_sources import SOURCES, Product
from sdmxmig.workspace.tasks.combining_steps import METHODS
from sdmxmig.workspace.tasks.record_statements import HASH_SHOWN

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

OF_SOURCES = ("source", "type", "version", "file", "SHA-256", "states", "legal basis")
OF_FIGURES = ("table", "sources", "methods", "figures", "persons behind each")
HEADS = (
    ("Keys and match rate", (MATCH,)),
    ("Errors of linkage", (LINKAGE,)),
    ("Rules for differing sources", (RULE,)),
    ("In what sources differ all the same", (DIFFERENCE,)),
    ("Residuals", (RESIDUAL,)),
    ("Precision", (PRECISION,)),
    ("Other steps", (COMPILATION,)),
)


def account_of(product: Product, outputs: Sequence[Output], notes: Notes, catalogue: Catalogue) -> str:
    """How figures were made, for people to read, in Markdown: sources, rules, corrections, and what each rests on."""
    types, methods = (catalogue.item_scheme(name) for name in (SOURCES, METHODS))
    sources = [
        (
            source.name,
            f"{types[source.type].name.in_language('en')} ({source.type})",
            source.version,
            source.path.name,
            source.sha256[:HASH_SHOWN],
            ", ".join(f"{key} {value}" for key, value in source.about.items()) or "nothing",
            source.legal_basis or "that of the product",
        )
        for source in product.sources.values()
    ]
    figures = [
        (
            output.name,
            ", ".join(output.made.sources),
            ", ".join(f"{methods[code].name.in_language('en')} ({code})" for code in output.made.methods) or "none",
            f"{output.made.table.height:,}",
            output.persons_behind,
        )
        for output in outputs
    ]
    lines = [f"# {product.name}", "", f"Country: {product.area}. Legal basis: {product.legal_basis or 'not stated'}."]
    if any(source.is_simulated for source in product.sources.values()):
        lines += ["", f"**{NOTICE}.** Their tables have a column `{SIMULATED}`."]
    lines += ["", "## Sources", "", *table_of(OF_SOURCES, sources)]
    for head, topics in HEADS:
        own = [f"- {step}: {note.text}." for step, note in notes if note.topic in topics]
        lines += ["", f"## {head}", "", *own] if own else []
    return "\n".join([*lines, "", "## Figures", "", *table_of(OF_FIGURES, figures), ""])


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [table_row(head), f"|{' --- |' * len(head)}", *(table_row(row) for row in rows)]


def table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"
