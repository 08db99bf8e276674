"""Body and end of one dataset: series and observations in order, attributes, notes and reference metadata."""

from __future__ import annotations

from typing import Any, BinaryIO

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.dataset_notes import (
    NOTE,
    REPORT,
    build_metadata_set,
    decode_note,
    group_notes_by_part,
    group_reports,
    list_attributes,
    list_general_sets,
    render_texts,
)
from sdmxmig.sdmx.formats.duplicates import PackedKeys
from sdmxmig.sdmx.formats.metadata_versions import ORDER_HINT, Attributes, Branch, drop_types
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import NULL, RELATION_NAMES, FlowPlan, to_json
from sdmxmig.sdmx.formats.sdmx_json.data_writing.frames import NOTES, Frames, Runs
from sdmxmig.sdmx.formats.sdmx_json.headers import is_date_time
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import build_cell, build_reported_attributes, list_leaves
from sdmxmig.sdmx.formats.sdmx_json.versions import PROPERTIES
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset


def pad_cells(cells: list[str], width: int) -> list[str]:
    return cells + [NULL] * (width - len(cells))


class ReportWriter:
    def __init__(self, plan: FlowPlan, frames: Frames) -> None:
        self.plan = plan
        self.frames = frames
        self.of_all: Attributes = ()
        self.parts: dict[str, Attributes] = {}

    def add(self, block: Dataset) -> None:
        attributes = [attribute for report in list_general_sets(block) for attribute in list_attributes(report)]
        self.of_all = drop_types((*self.of_all, *attributes))
        for part, reports in group_reports(block).items():
            for key, lines in zip(self.frames.keys(reports.select(part)), reports[REPORT], strict=True):
                attributes = [
                    attribute for line in lines.split("\n") for attribute in list_attributes(build_metadata_set(line))
                ]
                self.parts[key] = drop_types((*self.parts.get(key, ()), *attributes))

    def close(self) -> None:
        self.plan.reported["dataSet"].add(self.of_all)
        for attributes in self.parts.values():
            self.plan.reported["dimensionGroup"].add(attributes)

    def on_dataset(self) -> list[str]:
        return build_cells(self.of_all, self.plan.reported["dataSet"], "the dataset") if self.of_all else []

    def on_parts(self) -> dict[str, list[str]]:
        tree = self.plan.reported["dimensionGroup"]
        return {key: build_cells(attributes, tree, f"the key “{key}”") for key, attributes in self.parts.items()}


def build_cells(attributes: Attributes, tree: Branch, about: str) -> list[str]:
    """Return the JSON cells of attributes by column; raise `SdmxmigError` if they could not be read back."""
    cells = [(path.ids, build_cell(attributes, path)) for path in tree.paths()]
    filled_cells = [(ids, cell) for ids, cell in cells if cell is not None]
    if build_reported_attributes(filled_cells) != tuple(attributes) or any(is_mixed(cell) for _, cell in filled_cells):
        first_id = next(iter(attributes)).id
        raise SdmxmigError(
            f"SDMX-JSON cannot contain this order of attributes of {about}: {first_id} …", hint=ORDER_HINT
        )
    return [NULL if cell is None else to_json(cell) for _, cell in cells]


def is_mixed(cell: Any) -> bool:
    return len({type(value) for _, value in list_leaves(cell)}) > 1


ROWS_PER_SLICE = 250_000
HASH_MULTIPLIER = 0x9E3779B97F4A7C15


class SeriesHashes:
    """Hashes of the attributes of series, a few bytes each."""

    def __init__(self) -> None:
        self.known = pl.DataFrame(schema={"series": pl.UInt64, "attributes": pl.UInt64})

    def add(self, names: pl.Series, texts: pl.Series) -> None:
        new = pl.DataFrame({"series": names.hash(), "attributes": texts.hash()})
        self.known = pl.concat([self.known, new], rechunk=False)

    def find(self, names: pl.Series) -> pl.Series:
        series = names.hash()
        met = self.known.filter(pl.col("series").is_in(series.implode()))
        return pl.DataFrame({"series": series}).join(met, on="series", how="left", maintain_order="left")["attributes"]


class JsonDatasetBody:
    """Writes one dataset block by block.

    JSON members are unique, so a series that reappears continues in a further dataset. Attributes of series wait for
    their observations or the end.
    """

    def __init__(self, plan: FlowPlan, number: int, first: Dataset, stream: BinaryIO, *, is_first: bool) -> None:
        self.plan, self.number, self.first, self.stream = plan, number, first, stream
        self.frames = Frames(plan)
        self.notes = NoteWriter(plan, self.frames)
        self.reports = ReportWriter(plan, self.frames)
        self.attributes: dict[str, str] = {}
        self.annotations: dict[Annotation, None] = {}
        self.groups: dict[str, list[str]] = {}
        self.waiting: dict[str, str] = {}
        self.series_hashes = SeriesHashes()
        self.waits_at: int | None = None
        self.numbers: list[int] = []
        self.group_notes: dict[str, str] = {}
        self.open = ""
        self.opened = 0
        self.members = 0
        self.separator = "\n" if is_first else ",\n"
        self.keys = PackedKeys()
        self.open_codes: pl.Series | None = None
        self._begin()

    def _begin(self) -> None:
        version, first_block = self.plan.version, self.first
        if first_block.action not in version.actions:
            hint = f"It is one of {', '.join(version.actions)}."
            raise SdmxmigError(f"“{first_block.action}” is not an action of {first_block.flow.id}.", hint=hint)
        members: dict[str, object] = {} if version.lists_all else {"structure": self.number}
        members["action"] = version.actions[first_block.action]
        names = {SDMX: name for name, SDMX in PROPERTIES.items()}
        for name, value in first_block.properties.items():
            fits = name in names and (not name.startswith("valid") or is_date_time(value))
            members[names[name] if fits else f"x-{name}"] = value
        dataflow, refers_to = first_block.flow.dataflow.ref, self.plan.refers_to
        described = refers_to if refers_to is not None and refers_to.kind == "DataStructure" else dataflow
        members["links"] = [{"urn": described.urn, "rel": RELATION_NAMES[described.kind]}]
        kind = "series" if self.plan.series else "observations"
        self.stream.write(f'{self.separator}{to_json(members)[:-1]},"{kind}":{{'.encode())
        self.separator, self.members, self.open = ",\n", 0, ""
        self.series_hashes = SeriesHashes()
        self.opened += 1

    def add(self, block: Dataset) -> None:
        self.annotations |= dict.fromkeys(block.annotations)
        observations, series = self.frames.checked(block)
        if block.action == "D":
            observations = self._deletions(observations)
        self._series(series, block.action)
        self._partial(block)
        self.notes.add(block)
        self.reports.add(block)
        observations = self.notes.onto(observations)
        if not observations.height:
            return
        if not self.plan.observation:
            message = f"SDMX-JSON writes an observation by its dimensions, and {block.flow.id} has none."
            raise SdmxmigError(message, Place(block.flow.id), "Write SDMX-CSV 2.0 or SDMX-ML 3.0.")
        runs = self.frames.runs(observations)
        order = runs.order() if self.plan.series else None
        if order is not None:
            observations = observations[order]
            runs = self.frames.runs(observations)
        last_dimension = self.plan.observation[-1]
        self._check_twice(
            observations, runs, self.frames.encode_frame(observations.select(last_dimension))[last_dimension]
        )
        names = [
            last_dimension,
            *(component.id for component in self.frames.others if component.id in observations.columns),
        ]
        for start in range(0, observations.height, ROWS_PER_SLICE):
            rows = observations.slice(start, ROWS_PER_SLICE)
            codes = self.frames.encode_frame(rows.select(names))
            if self.plan.series:
                self._write_in_series(rows, runs.slice(start, ROWS_PER_SLICE), codes)
            else:
                self._write_flat(rows, runs.slice(start, ROWS_PER_SLICE), codes)

    def _deletions(self, observations: pl.DataFrame) -> pl.DataFrame:
        key = list(self.plan.flow.structure.key)
        wide = pl.any_horizontal(pl.col(key).is_null())
        rows = observations.filter(wide)
        for name in rows.columns:
            if name not in key and rows[name].null_count() < rows.height:
                raise SdmxmigError(f"SDMX-JSON cannot delete {name} alone for a part of the key.")
        for part_key in self.frames.keys(rows.select(key)) if rows.height else ():
            self.groups.setdefault(part_key, [])
        return observations.filter(~wide)

    def _series(self, series: pl.DataFrame, action: str) -> None:
        """Store attributes of series; an empty series must not become a deletion."""
        if not series.height:
            return
        plan = self.plan
        if any(level == "series" for level in plan.levels.values()) or plan.series == plan.flow.structure.series_key:
            attributes = plan.at("series")
            heads = self.frames.heads(self.frames.encode_frame(series.select(plan.series)))
            texts = self.frames.write_arrays(series, attributes)
            earlier_hashes = self.series_hashes.find(heads)
            members = texts.replace("[]", None)
            members = pl.select(
                pl.when(members.is_null()).then(pl.lit("")).otherwise('"attributes":' + members)
            ).to_series()
            is_unchanged = (earlier_hashes == members.hash()) | ((members == "") & earlier_hashes.is_not_null())
            for head, text, is_told, same in zip(
                heads.to_list(), members.to_list(), earlier_hashes.is_not_null(), is_unchanged, strict=True
            ):
                waiting_text = self.waiting.get(head)
                if (is_told and not same) or (waiting_text and text and waiting_text != text):
                    raise SdmxmigError(f"The series {self._named(head)} occurs twice, with different attributes.")
                if not is_told:
                    self.waiting[head] = waiting_text or text
            return
        names = [column for column in series.columns if column not in plan.flow.structure.series_key]
        if action == "D":
            series = series.filter(pl.any_horizontal(pl.lit(value=False), pl.col(names).is_not_null()))
        self._group_rows(series, names)

    def _named(self, head: str) -> str:
        parts = zip(self.plan.series, head.split(":"), strict=True)
        return ".".join(self.plan.values[name].known[int(index)] for name, index in parts)

    def _partial(self, block: Dataset) -> None:
        attributes = self.plan.at("dataSet")
        attribute_ids = [component.id for component in attributes]
        whole = block.partial.get(())
        for name in (*block.attributes, *(whole.columns if whole is not None else ())):
            if name not in attribute_ids:
                raise SdmxmigError(f"{name} is not an attribute of datasets of {block.flow.id}.")
        for component in attributes:
            column = None
            if whole is not None and component.id in whole.columns and whole.height:
                column = whole[component.id].head(1)
            elif component.id in block.attributes:
                column = pl.Series([block.attributes[component.id]], dtype=pl.String)
            if column is not None:
                table = pl.DataFrame({component.id: column})
                self.frames.learn(table)
                text = self.frames.text(table, component)[0]
                if text is not None:
                    self.attributes[component.id] = text
        for dimensions, table in block.partial.items():
            if dimensions:
                names = [column for column in table.columns if column not in dimensions]
                self._group_rows(table, names)

    def _group_rows(self, table: pl.DataFrame, names: list[str]) -> None:
        attributes = self.plan.at("dimensionGroup")
        places = {component.id: place for place, component in enumerate(attributes)}
        key = self.plan.flow.structure.key
        for name in names:
            if name not in places:
                raise SdmxmigError(f"{name} is not an attribute of a part of the key of {self.plan.flow.id}.")
        if not table.height:
            return
        keys = self.frames.keys(table.select([column for column in table.columns if column in key]))
        self.frames.learn(table.select(names))
        columns = {name: self.frames.text(table, attributes[places[name]]).to_list() for name in names}
        for row, part_key in enumerate(keys):
            cells = self.groups.setdefault(part_key, [])
            cells.extend([NULL] * (len(attributes) - len(cells)))
            for name, texts in columns.items():
                text = texts[row]
                if text is None:
                    continue
                if cells[places[name]] not in (NULL, text):
                    raise SdmxmigError(f"{name} of {self.plan.flow.id} has two values for one part of the key.")
                cells[places[name]] = text

    def _check_twice(self, observations: pl.DataFrame, runs: Runs, last_codes: pl.Series) -> None:
        row = self.frames.find_first_duplicate(runs, last_codes)
        if row is not None:
            named = ".".join(str(value) for value in observations.select(self.plan.flow.structure.key).row(row))
            raise SdmxmigError(
                f"The observation {named} of {self.plan.flow.id} occurs twice.", hint="Keep one of them."
            )

    def _write_in_series(self, observations: pl.DataFrame, runs: Runs, codes: pl.DataFrame) -> None:
        heads = runs.heads.to_list()
        repeated = self.series_hashes.find(runs.heads).is_not_null().arg_true().to_list()
        repeat_at = next((n for n in repeated if n or heads[0] != self.open), None)
        if repeat_at is None:
            self._write_series_lines(observations, runs, codes, heads)
            return
        split = int(runs.starts.arg_true()[repeat_at])
        if split:
            self._write_series_lines(
                observations.head(split), runs.slice(0, split), codes.head(split), heads[:repeat_at]
            )
        self._end(closing=False)
        self._begin()
        count = observations.height - split
        self._write_in_series(observations.slice(split), runs.slice(split, count), codes.slice(split))

    def _write_series_lines(
        self, observations: pl.DataFrame, runs: Runs, codes: pl.DataFrame, heads: list[str]
    ) -> None:
        openings, givens, new = [], [], []
        for number, head in enumerate(heads):
            if number == 0 and head == self.open:
                openings.append(',"')
                continue
            attributes_text = self.waiting.pop(head, "")
            new.append(head)
            givens.append(attributes_text)
            separator = "}},\n" if self.open else ("\n" if not self.members else ",\n")
            body = ",".join(
                member for member in (self.notes.of_series(head), attributes_text, '"observations":{"') if member
            )
            openings.append(f'{separator}"{head}":{{{body}')
            self.open, self.members = head, self.members + 1
        self.series_hashes.add(pl.Series(new, dtype=pl.String), pl.Series(givens, dtype=pl.String))
        key = codes[self.plan.observation[0]]
        self._continued(runs.starts, heads, key, openings)
        table = pl.DataFrame({"starts": runs.starts, "opening": pl.Series(openings).gather(runs.numbers())})
        signs = table.select(pl.when("starts").then("opening").otherwise(pl.lit(',"'))).to_series()
        digits = self.frames.digits(self.plan.observation[0], key, behind='":[')
        self.frames.write(observations, codes, [signs, digits], self.stream)

    def _continued(self, starts: pl.Series, heads: list[str], codes: pl.Series, openings: list[str]) -> None:
        rows = starts.arg_true()
        if openings[0] == ',"' and self.open_codes is not None:
            end = int(rows[1]) if len(rows) > 1 else starts.len()
            if codes.head(end).is_in(self.open_codes.implode()).any():
                raise SdmxmigError(f"The series {self._named(heads[0])} has an observation twice.")
        open_codes = codes.slice(int(rows[-1]))
        goes_on = len(heads) == 1 and openings[0] == ',"' and self.open_codes is not None
        self.open_codes = (
            pl.concat([self.open_codes, open_codes]) if goes_on and self.open_codes is not None else open_codes
        )

    def _write_flat(self, observations: pl.DataFrame, runs: Runs, codes: pl.DataFrame) -> None:
        last_dimension, numbers = self.plan.observation[-1], runs.numbers()
        # two hashes of the key before the last index; the last index with one of them
        hashes = [runs.heads.hash(seed).gather(numbers).alias(str(seed)) for seed in (1, 2)]
        self.keys.add(pl.DataFrame([hashes[0], hashes[1] + codes[last_dimension].cast(pl.UInt64) * HASH_MULTIPLIER]))
        signs = pl.Series([',\n"' if self.members else '\n"']).extend_constant(',"', observations.height - 1)
        several = len(self.plan.observation) > 1
        digits = self.frames.digits(last_dimension, codes[last_dimension], ":" if several else "", '":[')
        prefix_columns = [signs, *([runs.heads.gather(numbers)] if several else []), digits]
        self.frames.write(observations, codes, prefix_columns, self.stream)
        self.members += observations.height

    def _end(self, *, closing: bool) -> None:
        """Close a dataset with its attributes; `waits_at` is the place for later additions."""
        self.stream.write(b"}}}" if self.open else b"}")
        self.numbers = [self.plan.number(annotation) for annotation in self.annotations]
        if closing:
            self.reports.close()
            self.group_notes = self.notes.remaining()
        if self.group_notes or (closing and (self.reports.of_all or self.reports.parts)):
            self.waits_at = self.stream.tell()
        else:
            self.stream.write(self.write_trailer(closing=closing).encode())
        self.stream.write(b"}")

    def write_trailer(self, *, closing: bool = True) -> str:
        cells = [self.attributes.get(component.id, NULL) for component in self.plan.at("dataSet")]
        cells += self.reports.on_dataset() if closing else []
        members = f',\n"attributes":[{",".join(cells)}]' if any(cell != NULL for cell in cells) else ""
        if self.numbers:
            members += f',\n"annotations":[{",".join(map(str, self.numbers))}]'
        return members + (self._parts() if closing else "")

    def _parts(self) -> str:
        reports = self.reports.on_parts()
        attribute_count = len(self.plan.at("dimensionGroup"))
        whole = attribute_count + sum(1 for _ in self.plan.reported["dimensionGroup"].paths())
        lines = []
        for key in dict.fromkeys((*self.groups, *reports, *self.group_notes)):
            cells = pad_cells(self.groups.get(key, []), attribute_count) + reports.get(key, [])
            if key in self.group_notes:
                cells = [*pad_cells(cells, whole), self.group_notes[key]]
            while cells and cells[-1] == NULL:
                cells.pop()
            lines.append(f'\n"{key}":[{",".join(cells)}]')
        return f',\n"dimensionGroupAttributes":{{{",".join(lines)}}}' if lines else ""

    def close(self) -> int:
        if self.keys.find_any_duplicate() is not None:
            raise SdmxmigError(f"An observation of {self.plan.flow.id} occurs twice.", hint="Keep one of them.")
        self._write_bare(self.waiting)
        self._end(closing=True)
        return self.opened

    def _write_bare(self, series: dict[str, str]) -> None:
        if series and self.open:
            self.stream.write(b"}}")
            self.open = ""
        for head, attributes_text in series.items():
            separator = ",\n" if self.members else "\n"
            body = ",".join(member for member in (self.notes.of_series(head), attributes_text) if member)
            self.stream.write(f'{separator}"{head}":{{{body}}}'.encode())
            self.members += 1


class NoteWriter:
    def __init__(self, plan: FlowPlan, frames: Frames) -> None:
        self.plan = plan
        self.frames = frames
        self._series: dict[str, tuple[str, str]] = {}
        self._parts: dict[str, str] = {}
        self._observations: pl.DataFrame | None = None

    def add(self, block: Dataset) -> None:
        for part, notes in group_notes_by_part(block).items():
            numbers = render_texts(notes[NOTE], self._numbers).alias(NOTES)
            if part == self.plan.flow.structure.key:
                observation_notes = notes.select(*part, numbers)
                self._observations = (
                    observation_notes
                    if self._observations is None
                    else pl.concat([self._observations, observation_notes])
                )
                continue
            codes = self.frames.encode_frame(notes.select(part))
            keys = self.frames.keys(notes.select(part))
            for key, head, numbered in zip(keys, self.frames.heads(codes), numbers, strict=True):
                if part == self.plan.series:
                    earlier_numbers = self._series.get(head, ("", ""))[1]
                    self._series[head] = (key, f"{earlier_numbers},{numbered}" if earlier_numbers else numbered)
                else:
                    self._parts[key] = f"{self._parts[key]},{numbered}" if key in self._parts else numbered

    def _numbers(self, notes: list[str]) -> str:
        return ",".join(str(self.plan.number(decode_note(note))) for note in notes)

    def onto(self, observations: pl.DataFrame) -> pl.DataFrame:
        """Add the numbers of notes to observations; raise `SdmxmigError` if a note matches none."""
        notes, key = self._observations, list(self.plan.flow.structure.key)
        if notes is None:
            return observations
        self._observations = None
        alone = notes.join(observations, on=key, how="anti", nulls_equal=True, maintain_order="left")
        if alone.height:
            observation = ".".join(alone.select(key).row(0))
            raise SdmxmigError(f"There is a note on {observation} of {self.plan.flow.id}, but no such observation.")
        return observations.join(notes, on=key, how="left", nulls_equal=True, maintain_order="left")

    def of_series(self, head: str) -> str:
        _, numbers = self._series.pop(head, ("", ""))
        return f'"annotations":[{numbers}]' if numbers else ""

    def remaining(self) -> dict[str, str]:
        return {**self._parts, **dict(self._series.values())}
