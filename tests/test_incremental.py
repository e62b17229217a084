"""Runs that follow the change: what is skipped, hashed, retired, done again, and what a release remembers."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flows.compare
import transforms.parse as parse_module
import warehouse.publish
from flows.compare import Selection
from flows.engine import engine
from flows.pipeline import Request, rebuild, run_directly, run_request
from flows.settings import Settings
from flows.sources import SourceError
from samples import BAD, GOOD, write_files
from transforms.contracts import CONTENT_TABLES
from warehouse import open_release, open_warehouse
from warehouse.audit import audit
from warehouse.folder import DataFolder
from warehouse.parquet import DamagedError

SettingsFor = Callable[..., Settings]


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def _content(data: Path) -> dict[str, str]:
    release = DataFolder(data).published_release()
    return {
        str(path.relative_to(release.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for table in CONTENT_TABLES
        for path in release.files(table)
    }


def _forbid_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw_path: bytes) -> str:
        raise AssertionError(f"{raw_path!r} was opened")

    monkeypatch.setattr(flows.compare, "hash_file", fail)
    monkeypatch.setattr("flows.batch.read_file", fail)


def test_a_touched_file_costs_one_hash_and_no_release(
    articles: Path, loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(articles / "a.txt", (1, 1))
    touched = run_directly(loaded, [articles])
    assert (touched.record["status"], touched.record["files_touched_count"], touched.release) == ("unchanged", 1, 1)
    with monkeypatch.context() as patch:
        _forbid_hashing(patch)
        again = run_directly(loaded, [articles])
    assert (again.record["status"], again.record["files_touched_count"]) == ("unchanged", 0)
    write_files(articles, {"x.txt": " date 2024-02-01 T\n\nText.\n"})
    run_directly(loaded, [articles])
    assert _rows(loaded.data, "SELECT epoch(modified_at) FROM files WHERE path = 'a.txt'") == [(1.0,)]
    assert not loaded.folder.touched.exists()
    assert audit(loaded.folder) == []


def test_only_verifying_finds_an_edit_that_kept_size_and_time(articles: Path, loaded: Settings) -> None:
    path = articles / "b.txt"
    status = path.stat()
    path.write_text(GOOD["b.txt"].replace("Friday", "Monday"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run_directly(loaded, [articles]).record["status"] == "unchanged"
    verified = run_directly(loaded, [articles], verify=True)
    assert (verified.record["files_changed_count"], verified.record["files_touched_count"]) == (1, 3)
    assert _rows(loaded.data, "SELECT body LIKE '%Monday.' FROM articles WHERE path = 'b.txt'") == [(True,)]


def test_a_file_that_has_just_been_written_waits(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for(settle_seconds=3600)
    for path in articles.rglob("*.txt"):
        os.utime(path, (time.time() - 7200,) * 2)
    write_files(articles, {"young.txt": GOOD["a.txt"], "x.part": "half", ".hidden.txt": "half"})
    first = run_directly(settings, [articles])
    assert (first.articles_total, first.record["files_waiting_count"]) == (len(GOOD), 1)
    write_files(articles, {"a.txt": GOOD["b.txt"]})
    assert run_directly(settings, [articles]).record["status"] == "unchanged"
    os.utime(articles / "young.txt", (time.time() + 7200,) * 2)
    assert run_directly(settings, [articles]).articles_total == len(GOOD) + 1


def test_a_mirror_run_retires_what_vanished_and_takes_it_back(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for()
    write_files(articles, {"bad.txt": BAD["feb30.txt"]})
    run_directly(settings, [articles])
    before = _content(settings.data)
    shutil.move(articles / "b.txt", articles.parent / "b.txt")
    (articles / "bad.txt").unlink()
    assert run_directly(settings, [articles]).record["status"] == "unchanged"
    summary = run_directly(settings, [articles], mirror=True)
    assert (summary.record["files_retired_count"], summary.articles_total) == (2, len(GOOD) - 1)
    assert _rows(
        settings.data, "SELECT path, reason, article_count FROM files WHERE status = 'retired' ORDER BY 1"
    ) == [
        ("b.txt", "gone from its source", 0),
        ("bad.txt", "gone from its source", 0),
    ]
    assert _rows(settings.data, "SELECT count(*) FROM rejects") == [(0,)]
    assert audit(settings.folder) == []
    assert run_directly(settings, [articles], mirror=True).record["status"] == "unchanged"
    shutil.move(articles.parent / "b.txt", articles / "b.txt")
    run_directly(settings, [articles], mirror=True)
    assert _content(settings.data) == before


def test_a_mirror_run_retires_nothing_when_too_much_vanished(
    articles: Path, settings_for: SettingsFor, loaded: Settings
) -> None:
    for name in ("a.txt", "b.txt", "d.txt"):
        (articles / name).unlink()
    write_files(articles, {"new.txt": " date 2024-02-01 T\n\nText.\n"})
    summary = run_directly(loaded, [articles], mirror=True)
    assert (summary.articles_total, summary.record["files_retired_count"]) == (len(GOOD) + 1, 0)
    assert summary.held_back[0].startswith("3 of the 4 files of source 'articles' vanished, more than the 50%")
    everything = settings_for(retire_share=1)
    assert run_directly(everything, [articles], mirror=True).articles_total == 2


def test_a_mirror_run_retires_only_within_the_paths_it_was_given(
    articles: Path, settings_for: SettingsFor, loaded: Settings
) -> None:
    settings = settings_for(retire_share=1)
    assert settings.data == loaded.data
    (articles / "a.txt").unlink()
    (articles / "deep/c.txt").unlink()
    run_directly(settings, [articles / "deep"], mirror=True)
    assert _rows(settings.data, "SELECT path FROM files WHERE status = 'retired'") == [("deep/c.txt",)]


def test_every_version_of_an_article_is_kept(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for()
    header, text = " date 2024-01-12 Aliyev returns\n\n", "He returned to Baku on {}.\n"
    runs = []
    for state in ("Friday", "Monday", None, "Monday"):
        if state is None:
            (articles / "b.txt").unlink()
        else:
            write_files(articles, {"b.txt": header + text.format(state)})
        runs.append(run_directly(settings, [articles], mirror=True).record["run_id"])
    write_files(articles, {"b.txt": header.replace("2024-01", "2024-05") + text.format("Monday")})
    runs.append(run_directly(settings, [articles]).record["run_id"])
    versions = _rows(
        settings.data,
        "SELECT version_no, body, published_month, first_run_id, last_run_id, is_current FROM article_versions "
        "JOIN (SELECT article_id, first_run_id, published_month FROM versions) USING (article_id, first_run_id) "
        "WHERE path = 'b.txt' ORDER BY version_no",
    )
    assert versions == [
        (1, "He returned to Baku on Friday.", "2024-01", runs[0], runs[0], False),
        (2, "He returned to Baku on Monday.", "2024-01", runs[1], runs[1], False),
        (3, "He returned to Baku on Monday.", "2024-01", runs[3], runs[3], False),
        (4, "He returned to Baku on Monday.", "2024-05", runs[4], None, True),
    ]
    assert audit(settings.folder) == []


def test_processing_again_without_a_change_begins_no_version(loaded: Settings) -> None:
    before, first = _content(loaded.data), _rows(loaded.data, "SELECT run_id FROM runs")
    again = run_request(loaded, Request(selection=Selection()))
    assert (again.record["status"], again.record["files_changed_count"]) == ("published", len(GOOD))
    assert _content(loaded.data) == before
    assert _rows(loaded.data, "SELECT DISTINCT first_run_id FROM versions") == first
    with open_release(loaded.data, 1) as one, open_release(loaded.data, 2) as two:
        for table in CONTENT_TABLES[:3]:
            for former, now in zip(one.files(table), two.files(table), strict=True):
                assert former.samefile(now)


@pytest.mark.parametrize(
    ("selection", "paths"),
    [
        (Selection(source="articles"), {"a.txt", "b.txt", "d.txt", "deep/c.txt"}),
        (Selection(path="deep/*"), {"deep/c.txt"}),
        (Selection(path="?.txt", published_from="2024-01-12"), {"b.txt", "d.txt"}),
        (Selection(published_from="2024-01-12", published_to="2024-03-01"), {"b.txt", "deep/c.txt"}),
    ],
)
def test_reprocess_takes_what_is_selected(loaded: Settings, selection: Selection, paths: set[str]) -> None:
    run_request(loaded, Request(selection=selection))
    assert {path for (path,) in _rows(loaded.data, "SELECT path FROM files WHERE first_run_id <> last_run_id")} == paths


def test_reprocess_tells_of_unknown_sources_and_of_files_that_are_gone(articles: Path, loaded: Settings) -> None:
    with pytest.raises(SourceError, match="no source is called 'other'; known are: articles"):
        run_request(loaded, Request(selection=Selection(source="other")))
    nothing = run_request(loaded, Request(selection=Selection(path="z*")))
    assert nothing.messages == ("no known file is meant by the options: nothing was processed again",)
    (articles / "a.txt").unlink()
    summary = run_request(loaded, Request(selection=Selection()))
    assert summary.messages == ("1 files to reprocess are not there any more: their articles stay as they are",)
    assert summary.articles_total == len(GOOD)


def test_the_database_is_updated_for_small_changes_and_equal_to_one_built_anew(
    articles: Path, loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(articles, {"b.txt": GOOD["b.txt"].replace("2024-01-12", "2024-04-12").replace("Baku", "Ganja")})
    with monkeypatch.context() as patch:
        patch.setattr(warehouse.publish, "build_database", lambda *_: 1 / 0)
        run_directly(loaded, [articles])
    assert audit(loaded.folder) == []
    release = rebuild(loaded)
    assert release.manifest["database"]["updated_articles"] == 0
    assert _rows(loaded.data, "SELECT status FROM runs ORDER BY run_id DESC LIMIT 1") == [("rebuilt",)]
    assert audit(loaded.folder) == []


def test_a_damaged_database_is_built_anew_and_damaged_parquet_is_told(articles: Path, loaded: Settings) -> None:
    database = loaded.folder.published_release().database
    database.chmod(0o644)
    content = database.read_bytes()
    database.write_bytes(content[:5000] + b"damage" + content[5006:])
    write_files(articles, {"x.txt": " date 2024-02-01 T\n\nText.\n"})
    run_directly(loaded, [articles])
    assert audit(loaded.folder) == []
    parquet = loaded.folder.published_release().files("mentions")[0]
    parquet.chmod(0o644)
    parquet.write_bytes(parquet.read_bytes()[:-1] + b"?")
    with pytest.raises(DamagedError, match=r"mentions-.*parquet is missing or not what was written"):
        rebuild(loaded)


TEXTS = {
    f"{number:02d}.txt": f" date 2024-0{number % 3 + 1}-1{number % 7} Title {number}\n\nIlham Aliyev was in Paris. "
    f"{'Baku and Ganja are cities. ' * (number % 4 + 1)}\n"
    for number in range(24)
}


@pytest.fixture(scope="module")
def whole_content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one run makes of all the texts."""
    folder = tmp_path_factory.mktemp("whole")
    write_files(folder / "news", TEXTS)
    run_directly(Settings.given(data=folder / "data", workers=1, settle_seconds=0), [folder / "news"])
    return _content(folder / "data")


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_increments_leads_to_the_same_bytes(
    tmp_path: Path, settings_for: SettingsFor, whole_content: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - an order, no secret
    names = list(TEXTS)
    chance.shuffle(names)
    write_files(tmp_path / "grown/news", {names[0]: "not yet an article"})
    at = 0
    while at < len(names):
        count = chance.randint(1, 9)
        write_files(tmp_path / "grown/news", {name: TEXTS[name] for name in names[at : at + count]})
        at += count
        settings = settings_for("many", batch_files=chance.choice([1, 7, 500]))
        run_directly(settings, [tmp_path / "grown/news"])
    assert _content(settings_for("many").data) == whole_content
    assert audit(settings_for("many").folder) == []


def test_a_held_release_is_not_collected(articles: Path, settings_for: SettingsFor, loaded: Settings) -> None:
    settings = settings_for(keep_releases=1)
    assert settings.data == loaded.data
    with open_release(settings.data) as held:
        for number in range(2):
            write_files(articles, {"x.txt": f" date 2024-02-01 T\n\nText {number}.\n"})
            run_directly(settings, [articles])
        assert all(path.exists() for path in held.files("mentions"))
        assert [each.number for each in settings.folder.complete_releases()] == [1, 3]
    run_directly(settings, [articles])
    assert [each.number for each in settings.folder.complete_releases()] == [3]


def test_releases_that_were_current_lately_stay(articles: Path, settings_for: SettingsFor, loaded: Settings) -> None:
    settings = settings_for(keep_releases=1, keep_hours=1)
    # Whenever the folder that was copied was made.
    os.utime(loaded.folder.published_release().path)
    for number in range(2):
        write_files(articles, {"x.txt": f" date 2024-02-01 T\n\nText {number}.\n"})
        run_directly(settings, [articles])
    releases = settings.folder.complete_releases()
    assert [each.number for each in releases] == [1, 2, 3]
    os.utime(releases[0].path, (time.time() - 7200,) * 2)
    run_directly(settings, [articles])
    assert [each.number for each in settings.folder.complete_releases()] == [2, 3]


def test_a_new_version_of_a_format_processes_its_own_files_again_and_no_others(
    settings_for: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = tmp_path / "articles"
    write_files(articles, {
        "a.txt": " date 2024-01-11 Title\n\nText.\n",
        "b.jsonl": '{"title": "T", "date": "2024-01-12", "text": "One text."}\n' * 2,
        "c.bin": "\x00\x01",
    })  # fmt: skip
    settings = settings_for()
    run_directly(settings, [articles])
    formats = "SELECT path, format FROM files ORDER BY path"
    assert _rows(settings.data, formats) == [("a.txt", "seed_text"), ("b.jsonl", "json_lines"), ("c.bin", None)]
    newer = tuple(
        replace(each, version=each.version + 1) if each.name == "json_lines" else each for each in parse_module.FORMATS
    )
    monkeypatch.setattr(parse_module, "FORMATS", newer)
    monkeypatch.setattr(parse_module, "PARSE_VERSION", parse_module.PARSE_VERSION + "+newer")
    monkeypatch.setattr("flows.engine.FORMATS", newer)
    engine.cache_clear()
    try:
        summary = run_directly(settings, [articles])
        # Whatever is of no known format may be of one now.
        assert summary.record["files_changed_count"] == 2
        last = "SELECT path FROM files WHERE last_run_id = (SELECT max(run_id) FROM runs) ORDER BY path"
        assert _rows(settings.data, last) == [("b.jsonl",), ("c.bin",)]
        assert run_directly(settings, [articles]).record["status"] == "unchanged"
    finally:
        engine.cache_clear()
