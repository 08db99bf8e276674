"""A .Stat transfer service on this machine, made after its documentation: it registers files and works on them later.

Each question about a request takes its work one step further. It knows nothing of the program that is tried against it.
"""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs

from registry_stub import Answering, served

WHITELIST = ("text/csv", "application/xml", "text/xml", "application/zip")
STEPS = ("Queued", "InProgress", "Completed")
SENTENCES = {
    "2": "Successfully registered request with ID: {}",
    "3": "The request with ID {} was successfully registered. You will be notified by e-mail.",
}


@dataclass
class Service:
    """Requests that the service received, by number, and their progress.

    `ends` are the results of the next requests: execution status, outcome and a message for the log.
    """

    token: str = "canary"  # noqa: S105 - of this machine alone
    spaces: tuple[str, ...] = ("design",)
    files: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    ends: tuple[str, str, str] = ("Completed", "Success", "")
    tricks: list[str] = field(default_factory=list)
    effect: threading.Event = field(default_factory=threading.Event)
    address: str = ""


def parts_of(kind: str, body: bytes) -> dict[str, Any]:
    """The fields of a form with its file."""
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if name:
            parts[str(name)] = part.get_payload(decode=True)
            parts[f"{name}.type"], parts[f"{name}.name"] = part.get_content_type(), part.get_filename()
    return parts


def register(service: Service, version: str, kind: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Take a file; gives the status and the answer."""
    parts = parts_of(kind, body)
    space = (parts.get("dataspace") or b"").decode()
    if space not in service.spaces:
        return 400, {"success": False, "message": f"Dataspace '{space}' was not found"}
    if "file" not in parts or parts["file.type"] not in WHITELIST:
        return 400, {"success": False, "message": "The file type is not supported"}
    number = len(service.files) + 17
    service.files[number] = {"space": space, "name": parts["file.name"], "content": parts["file"]}
    return 200, {"success": True, "message": SENTENCES[version].format(number)}


def summary_of(service: Service, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
    """How far the work under a number is; each question takes it one step further."""
    number = int(form.get("id", ["0"])[0])
    held = service.files.get(number)
    if held is None or form.get("dataspace") != [held["space"]]:
        return 404, {"message": "The request was not found"}
    service.asked[number] = service.asked.get(number, -1) + 1
    step = STEPS[min(service.asked[number], len(STEPS) - 1)]
    status, outcome, words = service.ends if step == STEPS[-1] else (step, "None", "")
    flows = {row[1] for row in list(csv.reader(io.StringIO(held["content"].decode())))[1:] if len(row) > 1}
    if step == STEPS[-1] and len(flows) > 1:
        status, outcome, words = "Completed", "Error", "The file holds several dataflows"
    logs = [{"level": "ERROR", "message": words}] if words else []
    return 200, {"requestId": number, "executionStatus": status, "outcome": outcome, "logs": logs}


@contextmanager
def serving_dotstat(service: Service) -> Iterator[Service]:
    """A transfer service at its address, without the version."""

    class Handler(Answering):
        def do_POST(self) -> None:  # noqa: N802 - so it is called there
            body, trick = self.body(), service.tricks.pop(0) if service.tricks else ""
            _, version, path = self.path.split("/", 2)
            if self.headers.get("Authorization") != f"Bearer {service.token}":
                self.say(401)
            elif trick.isdigit() or trick == "elsewhere":
                self.play(trick, 0, b"")
            elif version not in SENTENCES or path not in ("import/sdmxFile", "status/request"):
                self.say(404)
            else:
                if trick == "late":
                    self.cut_before_the_effect(service.effect)
                kind = self.headers.get("Content-Type", "")
                if path == "import/sdmxFile":
                    status, says = register(service, version, kind, body)
                else:
                    status, says = summary_of(service, parse_qs(body.decode()))
                if trick == "another number":
                    says |= {"requestId": 4711}
                if trick == "no success":
                    says |= {"success": False}
                content = json.dumps(says).encode()
                if trick and trick not in ("another number", "no success"):
                    self.play(trick, status, content)
                else:
                    self.say(status, content, Content_Type="application/json")

    with served(Handler) as address:
        service.address = address
        yield service
