"""Finding files, comparing them with the ledger, planning batches."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from flows.compare import TOUCHED, Rules, compare_with_ledger, plan_batches
from flows.extract import FOUND, find_files, read_file
from flows.sources import Source, SourceError, as_sources
from transforms.contracts import TABLES
from warehouse.folder import DataFolder

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    return folder


def _touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_lists_files_in_order_and_leaves_out_what_is_not_finished(tmp_path: Path, folder: DataFolder) -> None:
    root = tmp_path / "news"
    for name in ("b.txt", "a/z.txt", "a/y.txt", ".hidden", "a/.git/config", "c.part", "d.txt.tmp"):
        _touch(root / name)
    found = find_files(as_sources([root], folder))
    assert found.schema == FOUND
    assert found.select("source", "path").rows() == [("news", "a/y.txt"), ("news", "a/z.txt"), ("news", "b.txt")]


@pytest.mark.parametrize("name", ["new\nline.txt", "semi;colon'quote.txt", "été 🙂.txt", "escape\x1b[31m.txt"])
def test_names_may_be_anything(tmp_path: Path, folder: DataFolder, name: str) -> None:
    _touch(tmp_path / "news" / name, b"content")
    found = find_files(as_sources([tmp_path / "news"], folder)).row(0, named=True)
    assert found["path"] == name
    assert read_file(found["raw_path"], 100).content == b"content"


def test_a_name_that_is_not_utf8_is_written_with_escapes(tmp_path: Path, folder: DataFolder) -> None:
    (tmp_path / "news").mkdir()
    try:
        descriptor = os.open(os.fsencode(tmp_path / "news") + b"/caf\xe9.txt", os.O_CREAT | os.O_WRONLY)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    os.close(descriptor)
    found = find_files(as_sources([tmp_path / "news"], folder)).row(0, named=True)
    assert found["path"].startswith("caf\\xe9.txt#")
    assert read_file(found["raw_path"], 100).problem is None


def test_a_single_file_belongs_to_its_folders_source(tmp_path: Path, folder: DataFolder) -> None:
    _touch(tmp_path / "news/a.txt")
    _touch(tmp_path / "news/b.txt")
    found = find_files(as_sources([tmp_path / "news/b.txt"], folder))
    assert found.select("source", "path").rows() == [("news", "b.txt")]


def test_two_folders_of_one_name_are_two_sources_and_keep_their_names(tmp_path: Path, folder: DataFolder) -> None:
    first, second = tmp_path / "x/news", tmp_path / "y/news"
    for root in (first, second):
        _touch(root / "a.txt")
    assert [source.name for source in as_sources([first], folder)] == ["news"]
    assert [source.name for source in as_sources([second], folder)] == ["y-news"]
    assert [source.name for source in as_sources([second, first], folder)] == ["y-news", "news"]
    assert [source.name for source in as_sources([second], folder, "mine")] == ["mine"]
    with pytest.raises(SourceError, match="the source name 'mine' stands for"):
        as_sources([first], folder, "mine")


def test_a_folder_that_moved_with_the_data_folder_keeps_its_name(tmp_path: Path) -> None:
    _touch(tmp_path / "x/news/a.txt")
    folder = DataFolder(tmp_path / "x/data")
    folder.create()
    as_sources([tmp_path / "x/news"], folder)
    (tmp_path / "x").rename(tmp_path / "y")
    moved = DataFolder(tmp_path / "y/data")
    assert [source.name for source in as_sources([tmp_path / "y/news"], moved)] == ["news"]


def test_the_name_of_a_folder_that_is_gone_is_given_away_only_by_name(tmp_path: Path, folder: DataFolder) -> None:
    first, second = tmp_path / "x/news", tmp_path / "y/news"
    for root in (first, second):
        _touch(root / "a.txt")
    as_sources([first], folder)
    (tmp_path / "x").rename(tmp_path / "unmounted")
    assert [source.name for source in as_sources([second], folder)] == ["y-news"]
    assert [source.name for source in as_sources([tmp_path / "unmounted/news"], folder, "news")] == ["news"]


def test_the_data_folder_and_other_sources_are_not_part_of_a_source(tmp_path: Path) -> None:
    root = tmp_path / "news"
    for name in ("a.txt", "deep/b.txt"):
        _touch(root / name)
    folder = DataFolder(root / "data")
    folder.create()
    _touch(folder.runs / "run.json")
    deep = as_sources([root / "deep"], folder)
    found = find_files([*as_sources([root], folder), *deep])
    assert found.select("source", "path").rows() == [("deep", "b.txt"), ("news", "a.txt")]
    with pytest.raises(SourceError, match="lies in the data folder"):
        as_sources([folder.runs], folder)


def test_two_names_that_are_not_utf8_in_the_same_way_stay_apart(tmp_path: Path, folder: DataFolder) -> None:
    place = os.fsencode(_touch(tmp_path / "news/caf\\xe9.txt").parent)
    try:
        os.close(os.open(place + b"/caf\xe9.txt", os.O_CREAT | os.O_WRONLY))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert len(find_files(as_sources([tmp_path / "news"], folder))) == 2


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path, folder: DataFolder) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        as_sources([tmp_path / "nowhere"], folder)


def _found(path: str, size: int, second: int) -> dict[str, object]:
    moment = datetime(2024, 1, 1, 0, 0, second, tzinfo=UTC)
    return {
        "source": "s",
        "path": path,
        "raw_path": path.encode(),
        "size_bytes": size,
        "modified_at": moment,
    }


def _ledger_row(path: str, size: int, second: int, **changes: object) -> dict[str, object]:
    row = {
        "source": "s",
        "path": path,
        "size_bytes": size,
        "modified_at": datetime(2024, 1, 1, 0, 0, second, tzinfo=UTC),
        "sha256": "0" * 64,
        "status": "loaded",
        "reason": None,
        "article_count": 1,
        "mention_count": 0,
        "engine_version": "1",
        "first_run_id": "r",
        "last_run_id": "r",
    }
    return row | changes


def test_the_ledger_decides_what_is_done() -> None:
    found = pl.DataFrame(
        [_found(name, 10, 1) for name in ("engine", "new", "quarantined", "same", "size", "time", "unread")],
        schema=FOUND,
    )
    ledger = pl.DataFrame(
        [
            _ledger_row("engine", 10, 1, engine_version="0"),
            _ledger_row("gone", 10, 1),
            _ledger_row("quarantined", 10, 1, status="quarantined", reason="bad"),
            _ledger_row("same", 10, 1),
            _ledger_row("size", 11, 1),
            _ledger_row("time", 10, 2),
            _ledger_row("unread", 10, 1, sha256=None, status="quarantined", reason="permission"),
        ],
        schema=TABLES["files"].empty().schema,
    )
    compared = compare_with_ledger(found, ledger, pl.DataFrame(schema=TOUCHED), Rules({"1"}, NOW, 0))
    assert dict(compared.select("path", "change").iter_rows()) == {
        "engine": "changed",
        "new": "new",
        "quarantined": "unchanged",
        "same": "unchanged",
        "size": "changed",
        "time": "touched",
        "unread": "changed",
    }


@pytest.mark.parametrize(
    ("sizes", "batch_files", "batch_bytes", "numbers"),
    [
        ([1, 1, 1, 1, 1], 2, 100, [0, 0, 1, 1, 2]),
        ([60, 60, 60], 10, 100, [0, 0, 1]),
        ([500, 1, 1], 10, 100, [0, 1, 1]),
        ([60, 60, 60, 1, 1, 1], 3, 100, [0, 0, 1, 1, 1, 2]),
        ([], 2, 100, []),
    ],
)
def test_batches_are_limited_by_files_and_bytes(
    sizes: list[int], batch_files: int, batch_bytes: int, numbers: list[int]
) -> None:
    files = pl.DataFrame({"size_bytes": sizes}, schema={"size_bytes": pl.Int64})
    assert plan_batches(files, batch_files, batch_bytes)["batch_no"].to_list() == numbers


@pytest.mark.parametrize(
    ("file_count", "workers", "sizes"),
    [
        (2_600, 1, [1_300, 1_300]),
        (2_550, 1, [1_300, 1_250]),
        (2_600, 4, [700, 700, 700, 500]),
        (5_100, 2, [1_300, 1_300, 1_300, 1_200]),
        (5_101, 2, [1_300, 1_300, 1_300, 1_201]),
        (1_200, 2, [600, 600]),
        # Another worker would not have begun before it was over.
        (900, 2, [900]),
        (0, 2, []),
    ],
)
def test_batches_are_even_and_as_many_for_each_worker(file_count: int, workers: int, sizes: list[int]) -> None:
    files = pl.DataFrame({"size_bytes": pl.Series([1] * file_count, dtype=pl.Int64)})
    planned = plan_batches(files, 2_500, 1_000_000, workers)
    assert planned.group_by("batch_no", maintain_order=True).len()["len"].to_list() == sizes


def test_what_cannot_be_read_is_told_not_raised(tmp_path: Path) -> None:
    _touch(tmp_path / "big", b"12345")
    _touch(tmp_path / "secret", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    problems = {
        "big": "larger than 4 bytes",
        "gone": "could not be read",
        "link": "a symbolic link",
        "folder": "not a regular file",
        "pipe": "not a regular file",
    }
    for name, problem in problems.items():
        read = read_file(os.fsencode(tmp_path / name), 4)
        assert read.content is None
        assert problem in (read.problem or "")


def test_links_are_listed_and_not_followed(tmp_path: Path, folder: DataFolder) -> None:
    root = tmp_path / "news"
    _touch(root / "a.txt")
    (root / "outside").symlink_to("/etc")
    (root / "loop").symlink_to(root)
    found = find_files(as_sources([root], folder))
    assert found["path"].to_list() == ["a.txt", "loop", "outside"]


def test_what_lies_in_a_known_folder_is_part_of_its_source(tmp_path: Path, folder: DataFolder) -> None:
    root = tmp_path / "news"
    for name in ("a.txt", "deep/b.txt", "deep/c.txt"):
        _touch(root / name)
    as_sources([root], folder)
    found = find_files(as_sources([root / "deep", root / "deep/c.txt", root / "a.txt"], folder))
    assert found.select("source", "path").rows() == [("news", "a.txt"), ("news", "deep/b.txt"), ("news", "deep/c.txt")]


def test_a_folder_nested_deeper_than_a_stack_is_walked(tmp_path: Path, folder: DataFolder) -> None:
    place = tmp_path / "news"
    place.mkdir()
    descriptor = os.open(place, os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    found = find_files(as_sources([place], folder))
    # Python's own removal, which pytest uses, cannot go so deep.
    subprocess.run(["rm", "-r", place], check=True)
    assert found.is_empty()


def test_a_listing_by_pieces_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        _touch(tmp_path / f"news/{number % 2}/{number}.txt")
    # The same folder as a whole and in part: no file counts twice.
    sources = [Source("news", tmp_path / "news"), Source("a", tmp_path), Source("news", tmp_path / "news", "1")]
    found = find_files(sources)
    paths = ["0/0.txt", "0/2.txt", "0/4.txt", "1/1.txt", "1/3.txt"]
    assert found.select("source", "path").rows() == [
        *(("a", f"news/{path}") for path in paths),
        *(("news", path) for path in paths),
    ]
    monkeypatch.setattr("flows.extract._LISTED_TOGETHER", 2)
    assert find_files(sources).equals(found)
