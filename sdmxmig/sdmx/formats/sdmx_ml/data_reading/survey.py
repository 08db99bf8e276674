"""Survey of the names at each level, for data of unknown structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.formats.names_in_data import Names, Sets, SurveyedNames
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.message import OLD_VERSION, Document, Root, read_root
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading, SkippedElement, find_use
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import XSI_TYPE, read_values, take_declared_type
from sdmxmig.sdmx.formats.xml_repair import repair_bytes
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

TIME_ID = "TIME_PERIOD"
Surveys = dict[Ref | None, SurveyedNames]


def survey_message(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> Sequence[SurveyedNames]:
    """Survey the datasets of unknown structure.

    Excludes utility and cross-sectional data of SDMX-ML 2.0, whose elements only the structure explains. A malformed
    message is surveyed up to the fault.
    """
    reading = MessageReading(name, flows, Faults())
    surveys: Surveys = {}
    reading.open.append(SurveyDocument(reading, surveys))
    try:
        for piece in repair_bytes(name, stream, Faults()):
            reading.feed.feed(piece)
    except InputError:  # reading reports it
        pass
    return list(surveys.values())


class SurveyDocument(Document):
    def __init__(self, reading: MessageReading, surveys: Surveys) -> None:
        super().__init__(reading)
        self.surveys = surveys

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        version, self.reading.format_id, kind = read_root(self.reading, name, namespace)
        self.reading.root = SurveyRoot(self.reading, name, version, kind, self.surveys)
        return self.reading.root


class SurveyRoot(Root):
    def __init__(self, reading: MessageReading, title: str, version: str, kind: str, surveys: Surveys) -> None:
        super().__init__(reading, title, version, kind)
        self.surveys = surveys

    def _dataset(self, namespace: str, attributes: dict[str, str]) -> Element:
        kind, is_20 = self.kind_of(namespace), self.version == OLD_VERSION
        if kind not in ("generic", "specific"):
            return SkippedElement(self.reading)
        dimension = TIME_ID if is_20 or self.series_only else ""
        records = DatasetRecords(self.reading, attributes, namespace, dimension, is_20=is_20)
        return SurveyDataset(self.reading, records, attributes, self.surveys, is_generic=kind == "generic")


class SurveyDataset(Element):
    title = "DataSet"

    def __init__(
        self,
        reading: MessageReading,
        records: DatasetRecords,
        attributes: dict[str, str],
        surveys: Surveys,
        *,
        is_generic: bool,
    ) -> None:
        super().__init__(reading)
        self.records, self.surveys, self.is_generic = records, surveys, is_generic
        self.use = find_use(reading, records.attributes, is_20=records.is_20)
        at = records.dimension or (TIME_ID if records.is_20 else self._at_observation())
        self.surveyed = SurveyedNames(at=at, is_told=is_generic)
        reserved = {*PROPERTIES, *OTHERS}
        self.surveyed.dataset |= dict.fromkeys(name for name in read_values(attributes) if name not in reserved)

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        reading, surveyed = self.reading, self.surveyed
        sets = {"Series": surveyed.heads, "Obs": surveyed.observations, "Atts": surveyed.parts}
        if self.is_generic and name == "KeyFamilyRef":
            return Branch(reading, name, attributes, self.records.take_key_family)
        if self.is_generic and name == "Attributes":
            return NameList(reading, lambda names: surveyed.dataset.update(dict.fromkeys(names)))
        if name in sets:
            return SurveyRecord(reading, surveyed, sets[name], find_component_names(attributes, name))
        is_old_group = self.records.is_20 and not self.is_generic and name not in ("Annotations", "DataProvider")
        if name != "Group" and not is_old_group:
            return SkippedElement(reading)
        names = read_values(attributes)
        group = take_declared_type(attributes, names, frozenset()) or (name if name != "Group" else "")
        groups = surveyed.groups.setdefault(group.removesuffix("Type") or "Group", {})
        return SurveyGroup(reading, surveyed, groups, tuple(names))

    def close(self, text: str) -> None:
        super().close(text)
        use = self.use
        named = [use.ref] if use and use.ref else [ref for ref in self.records.list_references(use) if ref and ref.id]
        if any(map(self._is_known, named)) and self._fits():
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

    def _fits(self) -> bool:
        """Check whether a structure known by its id alone has the components of the first record."""
        first_series, first = next(iter(self.surveyed.heads), ()), next(iter(self.surveyed.observations), ())
        try:
            self.records.prepare()
            if first_series or first:
                self.records.prove(first_series or first, is_flat=not first_series)
        except InputError:
            return False
        return True


def find_component_names(attributes: dict[str, str], element: str, at: str = "") -> Names:
    """Return the names of the components in attributes; `at` is that of an explicit measure, which is the type."""
    names = read_values(attributes)
    if element != "Obs" or not (XSI_TYPE in attributes or "type" in names):
        return tuple(names)
    type_name = take_declared_type(attributes, names, frozenset())
    return (at, *names) if type_name and at and at not in names else tuple(names)


class SurveyRecord(Element):
    """A series, observation or part: its names are a new set of names at its level."""

    title = "record"
    takes_text = True

    def __init__(self, reading: MessageReading, surveyed: SurveyedNames, sets: Sets, names: Names) -> None:
        super().__init__(reading)
        self.surveyed, self.sets, self.names = surveyed, sets, names

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        surveyed = self.surveyed
        single = {"ObsDimension": surveyed.at or TIME_ID, "ObsValue": "OBS_VALUE", "Time": TIME_ID}
        if name == "Obs":
            return SurveyRecord(
                self.reading, surveyed, surveyed.observations, find_component_names(attributes, name, surveyed.at)
            )
        if name == "Series":  # in a group of SDMX-ML 2.0
            return SurveyRecord(self.reading, surveyed, surveyed.heads, ())
        if name in ("SeriesKey", "ObsKey", "GroupKey"):
            return NameList(self.reading, self.add_key)
        if name == "Attributes":
            return NameList(self.reading, self.add)
        if name == "Comp":
            self.add((attributes.get("id", ""),))
            return SurveyComp(self.reading, surveyed, attributes.get("id", ""))
        if name in single:
            self.add(((attributes.get("id") if name != "Time" else "") or single[name],))
        return SkippedElement(self.reading)

    def add_key(self, names: Names) -> None:
        self.surveyed.keys[names] = ()
        self.add(names)

    def add(self, names: Names) -> None:
        self.names += names

    def close(self, _text: str) -> None:
        self.sets[self.names] = ()


class SurveyGroup(SurveyRecord):
    key: Names = ()

    def add_key(self, names: Names) -> None:
        self.key = names
        self.add(names)

    def close(self, _text: str) -> None:
        if self.names != self.key:
            self.sets[self.names] = self.key


class SurveyComp(Element):
    title = "Comp"
    takes_text = True

    def __init__(self, reading: MessageReading, surveyed: SurveyedNames, component: str) -> None:
        super().__init__(reading)
        self.surveyed, self.component, self.count = surveyed, component, 0

    def child(self, name: str, _namespace: str, _attributes: dict[str, str]) -> Element:
        if name == "Text":
            self.surveyed.languages.add(self.component)
        elif name == "Value":
            self.count += 1
            return self
        return SkippedElement(self.reading)

    def close(self, _text: str) -> None:
        if self.count > 1:
            self.surveyed.several.add(self.component)


class NameList(Element):
    title = "Values"

    def __init__(self, reading: MessageReading, take: Callable[[Names], None]) -> None:
        super().__init__(reading)
        self.take = take
        self.names: list[str] = []
        self.leaf = SkippedElement(reading)

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        component = attributes.get("id") or attributes.get("concept")
        if name == "Value" and component:
            self.names.append(component)
        return self.leaf

    def close(self, _text: str) -> None:
        self.take(tuple(self.names))
