"""Survey of the names at each level, for data of unknown structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.message import OLD, OLD_KINDS, Document, Root, root_of
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Element, MessageReading, Skipped, use_of
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import XSI_TYPE, declared_type, plain
from sdmxmig.sdmx.formats.surveyed import Surveyed
from sdmxmig.sdmx.formats.xml_repair import repaired
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

TIME = "TIME_PERIOD"
TakeNames = Callable[[tuple[str, ...]], None]


def survey(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> Sequence[Surveyed]:
    """Survey the datasets of unknown structure.

    Excludes utility and cross-sectional data of SDMX-ML 2.0, whose elements only the structure explains. A malformed
    message is surveyed up to the fault.
    """
    reading = MessageReading(name, flows, Faults())
    surveys: dict[Ref | None, Surveyed] = {}
    reading.open.append(SurveyDocument(reading, surveys))
    try:
        for piece in repaired(name, stream, Faults()):
            reading.feed.feed(piece)
    except InputError:  # reading reports it
        pass
    return list(surveys.values())


class SurveyDocument(Document):
    """Above the root."""

    def __init__(self, reading: MessageReading, surveys: dict[Ref | None, Surveyed]) -> None:
        super().__init__(reading)
        self.surveys = surveys

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        version, form, kind = root_of(self.reading, name, namespace)
        self.reading.format_id = form
        self.reading.root = SurveyRoot(self.reading, name, version=version, kind=kind, surveys=self.surveys)
        return self.reading.root


class SurveyRoot(Root):
    """The root element, whose datasets are surveyed."""

    def __init__(
        self, reading: MessageReading, title: str, version: str, kind: str, surveys: dict[Ref | None, Surveyed]
    ) -> None:
        super().__init__(reading, title, version, kind)
        self.surveys = surveys

    def _dataset(self, namespace: str, attributes: dict[str, str]) -> Element:
        old, kind = self.version == OLD, self.kind
        if kind == "group":
            kind = OLD_KINDS.get(namespace.rstrip("/").rpartition("/")[2].lower(), "specific")
        if kind not in ("generic", "specific"):
            return Skipped(self.reading)
        dimension = TIME if old or self.series_only else ""
        dataset_attributes = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        records = DatasetRecords(self.reading, dataset_attributes, namespace, dimension, old=old)
        survey_class = SurveyGeneric if kind == "generic" else SurveySpecific
        return survey_class(self.reading, records, attributes, self.surveys)


class SurveyDataset(Element):
    title = "DataSet"
    marks_key = False

    def __init__(
        self,
        reading: MessageReading,
        records: DatasetRecords,
        attributes: dict[str, str],
        surveys: dict[Ref | None, Surveyed],
    ) -> None:
        super().__init__(reading)
        self.records, self.surveys = records, surveys
        self.use = use_of(reading, records.attributes, old=records.old)
        at = records.dimension or (TIME if records.old else self._at_observation())
        self.surveyed = Surveyed(at=at, is_told=self.marks_key)
        reserved = {*PROPERTIES, *OTHERS}
        self.surveyed.dataset |= dict.fromkeys(name for name in plain(attributes) if name not in reserved)

    def close(self, text: str) -> None:
        super().close(text)
        use = self.use
        named = [use.ref] if use and use.ref else [ref for ref in self.records._named(use) if ref and ref.id]
        if any(self._is_known(ref) for ref in named):
            return
        ref, surveyed = (named[0] if named else None), self.surveyed
        surveyed.ref = ref
        if ref not in self.surveys:
            self.surveys[ref] = surveyed
            return
        earlier = self.surveys[ref]
        for name in ("keys", "heads", "observations", "dataset", "parts", "several", "languages"):
            getattr(earlier, name).update(getattr(surveyed, name))
        for group, sets in surveyed.groups.items():
            earlier.groups.setdefault(group, {}).update(sets)

    def _at_observation(self) -> str:
        at = (self.use.dimension_at_observation if self.use else "") or self.records.from_namespace(self.use)
        return "" if at == ALL_DIMENSIONS else at

    def _is_known(self, ref: Ref | None) -> bool:
        try:
            return ref is not None and bool(find_flow(self.reading.flows, ref))
        except InputError:
            return False


class SurveySpecific(SurveyDataset):
    """Structure-specific data: names of attributes."""

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        names = plain(attributes)
        if name == "Series":
            return SurveyRecord(self.reading, self.surveyed, tuple(names), self.surveyed.heads)
        if name == "Obs":
            declared_type(attributes, names, frozenset())
            return SurveyRecord(self.reading, self.surveyed, tuple(names), self.surveyed.observations)
        if name == "Atts":
            return SurveyRecord(self.reading, self.surveyed, tuple(names), self.surveyed.parts)
        if name == "Group" or (self.records.old and name not in ("Annotations", "DataProvider")):
            type_name = declared_type(attributes, names, frozenset())
            group = type_name or (name if name != "Group" else "")
            sets: dict[tuple[str, ...], None] = {}
            self.surveyed.groups.setdefault(group.removesuffix("Type") or "Group", {})[tuple(names)] = ()
            return SurveyRecord(self.reading, self.surveyed, tuple(names), sets)
        return Skipped(self.reading)


class SurveyRecord(Element):
    """An element with values: its own names, those of its elements ``Comp``, and the observations in it."""

    title = "record"

    def __init__(
        self, reading: MessageReading, surveyed: Surveyed, names: tuple[str, ...], sets: dict[tuple[str, ...], None]
    ) -> None:
        super().__init__(reading)
        self.surveyed, self.names, self.sets = surveyed, names, sets

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Obs":
            names = plain(attributes)
            type_name = (
                declared_type(attributes, names, frozenset()) if XSI_TYPE in attributes or "type" in names else ""
            )
            at = (self.surveyed.at,) if type_name and self.surveyed.at and self.surveyed.at not in names else ()
            return SurveyRecord(self.reading, self.surveyed, (*at, *names), self.surveyed.observations)
        if name == "Comp":
            self.names += (attributes.get("id", ""),)
            return SurveyComp(self.reading, self.surveyed, attributes.get("id", ""))
        return Skipped(self.reading)

    def close(self, _text: str) -> None:
        self.sets[self.names] = None


class SurveyComp(Element):
    """The values of a component: several of them, or texts in languages."""

    title = "Comp"
    takes_text = True

    def __init__(self, reading: MessageReading, surveyed: Surveyed, component: str) -> None:
        super().__init__(reading)
        self.surveyed, self.component, self.count = surveyed, component, 0

    def child(self, name: str, _namespace: str, _attributes: dict[str, str]) -> Element:
        if name == "Text":
            self.surveyed.languages.add(self.component)
        elif name == "Value":
            self.count += 1
            return self
        return Skipped(self.reading)

    def close(self, _text: str) -> None:
        if self.count > 1:
            self.surveyed.several.add(self.component)


class SurveyGeneric(SurveyDataset):
    """Generic data, which mark the key."""

    marks_key = True

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        if name == "KeyFamilyRef":
            return KeyFamily(self.reading, self.records)
        if name == "Attributes":
            return NameList(self.reading, lambda names: self.surveyed.dataset.update(dict.fromkeys(names)))
        if name == "Series":
            return SurveyParts(self.reading, self.surveyed, self.surveyed.heads)
        if name == "Obs":
            return SurveyParts(self.reading, self.surveyed, self.surveyed.observations)
        if name == "Group":
            return SurveyGroup(self.reading, self.surveyed, attributes.get("type", ""))
        return Skipped(self.reading)


class KeyFamily(Element):
    """SDMX-ML 2.0: the id of the key family of the data."""

    takes_text = True

    def __init__(self, reading: MessageReading, records: DatasetRecords) -> None:
        super().__init__(reading)
        self.records = records

    def close(self, text: str) -> None:
        self.records.key_family = text.strip()


class SurveyParts(Element):
    """A series or an observation of generic data: its key, its attributes, its observations."""

    title = "Series"

    def __init__(self, reading: MessageReading, surveyed: Surveyed, sets: dict[tuple[str, ...], None]) -> None:
        super().__init__(reading)
        self.surveyed, self.sets = surveyed, sets
        self.names: tuple[str, ...] = ()

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        if name in ("SeriesKey", "ObsKey"):
            return NameList(self.reading, self._key)
        if name == "Attributes":
            return NameList(self.reading, self._add)
        if name == "Obs":
            return SurveyParts(self.reading, self.surveyed, self.surveyed.observations)
        if name == "ObsDimension":
            self._add((attributes.get("id") or self.surveyed.at or TIME,))
        elif name == "ObsValue":
            self._add((attributes.get("id") or "OBS_VALUE",))
        elif name == "Time":
            self._add((TIME,))
        return Skipped(self.reading)

    def _key(self, names: tuple[str, ...]) -> None:
        self.surveyed.keys[names] = None
        self._add(names)

    def _add(self, names: tuple[str, ...]) -> None:
        self.names += names

    def close(self, _text: str) -> None:
        self.sets[self.names] = None


class SurveyGroup(Element):
    """A group of generic data: its key, its attributes, in SDMX-ML 2.0 also its series."""

    title = "Group"

    def __init__(self, reading: MessageReading, surveyed: Surveyed, declared: str) -> None:
        super().__init__(reading)
        self.surveyed, self.declared = surveyed, declared
        self.key: tuple[str, ...] = ()
        self.attributes: tuple[str, ...] = ()

    def child(self, name: str, _namespace: str, _attributes: dict[str, str]) -> Element:
        if name == "GroupKey":
            return NameList(self.reading, self._keep_key)
        if name == "Attributes":
            return NameList(self.reading, self._keep_attributes)
        if name == "Series":
            return SurveyParts(self.reading, self.surveyed, self.surveyed.heads)
        return Skipped(self.reading)

    def _keep_key(self, names: tuple[str, ...]) -> None:
        self.key = names

    def _keep_attributes(self, names: tuple[str, ...]) -> None:
        self.attributes = names

    def close(self, _text: str) -> None:
        if self.attributes:
            self.surveyed.groups.setdefault(self.declared or "Group", {})[(*self.key, *self.attributes)] = self.key


class NameList(Element):
    """A list of values with component names; `take` receives the names."""

    title = "Values"

    def __init__(self, reading: MessageReading, take: TakeNames) -> None:
        super().__init__(reading)
        self.take = take
        self.names: list[str] = []
        self.leaf = Skipped(reading)

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        component = attributes.get("id") or attributes.get("concept")
        if name == "Value" and component:
            self.names.append(component)
        return self.leaf

    def close(self, _text: str) -> None:
        self.take(tuple(self.names))
