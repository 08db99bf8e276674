"""Reports of any shape: a strategy for metadata sets that formats without arrays and types of text can tell too."""

from __future__ import annotations

from dataclasses import replace

import made_metadata as kinds
import msgspec
from hypothesis import strategies as st

from sdmxmig.sdmx.formats.dataset_notes import Attributes
from sdmxmig.sdmx.formats.metadata_versions import is_xhtml, merge_arrays
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('";,|\n\t: '), max_size=8)
LANGUAGES = st.lists(st.sampled_from(["en", "fr", "pt-BR"]), min_size=1, max_size=3, unique=True)
TEXTS = LANGUAGES.flatmap(lambda found: st.tuples(*(st.tuples(st.just(one), WORDS) for one in found))).map(Text)
MARKUP = st.builds(
    lambda word: f'<p xmlns="http://www.w3.org/1999/xhtml">{word}</p>', st.sampled_from(["a", "b;c", '"'])
)
STRUCTURED = MARKUP.map(lambda found: Text((("en", found),)))
IDS = st.sampled_from(["A", "B", "C", "TITLE"])


def unpacked(text: str) -> Attributes:
    return msgspec.json.decode(text, type=Attributes)


def _attribute(
    own: str, values: tuple[str, ...], text: Text, below: tuple[ReportedAttribute, ...]
) -> ReportedAttribute:
    structured = text if is_xhtml(text) else Text()
    return ReportedAttribute(
        own,
        () if text else values,
        text=Text() if structured else text,
        structured=structured,
        attributes=merge_arrays(below),
    )


LEAVES = st.builds(_attribute, IDS, st.tuples(WORDS), st.just(Text()) | TEXTS | STRUCTURED, st.just(()))
ATTRIBUTES = st.recursive(
    LEAVES,
    lambda below: st.builds(
        _attribute, IDS, st.just(()) | st.tuples(WORDS), st.just(Text()) | TEXTS, st.lists(below, max_size=3).map(tuple)
    ),
    max_leaves=8,
)
REPORTS = st.lists(ATTRIBUTES, min_size=1, max_size=4).map(merge_arrays)


def build_metadata_set(attributes: tuple[ReportedAttribute, ...]) -> MetadataSet:
    """A small set with these attributes, limited to content that all formats support."""
    report = Report((Target(kinds.POPULATION), Target(kinds.CATEGORY)), attributes)
    return replace(kinds.NEW, reports=(report,), annotations=(), action="")


SETS = REPORTS.map(build_metadata_set)
