"""National tables on international migration and temporary mobility: to SDMX, checked, packaged, benchmarked.

>>> import sdmxmig
>>> sdmxmig.show("CL_SEX").title
'Sex'
"""

from __future__ import annotations

from importlib import import_module

# ruff: noqa: I001 - names are imported together
TYPE_CHECKING = False  # type checkers treat this as True; importing typing would take longer than this module
if TYPE_CHECKING:
    from typing import Any

    from sdmxmig.api.account_studies import Accounts as Accounts
    from sdmxmig.api.forms import (
        fill_questionnaire as fill_questionnaire,
        make_profile_form as make_profile_form,
        make_questionnaire as make_questionnaire,
        read_profile as read_profile,
        read_questionnaire as read_questionnaire,
        write_docs as write_docs,
    )
    from sdmxmig.api.messages import (
        Message as Message,
        from_pandas as from_pandas,
        from_polars as from_polars,
        read as read,
        write as write,
    )
    from sdmxmig.api.records import (
        Links as Links,
        RecordFigures as RecordFigures,
        combine as combine,
        coverage as coverage,
        derive as derive,
        judge_links as judge_links,
        link as link,
        simulate as simulate,
    )
    from sdmxmig.api.reports import Report as Report, get as get, get_structures as get_structures, report as report
    from sdmxmig.api.sources import SdmxmigWarning as SdmxmigWarning
    from sdmxmig.api.tasks import (
        accounts as accounts,
        check as check,
        compute as compute,
        convert as convert,
        diff as diff,
        load as load,
        propose as propose,
        show as show,
        transform as transform,
        validate as validate,
        verify as verify,
    )
    from sdmxmig.api.workspaces import Workspace as Workspace
    from sdmxmig.catalogue import Catalogue as Catalogue
    from sdmxmig.conversion.convert import Conversion as Conversion
    from sdmxmig.primitives.errors import SdmxmigError as SdmxmigError
    from sdmxmig.sdmx.model.data import Dataset as Dataset
    from sdmxmig.sdmx.model.findings import Findings as Findings

__version__: str

_HOMES = {
    "primitives": ("__version__",),
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
"""The module of each public name, imported on first use."""

__all__ = [*sorted(name for names in _HOMES.values() for name in names if name != "__version__")]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``import sdmxmig`` is fast."""
    for home, names in _HOMES.items():
        if name in names:
            globals()[name] = getattr(import_module(f"sdmxmig.{home}"), name)
            return globals()[name]
    raise AttributeError(f"module 'sdmxmig' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
