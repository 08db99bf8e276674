"""Translation of figures to another organisation's structure and codes, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping.readings import MISSING, NORMAL
from sdmxmig.primitives.errors import DeclarationError, did_you_mean, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.correspondences import Correspondence, build_correspondence, read_period
from sdmxmig.sdmx.frames import DEFINITIONS, build_origins, join_attributes
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import Ref

OWN_COUNTRY = (("BIRTH_STATUS", "C_BIRTH", "NB"), ("CTZ_STATUS", "C_CITIZEN", "NC"))
"""A status, the country that fixes it, and its code for people of the reporting country."""
AREA = "REF_AREA"
ROW, LOST = "row", "\0"
STATUS = "OBS_STATUS"
"""The concept of the attribute that tells missing values, and its usual id."""
NO_NUMBER = "NaN"


@dataclass(frozen=True, slots=True)
class LostCodes:
    components: tuple[str, ...]
    values: tuple[str, ...]
    _: KW_ONLY
    observations: int
    reason: str
    left_out: bool = True

    def __str__(self) -> str:
        """Describe the loss for users.

        >>> print(LostCodes(("SEX",), ("_O",), observations=2, reason="There are two sexes."))
        SEX _O: There are two sexes. (2 observations left out)
        """
        values_text = " ".join(f"{name} {value}" for name, value in zip(self.components, self.values, strict=True))
        count_text = write_count(self.observations, "observation")
        return f"{values_text}: {self.reason} ({count_text} {'left out' if self.left_out else 'without it'})"


@dataclass(frozen=True, slots=True)
class DirectedLink:
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    _: KW_ONLY
    codes: Correspondence | None


def structure_map(catalogue: Catalogue, name: str) -> StructureMap:
    maps = {
        artefact.ref.id: artefact for artefact in catalogue.artefacts.values() if isinstance(artefact, StructureMap)
    }
    if name not in maps:
        raise DeclarationError(f"There is no structure map “{name}”.", hint=did_you_mean(name, maps))
    return maps[name]


def flow_at(ref: Ref, dataflow_map: StructureMap, catalogue: Catalogue) -> Flow:
    flow = next((flow for flow in catalogue.flows.values() if flow.dataflow.ref == ref), None)
    if flow is None:
        message = f"{ref.short} is not a dataflow with a structure."
        raise DeclarationError(message, dataflow_map.place, "Map two dataflows.")
    return flow


def translate(
    dataset: Dataset, dataflow_map: StructureMap, catalogue: Catalogue, *, back: bool = False
) -> tuple[Dataset, tuple[LostCodes, ...]]:
    """Translate the observations of a dataset to the structure at the other side of a map."""
    target = flow_at(dataflow_map.source if back else dataflow_map.target, dataflow_map, catalogue)
    links = [
        build_link(link.sources, link.targets, ref=link.representation, catalogue=catalogue, back=back)
        for link in dataflow_map.components
    ]
    frame = flatten_dataset(dataset)
    fixed = {fact.component: fact for fact in dataflow_map.fixed if fact.on_source is not back}
    linked = {name for link in links for name in link.sources} | {
        name for time in dataflow_map.times for name in time.sources
    }
    frame, untranslated = filter_observations(frame, [fact for name, fact in fixed.items() if name not in linked])
    untranslated += list_lost_components(frame, {*linked, *fixed, ROW})
    if dataset.notes is not None:
        reason = "They name keys of this side, which the other side does not have."
        untranslated.append(
            LostCodes(("annotations",), ("",), observations=dataset.notes.height, reason=reason, left_out=False)
        )
    if dataset.reports is not None:
        reason = "They are about keys of this side, which the other side does not have."
        untranslated.append(
            LostCodes(
                ("reference metadata",), ("",), observations=dataset.reports.height, reason=reason, left_out=False
            )
        )
    frame = add_fixed_values(frame, [fact for name, fact in fixed.items() if name in linked], dataset.flow)
    translated = frame.select(ROW)
    for link in links:
        translated, frame, lost = apply_link(
            translated, frame, link=link, flow=target, usual={name: fact.values for name, fact in fixed.items()}
        )
        untranslated += lost
    for times in group_time_links(dataflow_map.times):
        translated, frame, lost = translate_through_time(translated, frame, times, back=back)
        untranslated += lost
    translated = add_fixed_values(translated, [fact for fact in dataflow_map.fixed if fact.on_source is back], target)
    translated = set_own_status(translated.with_columns(pl.col(pl.String).replace(LOST, None)), target)
    ours = {fact.component: fact.values[0] for fact in dataflow_map.fixed if fact.on_source is back}
    translated, lost = reduce_attributes(translated, target, ours)
    untranslated += lost
    keys = [name for name in target.structure.key if name in translated.columns]
    single = translated.unique(
        subset=[name for name in translated.columns if name != ROW], keep="first", maintain_order=True
    )
    distinct = single.unique(subset=keys, keep="none", maintain_order=True)
    if lost_rows := single.height - distinct.height:
        reason = "Different figures have the same key after translation."
        untranslated.append(LostCodes((), (), observations=lost_rows, reason=reason))
    return unflatten_dataset(dataset, distinct.drop(ROW), target), tuple(untranslated)


def build_link(
    sources: Sequence[str], targets: Sequence[str], ref: object, catalogue: Catalogue, back: bool
) -> DirectedLink:
    representation_map = catalogue.artefacts.get(ref) if ref is not None else None  # type: ignore[call-overload]
    codes = (
        build_correspondence(representation_map, back=back)
        if isinstance(representation_map, RepresentationMap)
        else None
    )
    pair = (tuple(targets), tuple(sources)) if back else (tuple(sources), tuple(targets))
    return DirectedLink(*pair, codes=codes)


def flatten_dataset(dataset: Dataset) -> pl.DataFrame:
    return join_attributes(dataset).select(pl.all().cast(pl.String)).with_row_index(ROW)


def list_lost_components(frame: pl.DataFrame, known_components: Collection[str]) -> list[LostCodes]:
    reason = "The other side has no such component."
    lost = [name for name in frame.columns if name not in known_components and frame[name].null_count() < frame.height]
    return [LostCodes((name,), ("",), observations=frame[name].count(), reason=reason, left_out=False) for name in lost]


def filter_observations(frame: pl.DataFrame, facts: Iterable[FixedValue]) -> tuple[pl.DataFrame, list[LostCodes]]:
    untranslated: list[LostCodes] = []
    for fact in facts:
        if fact.component not in frame.columns:
            continue
        fits_fact = pl.col(fact.component).is_in(list(fact.values)) | pl.col(fact.component).is_null()
        misfits = frame.filter(~fits_fact)
        reason = f"The other side has only {' or '.join(fact.values)} here."
        untranslated += list_lost_values(misfits, fact.component, reason)
        frame = frame.filter(fits_fact)
    return frame, untranslated


def list_lost_values(rows: pl.DataFrame, name: str, reason: str) -> list[LostCodes]:
    counts = rows.group_by(name, maintain_order=True).len()
    return [
        LostCodes((name,), (value or "",), observations=count, reason=reason) for value, count in counts.iter_rows()
    ]


def apply_link(
    translated: pl.DataFrame, frame: pl.DataFrame, link: DirectedLink, flow: Flow, usual: Mapping[str, Sequence[str]]
) -> tuple[pl.DataFrame, pl.DataFrame, list[LostCodes]]:
    if not set(link.sources) <= set(frame.columns):
        return translated, frame, []
    if link.codes is None:
        columns = [pl.col(old).alias(new) for old, new in zip(link.sources, link.targets, strict=True)]
        return translated.join(frame.select(ROW, *columns), on=ROW, maintain_order="left"), frame, []
    keyed = any(name in flow.structure.key for name in link.targets)
    lines, untranslated = find_counterparts(frame, link, link.codes, usual, keyed=keyed)
    names = [*(f"old {name}" for name in link.sources), *link.targets]
    codes = pl.DataFrame(lines, schema=dict.fromkeys(names, pl.String), orient="row")
    values_of = frame.select(ROW, *(pl.col(name).alias(f"old {name}") for name in link.sources))
    joined = values_of.join(codes, on=names[: len(link.sources)], how="inner", nulls_equal=True, maintain_order="left")
    translated = translated.join(joined.select(ROW, *link.targets), on=ROW, how="inner", maintain_order="left")
    return translated, frame.join(translated.select(ROW), on=ROW, how="semi", maintain_order="left"), untranslated


def group_time_links(times: Iterable[TimeLink]) -> list[list[TimeLink]]:
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[TimeLink]] = {}
    for time in times:
        groups.setdefault((time.sources, time.targets), []).append(time)
    return list(groups.values())


def translate_through_time(
    translated: pl.DataFrame, frame: pl.DataFrame, times: Sequence[TimeLink], *, back: bool
) -> tuple[pl.DataFrame, pl.DataFrame, list[LostCodes]]:
    source, target = times[0].sources[0], times[0].targets[0]
    if back:
        reason = "A date pattern works in one direction only."
        lost = frame[target].count() if target in frame.columns else 0
        return (
            translated,
            frame,
            [LostCodes((target,), ("",), observations=lost, reason=reason, left_out=False)] if lost else [],
        )
    if source not in frame.columns:
        return translated, frame, []
    of_frequency = pl.lit(None, pl.String)
    if times[0].frequency_dimension in translated.columns:
        of_frequency = pl.col(times[0].frequency_dimension)
    dates = translated.with_columns(of_frequency.alias("frequency")).join(
        frame.select(ROW, date=source), on=ROW, how="left"
    )
    distinct = dates.select("date", "frequency").unique(maintain_order=True)
    periods = [
        next(filter(None, (read_period(date or "", time, freq or time.frequency) for time in times)), None)
        for date, freq in distinct.iter_rows()
    ]
    known_periods = distinct.with_columns(pl.Series("period", periods, dtype=pl.String))
    with_periods = dates.join(
        known_periods, on=["date", "frequency"], how="left", nulls_equal=True, maintain_order="left"
    )
    undated = with_periods.filter(pl.col("period").is_null()).rename({"date": source})
    untranslated = list_lost_values(undated, source, "It does not match the date pattern of the map.")
    dated = with_periods.filter(pl.col("period").is_not_null()).select(ROW, pl.col("period").alias(target))
    translated = translated.join(dated, on=ROW, how="inner", maintain_order="left")
    return translated, frame.join(translated.select(ROW), on=ROW, how="semi", maintain_order="left"), untranslated


def find_counterparts(
    frame: pl.DataFrame, link: DirectedLink, codes: Correspondence, usual: Mapping[str, Sequence[str]], *, keyed: bool
) -> tuple[list[tuple[str | None, ...]], list[LostCodes]]:
    lines: list[tuple[str | None, ...]] = []
    untranslated: list[LostCodes] = []
    nothing: tuple[str | None, ...] = (None,) * len(link.targets)
    for *source_values, count in frame.group_by(link.sources, maintain_order=True).len().iter_rows():
        values = tuple(source_values)
        targets = nothing if None in values else codes.get(values)
        is_usual = all(value in usual.get(name, ()) for name, value in zip(link.sources, values, strict=True))
        if targets is None and is_usual and not keyed:
            targets = nothing
        elif targets is None:
            untranslated.append(
                LostCodes(link.sources, values, observations=count, reason=codes.reason(values), left_out=keyed)
            )
            targets = () if keyed else (LOST,) * len(link.targets)
        if targets:
            lines.append((*values, *targets))
    return lines, untranslated


def add_fixed_values(translated: pl.DataFrame, facts: Iterable[FixedValue], flow: Flow) -> pl.DataFrame:
    """Add the values that a map fixes; a fixed normal status becomes missing where no measure has a value."""
    structure = flow.structure
    statuses = [one.id for one in structure.attributes() if STATUS in (one.id, one.concept.item)]
    measures = [pl.col(one.id) for one in structure.measures if one.id in translated.columns]
    has_value = pl.any_horizontal(pl.lit(value=False), *(one.is_not_null() & (one != NO_NUMBER) for one in measures))
    for fact in facts:
        value = pl.lit(fact.values[0])
        if fact.component in statuses and fact.values[0] == NORMAL:
            value = pl.when(has_value).then(value).otherwise(pl.lit(MISSING))
        if fact.component not in translated.columns:
            translated = translated.with_columns(value.alias(fact.component))
        elif fact.component in flow.structure:
            translated = translated.with_columns(pl.col(fact.component).fill_null(value))
    return translated


def set_own_status(translated: pl.DataFrame, flow: Flow) -> pl.DataFrame:
    for status, country, own_code in OWN_COUNTRY:
        if {status, country, AREA} <= set(flow.structure.key) and {status, country, AREA} <= set(translated.columns):
            is_own = pl.col(country) == pl.col(AREA)
            translated = translated.with_columns(
                pl.when(is_own).then(pl.lit(own_code)).otherwise(pl.col(status)).alias(status)
            )
    return translated


def reduce_attributes(
    translated: pl.DataFrame, flow: Flow, usual: Mapping[str, str]
) -> tuple[pl.DataFrame, list[LostCodes]]:
    """Reduce each attribute of the dataset, and each definition of a series, to one value: the usual or first one."""
    untranslated: list[LostCodes] = []
    for name in (component.id for component in flow.structure.attributes("dataset")):
        if name not in translated.columns:
            continue
        values = translated[name].drop_nulls().unique(maintain_order=True).to_list()
        if len(values) < 2:
            continue
        kept = usual[name] if usual.get(name) in values else values[0]
        other = translated.filter(pl.col(name) != kept)
        reason = f"A dataset has one {name}; these figures are kept apart from those with {kept}."
        untranslated += list_lost_values(other, name, reason)
        translated = translated.filter(pl.col(name).is_null() | (pl.col(name) == kept))
    key = [name for name in flow.structure.series_key if name in translated.columns]
    for name in (name for name in DEFINITIONS if key and name in translated.columns and name in flow.structure):
        first = pl.col(name).drop_nulls().first().over(key)
        other = translated.filter(pl.col(name) != first)
        reason = f"A series has one {name}; these figures are kept apart from the first of their series."
        untranslated += list_lost_values(other, name, reason)
        translated = translated.filter(pl.col(name).is_null() | (pl.col(name) == first))
    return translated, untranslated


def unflatten_dataset(dataset: Dataset, frame: pl.DataFrame, flow: Flow) -> Dataset:
    """Convert a flat frame to a dataset, with attributes where its structure attaches them."""
    structure = flow.structure
    of_dataset = [c.id for c in structure.attributes("dataset") if c.id in frame.columns]
    series = [c.id for c in structure.attributes("series") if c.id in frame.columns]
    attributes: dict[str, str] = {}
    for name in of_dataset:
        values = frame[name].drop_nulls().unique(maintain_order=True)
        attributes |= {name: values[0]} if len(values) == 1 else {}
    absent = [name for name in structure.key if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    observed = {c.id for c in (*structure.measures, *structure.attributes())} - set(of_dataset) - set(series)
    columns = [*structure.key, *(c.id for c in structure.components if c.id in observed and c.id in frame.columns)]
    series_frame = frame.select(*structure.series_key, *series).unique(
        structure.series_key, keep="first", maintain_order=True
    )
    return replace(
        dataset,
        flow=flow,
        observations=frame.select(columns),
        series=series_frame,
        attributes=attributes,
        origins=build_origins(),
        partial={},
        refers_to=None,
        notes=None,
        reports=None,
    )
