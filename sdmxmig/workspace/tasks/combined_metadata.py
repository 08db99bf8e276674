"""Reference metadata of a combined product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig.records.combination.tables import (
    DIFFERENCE,
    LINKAGE,
    MATCH,
    PRECISION,
    RESIDUAL,
    RULE,
    Note,
)
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Metadataflow
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.combined_figures import Output, source_words
from sdmxmig.workspace.tasks.combined_sources import UNIVERSE, Product, unique

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

METADATAFLOW, METADATA_FORMAT = "MDF_MIGRATION", "sdmx-json-2.0"
Notes = Sequence[tuple[str, Note]]
"""Notes with the step that each is of."""
SECTIONS = (
    ("STAT_PRES", ("STAT_POP",)),
    ("INST_MANDATE", ("INST_MAN_SHAR", "INST_MAN_LA_OA")),
    ("CONF", ("CONF_DATA_TR",)),
    ("ACCURACY", ("NONSAMPLING_ERR", "SAMPLING_ERR")),
    ("COHER_COMPAR", ("COHER_INTERNAL", "COHER_X_DOM")),
    ("STAT_PROCESS", ("DATA_COMP", "DATA_VALIDATION", "SOURCE_TYPE")),
)
OF_MIGRATION = (
    ("WHO_COUNTS", ("RES_RULE", "DUR_BASIS")),
    ("DEPARTURES", ("SRC_TYPE", "INTEG_METHOD")),
    ("PUBLISHED_FIGURES", ("REF_DATE",)),
)
"""The attributes of the metadata structure that are filled, by the one that holds them."""
STATED_CODES = ("RES_RULE", "DUR_BASIS", "REF_DATE")


def metadata_of(product: Product, outputs: Sequence[Output], notes: Notes, catalogue: Catalogue) -> MetadataSet:
    """The product as reference metadata: legal basis, sources with versions, keys and matches, rules, and residuals."""
    flows = [output.dataset.flow for output in outputs if output.dataset] or [catalogue.flows["DF_POP"]]
    texts = texts_of(product, outputs, notes)
    methods = unique(method for output in outputs for method in output.made.methods)
    codes = {
        "SRC_TYPE": unique(source.type for source in product.sources.values()),
        "INTEG_METHOD": methods,
        **{name: (product.attributes[name],) for name in STATED_CODES if name in product.attributes},
    }
    sections = [section(parent, {name: (texts[name],) for name in names if texts[name]}) for parent, names in SECTIONS]
    migration = [
        section(parent, {name: codes[name] for name in names if codes.get(name)}) for parent, names in OF_MIGRATION
    ]
    migration = [each for each in migration if each.attributes]
    attributes = (
        *(each for each in sections if each.attributes),
        *([ReportedAttribute("MIGRATION", attributes=tuple(migration))] if migration else []),
    )
    targets = tuple(Target(urn) for urn in unique(flow.dataflow.ref.urn for flow in flows))
    artefacts = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == METADATAFLOW)
    described = next(artefact for artefact in artefacts if isinstance(artefact, Metadataflow))
    ref = Ref("MetadataSet", product.area, id=f"COMBINED_{product.area}", version="1.0.0")
    name = Text.of(en=product.name)
    return MetadataSet(described.ref, (Report(targets, attributes),), ref=ref, name=name)


def section(name: str, values: Mapping[str, tuple[str, ...]]) -> ReportedAttribute:
    return ReportedAttribute(name, attributes=tuple(ReportedAttribute(key, value) for key, value in values.items()))


def texts_of(product: Product, outputs: Sequence[Output], notes: Notes) -> dict[str, str]:
    sources = product.sources.values()
    universes = [f"{source.name}: {source.about[UNIVERSE]}" for source in sources if UNIVERSE in source.about]
    shared = [f"{source.name}: {source.legal_basis}" for source in sources if source.legal_basis]
    behind = "; ".join(f"{output.name}: {output.persons_behind}" for output in outputs)
    return {
        "STAT_POP": "; ".join(universes),
        "INST_MAN_LA_OA": product.legal_basis,
        "INST_MAN_SHAR": "; ".join(shared),
        "CONF_DATA_TR": f"persons behind each figure: {behind}",
        "NONSAMPLING_ERR": of_topics(notes, MATCH, LINKAGE),
        "SAMPLING_ERR": of_topics(notes, PRECISION),
        "COHER_X_DOM": of_topics(notes, DIFFERENCE),
        "COHER_INTERNAL": of_topics(notes, RESIDUAL),
        "DATA_COMP": of_topics(notes),
        "DATA_VALIDATION": of_topics(notes, RULE),
        "SOURCE_TYPE": "; ".join(map(source_words, sources)),
    }


def of_topics(notes: Notes, *topics: str) -> str:
    return "; ".join(f"{step}: {note.text}" for step, note in notes if not topics or note.topic in topics)


def metadata_message(metadata: MetadataSet, now: str = "") -> bytes:
    header = Header("COMBINED", moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return metadata_bytes(FORMATS[METADATA_FORMAT], [metadata], header)
