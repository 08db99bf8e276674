"""Independent judges are installed if every test must run, so that none is skipped unnoticed."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest
from browsing import AXE, CHROMIUM, HAS_PLAYWRIGHT
from full_disks import FULL
from page_layout import PDFTOTEXT
from ssh_server import SSHD

EVERY = "SDMXMIG_EVERY_TEST"
"""The environment variable that .ci/run sets: there a judge that is missing is a failure."""


@pytest.mark.skipif(not os.environ.get(EVERY), reason="tests without their judges may be skipped here")
@pytest.mark.parametrize(
    ("judge", "is_there"),
    [
        ("Chromium", bool(CHROMIUM)),
        ("Playwright", HAS_PLAYWRIGHT),
        ("axe", AXE is not None),
        ("pdftotext", PDFTOTEXT is not None),
        ("cryptography", find_spec("cryptography") is not None),
        ("OpenSSH", bool(SSHD)),
        ("ssh-keygen", shutil.which("ssh-keygen") is not None),
        ("openssl", shutil.which("openssl") is not None),
        ("a device that is always full", FULL.exists()),
    ],
)
def test_independent_checker_is_installed(judge: str, is_there: bool) -> None:
    assert is_there, f"{judge} is not installed; ./install-debian-packages --for-tests installs what Debian has"
