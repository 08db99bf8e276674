"""Metadata sets of others that a format cannot hold validly are left out and named; the others are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import made
import made_metadata
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import write_fitting_metadata
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report

WITH_METADATA = [name for name in FORMATS if FORMATS[name].write_metadata and FORMATS[name].suffix != ".csv"]


def metadata_sets() -> Iterator[tuple[str, MetadataSet]]:
    """Sets that some versions cannot hold, though they can be read."""
    new = made_metadata.NEW
    [report] = new.reports
    yield "no targets", replace(new, reports=(replace(report, targets=()),))
    yield "no attributes", replace(new, reports=(replace(report, attributes=()),))
    yield "neither", replace(new, reports=(Report((), ()),))
    yield "no reports", replace(new, reports=())
    yield "nothing that it follows", replace(new, describes=None)
    yield "a year that is none", replace(new, properties={"publicationYear": "x"})
    yield "a period that is none", replace(new, properties={"reportingBeginDate": "2025-13"})
    yield "an action that is none", replace(new, action="Z")
    yield "a date that is none", replace(new, details=replace(new.details, valid_from="2026-13-01"))
    yield "a language that is none", replace(new, name=Text((("e n", "x"),)))
    yield (
        "an attribute with a dot",
        replace(new, reports=(replace(report, attributes=(made_metadata.attribute("A.B"),)),)),
    )
    yield "an id with a blank", replace(new, ref=replace(new.ref, id="A B"))  # type: ignore[type-var]


@pytest.mark.parametrize("form", WITH_METADATA)
@pytest.mark.parametrize(("what", "bad"), [*metadata_sets()], ids=[what for what, _ in metadata_sets()])
def test_invalid_metadata_set_is_left_out_alone(form: str, what: str, bad: MetadataSet) -> None:
    good = made_metadata.NEW
    if bad.ref == good.ref:
        bad = replace(bad, ref=replace(good.ref, id="BAD"))  # type: ignore[type-var]
    target, left = FORMATS[form], list[SdmxmigError]()
    content = write_fitting_metadata(target, [bad, good, bad], made.HEADER, left.append)
    assert target.metadata_problem(content) == ""
    assert (b"QUALITY" in content, b"BAD" in content, len(left)) == (True, False, 2)
    with pytest.raises(SdmxmigError):
        write_fitting_metadata(target, [bad], made.HEADER, left.append)


@pytest.mark.parametrize("form", WITH_METADATA)
def test_all_valid_metadata_sets_are_written(form: str) -> None:
    second = replace(made_metadata.NEW, ref=replace(made_metadata.NEW.ref, id="SECOND"))  # type: ignore[type-var]
    left: list[SdmxmigError] = []
    content = write_fitting_metadata(FORMATS[form], [made_metadata.NEW, second], made.HEADER, left.append)
    assert (left, b"SECOND" in content, b"QUALITY" in content) == ([], True, True)
