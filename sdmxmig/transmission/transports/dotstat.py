""".Stat transfer service (asynchronous)."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode, urlsplit

from sdmxmig.io.intake.files import CHUNK, MIB
from sdmxmig.io.intake.json import parse_json
from sdmxmig.io.network import Answer, NotSentError, UnknownOutcomeError
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.model.delivery import ACCEPTED, REJECTED, SENT, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.sdmx.model.submission import DATA, METADATA
from sdmxmig.transmission.transports import TRANSPORTS, Settings, truncate_printable
from sdmxmig.transmission.transports.http import (
    build_request,
    call_service,
    check_credential,
    find_reason,
    interpret_refusal,
    send_with_token,
)

API_VERSIONS = ("2", "3")
"""Supported versions of the service's interface, at the end of its address."""
IMPORT, STATUS = "/import/sdmxFile", "/status/request"
TRANSACTION_NUMBER = re.compile(r"\bID:?\s{1,3}(\d{1,18})\b")
MEDIA_TYPES = {"csv": "text/csv", "ml": "application/xml"}
FIRST_COLUMN = re.compile(r'"?[A-Z]+(?:\[.\])?"?([,;\t|])')
"""The first name of a table, and the separator of its columns."""
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.() -]{0,150}")
HEAD_BYTES = 64 * 1024
MAX_MEMORY_BYTES = 8 * MIB
PROGRESS_STATES = ("submitted", "queued", "inprogress")
STATE_BY_END = {
    ("completed", "success"): ACCEPTED,
    ("completed", "warning"): ACCEPTED,
    ("completed", "error"): REJECTED,
    ("failed", ""): REJECTED,
    ("canceled", ""): REJECTED,
}


@TRANSPORTS.add("dotstat")
def build_channel(settings: Settings) -> Channel:
    """Send data or metadata of one dataflow to a .Stat service.

    The token is the secret or is fetched with it. The outcome is known when the job has finished.
    """

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        where = f"{find_address(settings)}{IMPORT}"
        with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spool:
            file = cast("BinaryIO", spool)
            file.writelines(pieces)
            before, after = build_form(settings, dispatch, check_media_type(dispatch, file))

            def parts() -> Iterator[bytes]:
                file.seek(0)
                return chain([before], iter(lambda: file.read(CHUNK), b""), [after])

            size = len(before) + dispatch.parcel.size + len(after)
            form = f"multipart/form-data; boundary={dispatch.id}"
            return call_service(lambda: call(settings, where, form, pieces=parts, size=size), interpret_registration)

    def ask(dispatch: Dispatch) -> Outcome:
        try:
            number = extract_number(read_json(b"".join(settings.kept(dispatch.receipt)))) if dispatch.receipt else ""
            if not number:
                reason = f"The service did not report a number. Look for {build_file_name(dispatch)} in its log."
                return Outcome(state=dispatch.state, reason=reason)
            form = urlencode({"dataspace": find_dataspace(settings), "id": number}).encode()
            kind = "application/x-www-form-urlencoded"
            answer = call(
                settings, f"{find_address(settings)}{STATUS}", kind, pieces=lambda: iter([form]), size=len(form)
            )
        except (NotSentError, UnknownOutcomeError, SdmxmigError) as error:
            return Outcome(state=dispatch.state, reason=str(error))
        return interpret_progress(answer, dispatch, number)

    return Channel(send=send, ask=ask, takes=(DATA, METADATA), check=partial(check_credential, settings))


def find_address(settings: Settings) -> str:
    address = settings.address.rstrip("/")
    if urlsplit(address).path.rpartition("/")[2] not in API_VERSIONS:
        hint = f"Write it with the version at its end, as https://transfer.example.org/{API_VERSIONS[-1]}."
        raise SdmxmigError(f"“{settings.address}” does not show the version of the .Stat interface.", hint=hint)
    return address


def find_dataspace(settings: Settings) -> str:
    name = settings.more.get("dataspace", "")
    if not SAFE_NAME.fullmatch(name):
        message = "The data space of the service is missing."
        raise SdmxmigError(message, hint="Write dataspace = “…”: the service’s name for it.")
    return name


def call(settings: Settings, address: str, kind: str, *, pieces: Callable[[], Iterator[bytes]], size: int) -> Answer:
    headers = {"Content-Type": kind, "Accept": "application/json"}
    return send_with_token(settings, lambda: build_request(settings, "POST", address, headers, pieces(), size))


def build_file_name(dispatch: Dispatch) -> str:
    return f"{dispatch.id[:12]}-{dispatch.parcel.name}"


def build_form(settings: Settings, dispatch: Dispatch, media_type: str) -> tuple[bytes, bytes]:
    if not SAFE_NAME.fullmatch(dispatch.parcel.name):
        raise SdmxmigError(f"“{dispatch.parcel.name}” is not a file name that a form can contain.")
    line, at = f"--{dispatch.id}", "Content-Disposition: form-data; name="
    before = (
        f'{line}\r\n{at}"dataspace"\r\n\r\n{find_dataspace(settings)}\r\n'
        f'{line}\r\n{at}"file"; filename="{build_file_name(dispatch)}"\r\nContent-Type: {media_type}\r\n\r\n'
    )
    return before.encode(), f"\r\n{line}--\r\n".encode()


def check_media_type(dispatch: Dispatch, file: BinaryIO) -> str:
    """Return the media type of SDMX-CSV or SDMX-ML data; raise `SdmxmigError` if unsupported."""
    name = dispatch.parcel.name
    file.seek(0)
    detected = detect(name, file.read(HEAD_BYTES))
    family = detected.format.removeprefix("sdmx-").partition("-")[0]
    if detected.kind != "data" or family not in MEDIA_TYPES:
        hint = "Send files of data in SDMX-CSV or SDMX-ML."
        raise SdmxmigError(f"A .Stat service does not accept {detected.name}.", hint=hint)
    file.seek(0)
    flows = collect_flows_in_csv(name, file, detected) if family == "csv" else collect_flows_in_ml(name, file, detected)
    if len(flows) > 1:
        hint = "Seal each dataflow in its own file."
        raise SdmxmigError(f"“{name}” contains {' and '.join(sorted(flows)[:3])}; .Stat takes one per file.", hint=hint)
    return MEDIA_TYPES[family]


def collect_flows_in_csv(name: str, file: BinaryIO, detected: Detection) -> set[str]:
    flows: set[str] = set()
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    try:
        head = FIRST_COLUMN.match(text.readline(HEAD_BYTES))
        delimiter = head[1] if head else ","
        column = 0 if detected.format == "sdmx-csv-1.0" else 1
        for row in csv.reader(text, delimiter=delimiter):
            flows.update(row[column : column + 1])
            if len(flows) > 1:
                break
    except csv.Error as error:
        raise SdmxmigError(f"“{name}” is not a table: {error}.") from None
    finally:
        text.detach()
    return flows


def collect_flows_in_ml(name: str, file: BinaryIO, detected: Detection) -> set[str]:
    read_header = FORMATS[detected.format].read_header
    uses = read_header(name, file).structures if read_header is not None else ()
    return {use.ref.short for use in uses if use.ref is not None}


def interpret_registration(answer: Answer) -> Outcome:
    body, reason = answer.body, find_reason(answer)
    if (untaken := interpret_refusal(answer)) is not None:
        return untaken
    says = read_json(body) if answer.is_whole else {}
    if 400 <= answer.status < 500 or (answer.status < 300 and says.get("success") is False):
        words = join_messages([says.get("message", "")]) or reason
        return Outcome(state=REJECTED, reason=f"The service refused it: {words}", answer=body)
    number = extract_number(says)
    if 200 <= answer.status < 300 and number:
        return Outcome(state=SENT, reason=f"The service is processing it under the number {number}.", answer=body)
    return Outcome(state=UNCERTAIN, reason=f"{reason}, but did not report a number.", answer=body)


def interpret_progress(answer: Answer, dispatch: Dispatch, number: str) -> Outcome:
    says = read_json(answer.body) if answer.status == 200 and answer.is_whole else {}
    if extract_number(says) != number:
        return Outcome(state=dispatch.state, reason=f"{find_reason(answer)}, without the number {number}.")
    status, outcome = (str(says.get(key) or "").lower() for key in ("executionstatus", "outcome"))
    state = STATE_BY_END.get((status, outcome)) or STATE_BY_END.get((status, ""))
    if status in PROGRESS_STATES:
        return Outcome(state=SENT, reason=f"The service is processing it ({status}).", answer=answer.body)
    logs = says.get("logs")
    words = join_messages([line.get("message", "") for line in logs if isinstance(line, Mapping)] if logs else [])
    reason = f"The service ended with {status} {outcome}. {words}".strip()
    return Outcome(state=state or UNCERTAIN, reason=reason, answer=answer.body)


def read_json(body: bytes) -> dict[str, Any]:
    try:
        says = parse_json(body, "the answer of the service")
    except InputError:
        return {}
    return {name.lower(): value for name, value in says.items()} if isinstance(says, dict) else {}


def extract_number(says: Mapping[str, Any]) -> str:
    candidates = (
        {str(says["requestid"])}
        if says.get("requestid")
        else {*TRANSACTION_NUMBER.findall(str(says.get("message", "")))}
    )
    numbers = {number for number in candidates if number.isascii() and number.isdigit()}
    return numbers.pop() if len(numbers) == 1 else ""


def join_messages(messages: list[Any]) -> str:
    return truncate_printable("; ".join(message for message in messages if isinstance(message, str)))
