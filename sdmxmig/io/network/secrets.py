"""Secrets: passwords and tokens come from the keyring or the environment, and stand in no file, log or message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError

SERVICE = "sdmxmig"
"""Under which name secrets stand in a keyring: ``keyring set sdmxmig NAME@HOST``."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:@-]{0,300}")
TOKEN = re.compile(r"[!-~]+")
"""What a token may have: all visible signs of ASCII, some more than the standard names, since receivers give such."""
LONGEST = 16_384


class Secret:
    """A text that shows itself to nobody: only `reveal` gives it, at the moment when it is sent.

    >>> Secret("s3cr3t")
    Secret(…)
    >>> f"{Secret('s3cr3t')}"
    '…'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("A secret is not written down.")


def secret_named(name: str, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret of this name: from the keyring, else from the file or text that the environment names.

    For a secret ``registry`` that is ``SDMXMIG_SECRET_REGISTRY_FILE``, else ``SDMXMIG_SECRET_REGISTRY``. Raises
    `SdmxmigError` with what to do if there is none.
    """
    if not NAME.fullmatch(name):
        raise SdmxmigError(f"“{name}” cannot be the name of a secret.", hint="Use letters and digits.")
    text = from_keyring(name) or from_environment(name, environ)
    if not text or len(text) > LONGEST or not text.isprintable():
        message = f"There is no usable secret “{name}”."
        raise SdmxmigError(message, hint=f"Keep it with: keyring set {SERVICE} {name}, or set {variable(name)}.")
    return Secret(text)


def bearer(name: str, secret: Secret) -> Secret:
    """A token as it is shown at the head of a request; raises `SdmxmigError`, without the token, if none can carry it.

    RFC 6750, section 2.1, has letters, digits and a few signs of ASCII in a token.
    """
    text = secret.reveal()
    if not TOKEN.fullmatch(text):
        message = f"The credential “{name}” cannot be shown: it has characters that no request can carry."
        hint = "Keep it anew, as the receiver gave it: were quotes, a blank or a letter of another script copied along?"
        raise SdmxmigError(message, hint=hint)
    return Secret(f"Bearer {text}")


def variable(name: str) -> str:
    """The variable of the environment in which a secret may stand.

    >>> variable("my-registry")
    'SDMXMIG_SECRET_MY_REGISTRY'
    """
    return f"SDMXMIG_SECRET_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def from_keyring(name: str) -> str:
    """A secret from the keyring of the system; empty if there is none, or no keyring."""
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
    """A secret from a file that the environment names, else from the environment; empty if there is none."""
    path = environ.get(f"{variable(name)}_FILE", "")
    if not path:
        return environ.get(variable(name), "").strip()
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(LONGEST + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SdmxmigError(f"The file of the secret “{name}” cannot be read ({type(error).__name__}).") from None
