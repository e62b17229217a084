"""Remote folders: what is new or changed is fetched whole, nothing leaves its folder, trouble stays where it is."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Generator
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import fetch, remote_files
from flows.fetch import Bounds
from flows.fetched import NameProblemError, Outcome, check_name
from flows.source_list import SourceEntry

BOUNDS = Bounds(object_bytes=1_000, object_seconds=20, retire_share=0.5)


def _fetch(place: Path, location: str, bounds: Bounds = BOUNDS, *, is_mirror: bool = False) -> Outcome:
    entry = SourceEntry(location=location, mode="mirror" if is_mirror else "append")
    return fetch.fetch("remote", entry, place.parent, place, bounds)


def _copies(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.name.startswith(".fetched")
    }


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A folder that is reached by file://, as if it were far away."""
    folder = tmp_path / "remote"
    for name in ("a.txt", "deep/b.txt", "deep/er/c.txt", "A.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def memory() -> Generator[fsspec.AbstractFileSystem]:
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def test_what_is_new_or_changed_is_fetched_with_its_time(tmp_path: Path, remote: Path) -> None:
    place, location = tmp_path / "data/fetched/remote", f"file://{remote}"
    assert _fetch(place, location).fetched_count == 4
    assert _copies(place) == {name: name.encode() for name in ("A.txt", "a.txt", "deep/b.txt", "deep/er/c.txt")}
    assert (place / "a.txt").stat().st_mtime == 1_700_000_000
    assert _fetch(place, location).fetched_count == 0
    (remote / "a.txt").write_bytes(b"other")
    os.utime(remote / "deep/b.txt", (1_700_000_001, 1_700_000_001))
    assert _fetch(place, location).fetched_count == 2
    (place / "a.txt").write_bytes(b"cut")
    (place / "A.txt").unlink()
    assert _fetch(place, location).fetched_count == 2
    assert _copies(place)["a.txt"] == b"other"
    assert [path for path in place.iterdir() if path.name.endswith(".part")] == []


def test_what_a_run_would_not_take_is_not_fetched(tmp_path: Path, remote: Path) -> None:
    for name in (".hidden", "half.part", "half.tmp"):
        (remote / name).write_bytes(b"x")
    (remote / ".git").mkdir()
    (remote / ".git/config").write_bytes(b"x")
    (remote / "link.txt").symlink_to("/etc/passwd")
    (remote / "folder").symlink_to("/etc")
    outcome = _fetch(tmp_path / "place", f"file://{remote}")
    assert (outcome.fetched_count, outcome.problem_count) == (4, 2)
    assert "'link.txt' is a link or no regular file: not followed" in outcome.messages[-1]


def test_one_object_that_fails_stops_no_other(tmp_path: Path, remote: Path) -> None:
    (remote / "large.txt").write_bytes(b"x" * 1_001)
    outcome = _fetch(tmp_path / "place", f"file://{remote}")
    assert (outcome.fetched_count, outcome.messages) == (
        4,
        ["source 'remote': 'large.txt' could not be fetched: OSError: larger than 1,000 bytes; "
         "raise DATELINE_FETCH_BYTES"],
    )  # fmt: skip
    assert "large.txt" not in _copies(tmp_path / "place")


def test_many_problems_are_counted_and_the_first_told(tmp_path: Path, remote: Path) -> None:
    for number in range(30):
        (remote / f"{number:02}.txt").write_bytes(b"x" * 2_000)
    messages = _fetch(tmp_path / "place", f"file://{remote}").messages
    assert len(messages) == 11
    assert messages[-1] == "source 'remote': and 20 more objects could not be fetched"


def test_an_object_that_changes_while_it_is_read_is_not_kept(
    tmp_path: Path, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/news/a.txt", b"whole")
    listed = type(memory).ls

    def stale(self: object, path: str, *, detail: bool = True, **options: object) -> object:
        return [{**info, "size": info["size"] + 1} for info in listed(self, path, detail=detail, **options)]

    monkeypatch.setattr(type(memory), "ls", stale)
    outcome = _fetch(tmp_path / "place", "memory://news")
    assert "5 bytes came, and 6 were listed" in outcome.messages[0]
    assert _copies(tmp_path / "place") == {}


@pytest.mark.parametrize(
    "location", ["memory://", "memory:///", "memory://news", "memory://news/", "memory://news/a.txt"]
)
def test_every_way_to_write_a_place_gives_names_below_it(
    tmp_path: Path, memory: fsspec.AbstractFileSystem, location: str
) -> None:
    memory.pipe("/news/a.txt", b"x")
    assert _fetch(tmp_path / "place", location).problem_count == 0
    name = "news/a.txt" if location.rstrip("/") == "memory:" else "a.txt"
    assert _copies(tmp_path / "place") == {name: b"x"}


def test_a_mirror_drops_what_vanished_unless_it_is_too_much(tmp_path: Path, remote: Path) -> None:
    place, location = tmp_path / "place", f"file://{remote}"
    _fetch(place, location, is_mirror=True)
    (remote / "a.txt").unlink()
    assert _fetch(place, location).removed_count == 0
    assert _fetch(place, location, is_mirror=True).removed_count == 1
    assert "a.txt" not in _copies(place)
    (remote / "A.txt").unlink()
    (remote / "deep/b.txt").unlink()
    outcome = _fetch(place, location, is_mirror=True)
    assert outcome.removed_count == 0
    assert outcome.held_back is not None
    assert outcome.held_back.startswith("2 of the 3 objects of source 'remote' vanished, more than the 50%")
    assert len(_copies(place)) == 3
    assert _fetch(place, location, Bounds(1_000, 20, 1.0), is_mirror=True).removed_count == 2


def test_a_mirror_that_could_not_be_listed_whole_drops_nothing(
    tmp_path: Path, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        memory.pipe(f"/news/{name}", b"x")
    _fetch(tmp_path / "place", "memory://news", is_mirror=True)
    memory.rm("/news/a.txt")
    listed = type(memory).ls

    def fail_below(self: object, path: str, **options: object) -> object:
        if path.endswith("deep"):
            raise PermissionError("not yours")
        return listed(self, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "ls", fail_below)
        outcome = _fetch(tmp_path / "place", "memory://news", is_mirror=True)
        assert (outcome.removed_count, outcome.held_back) == (0, None)
        assert "/news/deep cannot be listed: PermissionError: not yours" in outcome.messages[0]
    memory.rm("/news", recursive=True)
    assert _fetch(tmp_path / "place", "memory://news", is_mirror=True).removed_count == 0
    assert len(_copies(tmp_path / "place")) == 3


def test_another_location_is_fetched_anew(tmp_path: Path, memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/one/a.txt", b"1")
    memory.pipe("/two/b.txt", b"2")
    _fetch(tmp_path / "place", "memory://one", is_mirror=True)
    outcome = _fetch(tmp_path / "place", "memory://two", Bounds(1_000, 20, 1.0), is_mirror=True)
    assert (outcome.fetched_count, outcome.removed_count) == (1, 1)
    assert _copies(tmp_path / "place") == {"b.txt": b"2"}


def test_members_of_a_zip_file_are_fetched_and_none_leaves_the_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "news.zip", "w") as packed:
        for name in ("2024/a.txt", "2024/b.txt", "2023/c.txt", "../evil.txt", "/absolute.txt", "2024/../../x.txt"):
            packed.writestr(zipfile.ZipInfo(name, (2024, 3, 1, 12, 0, 0)), name)
    place = tmp_path / "data/fetched/remote"
    outcome = _fetch(place, f"zip://::{tmp_path}/news.zip")
    assert _copies(place) == {name: name.encode() for name in ("2023/c.txt", "2024/a.txt", "2024/b.txt")}
    assert (place / "2024/a.txt").stat().st_mtime == 1_709_294_400
    assert outcome.problem_count >= 1
    assert all("would lead out of the source's folder" in message for message in outcome.messages)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "news.zip"]
    # Relative to the list's folder, and a part of it only.
    assert _fetch(tmp_path / "part", "zip://2024::news.zip").fetched_count == 2
    assert sorted(_copies(tmp_path / "part")) == ["a.txt", "b.txt"]
    with zipfile.ZipFile(tmp_path / "news.zip", "a") as packed:
        packed.writestr("2024/new.txt", "new")
    assert _fetch(tmp_path / "part", "zip://2024::news.zip").fetched_count == 1


def test_a_link_in_the_folder_is_not_written_through(tmp_path: Path, memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/news/deep/a.txt", b"x")
    memory.pipe("/news/b.txt", b"x")
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (place / "deep").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "target.txt").write_bytes(b"mine")
    (place / "b.txt").symlink_to(tmp_path / "target.txt")
    outcome = _fetch(place, "memory://news")
    assert "leads out of the source's folder through a link" in outcome.messages[0]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (tmp_path / "target.txt").read_bytes() == b"mine"


def test_a_damaged_memory_is_made_anew(tmp_path: Path, remote: Path) -> None:
    place = tmp_path / "place"
    _fetch(place, f"file://{remote}")
    for path in place.glob(".fetched*"):
        path.write_bytes(b"no database" * 1_000)
    assert _fetch(place, f"file://{remote}").fetched_count == 4


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("gopher://host/x", "gopher://host/x cannot be used: ValueError: Protocol not known: gopher"),
        ("memory://nowhere", "memory://nowhere cannot be reached: FileNotFoundError"),
        ("https://host/?key=${NOT_THERE}", "the environment variable NOT_THERE is not set"),
        ("zip://a::nowhere.zip", "FileNotFoundError"),
    ],
)
def test_a_source_that_cannot_be_reached_is_told(
    tmp_path: Path, location: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    (message,) = _fetch(tmp_path / "place", location).messages
    assert message.startswith("source 'remote': ")
    assert problem in message


@pytest.mark.parametrize(
    ("location", "advice"),
    [
        ("s3://host/x", "pip install 'dateline[s3]'"),
        ("sftp://host/x", "pip install 'dateline[sftp]'"),
        ("zip://::https://host/x.zip", "pip install 'dateline[https]'"),
        ("gs://host/x", "ImportError: Install something"),
    ],
)
def test_a_package_that_is_missing_is_named(
    tmp_path: Path, location: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ImportError("Install something")

    monkeypatch.setattr(remote_files, "_open", missing)
    (message,) = _fetch(tmp_path / "place", location).messages
    assert message == f"source 'remote': {location} needs another package: {advice}"


def test_what_a_file_system_says_is_told_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: fsspec.AbstractFileSystem
) -> None:
    monkeypatch.setenv("STORE_KEY", "hunter2-key")

    memory.pipe("/hunter2-key/x/a.txt", b"x")

    def fail(*_: object, **__: object) -> object:
        raise OSError("denied for hunter2-key at sftp://me:hunter2-key@host/x?sig=hunter2-key")

    monkeypatch.setattr(type(memory), "ls", fail)
    (message,) = _fetch(tmp_path / "place", "memory://${STORE_KEY}/x").messages
    assert "hunter2" not in message
    assert "denied for *** at sftp://host/x" in message


@given(st.text(max_size=60))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    try:
        checked = check_name(name)
    except NameProblemError:
        return
    path = Path(os.path.normpath(Path("/place") / checked))
    assert path.is_relative_to("/place")
    assert path.relative_to("/place").as_posix() == checked
    os.fsencode(checked)


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "/a", "a//b", "a/", "", "./a", "a\0b", "x" * 256, "a/" * 101 + "b", "\ud800"]
)
def test_names_that_no_folder_should_hold_are_refused(name: str) -> None:
    with pytest.raises(NameProblemError):
        check_name(name)


@pytest.mark.parametrize("name", ["a\nb", "A.txt", "a b", "...", "a\\..\\b", "é/🙂.txt", "~", "-rf"])
def test_names_that_are_only_odd_are_taken(name: str) -> None:
    assert check_name(name) == name
