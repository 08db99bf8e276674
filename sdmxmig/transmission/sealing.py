"""Sealed submissions.

The seal is the SHA-256 of the manifest, which has the header, the verdict and hashes of parts; the id ends with its
first digits. Tampering is detected if the id or hash is known independently, or with a signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, write_count, write_pip_install
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.findings import SEVERITIES, Findings
from sdmxmig.sdmx.model.submission import Header, ManifestDetails, Party, Submission, SubmissionPart

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MANIFEST, CHECKSUMS, SIGNATURE = "manifest.json", "SHA256SUMS", "manifest.json.sig"
SEAL_FILES = (MANIFEST, CHECKSUMS, SIGNATURE)
MANIFEST_VERSION = "3"
READABLE_VERSIONS = ("2", MANIFEST_VERSION)
"""Versions of manifests that can be verified; the earlier one has fewer fields."""
MAX_DIGITS = 20
SUBMISSION_ID = re.compile(rf"[A-Z]{{2}}-[A-Za-z][A-Za-z0-9_.-]*-[0-9a-f]{{{MAX_DIGITS}}}")
MAX_PARTS = 100_000
ALGORITHM = "Ed25519"
READY_STATE = "ready"

Value = TypeVar("Value")
Checker = Callable[[bytes, bytes, str], str]


def build_part(name: str, media_type: str, content: bytes) -> SubmissionPart:
    return SubmissionPart(
        name=name, media_type=media_type, sha256=hashlib.sha256(content).hexdigest(), size=len(content), content=content
    )


def submit(
    parts: Sequence[SubmissionPart],
    findings: Findings,
    header: Header,
    *,
    area: str,
    agency: str,
    versions: Mapping[str, str],
    particulars: ManifestDetails | None = None,
) -> Submission:
    """Seal parts into a submission with a content-based id.

    `area` is the reporting country (REF_AREA); `versions` are those of programs and codelists by name. Raises
    `SdmxmigError` for findings with errors, duplicate names and unsafe paths.
    """
    check_no_errors(findings)
    check_names([part.name for part in parts])
    submission = Submission(
        id="",
        header=header,
        agency=agency,
        area=area,
        parts=tuple(sorted(parts, key=lambda part: part.name)),
        verdict="warnings" if findings.count("warning") else READY_STATE,
        counts=tuple((severity, findings.count(severity)) for severity in SEVERITIES),
        explained=findings.justified,
        versions=tuple(sorted(versions.items())),
        particulars=particulars or ManifestDetails(),
    )
    return replace(submission, id=compute_id(write_manifest(submission), area, agency))


def check_no_errors(findings: Findings) -> None:
    if findings.has_errors:
        raise SdmxmigError(
            "The data cannot be packaged: they have "
            f"{write_count(findings.count('error'), 'finding')} of severity error.",
            hint="Correct the marked cells, and run the pipeline again.",
        )


def check_names(names: Sequence[str]) -> None:
    for name, count in Counter(name.casefold() for name in [*names, *SEAL_FILES]).items():
        if count > 1:
            hint = "Write {flow} and {suffix} in the agency's file_name."
            raise SdmxmigError(f"Two parts of the submission would be called “{name}”.", hint=hint)
    for name in names:
        if not is_part_name(name):
            hint = "Change the agency's file_name to a name."
            raise SdmxmigError(f"“{name}” cannot be the name of a part.", hint=hint)


def is_part_name(name: str) -> bool:
    """Check whether a name is a path inside the folder on every system.

    >>> is_part_name("data/DF_POP.csv"), is_part_name("data/../../DF_POP.csv")
    (True, False)
    """
    parts = PurePosixPath(name).parts
    return bool(parts) and name == "/".join(parts) and ".." not in parts and not {*name} & {*'\\:*?"<>|\0\n\r'}


def compute_id(content: bytes, area: str, agency: str) -> str:
    return f"{area}-{agency}-{hashlib.sha256(content).hexdigest()[:MAX_DIGITS]}"


def write_manifest(submission: Submission) -> bytes:
    header = submission.header
    described = {
        "manifest": MANIFEST_VERSION,
        "area": submission.area,
        "agency": submission.agency,
        "header": {
            "id": header.id,
            "prepared": header.prepared,
            "sender": header.sender.id,
            "receivers": [receiver.id for receiver in header.receivers],
            "test": header.test,
        },
        "verdict": submission.verdict,
        "findings": dict(submission.counts),
        "explained": submission.explained,
        **write_particulars(submission.particulars),
        "versions": dict(submission.versions),
        "parts": [
            {"name": part.name, "media_type": part.media_type, "size": part.size, "sha256": part.sha256}
            for part in submission.parts
        ],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


def write_particulars(particulars: ManifestDetails) -> dict[str, object]:
    override, key, revision = particulars.override, particulars.key, particulars.revision
    return {
        **({"override": asdict(override)} if override else {}),
        **({"revision": asdict(revision)} if revision else {}),
        **({"prepared_by": particulars.prepared_by} if particulars.prepared_by else {}),
        **({"approved_by": list(particulars.approved_by)} if particulars.approved_by else {}),
        "licence": particulars.licence,
        "profile": particulars.profile,
        "structures": list(particulars.structures),
        "left_out": list(particulars.left_out),
        "unsaid": list(particulars.unsaid),
        **({"signature": {"algorithm": ALGORITHM, "key": key}} if key else {}),
    }


def write_checksums(submission: Submission, signature: bytes = b"") -> bytes:
    parts = {part.name: part.sha256 for part in submission.parts}
    return write_sums(parts, write_manifest(submission), signature)


def write_sums(parts: Mapping[str, str], content: bytes, signature: bytes = b"") -> bytes:
    seals = {MANIFEST: content, **({SIGNATURE: signature} if signature else {})}
    all_sums = {**parts, **{name: hashlib.sha256(seal).hexdigest() for name, seal in seals.items()}}
    return "".join(f"{sha256}  {name}\n" for name, sha256 in all_sums.items()).encode()


def read_manifest(content: bytes) -> Submission | None:
    """Read a manifest, whose parts have no content; None if it is damaged."""
    try:
        described = json.loads(content.decode("utf-8"), object_pairs_hook=reject_duplicate_names)
        if described["manifest"] not in READABLE_VERSIONS or len(described["parts"]) > MAX_PARTS:
            return None
        listed = [{"media_type": "", "size": 0, **part} for part in described["parts"]]
        parts = msgspec.convert(listed, tuple[SubmissionPart, ...])
        reject_duplicate_names([(part.name, part.sha256) for part in parts])
        area, agency, header = str(described["area"]), str(described["agency"]), described.get("header") or {}
        return Submission(
            id=compute_id(content, area, agency),
            header=Header(
                str(header.get("id", "")),
                str(header.get("prepared", "")),
                sender=Party(str(header.get("sender", ""))),
                test=bool(header.get("test")),
            ),
            agency=agency,
            area=area,
            parts=parts,
            verdict=str(described.get("verdict", "")),
            counts=tuple(described.get("findings", {}).items()),
            versions=tuple(described.get("versions", {}).items()),
            particulars=msgspec.convert({**described, **described.get("signature", {})}, ManifestDetails),
        )
    except (msgspec.ValidationError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None


def reject_duplicate_names(pairs: Sequence[tuple[str, Value]]) -> dict[str, Value]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name occurs twice")
    return values


def describe_differences(
    files: Mapping[str, str], seals: Mapping[str, bytes], expected: str, *, check: Checker | None = None
) -> list[str]:
    """List differences from a sealed submission; empty if it is intact.

    `files` are SHA-256 by path (empty if not an ordinary file); `seals` are manifest, checksums and signature by name;
    `expected` is the announced id or empty. `check` returns the problem with a signature, or an empty text.
    """
    content, sums, signature = (seals.get(name, b"") for name in SEAL_FILES)
    if not content:
        return [f"{MANIFEST} is gone: the sealed content is unknown"]
    sealed = read_manifest(content)
    if sealed is None:
        return [f"{MANIFEST} is no longer a manifest"]
    sentences = []
    sums_by_part = {part.name: part.sha256 for part in sealed.parts}
    if expected not in ("", sealed.id):
        sentences.append(
            f"{MANIFEST} belongs to {sealed.id}, not to {expected}: it was changed, or belongs to another submission"
        )
    if not sums:
        sentences.append(f"{CHECKSUMS} is gone")
    elif sums != write_sums(sums_by_part, content, signature):
        sentences.append(f"{CHECKSUMS} differs from {MANIFEST}")
    sentences += _check_signature(sealed.particulars.key, content, signature, was_added=SIGNATURE in files, check=check)
    for part in sorted((sums_by_part.keys() | files.keys()) - {*SEAL_FILES}):
        if files.get(part) != sums_by_part.get(part):
            change = "is gone" if part not in files else "was added" if part not in sums_by_part else "was changed"
            sentences.append(f"{part} {change}")
    return sentences


def _check_signature(
    key: str, content: bytes, signature: bytes, *, was_added: bool, check: Checker | None
) -> Iterator[str]:
    if not key and was_added:
        yield f"{SIGNATURE} was added"
    elif key and not signature:
        yield f"{SIGNATURE} is gone"
    elif key and check is not None and (problem := check(content, signature, key)):
        yield problem


OPENSSH_PRIVATE, OPENSSH_PUBLIC = b"-----BEGIN OPENSSH PRIVATE KEY-----", (b"ssh-", b"ecdsa-", b"sk-")
KEY_HINT = "Make one with: ssh-keygen -t ed25519 -f office-key"
PASSPHRASE = "SDMXMIG_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable, no passphrase


def load_serialization() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization as readers
    except ModuleNotFoundError as error:
        hint = f"Install it: {write_pip_install('signature')}"
        raise MissingLibrary("Signatures need the library cryptography, which is not installed.", hint=hint) from error
    return readers


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    return bytes(key.sign(content))


def read_private_key(content: bytes, name: str, passphrase: str = "") -> Ed25519PrivateKey:
    readers = load_serialization()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    is_openssh = content.lstrip().startswith(OPENSSH_PRIVATE)
    read = readers.load_ssh_private_key if is_openssh else readers.load_pem_private_key
    try:
        key = read(content, password=passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        hint = f"{KEY_HINT} – and put its passphrase, if it has one, into the variable {PASSPHRASE}."
        raise SdmxmigError(f"The key cannot be read: {error}", Place(name), hint) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SdmxmigError("This is a key of another kind, not Ed25519.", Place(name), KEY_HINT)
    return key


def read_public_key(content: bytes, name: str) -> Ed25519PublicKey:
    readers = load_serialization()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    is_openssh = content.lstrip().startswith(OPENSSH_PUBLIC)
    read = readers.load_ssh_public_key if is_openssh else readers.load_pem_public_key
    try:
        key = read(content.strip())
    except (ValueError, UnsupportedAlgorithm) as error:
        hint = "Give the public key of the person who sealed it, such as office-key.pub."
        raise SdmxmigError(f"The public key cannot be read: {error}", Place(name), hint) from None
    if not isinstance(key, Ed25519PublicKey):
        raise SdmxmigError("This is a public key of another kind, not Ed25519.", Place(name), KEY_HINT)
    return key


def compute_fingerprint(key: Ed25519PublicKey) -> str:
    readers = load_serialization()
    line = key.public_bytes(readers.Encoding.OpenSSH, readers.PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def find_problem(content: bytes, signature: bytes, named_key: str, *, key: Ed25519PublicKey) -> str:
    load_serialization()
    from cryptography.exceptions import InvalidSignature

    if named_key != compute_fingerprint(key):
        return f"it is signed with the key {named_key or 'of nobody'}, not with {compute_fingerprint(key)}"
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return "the signature does not fit the manifest"
    return ""
