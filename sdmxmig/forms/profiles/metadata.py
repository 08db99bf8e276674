"""Profiles as reference metadata (DF_ASSESS)."""

from __future__ import annotations

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.profiles.dataset import BETWEEN, FLOW, AnswerRow, profile_of_rows, rows_of, tagged, untagged
from sdmxmig.forms.profiles.plan import Asked
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.profile import COUNTRY, Profile
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Metadataflow

METADATAFLOW = "MDF_ASSESS"
AREA, YEAR, RESPONDENT, ITEM = "REF_AREA", "TIME_PERIOD", "RESPONDENT", "ITEM"
SUBJECT, CODE, EVIDENCE, CITED = "SUBJECT", "ANSWER_CODE", "EVIDENCE_CLASS", "EVIDENCE"
TEXTS = ("ANSWER_TEXT", "OPEN_QUESTION")


def metadata_of(profile: Profile, catalogue: Catalogue, asked: Asked, respondent: str = COUNTRY) -> MetadataSet:
    """Convert a profile to a metadata report; raises `InputError` like `dataset_of`."""
    target = Target(catalogue.flow(FLOW).dataflow.ref.urn)
    head = {AREA: profile.area, YEAR: profile.year, RESPONDENT: respondent}
    attributes = [ReportedAttribute(name, (value,)) for name, value in head.items()]
    attributes += [attribute_of_answer(row) for row in rows_of(profile, asked)]
    name = Text.of(en=f"{FLOW} {profile.area} {profile.year}")
    ref = Ref("MetadataSet", profile.area, id=f"{FLOW}_{profile.area}_{profile.year}", version="1.0.0")
    return MetadataSet(metadataflow(catalogue).ref, (Report((target,), tuple(attributes)),), ref=ref, name=name)


def metadataflow(catalogue: Catalogue) -> Metadataflow:
    artefacts = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == METADATAFLOW)
    return next(metadataflow for metadataflow in artefacts if isinstance(metadataflow, Metadataflow))


def attribute_of_answer(row: AnswerRow) -> ReportedAttribute:
    below = [ReportedAttribute(name, (row[name],)) for name in (SUBJECT, CODE, EVIDENCE) if name in row]
    below += [ReportedAttribute(name, text=untagged(row[name])) for name in TEXTS if name in row]
    if CITED in row:
        below.append(ReportedAttribute(CITED, tuple(row[CITED].split(BETWEEN))))
    return ReportedAttribute(ITEM, (row[ITEM],), attributes=tuple(below))


def profile_of_metadata(metadata_set: MetadataSet) -> Profile:
    """Convert a metadata set to a profile; raises `InputError` otherwise."""
    if len(metadata_set.reports) != 1:
        raise InputError(f"A profile is one report, not {len(metadata_set.reports)}.", metadata_set.place)
    attributes = metadata_set.reports[0].attributes
    head = {attribute.id: attribute.values[0] for attribute in attributes if attribute.id != ITEM and attribute.values}
    if not {AREA, YEAR} <= head.keys():
        raise InputError("The report does not say of which country and year it is.", metadata_set.place)
    return profile_of_rows(
        head[AREA], head[YEAR], [row_of(attribute) for attribute in attributes if attribute.id == ITEM]
    )


def row_of(attribute: ReportedAttribute) -> AnswerRow:
    row = {ITEM: attribute.values[0], SUBJECT: COUNTRY}
    for part in attribute.attributes:
        row[part.id] = tagged(part.text) if part.text else BETWEEN.join(part.values)
    return row
