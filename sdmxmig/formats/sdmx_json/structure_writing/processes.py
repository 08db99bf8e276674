"""Processes: their steps are carried as XML and become the members that SDMX-JSON has for them."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.intake.xml import local, parse_xml
from sdmxmig.model.artefacts import Annotation, Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Process

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HEAD = ("Annotations", "Link", "Name", "Description")
SOFTWARE = ("softwarePackage", "softwareLanguage", "softwareVersion")


def process(writing: Writing, given: Process) -> Json:
    """A process with its steps.

    Raises `SdmxmigError` for processes of SDMX 2.1, which has others, and for what SDMX-JSON has no member for.
    """
    if given.version not in ("3.0", "3.1"):
        raise writing.refusal(f"the process of SDMX-ML {given.version}", "Only those of SDMX 3 can be written.")
    root = parse_xml(given.content.encode(), given.ref.short)
    found = start(writing)
    steps = [step(writing, one) for one in root if named(one) not in HEAD]
    return found | ({"processSteps": steps} if steps else {})


def named(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return local(str(element.tag))


def attributes(writing: Writing, element: etree._Element, *known: str) -> Json:
    """The attributes of an element, all of which have to be known; a URN follows from the ids."""
    for name in element.attrib:
        if name not in (*known, "urn"):
            raise writing.refusal(f"the attribute {name!s} of <{named(element)}>")
    return {name: element.get(name) for name in known if element.get(name) is not None}


def step(writing: Writing, element: etree._Element) -> Json:
    """A step with those below it, what it takes and gives, and where it leads."""
    if named(element) != "ProcessStep":
        raise writing.refusal(f"<{named(element)}> in a process")
    found = attributes(writing, element, "id")
    writing.checked(str(found.get("id", "")), words.ID, "the id of a step")
    name, description = texts(element, "Name"), texts(element, "Description")
    found |= {**writing.names(name, description, str(found["id"])), **notes(writing, element)}
    members = {"Input": "inputs", "Output": "outputs", "Transition": "transitions", "ProcessStep": "processSteps"}
    for one in element:
        kind = named(one)
        if kind == "Computation":
            own = attributes(writing, one, "localID", *SOFTWARE)
            found["computation"] = own | notes(writing, one) | writing.texts("description", texts(one, "Description"))
        elif kind in members:
            writers = {"Transition": transition, "ProcessStep": step}
            found.setdefault(members[kind], []).append(writers.get(kind, through)(writing, one))
        elif kind not in HEAD:
            raise writing.refusal(f"<{kind}> in a step")
    return found


def through(writing: Writing, element: etree._Element) -> Json:
    """What a step takes or gives."""
    found = {**attributes(writing, element, "localID"), **notes(writing, element)}
    urn = next((text(one) for one in element if named(one) == "ObjectReference"), "")
    return found | {"objectReference": writing.urn(Ref.parse(urn.strip()))}


def transition(writing: Writing, element: etree._Element) -> Json:
    """Where a step leads, and under which condition."""
    found = {**attributes(writing, element, "id", "localID"), **notes(writing, element)}
    target = next((text(one) for one in element if named(one) == "TargetStep"), "")
    found["targetStep"] = writing.checked(target.strip(), words.NESTED_ID, "the target of a transition")
    return found | writing.texts("condition", texts(element, "Condition"))


def text(element: etree._Element) -> str:
    """The text of an element."""
    return element.text or ""


def texts(element: etree._Element, name: str) -> Text:
    """The children of a name as a text in languages."""
    return Text(tuple((str(one.get(LANGUAGE, "en")), text(one)) for one in element if named(one) == name))


def notes(writing: Writing, element: etree._Element) -> Json:
    """The annotations of a part of a process; addresses have no place in the text that is carried."""
    found = []
    for holder in element:
        if named(holder) == "Link":
            raise writing.refusal(f"the links of <{named(element)}>")
        for note in holder if named(holder) == "Annotations" else ():
            found.append(annotation(note))
    return writing.notes(found)


def annotation(element: etree._Element) -> Annotation:
    """A note of a part of a process."""
    own = {named(one): text(one) for one in element}
    urls = [(one.get(LANGUAGE), text(one)) for one in element if named(one) == "AnnotationURL"]
    return Annotation(
        own.get("AnnotationType", ""),
        texts(element, "AnnotationText"),
        own.get("AnnotationTitle", ""),
        next((url for language, url in urls if language is None), ""),
        element.get("id", ""),
        own.get("AnnotationValue", ""),
        Text(tuple((str(language), url) for language, url in urls if language)),
    )
