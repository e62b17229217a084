"""The whole way without Prefect: what a run publishes, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import warehouse.checks
from flows.extract import ReadFile
from flows.pipeline import run_directly
from flows.settings import Settings
from flows.summary import Summary, summary_markdown, summary_text
from samples import BAD, GOOD, write_files
from transforms.contracts import CONTENT_TABLES
from transforms.normalise import normalise
from warehouse import open_warehouse
from warehouse.checks import CheckError
from warehouse.folder import DataFolder
from warehouse.journal import read_runs, record_run
from warehouse.lock import LockedError, writer_lock
from warehouse.sqlfiles import SqlFile

SettingsFor = Callable[..., Settings]


def _content(data: Path) -> dict[str, str]:
    """The name and hash of every content file of the current release."""
    release = DataFolder(data).published_release()
    return {
        str(path.relative_to(release.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for table in CONTENT_TABLES
        for path in release.files(table)
    }


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def test_good_files_become_articles(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for()
    summary = run_directly(settings, [articles])
    assert (summary.release, summary.articles_total, summary.refused_count) == (1, 4, 0)
    assert _rows(settings.data, "SELECT path, published_month, title FROM articles ORDER BY path") == [
        ("a.txt", "2024-01", "Envoys meet in Beijing"),
        ("b.txt", "2024-01", "Aliyev returns"),
        ("d.txt", "2024-11", None),
        ("deep/c.txt", "2024-03", "Café prices"),
    ]
    assert _rows(
        settings.data,
        "SELECT name, article_count FROM entities WHERE name IN ('Ilham Aliyev', 'Xi Jinping') ORDER BY name",
    ) == [("Ilham Aliyev", 3), ("Xi Jinping", 1)]


def test_the_release_is_laid_out_as_designed(loaded: Settings) -> None:
    assert (loaded.data / "current").readlink() == Path("releases/000001")
    release = DataFolder(loaded.data).published_release()
    assert [file.parent.name for file in release.files("articles")] == [
        "published_month=2024-01",
        "published_month=2024-03",
        "published_month=2024-11",
    ]
    for table in release.manifest["tables"].values():
        for entry in table["files"]:
            path = release.path / entry["path"]
            assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
            assert entry["sha256"][:16] in path.name
            assert path.stat().st_mode & 0o777 == 0o444
    database = release.manifest["database"]
    assert hashlib.sha256(release.database.read_bytes()).hexdigest() == database["sha256"]
    assert list(release.path.glob("*.wal")) == []
    assert list((loaded.data / "staging").iterdir()) == []


def test_bad_files_are_refused_with_reasons_and_stop_nothing(articles: Path, settings_for: SettingsFor) -> None:
    write_files(articles, BAD)
    settings = settings_for()
    summary = run_directly(settings, [articles])
    assert (summary.articles_total, summary.refused_count) == (len(GOOD), len(BAD))
    assert _rows(settings.data, "SELECT status, count(*), sum(article_count) FROM files GROUP BY 1 ORDER BY 1") == [
        ("loaded", len(GOOD), len(GOOD)),
        ("quarantined", len(BAD), 0),
    ]
    refused = _rows(
        settings.data,
        "SELECT f.path, f.reason = r.reason FROM files f JOIN rejects r USING (source, path) ORDER BY f.path",
    )
    assert refused == [(name, True) for name in sorted(BAD)]
    text = summary_text(summary)
    assert "the date 2024-02-30 does not exist" in text
    assert "11 files = 4 loaded + 7 quarantined + 0 retired" in text


def test_a_second_run_finds_nothing_to_do(articles: Path, settings_for: SettingsFor) -> None:
    write_files(articles, BAD)
    settings = settings_for()
    run_directly(settings, [articles])
    before = _content(settings.data)
    summary = run_directly(settings, [articles])
    assert summary.record["status"] == "unchanged"
    assert summary.record["files_unchanged_count"] == len(GOOD) + len(BAD)
    assert (summary.release, summary.refused_count) == (1, 0)
    assert _content(settings.data) == before
    assert [run["status"] for run in read_runs(settings.folder.runs)] == ["published", "unchanged"]


@pytest.mark.parametrize("changes", [{"batch_files": 1}, {"batch_files": 3}, {"batch_bytes": 100}, {"workers": 2}])
def test_the_same_files_give_the_same_bytes(
    articles: Path, settings_for: SettingsFor, loaded: Settings, changes: dict[str, int]
) -> None:
    run_directly(settings_for("other", **changes), [articles])
    assert _content(loaded.data) == _content(settings_for("other").data)


def test_increments_lead_to_the_same_bytes_as_one_run(
    loaded: Settings, settings_for: SettingsFor, tmp_path: Path
) -> None:
    grown = tmp_path / "grown" / "articles"
    for name in reversed(GOOD):
        write_files(grown, {name: "\ufeff" + GOOD[name]})
        run_directly(settings_for("grown-data"), [grown])
    write_files(grown, GOOD)
    summary = run_directly(settings_for("grown-data"), [grown])
    assert summary.record["files_changed_count"] == len(GOOD)
    assert _content(loaded.data) == _content(settings_for("grown-data").data)


def test_a_change_touches_only_its_months(articles: Path, loaded: Settings) -> None:
    folder = DataFolder(loaded.data)
    first = folder.published_release()
    write_files(articles, {"deep/c.txt": " date 2024-05-01 Moved\n\nThe Bank of France is in Paris.\n"})
    run_directly(loaded, [articles])
    second = folder.published_release()
    months = [set(release.partitions("articles")) for release in (first, second)]
    assert months == [{"2024-01", "2024-03", "2024-11"}, {"2024-01", "2024-05", "2024-11"}]
    kept = first.partitions("mentions")["2024-01"]["path"]
    assert (first.path / kept).samefile(second.path / kept)
    assert _rows(loaded.data, "SELECT title FROM articles WHERE path = 'deep/c.txt'") == [("Moved",)]
    assert _rows(loaded.data, "SELECT count(*) FROM runs") == [(2,)]
    assert _rows(loaded.data, "SELECT path FROM files WHERE first_run_id <> last_run_id ORDER BY path") == [
        ("deep/c.txt",)
    ]


def test_a_mended_file_leaves_the_quarantine(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for()
    write_files(articles, {"new.txt": b" date 2024-02-30 T\n\nText."})
    assert run_directly(settings, [articles]).ledger == {"loaded": 4, "quarantined": 1, "retired": 0}
    write_files(articles, {"new.txt": b" date 2024-02-29 T\n\nText."})
    assert run_directly(settings, [articles]).ledger == {"loaded": 5, "quarantined": 0, "retired": 0}
    assert _rows(settings.data, "SELECT count(*) FROM rejects") == [(0,)]


def test_a_loaded_file_that_cannot_be_read_for_once_keeps_its_articles(
    articles: Path, loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _content(loaded.data)
    os.utime(articles / "b.txt", (1, 1))
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr("flows.compare.hash_file", lambda _: None)
            patch.setattr("flows.batch.read_file", lambda *_: ReadFile(None, None, "the file could not be read: EIO"))
            assert run_directly(loaded, [articles]).ledger == {"loaded": 4, "quarantined": 0, "retired": 0}
        assert _content(loaded.data) == before
        assert _rows(loaded.data, "SELECT path, stage FROM rejects") == [("b.txt", "extract")]
        assert DataFolder(loaded.data).published_release().number == 2
    assert run_directly(loaded, [articles]).record["files_changed_count"] == 1
    assert _rows(loaded.data, "SELECT count(*) FROM rejects") == [(0,)]


def test_a_file_that_can_never_be_read_is_told_at_every_run_and_makes_no_releases(
    articles: Path, settings_for: SettingsFor
) -> None:
    (articles / "link.txt").symlink_to("a.txt")
    settings = settings_for()
    first, second = (run_directly(settings, [articles]) for _ in range(2))
    assert first.ledger == {"loaded": 4, "quarantined": 1, "retired": 0}
    assert (second.release, second.record["status"], second.refused_count) == (1, "unchanged", 1)
    assert second.refused[0][0] == "articles/link.txt"
    assert list(settings.folder.staging.iterdir()) == []


def test_a_defect_that_one_file_causes_refuses_that_file_alone(
    articles: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_paris(raw: pl.DataFrame) -> object:
        if raw["body"].str.contains("Paris").any():
            raise ZeroDivisionError("Paris")
        return normalise(raw)

    settings = settings_for()
    monkeypatch.setattr("flows.engine.normalise", fail_for_paris)
    summary = run_directly(settings, [articles])
    assert summary.ledger == {"loaded": 3, "quarantined": 1, "retired": 0}
    assert summary.refused[0][0] == "articles/deep/c.txt"
    assert summary.refused[0][1].startswith("ZeroDivisionError: Paris; this is a defect of Dateline")


def test_a_run_that_published_is_not_noted_as_failed(
    articles: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("after the switch")

    settings = settings_for()
    with monkeypatch.context() as patch:
        patch.setattr("flows.pipeline.summarise", fail)
        with pytest.raises(RuntimeError, match="after the switch"):
            run_directly(settings, [articles])
    assert [run["status"] for run in read_runs(settings.folder.runs)] == ["published"]


def test_a_run_that_was_killed_is_noted_as_interrupted(articles: Path, settings_for: SettingsFor) -> None:
    settings = settings_for()
    settings.folder.create()
    record_run(
        settings.folder.runs, {"run_id": "20240101T000000.000Z-abcdef", "started_at": datetime(2024, 1, 1, tzinfo=UTC)}
    )
    run_directly(settings, [articles])
    assert _rows(settings.data, "SELECT status FROM runs ORDER BY run_id") == [("interrupted",), ("published",)]


def test_a_damaged_staged_batch_is_made_again(
    articles: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    with monkeypatch.context() as patch:
        patch.setattr("flows.pipeline.publish_run", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_directly(settings, [articles])
    for path in settings.folder.staging.glob("*/articles-*.parquet"):
        os.truncate(path, 10)
    summary = run_directly(settings, [articles])
    assert (summary.articles_total, summary.batches_reused) == (len(GOOD), 0)


def test_a_link_that_leads_nowhere_falls_back_to_the_newest_release(articles: Path, loaded: Settings) -> None:
    write_files(articles, {"x.txt": " date 2024-02-01 T\n\nText.\n"})
    run_directly(loaded, [articles])
    release = DataFolder(loaded.data).published_release().path
    release.rename(release.with_name("lost"))
    shutil.rmtree(release.with_name("lost"))
    assert run_directly(loaded, [articles]).articles_total == len(GOOD) + 1


def test_nothing_but_bad_files_gives_an_empty_warehouse(tmp_path: Path, settings_for: SettingsFor) -> None:
    write_files(tmp_path / "bad", BAD)
    summary = run_directly(settings_for(), [tmp_path / "bad"])
    assert (summary.articles_total, summary.refused_count) == (0, len(BAD))


def test_files_that_are_not_given_or_have_vanished_stay(articles: Path, loaded: Settings, tmp_path: Path) -> None:
    write_files(tmp_path / "more", {"x.txt": " date 2024-01-13 More\n\nMore news from Baku.\n"})
    (articles / "b.txt").unlink()
    summary = run_directly(loaded, [tmp_path / "more"])
    assert summary.articles_total == len(GOOD) + 1
    assert run_directly(loaded, [articles]).articles_total == len(GOOD) + 1


def test_an_interrupted_run_goes_on_where_it_was(
    articles: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(batch_files=1)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("flows.pipeline.publish", fail)
        with pytest.raises(OSError, match="No space left"):
            run_directly(settings, [articles])
    assert DataFolder(settings.data).current_release() is None
    summary = run_directly(settings, [articles])
    assert summary.batches_reused == len(GOOD)
    assert "4 batches were finished by an earlier run" in summary_text(summary)
    failed, published = read_runs(settings.folder.runs)
    assert (failed["status"], published["status"]) == ("failed", "published")
    assert failed["error"] == "OSError: [Errno 28] No space left on device"
    assert _rows(settings.data, "SELECT status FROM runs ORDER BY run_id") == [("failed",), ("published",)]


def test_a_release_that_breaks_a_check_is_not_published(
    articles: Path, loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _content(loaded.data)
    write_files(articles, {"e.txt": " date 2024-06-01 New\n\nNews.\n"})
    broken = SqlFile("no_june", "No article is of June", "SELECT path FROM articles WHERE published_month = '2024-06'")
    with monkeypatch.context() as patch:
        patch.setattr(warehouse.checks, "sql_files", lambda folder: [broken] if folder == "checks" else [])
        with pytest.raises(CheckError, match=r"no_june \(No article is of June\): path='e\.txt'"):
            run_directly(loaded, [articles])
    assert _content(loaded.data) == before
    assert run_directly(loaded, [articles]).release == 2
    assert sorted(path.name for path in loaded.folder.releases.iterdir()) == ["000001", "000002"]


def test_old_releases_are_collected(articles: Path, settings_for: SettingsFor, loaded: Settings) -> None:
    settings = settings_for(keep_releases=2)
    assert settings.data == loaded.data
    for number in range(2):
        write_files(articles, {"x.txt": f" date 2024-02-0{number + 1} T\n\nText {number}.\n"})
        run_directly(settings, [articles])
    assert sorted(path.name for path in settings.folder.releases.iterdir()) == ["000002", "000003"]


def test_one_writer_at_a_time(articles: Path, settings_for: SettingsFor, loaded: Settings) -> None:
    with writer_lock(loaded.folder.lock, "first-run"):
        with pytest.raises(LockedError, match=rf"run first-run \(pid {os.getpid()} on "):
            run_directly(loaded, [articles])
        run_directly(settings_for("other"), [articles])
    run_directly(loaded, [articles])


def test_a_reader_keeps_its_release_while_runs_go_on(
    articles: Path, settings_for: SettingsFor, loaded: Settings
) -> None:
    settings = settings_for(keep_releases=1)
    assert settings.data == loaded.data
    with open_warehouse(settings.data) as reader:
        write_files(articles, {"x.txt": " date 2024-02-01 T\n\nText.\n"})
        run_directly(settings, [articles])
        count = "SELECT count(*) FROM articles"
        assert reader.execute(count).fetchall() == [(len(GOOD),)]
        assert _rows(settings.data, count) == [(len(GOOD) + 1,)]


def test_a_folder_without_files_gives_an_empty_warehouse(tmp_path: Path, settings_for: SettingsFor) -> None:
    (tmp_path / "nothing").mkdir()
    settings = settings_for()
    assert run_directly(settings, [tmp_path / "nothing"]).articles_total == 0
    assert _rows(settings.data, "SELECT count(*) FROM mentions") == [(0,)]


def test_hostile_text_is_only_text(tmp_path: Path, settings_for: SettingsFor) -> None:
    title = "Robert'); DROP TABLE articles;-- \x1b[31m<script>alert(1)</script> {{7*7}} [bold]"
    write_files(tmp_path / "news", {"'; DROP TABLE files;--\n.txt": f" date 2024-01-01 {title}\n\n{title}\n"})
    settings = settings_for()
    run_directly(settings, [tmp_path / "news"])
    assert _rows(settings.data, "SELECT title FROM articles") == [(title.replace("\x1b", " ").replace("  ", " "),)]
    assert _rows(settings.data, "SELECT path FROM files") == [("'; DROP TABLE files;--\n.txt",)]


def test_the_summary_holds_what_an_artifact_shows(articles: Path, settings_for: SettingsFor) -> None:
    summary: Summary = run_directly(settings_for(), [articles])
    markdown = summary_markdown(summary)
    assert "## published release 1" in markdown
    assert "| articles | 4 written, 4 in the warehouse |" in markdown
    json.dumps(summary.stage_seconds)
