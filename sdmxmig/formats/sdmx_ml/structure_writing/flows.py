"""Dataflows, metadataflows, agreements and categorisations."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Dataflow
from sdmxmig.model.structures import ANYTHING, Agreement, Categorisation, Metadataflow


def add_dataflow(writing: Writing, holder: etree._Element, dataflow: Dataflow) -> None:
    """Add a dataflow with its structure and, in 3.1, the dimensions to which it limits itself."""
    may_limit = writing.dialect.structures.has_evolving_structures
    limits = ",".join(dataflow.constrained)
    notes = [Annotation("DIMENSION_CONSTRAINT", title=limits)] if limits and not may_limit else []
    element = start(writing, holder, notes=notes)
    if dataflow.structure.id:
        writing.reference(element, "Structure", dataflow.structure)
    if limits and may_limit:
        constraint = writing.add(element, "DimensionConstraint")
        for dimension in dataflow.constrained:
            writing.add(constraint, "Dimension", dimension)


def add_metadataflow(writing: Writing, holder: etree._Element, flow: Metadataflow) -> None:
    """Add a metadataflow; its targets are notes in 2.1, and since 3.0 one that has none may describe anything."""
    element = start(writing, holder, notes=target_notes(writing, flow.targets))
    if flow.structure and flow.structure.id:
        writing.reference(element, "Structure", flow.structure)
    if not writing.dialect.has_final:
        for target in flow.targets or (ANYTHING,):
            writing.add(element, "Target", target)


def target_notes(writing: Writing, targets: tuple[str, ...]) -> Iterator[Annotation]:
    """The targets of metadata as notes, for the version that has no place for them."""
    if writing.dialect.has_final:
        for target in targets:
            yield Annotation("METADATA_TARGET", title=target)


def add_agreement(writing: Writing, holder: etree._Element, agreement: Agreement) -> None:
    """Add a provision agreement for data or metadata."""
    is_metadata = agreement.ref.kind == "MetadataProvisionAgreement"
    if agreement.targets and not is_metadata:
        raise writing.refusal("the targets", "Only agreements for metadata have targets.")
    element = start(writing, holder)
    if writing.dialect.has_final:
        writing.reference(element, "StructureUsage", agreement.flow)
        writing.reference(element, "DataProvider", agreement.provider)
        return
    expected = ("Metadataflow", "MetadataProvider") if is_metadata else ("Dataflow", "DataProvider")
    if (agreement.flow.kind, agreement.provider.kind) != expected:
        hint = "Since SDMX 3.0 there is a MetadataProvisionAgreement for metadataflows and metadata providers."
        raise writing.refusal(f"the {agreement.flow.kind} and {agreement.provider.kind}", hint)
    writing.reference(element, expected[0], agreement.flow)
    writing.reference(element, expected[1], agreement.provider)
    for target in agreement.targets:
        writing.add(element, "Target", target)


def add_categorisation(writing: Writing, holder: etree._Element, categorisation: Categorisation) -> None:
    """Add what is filed under which category."""
    element = start(writing, holder)
    if categorisation.source.id:
        writing.reference(element, "Source", categorisation.source)
        writing.reference(element, "Target", categorisation.target)
