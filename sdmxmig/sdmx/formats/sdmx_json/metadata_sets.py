"""Metadata sets of SDMX-JSON 2.0 and 2.1 with their attributes."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.sdmx.formats.faults import each
from sdmxmig.sdmx.formats.metadata_values import arrays, is_xhtml
from sdmxmig.sdmx.formats.metadata_versions import restored_in_version_3
from sdmxmig.sdmx.formats.sdmx_json import metadata_words as spelling
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotations_of, heading, period
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.representations import text_format
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref


class Digits(str):
    """A number with a fraction or exponent, as text."""

    __slots__ = ()


def metadata_set(part: Part) -> MetadataSet:
    """A set with its only report."""
    head = heading(part, "MetadataSet")
    version = part.text("version")
    if version and not spelling.THREE_NUMBERS.fullmatch(version):
        part.deviation(f"“{version}” is no version of a set.", "Write three numbers, such as 1.0.0.", at="version")
    describes = followed(part)
    properties, action = facts(part)
    targets, attributes = tuple(targets_of(part)), attributes_of(part)
    part.close()
    for what, content in (("metadataflow", describes), ("targets", targets), ("attributes", attributes)):
        if not content and not head.details.external:
            part.wrong(f"“{what}” is missing.")
    metadata_set = MetadataSet(
        describes,
        (Report(targets, attributes),) if targets or attributes else (),
        action=action,
        properties=properties,
        **head.shared(),
    )
    return restored_in_version_3(metadata_set)


def followed(part: Part) -> Ref | None:
    named = [part.reference(member, kind) for kind, member in spelling.DESCRIBED.items()]
    if all(named):
        part.wrong("The set follows a metadataflow and a provision agreement.", "Name one of them.")
    return next(filter(None, named), None)


def facts(part: Part) -> tuple[dict[str, str], str]:
    """Reporting period and publication of a set, and its action."""
    properties = {name: period(part, member) for member, name in spelling.PERIODS.items()}
    for member in spelling.PERIODS:
        if words.REPORTING.fullmatch(part.text(member)):
            part.wrong(f"“{part.text(member)}” is no date.", "Write it as 2026, 2026-01 or 2026-01-31.", at=member)
    properties["publicationYear"] = part.matched("publicationYear", spelling.YEAR)
    properties["publicationPeriod"] = period(part, "publicationPeriod", observed=True)
    word = part.text("action")
    if word and word not in spelling.ACTIONS:
        part.wrong(f"“{word[:80]}” is no action.", did_you_mean(word, spelling.ACTIONS), at="action")
    return {name: value for name, value in properties.items() if value}, spelling.ACTIONS.get(word, "")


def targets_of(part: Part) -> Iterator[Target]:
    def target(pair: tuple[int, str]) -> Target:
        number, urn = pair
        part.urn(urn, at=f"targets/{number}", raw=True)
        return Target(urn)

    return each(part.message.faults, target, enumerate(part.strings("targets")))


def attributes_of(part: Part) -> tuple[ReportedAttribute, ...]:
    return arrays(part.each(attribute, "attributes"))


def attribute(part: Part) -> ReportedAttribute:
    """One attribute with those below it."""
    attribute_id = part.matched("id", words.ID, needed=True)
    form = part.part("format")
    data_type, facets, sentinels = text_format(form, "basic", "") if form else ("", (), ())
    values, types, text = value(part)
    structured = Text()
    if text and (data_type == spelling.XHTML or (not data_type and is_xhtml(text))):
        text, structured, data_type = Text(), text, ""
    elif data_type == spelling.STRING and is_xhtml(text):
        data_type = ""  # said only so that this is not taken for structured text
    notes, attributes_below = annotations_of(part), attributes_of(part)
    part.close()
    return ReportedAttribute(
        attribute_id,
        values,
        text=text,
        structured=structured,
        attributes=attributes_below,
        annotations=notes,
        types=types,
        data_type=data_type,
        facets=facets,
        sentinels=sentinels,
    )


def value(part: Part) -> tuple[tuple[str, ...], tuple[str, ...], Text]:
    """The value of an attribute: a plain one with its type, or a text in languages."""
    content = part.value.get("value")
    part.forget("value")
    if content is None:
        return (), (), Text()
    if type(content) is dict:
        return (), (), languages(part.one("value"))
    if type(content) is bool:
        return ("true" if content else "false",), (spelling.BOOLEAN,), Text()
    if type(content) in (int, Digits):
        return (str(content),), (spelling.NUMBER,), Text()
    if type(content) is not str:
        raise no_value(part)
    return (content,), (), Text()


def no_value(part: Part) -> InputError:
    hint = "An attribute with several values stands several times."
    return part.error("A value has to be a text, a number, true or false, or texts by language.", hint, at="value")


def languages(part: Part) -> Text:
    for language in part.members():
        if not words.LANGUAGE.fullmatch(language):
            part.surplus(f"“{language[:80]}” is no language.", at=language)
    return Text(
        tuple((language, part.text(language)) for language in part.members() if words.LANGUAGE.fullmatch(language))
    )
