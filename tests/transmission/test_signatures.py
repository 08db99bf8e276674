"""A signature names its key and can be verified with the public one, also by other programs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from hypothesis import given
from hypothesis import strategies as st
from small_submission import write_new_sums
from small_validation import NOW, SOUND, workspace

from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.sealing import (
    CHECKSUMS,
    MANIFEST,
    PASSPHRASE,
    SIGNATURE,
    compute_fingerprint,
    find_problem,
    read_manifest,
    read_private_key,
    read_public_key,
)
from sdmxmig.workspace.tasks.verifying import verify

serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402 - only where it is installed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PLAIN = serialization.NoEncryption()
OPENSSH = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH)
PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
AT = ("--now", NOW)


def public(key: Ed25519PrivateKey) -> bytes:
    """A public key as ``ssh-keygen`` writes it."""
    line: bytes = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return line + b" office\n"


@pytest.fixture(scope="module")
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two key pairs, and a workspace in which a signed submission was sealed."""
    folder = tmp_path_factory.mktemp("signed")
    for name, key in (("key", KEY), ("other", OTHER)):
        (folder / name).write_bytes(key.private_bytes(*OPENSSH, PLAIN))
        (folder / f"{name}.pub").write_bytes(public(key))
    workspace(folder / "ws", SOUND)
    assert run(["validate", str(folder / "ws"), *AT]) == 0
    assert run(["package", str(folder / "ws"), "--key", str(folder / "key"), *AT]) == 0
    root = folder / "ws" / "out" / "submission"
    shutil.copytree(root / (root / "newest").read_text(encoding="utf-8").strip(), folder / "signed")
    return folder


@pytest.fixture
def signed(signed_once: Path, tmp_path: Path) -> Path:
    """The folder of the signed submission, with the keys beside it."""
    sealed = read_manifest((signed_once / "signed" / MANIFEST).read_bytes())
    for key in ("key", "key.pub", "other.pub"):
        shutil.copy(signed_once / key, tmp_path / key)
    return Path(shutil.copytree(signed_once / "signed", tmp_path / sealed.id))


def check(signed: Path, key: str = "key.pub") -> int:
    return run(["verify", str(signed), "--key", str(signed.parent / key)])


def test_public_key_verifies_the_seal_of_the_office(signed: Path, console: Console) -> None:
    assert check(signed) == 0
    assert (
        f"signed with the key {compute_fingerprint(KEY.public_key())}, which matches --key" in console.readouterr().err
    )
    assert check(signed, "other.pub") == 1
    assert f"not with {compute_fingerprint(OTHER.public_key())}" in console.readouterr().out
    assert "To verify it, add --key" in console.errors("verify", signed, code=0)


def test_manifest_letter_and_sums_name_the_signature(signed: Path) -> None:
    described = json.loads((signed / MANIFEST).read_text(encoding="utf-8"))
    assert described["signature"] == {"algorithm": "Ed25519", "key": compute_fingerprint(KEY.public_key())}
    assert compute_fingerprint(KEY.public_key()) in (signed / "cover-letter.txt").read_text(encoding="utf-8")
    assert (signed / CHECKSUMS).read_text(encoding="utf-8").endswith(f"  {SIGNATURE}\n")
    assert len((signed / SIGNATURE).read_bytes()) == 64


def test_equal_submissions_have_equal_signatures(signed_once: Path, signed: Path) -> None:
    assert run(["package", str(signed_once / "ws"), "--key", str(signed_once / "key"), *AT]) == 0
    again = signed_once / "ws" / "out" / "submission" / signed.name
    assert (again / SIGNATURE).read_bytes() == (signed / SIGNATURE).read_bytes()


def test_unsigned_submission_has_another_id(signed_once: Path, signed: Path) -> None:
    assert run(["package", str(signed_once / "ws"), *AT]) == 0
    root = signed_once / "ws" / "out" / "submission"
    unsigned = root / (root / "newest").read_text(encoding="utf-8").strip()
    assert unsigned.name != signed.name
    assert run(["verify", str(unsigned), "--key", str(signed_once / "key.pub")]) == 1


def rewritten(folder: Path, old: str, new: str) -> None:
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    assert old in text
    (folder / MANIFEST).write_text(text.replace(old, new), encoding="utf-8")
    write_new_sums(folder)


def signed_by_somebody_else(folder: Path) -> None:
    rewritten(folder, compute_fingerprint(KEY.public_key()), compute_fingerprint(OTHER.public_key()))
    (folder / SIGNATURE).write_bytes(OTHER.sign((folder / MANIFEST).read_bytes()))
    write_new_sums(folder)


def not_signed_any_more(folder: Path) -> None:
    (folder / SIGNATURE).unlink()
    described = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del described["signature"]
    (folder / MANIFEST).write_text(json.dumps(described), encoding="utf-8")
    write_new_sums(folder)


FORGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "figures": (lambda folder: (folder / "data/x").write_bytes(b"x"), "data/x was added"),
    "the sender": (lambda folder: rewritten(folder, '"GE1"', '"GE2"'), "does not fit the manifest"),
    "another key": (signed_by_somebody_else, "it is signed with the key"),
    "the name of the key alone": (
        lambda folder: rewritten(
            folder, compute_fingerprint(KEY.public_key()), compute_fingerprint(OTHER.public_key())
        ),
        "it is signed with the key",
    ),
    "the signature is gone": (lambda folder: (folder / SIGNATURE).unlink(), "manifest.json.sig is gone"),
    "and the manifest does not name it any more": (not_signed_any_more, "It is not signed"),
    "the signature is empty": (lambda folder: (folder / SIGNATURE).write_bytes(b""), "manifest.json.sig is gone"),
    "a signature with a byte more": (
        lambda folder: (
            (folder / SIGNATURE).write_bytes((folder / SIGNATURE).read_bytes() + b"\0"),
            write_new_sums(folder),
        ),
        "does not fit the manifest",
    ),
}


@pytest.mark.parametrize("case", FORGED)
def test_forgery_without_the_key_is_detected(case: str, signed: Path) -> None:
    forge, named = FORGED[case]
    forge(signed)
    received = signed.rename(signed.with_name("received"))  # so that its name tells nothing
    found = verify(received, key=read_public_key(public(KEY), "key.pub"))
    assert any(named in difference for difference in found.differences), found.differences


@given(at=st.integers(0, 63), to=st.integers(1, 255))
def test_every_changed_byte_of_a_signature_is_detected(at: int, to: int) -> None:
    content = b'{"manifest": "3"}'
    signature = bytearray(KEY.sign(content))
    signature[at] ^= to
    named = compute_fingerprint(KEY.public_key())
    assert find_problem(content, bytes(signature), named, key=KEY.public_key())
    assert not find_problem(content, KEY.sign(content), named, key=KEY.public_key())


KEYS = {
    "OpenSSH": KEY.private_bytes(*OPENSSH, PLAIN),
    "PEM": KEY.private_bytes(*PKCS8, PLAIN),
    "PEM with a passphrase": KEY.private_bytes(*PKCS8, serialization.BestAvailableEncryption(b"secret")),
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_in_usual_formats_are_accepted(kind: str) -> None:
    passphrase = "secret" if "passphrase" in kind else ""
    read = read_private_key(KEYS[kind], "key", passphrase)
    assert compute_fingerprint(read.public_key()) == compute_fingerprint(KEY.public_key())


ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
NO_KEYS: dict[str, tuple[bytes, str]] = {
    "a text": (b"secret", "cannot be read"),
    "a public key": (public(KEY), "cannot be read"),
    "half of a key": (KEYS["PEM"][:60], "cannot be read"),
    "a key with a passphrase that nobody gave": (KEYS["PEM with a passphrase"], "cannot be read"),
    "another kind of key": (ELLIPTIC.private_bytes(*PKCS8, PLAIN), "not Ed25519"),
}


@pytest.mark.parametrize("case", NO_KEYS)
def test_unusable_key_is_refused_and_not_shown(case: str) -> None:
    content, message = NO_KEYS[case]
    with pytest.raises(SdmxmigError, match=message) as refused:
        read_private_key(content, "key")
    assert "ssh-keygen -t ed25519" in refused.value.hint
    assert PASSPHRASE in refused.value.hint or "another kind" in refused.value.message
    assert content.decode() not in str(refused.value)


def test_unusable_public_key_is_refused() -> None:
    other = ELLIPTIC.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    for content, message in ((b"secret", "cannot be read"), (KEYS["PEM"], "cannot be read"), (other, "not Ed25519")):
        with pytest.raises(SdmxmigError, match=message):
            read_public_key(content, "key.pub")


def test_passphrase_is_read_from_the_environment(
    signed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    (tmp_path / "key").write_bytes(KEYS["PEM with a passphrase"])
    command = ["package", str(signed_once / "ws"), "--key", str(tmp_path / "key"), *AT]
    monkeypatch.delenv(PASSPHRASE, raising=False)
    assert PASSPHRASE in " ".join(console.errors(*command).split())
    monkeypatch.setenv(PASSPHRASE, "secret")
    assert run(command) == 0


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_openssl_checks_the_signature_without_sdmxmig(signed: Path) -> None:
    pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (signed.parent / "key.pem").write_bytes(pem)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "../key.pem", "-rawin"]
    command += ["-in", MANIFEST, "-sigfile", SIGNATURE]
    assert subprocess.run(command, cwd=signed, capture_output=True, check=False).returncode == 0
    (signed / MANIFEST).write_bytes((signed / MANIFEST).read_bytes() + b" ")
    assert subprocess.run(command, cwd=signed, capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_keys_of_ssh_keygen_show_its_fingerprint(signed_once: Path, tmp_path: Path) -> None:
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "office-key"]
    subprocess.run(make, cwd=tmp_path, check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", "office-key.pub"], cwd=tmp_path, capture_output=True, check=True)
    key = read_private_key((tmp_path / "office-key").read_bytes(), "office-key")
    assert compute_fingerprint(key.public_key()) in shown.stdout.decode()
    assert run(["package", str(signed_once / "ws"), "--key", str(tmp_path / "office-key"), *AT]) == 0
    root = signed_once / "ws" / "out" / "submission"
    newest = root / (root / "newest").read_text(encoding="utf-8").strip()
    assert run(["verify", str(newest), "--key", str(tmp_path / "office-key.pub")]) == 0
