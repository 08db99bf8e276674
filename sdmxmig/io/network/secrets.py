"""Secrets from keyring or environment, never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError

SERVICE = "sdmxmig"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:@-]{0,300}")
TOKEN = re.compile(r"[!-~]+")
"""Token characters: visible ASCII, more than the standard, as receivers use them."""
LONGEST = 16_384


class Secret:
    """A secret; only `reveal` returns it.

    >>> Secret("s3cr3t")
    Secret(…)
    >>> f"{Secret('s3cr3t')}"
    '…'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("A secret is not written down.")


def secret_named(name: str, environ: Mapping[str, str] = os.environ) -> Secret:
    """Find a secret: keyring, ``SDMXMIG_SECRET_REGISTRY_FILE``, ``SDMXMIG_SECRET_REGISTRY``.

    Raises `SdmxmigError` if missing.
    """
    if not NAME.fullmatch(name):
        raise SdmxmigError(f"“{name}” cannot be the name of a secret.", hint="Use letters and digits.")
    text = from_keyring(name) or from_environment(name, environ)
    if not text or len(text) > LONGEST or not text.isprintable():
        message = f"There is no usable secret “{name}”."
        raise SdmxmigError(message, hint=f"Keep it with: keyring set {SERVICE} {name}, or set {variable(name)}.")
    return Secret(text)


def bearer(name: str, secret: Secret) -> Secret:
    """Return a bearer header; raises `SdmxmigError`.

    RFC 6750, section 2.1, allows letters, digits and a few characters.
    """
    text = secret.reveal()
    if not TOKEN.fullmatch(text):
        message = f"The credential “{name}” cannot be shown: it has characters that no request can carry."
        hint = (
            "Save the secret again, exactly as the receiver gave it. Check for copied quotation "
            "marks, blanks or letters of another script."
        )
        raise SdmxmigError(message, hint=hint)
    return Secret(f"Bearer {text}")


def variable(name: str) -> str:
    """Return the environment variable of a secret.

    >>> variable("my-registry")
    'SDMXMIG_SECRET_MY_REGISTRY'
    """
    return f"SDMXMIG_SECRET_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, name) or ""
    except KeyringError:
        return ""


def from_environment(name: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{variable(name)}_FILE", "")
    if not path:
        return environ.get(variable(name), "").strip()
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(LONGEST + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SdmxmigError(f"The file of the secret “{name}” cannot be read ({type(error).__name__}).") from None
