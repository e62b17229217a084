"""Web addresses: asked politely, bounded in every way, kept when they have news, silent about secrets."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from flows import fetch, polling
from flows.fetch import Bounds
from flows.fetched import Outcome
from flows.gather import Request
from flows.pipeline import run_request
from flows.settings import Settings
from flows.source_list import SourceEntry
from remote_server import Page, WebServer, web_server
from warehouse import open_warehouse

BOUNDS = Bounds(object_bytes=1_000_000, object_seconds=20, retire_share=0.5)
FEED = b"<rss version='2.0'><channel><item><title>T</title><description>Text.</description></item></channel></rss>"


@pytest.fixture
def server() -> Generator[WebServer]:
    with web_server() as serving:
        yield serving


def _fetch(place: Path, location: str, bounds: Bounds = BOUNDS, *, poll: bool = True) -> Outcome:
    return fetch.fetch("feed", SourceEntry(location=location, poll=poll), place.parent, place, bounds)


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if not path.name.startswith("."))


def _item(guid: str, text: str) -> bytes:
    return f"<item><guid>{guid}</guid><title>On {guid}</title><description>{text}</description></item>".encode()


def _rss(*items: bytes) -> bytes:
    return b"<rss version='2.0'><channel><language>en</language>" + b"".join(items) + b"</channel></rss>"


def test_a_feed_is_asked_with_its_validators(server: WebServer, tmp_path: Path) -> None:
    place = tmp_path / "feed"
    headers = {"ETag": '"1"', "Last-Modified": "Fri, 01 Mar 2024 12:00:00 GMT", "Content-Type": "application/rss+xml"}
    server.pages["/feed"] = Page(FEED, headers=headers)
    assert _fetch(place, f"{server.address}/feed").fetched_count == 1
    assert _fetch(place, f"{server.address}/feed").fetched_count == 0
    _, asked = server.requests[-1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"1"', "Fri, 01 Mar 2024 12:00:00 GMT")


def test_every_distinct_answer_that_is_no_feed_is_kept(server: WebServer, tmp_path: Path) -> None:
    place = tmp_path / "feed"
    headers = {"ETag": '"1"', "Last-Modified": "Fri, 01 Mar 2024 12:00:00 GMT"}
    server.pages["/list.json"] = Page(b'{"text": "one"}', headers=headers)
    assert _fetch(place, f"{server.address}/list.json").fetched_count == 1
    (first,) = _files(place)
    assert first.read_bytes() == b'{"text": "one"}'
    assert (first.suffix, first.stat().st_mtime) == (".json", 1_709_294_400)
    server.pages["/list.json"] = Page(b'{"text": "two"}', headers=headers | {"ETag": '"2"', "Last-Modified": ""})
    assert _fetch(place, f"{server.address}/list.json").fetched_count == 1
    # The first answer again, under another validator: it is there already.
    server.pages["/list.json"] = Page(b'{"text": "one"}', headers={"ETag": '"3"'})
    assert _fetch(place, f"{server.address}/list.json").fetched_count == 0
    assert first in _files(place)
    assert len(_files(place)) == 2


def test_an_entry_is_one_article_in_all_answers(
    server: WebServer, tmp_path: Path, settings_for: Callable[..., Settings]
) -> None:
    (tmp_path / "sources.toml").write_text(f'[wire]\nlocation = "{server.address}/feed"\npoll = true\n')
    settings = settings_for(sources=tmp_path / "sources.toml")

    def run(*items: bytes) -> tuple[int, int]:
        server.pages["/feed"] = Page(_rss(*items))
        summary = run_request(settings, Request())
        return summary.files, summary.articles_total

    first, second, third = _item("a", "The Severn rose."), _item("b", "The Wye fell."), _item("c", "The Usk froze.")
    assert run(second, first) == (2, 2)
    assert run(second, first) == (0, 2)
    changed = _item("b", "The Wye fell, and rose again.")
    # The first has left the feed, the second changed, the third is new.
    assert run(third, changed) == (2, 3)
    assert run(changed, third) == (0, 3)
    with open_warehouse(settings.data) as connection:
        versions = connection.execute(
            "SELECT title, body FROM article_versions ORDER BY title, first_run_id"
        ).fetchall()
    assert versions == [
        ("On a", "The Severn rose."),
        ("On b", "The Wye fell."),
        ("On b", "The Wye fell, and rose again."),
        ("On c", "The Usk froze."),
    ]


def test_a_file_takes_the_place_of_its_former_version(server: WebServer, tmp_path: Path) -> None:
    place = tmp_path / "file"
    location = f"{server.address}/dumps/news%20.jsonl?page=1"
    server.pages["/dumps/news%20.jsonl?page=1"] = Page(b"{}\n")
    assert _fetch(place, location, poll=False).fetched_count == 1
    (path,) = _files(place)
    assert path.name == "news_.jsonl"
    os.utime(path, (1, 1))
    # Without validators it comes again, and nothing is written as it is the same.
    assert _fetch(place, location, poll=False).fetched_count == 0
    assert path.stat().st_mtime == 1
    server.pages["/dumps/news%20.jsonl?page=1"] = Page(b'{"a": 1}\n')
    assert _fetch(place, location, poll=False).fetched_count == 1
    assert path.read_bytes() == b'{"a": 1}\n'
    path.unlink()
    assert _fetch(place, location, poll=False).fetched_count == 1


def test_another_query_is_another_address(server: WebServer, tmp_path: Path) -> None:
    for page in "12":
        server.pages[f"/a.json?page={page}"] = Page(page.encode(), headers={"ETag": '"same"'})
        assert _fetch(tmp_path / "file", f"{server.address}/a.json?page={page}", poll=False).fetched_count == 1
        assert (tmp_path / "file/a.json").read_bytes() == page.encode()


def test_a_copy_that_is_gone_is_fetched_whatever_the_validators_say(server: WebServer, tmp_path: Path) -> None:
    server.pages["/a.json"] = Page(b"{}", headers={"ETag": '"1"'})
    _fetch(tmp_path / "file", f"{server.address}/a.json", poll=False)
    (tmp_path / "file/a.json").unlink()
    assert _fetch(tmp_path / "file", f"{server.address}/a.json", poll=False).fetched_count == 1


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Page(b"gone", 404), "the server answered 404 Not Found"),
        (Page(b"", 500), "the server answered 500"),
        (Page(b""), "the answer is empty"),
        (Page(b"x" * 2_000), "the answer is larger than 1,000 bytes"),
        (Page(b"half", announced_bytes=900), "the answer broke off after 4 of 900 bytes"),
        (Page(steps=[(0.0, b"x"), *[(0.2, b"x")] * 50]), "no whole answer within 1 s"),
        (Page(steps=[(5.0, b"x")]), "no whole answer within 1 s"),
        (Page(status=302, headers={"Location": "file:///etc/passwd"}), "is not allowed"),
        (Page(status=302, headers={"Location": "ftp://127.0.0.1/x"}), "redirected to ftp://"),
        (Page(status=302, headers={"Location": "/feed"}), "redirect"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_and_nothing_is_kept(
    server: WebServer, tmp_path: Path, page: Page, problem: str
) -> None:
    server.pages["/feed"] = page
    outcome = _fetch(tmp_path / "feed", f"{server.address}/feed", Bounds(1_000, 1, 0.5))
    (message,) = outcome.messages
    assert message.startswith(f"source 'feed': {server.address}/feed could not be fetched: ")
    assert problem in message
    assert _files(tmp_path / "feed") == []
    assert list((tmp_path / "feed").glob(".*.part")) == []
    assert len(server.requests) <= 12


def test_redirects_are_followed_a_few_times(server: WebServer, tmp_path: Path) -> None:
    for number in range(8):
        server.pages[f"/{number}"] = Page(status=302, headers={"Location": f"/{number + 1}"})
    server.pages["/8"] = Page(FEED)
    assert _fetch(tmp_path / "few", f"{server.address}/4").fetched_count == 1
    assert _fetch(tmp_path / "many", f"{server.address}/0").problem_count == 1


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with web_server() as gone:
        address = gone.address
    (message,) = _fetch(tmp_path / "feed", f"{address}/feed").messages
    assert "Connection refused" in message


def test_a_password_goes_to_its_server_and_to_no_other(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_PASSWORD", "hunter2!")
    with web_server() as other:
        server.pages["/feed"] = Page(status=302, headers={"Location": "/moved"})
        server.pages["/moved"] = Page(status=302, headers={"Location": f"{other.address}/feed"})
        other.pages["/feed"] = Page(FEED)
        location = server.address.replace("://", "://me:${FEED_PASSWORD}@") + "/feed"
        assert _fetch(tmp_path / "feed", location).fetched_count == 1
    assert ["Authorization" in headers for _, headers in server.requests] == [True, True]
    assert ["Authorization" in headers for _, headers in other.requests] == [False]


@pytest.mark.parametrize(
    "page",
    [
        Page(FEED),
        Page(b"no", 403),
        Page(status=302, headers={"Location": "http://127.0.0.1:1/x?key=hunter2%21"}),
        Page(status=302, headers={"Location": "/feed?key=hunter2%21"}),
        Page(steps=[(3.0, b"")], announced_bytes=9),
    ],
)
def test_a_key_reaches_no_log_no_message_and_no_file(
    server: WebServer,
    tmp_path: Path,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FEED_KEY", "hunter2!")
    caplog.set_level(logging.DEBUG)
    server.pages["/feed?key=hunter2%21"] = page
    outcome = _fetch(tmp_path / "feed", f"{server.address}/feed?key=${{FEED_KEY}}", Bounds(1_000, 1, 0.5))
    assert server.requests[0][0] == "/feed?key=hunter2%21", "the server must get the key"
    paths = [*(tmp_path / "feed").rglob("*")]
    written = b"".join(path.read_bytes() for path in paths if path.is_file())
    told = "".join([*outcome.messages, caplog.text, *capfd.readouterr(), written.decode("latin-1")])
    told += "".join(path.name for path in paths)
    assert "hunter2" not in told


def test_a_poll_that_was_cut_off_asks_for_the_same_again(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.pages["/feed"] = Page(FEED, headers={"ETag": '"1"'})
    with monkeypatch.context() as patch:
        patch.setattr(polling.FetchedFolder, "keep", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        assert _fetch(tmp_path / "feed", f"{server.address}/feed").messages == [
            f"source 'feed': {server.address}/feed could not be fetched: OSError: disk full"
        ]
    assert _fetch(tmp_path / "feed", f"{server.address}/feed").fetched_count == 1


def test_headers_that_drip_are_cut_off_in_time(tmp_path: Path) -> None:
    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=[listening], daemon=True)
        thread.start()
        location = f"http://127.0.0.1:{listening.getsockname()[1]}/feed"
        (message,) = _fetch(tmp_path / "feed", location, Bounds(1_000, 1, 0.5)).messages
        thread.join()
    assert "no whole answer within 1 s" in message
