"""An SFTP server that fails on purpose, on loopback: full, forbidden, silent or gone, at a step that a test chooses."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

KEY = paramiko.ECDSAKey.generate()
HOST_KEY = "SHA256:" + base64.b64encode(hashlib.sha256(KEY.asbytes()).digest()).decode().rstrip("=")
DENIED, FAILED, OK = paramiko.SFTP_PERMISSION_DENIED, paramiko.SFTP_FAILURE, paramiko.SFTP_OK


@dataclass
class Faults:
    """Steps that are answered with an error, and those before or after which the connection is cut."""

    answers: dict[str, int] = field(default_factory=dict)
    cut_before: str = ""
    cut_behind: str = ""
    silent: str = ""
    over: threading.Event = field(default_factory=threading.Event)
    lines: list[socket.socket] = field(default_factory=list)

    def cut(self) -> None:
        for line in self.lines:
            line.shutdown(socket.SHUT_RDWR)

    def at(self, step: str) -> int:
        """The answer to this step; none if the connection is cut."""
        if self.silent == step:
            self.over.wait(30)
        if self.cut_before == step:
            self.cut()
            return FAILED
        return self.answers.get(step, OK)


class Handle(paramiko.SFTPHandle):
    faults: Faults
    kept: int = 1 << 30

    def write(self, offset: int, data: bytes) -> int:
        answer = self.faults.at("write")
        if answer != OK:
            return answer
        short = data[: max(0, self.faults.answers.get("keeps", 1 << 30) - offset)]
        written = super().write(offset, short) if short else OK
        return written if written is not None else OK

    def read(self, offset: int, length: int) -> bytes | int:
        answer = self.faults.at("read")
        return super().read(offset, length) if answer == OK else answer


class Files(paramiko.SFTPServerInterface):
    """The files below a folder, as far as the faults let them be seen."""

    faults: Faults
    root: Path

    def place(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def looked(self, path: str, *, follows: bool) -> paramiko.SFTPAttributes | int:
        if (answer := self.faults.at("stat")) != OK:
            return answer
        try:
            found = self.place(path).stat() if follows else self.place(path).lstat()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return paramiko.SFTPAttributes.from_stat(found)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self.looked(path, follows=True)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self.looked(path, follows=False)

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        if (answer := self.faults.at("list")) != OK:
            return answer
        entries = []
        for each in sorted(self.place(path).iterdir()):
            attributes = paramiko.SFTPAttributes.from_stat(each.lstat())
            attributes.filename = each.name
            entries.append(attributes)
        return entries

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if (answer := self.faults.at("open" if writes else "open to read")) != OK:
            return answer
        try:
            descriptor = os.open(self.place(path), flags, 0o600)
            handle = Handle(flags)
            handle.faults = self.faults
            handle.writefile = handle.readfile = os.fdopen(descriptor, "wb" if writes else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle

    def remove(self, path: str) -> int:
        if (answer := self.faults.at("remove")) != OK:
            return answer
        try:
            self.place(path).unlink()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return OK

    def rename(self, oldpath: str, newpath: str) -> int:
        if (answer := self.faults.at("rename")) != OK:
            return answer
        try:
            os.link(self.place(oldpath), self.place(newpath))  # as OpenSSH does, which replaces nothing
            self.place(oldpath).unlink()
        except OSError:
            return FAILED
        if self.faults.cut_behind == "rename":
            self.faults.cut()
        return OK


class OpenServer(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


@contextmanager
def failing_sftp(root: Path, faults: Faults) -> Iterator[int]:
    """The port of a server of the files below a folder."""
    transports: list[paramiko.Transport] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            faults.lines[:] = [line]
            transport = paramiko.Transport(line)
            transports.append(transport)
            transport.add_server_key(KEY)
            transport.set_subsystem_handler(
                "sftp", paramiko.SFTPServer, type("Served", (Files,), {"faults": faults, "root": root})
            )
            try:
                transport.start_server(server=OpenServer())
            except (paramiko.SSHException, EOFError, OSError):
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        faults.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        for transport in transports:
            transport.close()
        thread.join(10)
