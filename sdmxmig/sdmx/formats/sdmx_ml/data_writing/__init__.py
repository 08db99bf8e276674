"""Datasets to SDMX-ML data messages, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout, UniformBlocks
from sdmxmig.sdmx.formats.dataset_notes import group_notes_by_part, name_part
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.message_header import DeferredHeader
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.body import (
    DATA_SCOPE,
    XmlDatasetBody,
    list_properties,
    write_action,
    write_provider,
)
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.layouts import Generic, Specific
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.notes import write_element
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect, build_data_namespace, place, refer_to_structure
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.sdmx.formats.sdmx_ml.markup import escape_text, start_message, to_bytes
from sdmxmig.sdmx.formats.shapes import choose_observation_dimension, split_partial_tables
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, StructureUse

END_OF_HEADER = b"</mes:Header>\n"


def write_data(
    datasets: Iterable[Dataset],
    header: Header,
    out: BinaryIO,
    layout: Layout,
    dialect: Dialect,
    *,
    generic: bool = False,
) -> None:
    """Write datasets as one message, structure-specific or generic.

    Nulls are omitted; values keep their text. Streamed datasets get the header of the first one, corrected at the end.

    Raises `SdmxmigError` if there is no dataset, for an unknown action, and for unsupported content and characters,
    naming the component.
    """
    blocks, is_whole = iter(datasets), isinstance(datasets, Sequence)
    first_datasets = list(islice(blocks, 1))
    new_message = partial(
        DataMessage,
        dialect=dialect,
        dimension=layout.dimension_at_observation,
        generic=generic,
        time_series=layout.time_series,
    )
    expected = new_message()
    for dataset in datasets if is_whole else first_datasets:
        expected.announce(dataset)
    is_certain = is_whole or isinstance(datasets, UniformBlocks)
    with DeferredHeader(out, expected.frame(header)[0], certain=is_certain) as deferred:
        message = new_message()
        message.write(chain(first_datasets, blocks), deferred.body)
        head, tail = message.frame(header)
        deferred.finish(head)
    out.write(tail)


@dataclass(slots=True, kw_only=True)
class DataMessage:
    dialect: Dialect
    dimension: str
    generic: bool
    time_series: bool = False
    structures: dict[str, StructureUse] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _last: tuple[str, str] = ("", "")

    def announce(self, dataset: Dataset) -> bool:
        """Register a dataset for the header; False if it continues the previous one."""
        dimension = self.at(dataset)
        namespace = build_data_namespace(dataset.flow, self.dialect, dimension, dataset.refers_to)
        word = write_action(dataset, self.dialect)
        goes_on = dataset.continues and self._last == (namespace, word)
        if not goes_on:
            number = len(self.structures) + 1
            refers_to = refer_to_structure(dataset.flow, dataset.refers_to)
            self.structures.setdefault(
                namespace,
                StructureUse(f"S{number}", refers_to, namespace=namespace, dimension_at_observation=dimension),
            )
            self.actions.append(word)
            self.names.append(dataset.properties.get("setID") or self._name(dataset.flow.id))
            self._last = (namespace, word)
        return not goes_on

    def at(self, dataset: Dataset) -> str:
        return choose_observation_dimension(dataset.flow.structure, self.dimension)

    def _name(self, flow_id: str) -> str:
        count = sum(name == flow_id or name.startswith(f"{flow_id}-") for name in self.names) + 1
        return flow_id if count == 1 else f"{flow_id}-{count}"

    @property
    def root(self) -> str:
        kind = "TimeSeriesData" if self.time_series and self.dialect.has_final else "Data"
        return f"{'Generic' if self.generic else 'StructureSpecific'}{kind}"

    def frame(self, header: Header) -> tuple[bytes, bytes]:
        """Return the text before and after the datasets; raise `SdmxmigError` for a message without datasets."""
        if not self.structures:
            raise SdmxmigError("There is no dataset to write.", hint="Give at least one.")
        dialect = self.dialect
        if self.generic:
            prefixes = {"g": dialect.generic}
        else:
            prefixes = {"ss": dialect.specific}
            prefixes |= {f"ns{use.id[1:]}": space for space, use in self.structures.items()}
        root = start_message(dialect, self.root, prefixes)
        uses = tuple(replace(use, namespace="") if self.generic else use for use in self.structures.values())
        action = self.actions[0] if len(set(self.actions)) == 1 else ""
        has_names = len(header.dataset_ids) == len(self.names)  # those of the message that is converted
        names = header.dataset_ids if has_names else tuple(self.names)
        full_header = replace(header, structures=uses, dataset_action=action, dataset_ids=names)
        add_header(root, dialect, full_header, "data")
        add_footer(root, dialect, header.notes)
        before, end, after = to_bytes(root).partition(END_OF_HEADER)
        return before + end, after

    def write(self, datasets: Iterable[Dataset], out: BinaryIO) -> None:
        body: XmlDatasetBody | None = None
        attributes: dict[str, str] = {}
        noted: tuple[Annotation, ...] = ()
        for block in datasets:
            new = self.announce(block)
            block_attributes = self._attributes(block)
            # A later block may need changes at the beginning: the dataset is then restarted.
            if not new and (
                self._starts_new_dataset(block, block_attributes, attributes) or set(block.annotations) - set(noted)
            ):
                new, block_attributes = True, {**attributes, **block_attributes}
            if new or body is None:
                if body is not None:
                    self._end(body, out)
                attributes, noted = block_attributes, block.annotations
                body = self._begin(block, block_attributes, out)
            body.add(block)
        if body is not None:
            self._end(body, out)

    def _starts_new_dataset(self, block: Dataset, block_attributes: dict[str, str], attributes: dict[str, str]) -> bool:
        if any(attributes.get(name) != value for name, value in block_attributes.items()):
            return True
        if self.dialect.mixes_groups:
            return False
        structure = block.flow.structure
        groups = {group.id for group in structure.groups}
        grouped = any(
            structure[name].group in groups
            for key, frame in block.partial.items()
            for name in frame.columns
            if name not in key and name in structure
        )
        return grouped or any(name_part(part, structure) == "groups" for part in group_notes_by_part(block))

    def _attributes(self, block: Dataset) -> dict[str, str]:
        texts = dict(block.attributes)
        frame = split_partial_tables(block).get(())
        if frame is not None and frame.height:
            texts |= {name: value for name, value in frame.row(0, named=True).items() if isinstance(value, str)}
        attribute_ids = place(block.flow.structure, self.at(block), has_atts=self.dialect.mixes_groups).dataset
        for name in texts:
            if name not in attribute_ids:
                raise SdmxmigError(f"{name} is not an attribute of datasets of {block.flow.id}.")
        return texts

    def _begin(self, dataset: Dataset, attributes: dict[str, str], out: BinaryIO) -> XmlDatasetBody:
        structure = dataset.flow.structure
        placement = place(structure, self.at(dataset), has_atts=self.dialect.mixes_groups)
        namespace = build_data_namespace(dataset.flow, self.dialect, self.at(dataset), dataset.refers_to)
        structure_id = self.structures[namespace].id
        prefix = f"ns{structure_id[1:]}"
        markup = (Generic if self.generic else Specific)(placement, prefix)
        texts = [
            (name, escape_text(check_characters(attributes[name], f"{name} of {dataset.flow.id}")))
            for name in placement.dataset
            if name in attributes
        ]
        facts = [
            ("structureRef", structure_id),
            ("action", write_action(dataset, self.dialect)),
            *list_properties(dataset),
        ]
        space = "" if self.generic else "ss:"  # ``form="qualified"`` in the schemas of structure-specific data
        if not self.generic and self.dialect.data_scope:
            referred = refer_to_structure(dataset.flow, dataset.refers_to).kind
            facts.append((DATA_SCOPE, dataset.properties.get(DATA_SCOPE, referred)))
        tags = "".join(f' {space}{name}="{escape_text(check_characters(value, name))}"' for name, value in facts)
        typed = "" if self.generic else f' xsi:type="{prefix}:DataSetType"'
        inside, after = markup.dataset(texts)
        noted = write_element(dataset.annotations, self.dialect)
        before = f"    {noted}\n" if noted else ""
        before += write_provider(dataset, self.dialect, "g:" if self.generic else "")
        out.write(f"  <mes:DataSet{typed}{tags}{inside}>\n{before}{after}".encode())
        return XmlDatasetBody(out, self.dialect, markup)

    def _end(self, body: XmlDatasetBody, out: BinaryIO) -> None:
        body.end()
        out.write(b"  </mes:DataSet>\n")
