"""Hierarchies over codes of one or several codelists."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Text
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a hierarchy, with the one below it; `data_type` and `facets` are its coding format."""

    id: str
    name: Text = Text()
    _: KW_ONLY
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    below: Level | None = None
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class HierarchicalCode:
    """A code in a hierarchy, with those below it; only SDMX 2.1 gives it a `version`."""

    id: str
    code: Ref
    _: KW_ONLY
    level: str = ""
    children: tuple[HierarchicalCode, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    annotations: tuple[Annotation, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Hierarchy(Maintainable):
    """A hierarchy of codes.

    In SDMX 2.1 its `ref` has the hierarchical codelist's agency, id and version, and its own id as item.
    """

    _: KW_ONLY
    codes: tuple[HierarchicalCode, ...] = ()
    levels: Level | None = None
    formal_levels: bool = False


@dataclass(frozen=True, slots=True)
class HierarchicalCodelist(Maintainable):
    """SDMX 2.1's frame around hierarchies: the codelists that they use, by alias, and the hierarchies."""

    _: KW_ONLY
    included: tuple[tuple[str, Ref], ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class HierarchyAssociation(Maintainable):
    _: KW_ONLY
    hierarchy: Ref
    target: Ref
    context: Ref | None = None
