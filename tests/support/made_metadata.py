"""Small sets of reference metadata written by hand, with all features of SDMX 3 and of SDMX 2.1."""

from __future__ import annotations

import made

from sdmxmig.sdmx.model.artefacts import Annotation, Details, Link, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

FLOW = Ref("Metadataflow", "SDMXMIG", id="MDF_QUALITY", version="1.0.0")
STRUCTURE = Ref("MetadataStructure", "SDMXMIG", id="MSD_QUALITY", version="1.0")
PROVIDER = Ref("DataProvider", "SDMXMIG", id="DATA_PROVIDERS", version="1.0", item="GE1")
POPULATION = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0)"
CATEGORY = "urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=SDMXMIG:CAT(1.0).A.B"
ANY_VERSION = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:*(*)"
NOTE = Annotation("NOTE", Text.of(en=made.AWKWARD, fr="b"), title="t", url="https://example.org/?a=1&b=2", id="N1")
XHTML_NAMESPACE = 'xmlns="http://www.w3.org/1999/xhtml"'
PAGE = f'Words <p {XHTML_NAMESPACE} class="a &amp; b">of <em>l\'office</em><br/>and<span></span></p> and more &lt;'
LIST = f"<ul {XHTML_NAMESPACE}><li>one</li><li>two</li></ul>"


def attribute(own: str, *values: str, **more: object) -> ReportedAttribute:
    return ReportedAttribute(own, values, **more)  # type: ignore[arg-type]


CONTACT = attribute(
    "CONTACT",
    attributes=(
        attribute("ORGANISATION", made.AWKWARD, annotations=(NOTE,)),
        attribute("ADDRESS", attributes=(attribute("CITY", "Tbilisi"), attribute("COUNTRY", "GE"))),
        attribute("EMAIL", "a@example.org"),
    ),
)
ATTRIBUTES = (
    attribute("ZETA", "last letter, first attribute"),
    CONTACT,
    attribute("COVERAGE", text=Text((("en", made.AWKWARD), ("fr", made.BROKEN), ("ka", "")))),
    attribute("METHOD", structured=Text((("en", PAGE), ("fr", LIST))), attributes=(attribute("STEP", "1"),)),
    attribute("LANGUAGE", "ka", "en", "ka"),
    attribute("EMPTY", ""),
    attribute("NOTHING"),
    attribute("ALPHA", made.BROKEN),
)
NEW = MetadataSet(
    FLOW,
    (Report((Target(POPULATION), Target(CATEGORY)), ATTRIBUTES),),
    ref=Ref("MetadataSet", "SDMXMIG.GE1", id="QUALITY", version="1.2.0"),
    name=Text.of(en=made.AWKWARD, fr="Qualité"),
    description=Text.of(en="A report"),
    annotations=(NOTE,),
    details=Details(
        valid_from="2026-01-01", valid_to="2027-01-01T12:00:00", links=(Link("self", "https://example.org/a"),)
    ),
    action="R",
    properties={
        "reportingBeginDate": "2025",
        "reportingEndDate": "2025-12-31",
        "publicationYear": "2026",
        "publicationPeriod": "2026-Q1",
    },
)
"""All that SDMX 3 and 2.1 can say both."""
WILD = MetadataSet(
    Ref("MetadataProvisionAgreement", "SDMXMIG", id="MPA_QUALITY", version="1.0.0"),
    (Report((Target(ANY_VERSION),), (CONTACT,)),),
    ref=Ref("MetadataSet", "SDMXMIG", id="OTHER", version="1.0.0-draft"),
    name=Text.of(en="Other"),
    annotations=(Annotation("N", value="5", urls=Text((("en", "https://example.org/"),))),),
)
"""What only SDMX 3 can say."""
OLD = MetadataSet(
    STRUCTURE,
    (
        Report(
            (
                Target(CATEGORY, id="CATEGORY"),
                Target("2025-Q1", "period", id="PERIOD"),
                Target("SET_1", "dataset", id="SET", ref=PROVIDER),
                Target(
                    kind="constraint",
                    id="CONSTRAINT",
                    ref=Ref("AttachmentConstraint", "SDMXMIG", id="AC", version="1.0"),
                ),
                Target(kind="key", id="KEY", key=(("FREQ", ("A",)), ("SEX", (made.AWKWARD,)))),
            ),
            (*ATTRIBUTES, attribute("BOTH", "1", text=Text.of(en="one"))),
            id="FULL",
            target_id="ALL",
            annotations=(NOTE,),
        ),
        Report((Target(POPULATION, id="FLOW"),), (attribute("ZETA", "1"),), id="SHORT", target_id="FLOWS"),
    ),
    name=Text.of(en=made.AWKWARD, fr="b"),
    annotations=(NOTE,),
    details=Details(valid_from="2026-01-01T10:00:00"),
    provider=PROVIDER,
    action="A",
    properties={"setID": "OLD_1", "publicationYear": "2026"},
)
"""All that SDMX 2.1 can say."""
