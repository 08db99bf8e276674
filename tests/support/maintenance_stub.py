"""A registry that is no FMR: it is maintained by SDMX's own REST interface, after SDMX REST's pages on maintenance.

It keeps what is submitted as the stub of FMR does. It knows nothing of the program that is tried against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus as Is
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from registry_stub import (
    PACKAGES,
    SCHEMAS,
    Answering,
    Held,
    Name,
    Refused,
    Registry,
    answer_to,
    error_of,
    from_xml,
    served,
)

Verdict = tuple[str, str, Name, int, str]
"""What was done with which kind and name, under which HTTP status, and why."""


def response_of(verdicts: list[Verdict]) -> bytes:
    """A SubmitStructureResponse that names artefacts by the parts of their names, as the pages show it."""
    results = "".join(
        f"<reg:SubmissionResult><reg:SubmittedStructure action={quoteattr(action)}><reg:MaintainableObject>"
        f'<Ref agencyID={quoteattr(name[0])} id={quoteattr(name[1])} version={quoteattr(name[2])} package="'
        f'{PACKAGES.get(kind, "datastructure")}" class={quoteattr(kind)}/></reg:MaintainableObject>'
        f'</reg:SubmittedStructure><reg:StatusMessage status="{"Failure" if code >= Is.BAD_REQUEST else "Success"}">'
        f'<reg:MessageText code="{code}"><com:Text xml:lang="en">{escape(words or "Done")}</com:Text>'
        "</reg:MessageText></reg:StatusMessage></reg:SubmissionResult>"
        for action, kind, name, code, words in verdicts
    )
    spaces = " ".join(
        f'xmlns:{prefix}="{SCHEMAS}/v2_1/{name}"'
        for prefix, name in (("mes", "message"), ("reg", "registry"), ("com", "common"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><mes:RegistryInterface {spaces}><mes:Header><mes:ID>R2</mes:ID>'
        '<mes:Test>false</mes:Test><mes:Prepared>2026-03-01T00:00:00</mes:Prepared><mes:Sender id="NSI"/>'
        f'<mes:Receiver id="office"/></mes:Header><mes:SubmitStructureResponse>{results}'
        "</mes:SubmitStructureResponse></mes:RegistryInterface>"
    ).encode()


def missing_in(registry: Registry, artefact: Held, beside: set[Name]) -> str:
    """References of an artefact to others that are neither stored nor submitted with it."""
    missing = sorted(name for name in artefact.refers - beside - {artefact.name} if name not in registry.held)
    return "Missing reference: {}:{}({})".format(*missing[0]) if missing else ""


def create(registry: Registry, content: bytes, *, is_partly: bool) -> tuple[int, bytes]:
    """POST: create new artefacts, each by itself (207) if the registry works so, else all or none."""
    submitted = from_xml(content)
    names = {each.name for each in submitted}
    faults = {each.name: missing_in(registry, each, names) for each in submitted}
    verdicts = [
        ("Append", each.kind, each.name, Is.CONFLICT if faults[each.name] else Is.CREATED, faults[each.name])
        for each in submitted
    ]
    if any(faults.values()) and not is_partly:
        return Is.CONFLICT, response_of(verdicts)
    registry.held |= {each.name: each for each in submitted if not faults[each.name]}
    return (Is.MULTI_STATUS if any(faults.values()) else Is.CREATED), response_of(verdicts)


def replace(registry: Registry, path: list[str], content: bytes) -> tuple[int, bytes]:
    """PUT: the one artefact of this name is replaced."""
    (each,) = from_xml(content)
    if [each.kind.lower(), *each.name] != path:
        return Is.UNPROCESSABLE_ENTITY, response_of([("Replace", each.kind, each.name, 422, "Another artefact")])
    if each.name not in registry.held:
        return Is.NOT_FOUND, response_of([("Replace", each.kind, each.name, 404, "Not found")])
    fault = missing_in(registry, each, set())
    if not fault:
        registry.held[each.name] = each
    status = Is.CONFLICT if fault else Is.OK
    return status, response_of([("Replace", each.kind, each.name, status, fault)])


def delete(registry: Registry, path: list[str]) -> tuple[int, bytes]:
    """DELETE: one artefact is taken away that no other needs."""
    name: Name = (path[1], path[2], path[3])
    each = registry.held.get(name)
    if each is None or each.kind.lower() != path[0]:
        return Is.NOT_FOUND, error_of("Not found")
    users = sorted(other.name[1] for other in registry.held.values() if name in other.refers and other.name != name)
    if not users:
        del registry.held[name]
    status = Is.CONFLICT if users else Is.OK
    return status, response_of([("Delete", each.kind, name, status, f"Used by {users[0]}" if users else "")])


def answer_of(registry: Registry, path: str, version: str, wanted: str) -> tuple[int, str, bytes]:
    """The stored artefacts for a query of any version; the older one has ``structure`` for all kinds."""
    if version == "1":
        of_all = path.startswith("structure/")
        return answer_to(registry, f"*/{path.removeprefix('structure/')}" if of_all else path, wanted)
    if not path.startswith("structure/"):
        return Is.NOT_FOUND, "text/plain", b""
    return answer_to(registry, path.removeprefix("structure/"), wanted)


@contextmanager
def serving_rest(registry: Registry, version: str = "2", *, is_partly: bool = False) -> Iterator[Registry]:
    """A registry at its address; `version` is that of the interface by which it is asked, `is_partly` how it creates.

    `registry.posts` are the methods and paths of all that changes something.
    """

    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802 - so it is called there
            path = urlsplit(self.path).path.removeprefix("/rest/")
            status, kind, content = answer_of(registry, path, version, self.headers["Accept"])
            self.say(status, content, Content_Type=kind)

        def changed(self) -> None:
            content = self.body()
            registry.heads.append({name.lower(): text for name, text in self.headers.items()})
            if self.headers.get("Authorization") != f"Bearer {registry.habits.password}":
                self.say(Is.UNAUTHORIZED)
                return
            _, rest, structure, *path = [unquote(part) for part in urlsplit(self.path).path.split("/")]
            assert (rest, structure) == ("rest", "structure")
            trick = registry.tricks.pop(0) if registry.tricks else ""
            if trick.isdigit() or trick == "elsewhere":
                self.play(trick, 0, b"")
                return
            registry.posts.append((f"{self.command} {'/'.join(path)}".strip(), []))
            try:
                status, answer = self.done(path, content)
            except Refused as refused:
                status, answer = Is.BAD_REQUEST, error_of(str(refused))
            if trick:
                self.play(trick, status, answer)
            else:
                self.say(status, answer, Content_Type="application/xml")

        def done(self, path: list[str], content: bytes) -> tuple[int, bytes]:
            if self.command == "POST":
                return create(registry, content, is_partly=is_partly)
            return replace(registry, path, content) if self.command == "PUT" else delete(registry, path)

        do_POST = do_PUT = do_DELETE = changed  # noqa: N815 - so they are called there

    with served(Handler) as address:
        registry.address = f"{address}/rest"
        yield registry
