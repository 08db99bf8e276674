"""The page of the receivers: declared facts of each agency with source and status, and kinds of demands."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator

from made_pages.markdown import cell, code, table
from sdmxmig.catalogue import load
from sdmxmig.catalogue.agencies import Agency
from sdmxmig.transmission.demands import DEMANDS

HEAD = """# Receivers

The requirements of each agency are declared in one file in `structures/agencies/`. A file with the same name in
`structures/agencies/` of a workspace replaces it. [Settings](settings.md) lists the keys.

No agency has confirmed these facts yet. **candidate** means that a fact comes from a public description or is our
proposal, as its source states. Ids of datasets that are not public are not included: write them in `country.toml`.

"""


def page() -> str:
    """All receivers by their ids, then the kinds of demands."""
    agencies = load().agencies
    parts = [HEAD, *("\n".join(section(agencies[name])) for name in sorted(agencies))]
    parts.append("## Kinds of demands\n\nA kind is a Python function that checks a demand with its parameters.\n")
    parts.append(table(("kind", "check", "used by"), kinds(agencies.values())))
    return "\n".join(parts)


def section(agency: Agency) -> Iterator[str]:
    """Yield the section of one agency."""
    yield f"## {agency.id}: {agency.name}\n"
    yield f"{cell(agency.source)} (**{agency.status}**)\n"
    facts = (
        ("data", ", ".join(map(code, agency.formats))),
        ("structures", code(agency.structure_format) or "none"),
        ("reference metadata", code(agency.metadata_format) or "none"),
        ("file names", code(agency.file_name)),
        ("id in headers", code(agency.addressed_as or agency.id)),
        ("languages", ", ".join(agency.languages) or "not known"),
        ("structure maps", ", ".join(map(code, agency.maps)) or "none"),
    )
    yield table(("fact", "value"), facts)
    if agency.demands:
        rows = [
            (code(each.id), cell(str(each.says)), each.effect, code(each.kind), f"{each.status}: {cell(each.source)}")
            for each in agency.demands
        ]
        yield table(("demand", "text", "otherwise", "kind", "source"), rows)
    if agency.terms:
        yield table(
            ("due after", "dataflows", "source"),
            (
                (
                    f"{each.months} months",
                    ", ".join(f"{code(name)} …" for name in each.flows) or "all",
                    cell(each.source),
                )
                for each in agency.terms
            ),
        )
    if agency.transports:
        yield table(
            ("transport", "note", "source"),
            ((code(each.kind), cell(str(each.note)), cell(each.source)) for each in agency.transports),
        )
    if agency.actions:
        yield table(("action", "source"), ((code(each.kind), cell(each.source)) for each in agency.actions))


def kinds(agencies: Collection[Agency]) -> Iterator[tuple[str, str, str]]:
    """Yield each kind of demand, its subject, and the agencies that use it."""
    for kind in DEMANDS:
        asking = sorted({agency.id for agency in agencies for demand in agency.demands if demand.kind == kind})
        yield code(kind), cell((inspect.getdoc(DEMANDS[kind]) or "").replace("``", "`")), ", ".join(asking) or "–"
