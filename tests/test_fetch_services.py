"""Remote folders on real protocols: S3 (moto's server) and SFTP (paramiko's). Skipped without the group ``remote``."""

from __future__ import annotations

import io
import logging
import os
import socket
import threading
import zipfile
from collections.abc import Generator
from pathlib import Path

import pytest

from flows import fetch
from flows.fetch import Bounds
from flows.fetched import Outcome
from flows.source_list import SourceEntry

BOUNDS = Bounds(object_bytes=20_000_000, object_seconds=30, retire_share=0.5)
SECRET = "hunter2-secret-key"  # ruff: ignore[hardcoded-password-string] - it opens nothing


def _fetch(place: Path, location: str, *, is_mirror: bool = False) -> Outcome:
    entry = SourceEntry(location=location, mode="mirror" if is_mirror else "append")
    return fetch.fetch("far", entry, place.parent, place, BOUNDS)


def _copies(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.name.startswith(".fetched")
    }


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Generator[object]:
    """A bucket called news on a server of this test, as a boto3 resource."""
    pytest.importorskip("s3fs")
    boto3 = pytest.importorskip("boto3")
    threaded = pytest.importorskip("moto.server")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    server = threaded.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    made = boto3.resource("s3").Bucket("news")
    made.create()
    yield made
    made.objects.delete()  # its store is the process's
    server.stop()


def test_objects_of_a_bucket_are_fetched_when_new_or_changed(bucket: object, tmp_path: Path) -> None:
    put = bucket.put_object  # type: ignore[attr-defined]
    for name in ("2024/a.txt", "2024/deep/b.txt", "2023/c.txt", "2024/", "2024/.hidden", "2024/../evil.txt", "2024//x"):
        put(Key=name, Body=name.encode())
    put(Key="2024/large.bin", Body=b"x" * 12_000_000)
    place = tmp_path / "place"
    outcome = _fetch(place, "s3://news/2024")
    assert sorted(_copies(place)) == ["a.txt", "deep/b.txt", "large.bin"]
    assert outcome.problem_count == 2
    assert "'news/2024/' holds a folder without a name" in outcome.messages[0]
    assert "'..' would lead out of the source's folder" in outcome.messages[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place"]
    assert len(_copies(place)["large.bin"]) == 12_000_000
    assert _fetch(place, "s3://news/2024").fetched_count == 0
    put(Key="2024/a.txt", Body=b"2024/A.txt")  # the same size, likely within the same second: the ETag tells
    assert _fetch(place, "s3://news/2024").fetched_count == 1
    assert _copies(place)["a.txt"] == b"2024/A.txt"


def test_a_mirrored_bucket_drops_what_vanished(bucket: object, tmp_path: Path) -> None:
    for name in "abcd":
        bucket.put_object(Key=f"{name}.txt", Body=b"x")  # type: ignore[attr-defined]
    assert _fetch(tmp_path / "place", "s3://news", is_mirror=True).fetched_count == 4
    bucket.delete_objects(Delete={"Objects": [{"Key": "a.txt"}]})  # type: ignore[attr-defined]
    assert _fetch(tmp_path / "place", "s3://news", is_mirror=True).removed_count == 1
    assert sorted(_copies(tmp_path / "place")) == ["b.txt", "c.txt", "d.txt"]


@pytest.mark.parametrize("location", ["s3://nothing-here/x", "s3://news/nothing/here", "s3://news/secret.txt"])
def test_what_s3_refuses_is_told_without_the_key(
    bucket: object,
    tmp_path: Path,
    location: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bucket.put_object(Key="secret.txt", Body=b"x")  # type: ignore[attr-defined]
    caplog.set_level(logging.DEBUG)
    if location.endswith("secret.txt"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    (message,) = _fetch(tmp_path / "place", location).messages
    assert message.startswith(f"source 'far': {location} cannot be reached: ")
    assert SECRET not in message + caplog.text


def _put_zip(bucket: object) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("news/a.txt", "a")
    bucket.put_object(Key="all.zip", Body=packed.getvalue(), ACL="public-read")  # type: ignore[attr-defined]


def test_a_member_of_a_zip_file_in_a_bucket_is_fetched(bucket: object, tmp_path: Path) -> None:
    _put_zip(bucket)
    assert _fetch(tmp_path / "place", "zip://news::s3://news/all.zip").problems == []
    assert _copies(tmp_path / "place") == {"a.txt": b"a"}


def test_a_member_of_a_zip_file_on_the_web_is_fetched_and_its_key_not_told(
    bucket: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("aiohttp")
    _put_zip(bucket)
    monkeypatch.setenv("FEED_KEY", SECRET)
    address = os.environ["AWS_ENDPOINT_URL"]
    assert _fetch(tmp_path / "place", f"zip://news::{address}/news/all.zip?key=${{FEED_KEY}}").problems == []
    assert _copies(tmp_path / "place") == {"a.txt": b"a"}
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    (message,) = _fetch(tmp_path / "none", f"zip://news::{address}/news/none.zip?key=${{FEED_KEY}}").messages
    assert "none.zip" in caplog.text, "the library logs the URL, but for the key"
    assert SECRET not in message + caplog.text


class _Sftp:
    """An SFTP server over one folder, for one user with one password."""

    def __init__(self, root: Path) -> None:  # ruff: ignore[complex-structure] - paramiko is imported here alone
        import paramiko  # ruff: ignore[import-outside-top-level] - optional

        self.key = paramiko.RSAKey.generate(2048)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._transports: list[paramiko.Transport] = []

        class Server(paramiko.ServerInterface):
            def check_auth_password(self, username: str, password: str) -> int:
                is_right = (username, password) == ("me", SECRET)
                return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

            def get_allowed_auths(self, username: str) -> str:  # ruff: ignore[unused-method-argument]
                return "password"

            def check_channel_request(self, kind: str, chanid: int) -> int:  # ruff: ignore[unused-method-argument]
                return paramiko.OPEN_SUCCEEDED

        class Files(paramiko.SFTPServerInterface):
            def list_folder(self, path: str) -> object:
                folder = root / path.lstrip("/")
                return [paramiko.SFTPAttributes.from_stat(each.lstat(), each.name) for each in sorted(folder.iterdir())]

            def stat(self, path: str) -> object:
                place = root / path.lstrip("/")
                return paramiko.SFTPAttributes.from_stat(place.stat()) if place.exists() else paramiko.SFTP_NO_SUCH_FILE

            lstat = stat

            def open(self, path: str, flags: int, attr: object) -> object:  # ruff: ignore[unused-method-argument]
                handle = paramiko.SFTPHandle(flags)
                handle.readfile = (root / path.lstrip("/")).open("rb")
                return handle

        def serve() -> None:
            while True:
                try:
                    connection, _ = self._listening.accept()
                except OSError:
                    return
                transport = paramiko.Transport(connection)
                transport.add_server_key(self.key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
                self._transports.append(transport)
                try:
                    transport.start_server(server=Server())
                except (paramiko.SSHException, EOFError):
                    continue  # the client did not know the key

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)
        for transport in self._transports:
            transport.close()


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[_Sftp]:
    pytest.importorskip("paramiko")
    (tmp_path / "home/.ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SFTP_PASSWORD", SECRET)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    folder = tmp_path / "remote/news"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"a")
    (folder / "deep/b.txt").write_bytes(b"b" * 100_000)
    (folder / "link").symlink_to("/etc/passwd")
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    server = _Sftp(tmp_path / "remote")
    yield server
    server.stop()


def _know(home: Path, server: _Sftp) -> None:
    line = f"[127.0.0.1]:{server.port} {server.key.get_name()} {server.key.get_base64()}\n"
    (home / ".ssh/known_hosts").write_text(line, encoding="ascii")


def test_files_of_an_sftp_server_are_fetched(sftp: _Sftp, tmp_path: Path) -> None:
    _know(tmp_path / "home", sftp)
    location = f"sftp://me:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/news"
    outcome = _fetch(tmp_path / "place", location)
    assert _copies(tmp_path / "place") == {"a.txt": b"a", "deep/b.txt": b"b" * 100_000}
    assert (tmp_path / "place/a.txt").stat().st_mtime == 1_700_000_000
    assert outcome.messages == ["source 'far': 'link' is a link or no regular file: not followed"]
    assert _fetch(tmp_path / "place", location).fetched_count == 0


def test_an_sftp_server_that_nobody_knows_does_not_get_the_password(
    sftp: _Sftp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    location = f"sftp://me:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/news"
    (message,) = _fetch(tmp_path / "place", location).messages
    assert "not found in known_hosts" in message
    assert SECRET not in message + caplog.text


def test_a_wrong_password_is_told_and_not_shown(
    sftp: _Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _know(tmp_path / "home", sftp)
    monkeypatch.setenv("SFTP_PASSWORD", "wrong-password")
    (message,) = _fetch(tmp_path / "place", f"sftp://me:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/news").messages
    assert message == (
        f"source 'far': sftp://127.0.0.1:{sftp.port}/news cannot be reached: AuthenticationException: "
        "Authentication failed."
    )
    assert "wrong-password" not in caplog.text
