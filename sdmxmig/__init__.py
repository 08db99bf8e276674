"""National tables on international migration and temporary mobility: to SDMX, checked, packaged, benchmarked.

>>> import sdmxmig
>>> sdmxmig.show("CL_SEX").title
'Sex'
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers treat this as True; importing typing would take longer than this module
if TYPE_CHECKING:
    from typing import Any

    from sdmxmig.api.account_studies import Accounts
    from sdmxmig.api.forms import (
        fill_questionnaire,
        make_profile_form,
        make_questionnaire,
        read_profile,
        read_questionnaire,
        write_docs,
    )
    from sdmxmig.api.messages import Message, from_pandas, from_polars, read, write
    from sdmxmig.api.records import Links, RecordFigures, combine, coverage, derive, judge_links, link, simulate
    from sdmxmig.api.reports import Report, get, get_structures, report
    from sdmxmig.api.sources import SdmxmigWarning
    from sdmxmig.api.tasks import (
        accounts,
        check,
        compute,
        convert,
        diff,
        load,
        propose,
        show,
        transform,
        validate,
        verify,
    )
    from sdmxmig.api.workspaces import Workspace
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.conversion.convert import Conversion
    from sdmxmig.primitives.errors import SdmxmigError
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.sdmx.model.findings import Findings

__version__: str

_HOMES = {
    "primitives.version": ("__version__",),
    "catalogue": ("Catalogue",),
    "conversion.convert": ("Conversion",),
    "primitives.errors": ("SdmxmigError",),
    "sdmx.model.data": ("Dataset",),
    "sdmx.model.findings": ("Findings",),
    "api.account_studies": ("Accounts",),
    "api.sources": ("SdmxmigWarning",),
    "api.tasks": (
        "accounts",
        "check",
        "compute",
        "convert",
        "diff",
        "load",
        "propose",
        "show",
        "transform",
        "validate",
        "verify",
    ),
    "api.forms": (
        "fill_questionnaire",
        "make_profile_form",
        "make_questionnaire",
        "read_profile",
        "read_questionnaire",
        "write_docs",
    ),
    "api.reports": ("Report", "get", "get_structures", "report"),
    "api.messages": ("Message", "from_pandas", "from_polars", "read", "write"),
    "api.records": ("Links", "RecordFigures", "combine", "coverage", "derive", "judge_links", "link", "simulate"),
    "api.workspaces": ("Workspace",),
}
"""In which module each public name stands; it is read when the name is first used."""

__all__ = [
    "Accounts",
    "Catalogue",
    "Conversion",
    "Dataset",
    "Findings",
    "Links",
    "Message",
    "RecordFigures",
    "Report",
    "SdmxmigError",
    "SdmxmigWarning",
    "Workspace",
    "accounts",
    "check",
    "combine",
    "compute",
    "convert",
    "coverage",
    "derive",
    "diff",
    "fill_questionnaire",
    "from_pandas",
    "from_polars",
    "get",
    "get_structures",
    "judge_links",
    "link",
    "load",
    "make_profile_form",
    "make_questionnaire",
    "propose",
    "read",
    "read_profile",
    "read_questionnaire",
    "report",
    "show",
    "simulate",
    "transform",
    "validate",
    "verify",
    "write",
    "write_docs",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``import sdmxmig`` is fast."""
    for home, names in _HOMES.items():
        if name in names:
            globals()[name] = getattr(import_module(f"sdmxmig.{home}"), name)
            return globals()[name]
    raise AttributeError(f"module 'sdmxmig' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
