"""Artefacts that no structure message can hold are refused with the reason, in SDMX-JSON and -ML."""

from __future__ import annotations

import re
from dataclasses import replace

import made
import made_artefacts as of
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data_structures import Component, Group
from sdmxmig.sdmx.model.maps import ComponentLink, SourceValue, ValueMapping
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Computation,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    Selection,
    TimeRange,
    Transition,
)

JSON, XML = ("sdmx-json-2.0", "sdmx-json-2.1"), ("sdmx-ml-3.0", "sdmx-ml-3.1")


def refusal(form: str, artefact: Artefact) -> SdmxmigError:
    """The refusal of an artefact by the writer of a format."""
    write = FORMATS[form].write_structures
    with pytest.raises(SdmxmigError, match=re.escape(artefact.ref.id)) as refused:
        write([artefact], made.HEADER)
    assert refused.value.hint
    return refused.value


def with_components(*components: Component, groups: tuple[Group, ...] = ()) -> Artefact:
    """The data structure with these components alone."""
    return replace(of.STRUCTURE, components=components, groups=groups, list_notes=())


def with_selection(selection: Selection) -> Constraint:
    """The constraint of one region with one selection."""
    return replace(of.CONSTRAINT, regions=(CubeRegion((selection,)),), keys=())


FREQ, TIME = of.DIMENSIONS[0], of.DIMENSIONS[3]
EPOCH, PATTERN = of.STRUCTURE_MAP.times
STEP = of.PROCESS.steps[0]


@pytest.mark.parametrize(
    ("artefact", "said"),
    [
        (with_components(replace(FREQ, role="label")), "the role label of FREQ"),
        (with_components(FREQ, replace(TIME, id="YEAR")), "TIME_PERIOD"),
        (with_components(FREQ, replace(TIME, concept_roles=(of.concept("FREQ"),))), "the concept roles of"),
        (with_components(FREQ, of.attribute("X", "dimensions")), "X describing no dimension"),
        (with_components(FREQ, groups=(Group("G", ()),)), "the group G without dimensions"),
        (replace(of.METADATA_STRUCTURE, targets=of.REPORT_TARGETS), "attributes beside targets and report structures"),
        (replace(of.REPRESENTATION_MAP, sources=("Word",)), "the type Word"),
        (replace(of.CONCEPT_MAP, sources=(of.CS, of.CS)), "other than one source and one target scheme"),
        (
            replace(of.CONCEPT_MAP, mappings=(ValueMapping((SourceValue("A"),), ("B", "C")),)),
            "several values in one line",
        ),
        (replace(of.STRUCTURE_MAP, components=(ComponentLink((), ("A",)),)), "without a component on one side"),
        (replace(of.STRUCTURE_MAP, times=(replace(EPOCH, kind="moon"),)), "a map of dates by moon"),
        (replace(of.STRUCTURE_MAP, times=(replace(EPOCH, targets=("A", "B")),)), "no pairs of components"),
        (replace(of.STRUCTURE_MAP, times=(replace(EPOCH, frequency=""),)), "without one frequency"),
        (replace(of.STRUCTURE_MAP, times=(replace(EPOCH, formats=PATTERN.formats),)), "beside a single frequency"),
        (replace(of.STRUCTURE_MAP, times=(replace(EPOCH, resolve="noon"),)), "“noon” as the date of a period"),
        (
            replace(of.STRUCTURE_MAP, times=(replace(PATTERN, formats=(("F", "A", "yyyy"), ("F", "A", "yy"))),)),
            "two patterns of the name F",
        ),
        (with_selection(Selection("TIME_PERIOD", time_range=TimeRange())), "a range of periods without ends"),
        (with_selection(Selection("SEX", (Member("F", "half"),))), "the cascade half of F of SEX"),
        (replace(of.CONSTRAINT, keys=(KeySet(()),)), "a set without keys"),
        (
            with_selection(Selection("TIME_PERIOD", (Member("2020"),), time_range=TimeRange("2000"))),
            "values and a range of",
        ),
        (replace(of.PROCESS, steps=(replace(STEP, computation=Computation(Text())),)), "a computation without words"),
        (replace(of.PROCESS, steps=(replace(STEP, transitions=(Transition("S2", Text()),)),)), "without a condition"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("form", JSON + XML)
def test_artefacts_without_a_place_in_a_format_are_refused(form: str, artefact: Artefact, said: str) -> None:
    assert said in str(refusal(form, artefact))


@pytest.mark.parametrize(
    ("artefact", "said"),
    [
        (replace(of.DATAFLOW, structure=of.CL_SEX), f"a reference to {of.CL_SEX}"),
        (replace(of.AGREEMENT, provider=replace(of.PROVIDER, item="")), "a reference to"),
        (replace(of.AGREEMENT, provider=replace(of.PROVIDER, id="MINE")), "a reference to"),
        (with_components(replace(FREQ, concept=replace(FREQ.concept, item=""))), "a reference to"),
        (with_components(replace(FREQ, concept_roles=(of.concept("FREQ"),) * 2)), "a concept role of FREQ twice"),
        (with_components(FREQ, of.attribute("X", "dimensions", dimensions=("FREQ", "FREQ"))), "a component twice in X"),
        (replace(of.CODELIST, name=Text((("en", "a"), ("en", "b")))), "two texts in one language"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("form", JSON)
def test_unsuitable_or_repeated_references_are_refused_in_json(form: str, artefact: Artefact, said: str) -> None:
    assert said in str(refusal(form, artefact))


@pytest.mark.parametrize("form", ["sdmx-json-2.0", "sdmx-ml-2.1", "sdmx-ml-3.0"])
def test_service_descriptions_out_of_schema_order_are_refused(form: str) -> None:
    sources = (("rest", "https://example.org"), ("wadl", "https://example.org/w"), ("wsdl", "https://example.org/s"))
    constraint = replace(of.CONSTRAINT, sources=sources, regions=(), keys=(), annotations=())
    assert "the data source wsdl" in str(refusal(form, constraint))
