"""Checks of coverage requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import MAXYEAR, date
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.checks import hint_for_code
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.codes import check_area, check_source_type
from sdmxmig.records.coverage_rules import CoverageRules, check_base, coverage_rules, shipped_rules
from sdmxmig.records.group_estimates import Method
from sdmxmig.records.list_links import ListLinks, links_alike, measured_links
from sdmxmig.records.residence_rules import LIST
from sdmxmig.statistics.demography.capture import NO_FAULTS, Faults, Share
from sdmxmig.statistics.demography.multiple_systems import AIC, BIC
from sdmxmig.statistics.demography.signs_of_life import measured_share
from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

EARLIEST, LATEST = 1900, 2200


def check(request: CoverageRequest, catalogue: Catalogue) -> None:
    """Refuse what cannot be meant."""
    check_area(request.area, catalogue)
    check_source_type(request.source_type, catalogue)
    rules = catalogue.item_scheme(LIST)
    if request.rule not in rules:
        hint = hint_for_code(request.rule, rules, "RES_RULE")
        raise SdmxmigError(f"“{request.rule}” is no rule of residence.", hint=hint)
    if not EARLIEST <= request.day.year <= LATEST:
        raise SdmxmigError(f"{request.day.year} is no year of lists.", hint="Write for example --year 2024.")
    if not request.lists:
        raise SdmxmigError("No list is named.", hint="Name a list: --list register=FILE.")
    if request.criterion not in (AIC, BIC):
        raise SdmxmigError(f"“{request.criterion}” is no criterion.", hint=f"There are: {AIC}, {BIC}.")
    check_signs(request)


def check_signs(request: CoverageRequest) -> None:
    signs, training = "signs" in request.files, "training" in request.files
    if (training and not signs) or (signs and not training and request.declaration is None):
        raise SdmxmigError(
            "Signs of life and a training sample go together.",
            hint="Name both --signs and --training, or neither; a declared index needs no training sample.",
        )
    if "movements" in request.files and not signs:
        raise SdmxmigError("Exits are corrected by signs of life.", hint="Name --signs and --training.")


def rules_of(request: CoverageRequest) -> CoverageRules:
    """The declaration that is named, or that which ships, with the base that is asked for."""
    path = request.declaration
    rules = coverage_rules(path.name, read_bytes(path)) if path else shipped_rules()
    if request.base is None:
        return rules
    check_base(request.base)
    asked = ("asked for", "--round")
    return rules if request.base == rules.base else replace(
        rules, base=request.base, sources={**rules.sources, "release": asked}
    )  # fmt: skip


def links_of(request: CoverageRequest) -> ListLinks:
    """How well the lists were linked, by rates for all of them, or as the linkage measured them."""
    faults = Faults(precision=request.precision, recall=request.recall)
    is_named = (faults != NO_FAULTS) + (request.linkage is not None)
    if is_named > 1 or (is_named and len(request.lists) == 1):
        raise SdmxmigError(
            "Errors of linkage are those of several lists, and are named once.",
            hint="Name --linkage, or --precision and --recall, with two lists or more.",
        )
    if request.linkage is None:
        return links_alike(faults, len(request.lists))
    return measured_links(request.linkage, tuple(request.lists))


def method_of(request: CoverageRequest, rules: CoverageRules, links: ListLinks) -> Method:
    """How groups are estimated."""
    return Method(
        tuple(request.lists),
        links=links.faults,
        order=links.order,
        criterion=request.criterion,
        odds_ratios=rules.sensitivity.odds_ratios,
        near=rules.sensitivity.near,
        misfit=rules.sensitivity.misfit,
    )


def first_of_year(year: int | None) -> date:
    if year is None or not 1 <= year <= MAXYEAR:
        raise SdmxmigError(f"{year} is no year of lists.", hint="Write for example --year 2024.")
    return date(year, 1, 1)


def share_of(text: str) -> Share:
    share, _, size = text.partition(":")
    try:
        value, sample = float(share), int(size) if size else None
    except ValueError:
        value, sample = -1.0, None
    if not 0 <= value <= 1 or (sample is not None and sample < 1):
        raise SdmxmigError(f"“{text}” is no share.", hint="Write for example 0.97, or 0.97:500 from a sample of 500.")
    return Share(value) if sample is None else measured_share(value, sample)
