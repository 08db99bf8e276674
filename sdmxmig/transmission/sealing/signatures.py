"""Ed25519 signatures of manifests (RFC 8032).

Verifiable with ``openssl pkeyutl -verify -rawin``. Keys are OpenSSH or PEM; fingerprints as ``ssh-keygen -l``.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, pip_install
from sdmxmig.primitives.places import Place

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

OPENSSH_PRIVATE, OPENSSH_PUBLIC = b"-----BEGIN OPENSSH PRIVATE KEY-----", (b"ssh-", b"ecdsa-", b"sk-")
MAKE = "Make one with: ssh-keygen -t ed25519 -f office-key"
PASSPHRASE = "SDMXMIG_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable, no passphrase
"""The variable of the environment that holds the passphrase of a key."""


def serialization() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization as readers
    except ModuleNotFoundError as error:
        hint = f"Install it: {pip_install('signature')}"
        raise MissingLibrary("Signatures need the library cryptography, which is not installed.", hint=hint) from error
    return readers


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    return bytes(key.sign(content))


def private_key(content: bytes, name: str, passphrase: str = "") -> Ed25519PrivateKey:
    readers = serialization()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    is_openssh = content.lstrip().startswith(OPENSSH_PRIVATE)
    read = readers.load_ssh_private_key if is_openssh else readers.load_pem_private_key
    try:
        key = read(content, password=passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        hint = f"{MAKE} – and put its passphrase, if it has one, into the variable {PASSPHRASE}."
        raise SdmxmigError(f"The key cannot be read: {error}", Place(name), hint) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SdmxmigError("This is a key of another kind, not Ed25519.", Place(name), MAKE)
    return key


def public_key(content: bytes, name: str) -> Ed25519PublicKey:
    readers = serialization()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    is_openssh = content.lstrip().startswith(OPENSSH_PUBLIC)
    read = readers.load_ssh_public_key if is_openssh else readers.load_pem_public_key
    try:
        key = read(content.strip())
    except (ValueError, UnsupportedAlgorithm) as error:
        hint = "Give the public key of who has sealed it, such as office-key.pub."
        raise SdmxmigError(f"The public key cannot be read: {error}", Place(name), hint) from None
    if not isinstance(key, Ed25519PublicKey):
        raise SdmxmigError("This is a public key of another kind, not Ed25519.", Place(name), MAKE)
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    readers = serialization()
    line = key.public_bytes(readers.Encoding.OpenSSH, readers.PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def problem_of(content: bytes, signature: bytes, named_key: str, *, key: Ed25519PublicKey) -> str:
    serialization()
    from cryptography.exceptions import InvalidSignature

    if named_key != fingerprint(key):
        return f"it is signed with the key {named_key or 'of nobody'}, not with {fingerprint(key)}"
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return "the signature does not fit the manifest"
    return ""
