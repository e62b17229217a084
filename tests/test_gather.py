"""Runs over a source list: which sources a run takes, how each is read, what is retired, what trouble does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.compare import TOUCHED, Rules, Selection, compare_with_ledger
from flows.extract import FOUND
from flows.gather import Request, check_request, find_list, gather
from flows.pipeline import run_directly, run_request
from flows.settings import Settings
from flows.sources import SourceError, known_sources
from flows.summary import Summary, summary_text
from remote_server import Page, web_server
from samples import GOOD, write_files
from transforms.contracts import TABLES
from warehouse import open_warehouse
from warehouse.audit import audit

SettingsFor = Callable[..., Settings]


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., Path]:
    """Writes sources.toml beside the data folder."""

    def write(**tables: dict[str, Any]) -> Path:
        lines = []
        for name, table in tables.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        path = tmp_path / "sources.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def _run(settings: Settings, *, only: tuple[str, ...] = (), paths: tuple[Path, ...] = (), **values: Any) -> Summary:
    return run_request(settings, Request(paths, only=only, **values))


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def test_a_run_without_paths_takes_every_source_of_the_list(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "here/news", GOOD)
    write_files(tmp_path / "there", {"dump.txt": GOOD["a.txt"], "other.txt": GOOD["b.txt"]})
    listed(daily={"location": "here/news"}, dump={"location": str(tmp_path / "there/dump.txt")})
    settings = settings_for()
    assert _run(settings).articles_total == 5
    assert _rows(settings.data, "SELECT source, count(*) FROM articles GROUP BY 1 ORDER BY 1") == [
        ("daily", 4),
        ("dump", 1),
    ]
    assert _rows(settings.data, "SELECT path FROM articles WHERE source = 'dump'") == [("dump.txt",)]
    assert audit(settings.folder) == []
    assert _run(settings).record["status"] == "unchanged"
    assert _run(settings, only=("dump",)).record["files_unchanged_count"] == 1


def test_the_list_may_stand_elsewhere(tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]) -> None:
    write_files(tmp_path / "elsewhere/news", GOOD)
    (tmp_path / "elsewhere/mine.toml").write_text('[mine]\nlocation = "news"\n', encoding="utf-8")
    listed(wrong={"location": "nowhere"})
    settings = settings_for(sources=tmp_path / "elsewhere/mine.toml")
    settings.folder.create()
    assert [source.name for source in gather(settings, Request()).sources] == ["mine"]


def test_sources_carry_their_options_and_mode(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "news", GOOD)
    write_files(tmp_path / "plain", GOOD)
    listed(
        news={"location": "news", "encoding": "cp1252", "mode": "mirror", "licence": "all rights reserved"},
        plain={"location": "plain"},
    )
    settings = settings_for()
    settings.folder.create()
    news, plain = gather(settings, Request()).sources
    assert (news.options.encoding, news.is_mirror, plain.options_key, plain.is_mirror) == ("cp1252", True, "", False)
    # However it is asked for, a source is read in the same way.
    for request in (Request((tmp_path / "news",)), Request((tmp_path / "news/a.txt",))):
        (same,) = gather(settings, request).sources
        assert (same.name, same.options_key, same.is_mirror) == ("news", news.options_key, True)
    (again,) = gather(settings, Request(selection=Selection(source="news"))).sources
    assert again.options_key == news.options_key


def test_only_mirrors_retire_what_vanished(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "kept", GOOD)
    write_files(tmp_path / "mirrored", GOOD)
    listed(kept={"location": "kept"}, mirrored={"location": "mirrored", "mode": "mirror"})
    settings = settings_for()
    _run(settings)
    (tmp_path / "kept/a.txt").unlink()
    (tmp_path / "mirrored/b.txt").unlink()
    assert _run(settings).record["files_retired_count"] == 1
    assert _rows(settings.data, "SELECT source, path FROM files WHERE status = 'retired'") == [("mirrored", "b.txt")]
    for name in ("a.txt", "d.txt"):
        (tmp_path / "mirrored" / name).unlink()
    held_back = _run(settings)
    assert held_back.record["files_retired_count"] == 0
    assert held_back.held_back[0].startswith("2 of the 3 files of source 'mirrored' vanished")
    # Not --mirror, which a source of the list has by its mode.
    assert held_back.held_back[0].endswith("if they are gone, run the same again with --retire-share 1")


def test_a_source_that_cannot_be_had_is_told_and_stops_nothing(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "news", GOOD)
    write_files(tmp_path / "gone", GOOD)
    listed(
        news={"location": "news"},
        gone={"location": "gone", "mode": "mirror"},
        far={"location": "memory://nowhere", "mode": "mirror"},
        inside={"location": "data/runs"},
    )
    settings = settings_for()
    assert len(_run(settings).troubles) == 2
    shutil.rmtree(tmp_path / "gone")
    write_files(tmp_path / "news", {"new.txt": GOOD["a.txt"]})
    summary = _run(settings)
    assert [trouble.split(":")[0] for trouble in summary.troubles] == [
        "source 'gone'",
        "source 'far'",
        "source 'inside'",
    ]
    assert (summary.articles_total, summary.record["files_retired_count"]) == (2 * len(GOOD) + 1, 0)
    assert "  trouble     source 'gone': " in summary_text(summary)


def test_a_fetched_source_is_loaded_from_its_copies_at_once(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_KEY", "hunter2-key")
    write_files(tmp_path / "remote", GOOD)
    # Copies are whole: they need not settle.
    settings = settings_for(settle_seconds=3600)
    with web_server() as server:
        server.pages["/a.txt?key=hunter2-key"] = Page(GOOD["a.txt"].encode())
        listed(
            far={"location": f"file://{tmp_path}/remote", "mode": "mirror"},
            web={"location": f"{server.address}/a.txt?key=${{FEED_KEY}}"},
        )
        assert _run(settings).articles_total == len(GOOD) + 1
        assert _rows(settings.data, "SELECT path FROM articles WHERE source = 'web'") == [("a.txt",)]
        (tmp_path / "remote/a.txt").unlink()
        assert _run(settings).record["files_retired_count"] == 1
        again = _run(settings, selection=Selection(source="far"))
        assert (again.record["files_changed_count"], again.troubles) == (3, ())
    assert known_sources(settings.folder)["far"] == settings.data / "fetched/far"
    assert audit(settings.folder) == []
    for path in settings.data.rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path


def test_a_source_that_moved_keeps_its_name(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    for name in ("one", "two"):
        write_files(tmp_path / name, GOOD)
    listed(news={"location": "one"})
    settings = settings_for()
    _run(settings)
    listed(news={"location": "two"})
    assert _run(settings).articles_total == len(GOOD)
    assert known_sources(settings.folder) == {"news": tmp_path / "two"}


def test_a_listed_folder_is_no_part_of_the_one_around_it(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "news", GOOD)
    listed(all={"location": "news"}, deep={"location": "news/deep"})
    settings = settings_for()
    assert _run(settings).articles_total == len(GOOD)
    assert _rows(settings.data, "SELECT path FROM articles WHERE source = 'deep'") == [("c.txt",)]
    # Nor if only the outer one is asked for.
    assert _run(settings, only=("all",)).record["files_new_count"] == 0


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request(only=("nws",)), r"no source is called 'nws' \(did you mean 'news'\?\)"),
        (Request((Path(),), only=("news",)), "give either paths or --only"),
        (Request(source="mine"), "use --only"),
        (Request(is_mirror=True), 'write mode = "mirror"'),
        (Request((Path("nowhere"),)), "no such file or folder"),
        (Request((Path("https://me:hunter2@example.org/a?key=hunter2"),)), r"^https://example\.org/a: .*sources\.toml"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    settings_for: SettingsFor, listed: Callable[..., Path], request_: Request, problem: str
) -> None:
    listed(news={"location": "news"})
    with pytest.raises(SourceError, match=problem):
        check_request(settings_for(), request_)


def test_mirroring_a_path_of_a_source_that_appends_is_refused(
    tmp_path: Path, settings_for: SettingsFor, listed: Callable[..., Path]
) -> None:
    write_files(tmp_path / "news", GOOD)
    listed(news={"location": "news"})
    with pytest.raises(SourceError, match="source 'news' is no mirror"):
        run_directly(settings_for(), [tmp_path / "news"], mirror=True)


def test_without_a_list_there_is_nothing_to_choose_from(settings_for: SettingsFor) -> None:
    assert find_list(settings_for()) is None
    with pytest.raises(SourceError, match="--only needs a source list"):
        check_request(settings_for(), Request(only=("news",)))
    with pytest.raises(SourceError, match="no such file"):
        check_request(settings_for(sources=Path("nowhere.toml")), Request())


def test_refused_files_and_records_are_selected(articles: Path, settings_for: SettingsFor) -> None:
    write_files(
        articles,
        {"bad.txt": b"\x89PNG\r\n\x1a\n\x00\x00", "mixed.jsonl": b'{"title": "T", "text": "Body."}\n{"x": 1}\n'},
    )
    settings = settings_for()
    run_directly(settings, [articles])
    again = run_request(settings, Request(selection=Selection(refused=True)))
    assert again.record["files_changed_count"] == 2
    assert run_request(settings, Request(selection=Selection(path="*.jsonl", refused=True))).files == 1


def test_copies_are_never_too_young() -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    found = pl.DataFrame(
        [{"source": name, "path": "a", "raw_path": b"a", "size_bytes": 1, "modified_at": now} for name in "fl"],
        schema=FOUND,
    )
    rules = Rules({"1"}, now, 60, whole_sources=("f",))
    compared = compare_with_ledger(found, TABLES["files"].empty(), pl.DataFrame(schema=TOUCHED), rules)
    assert compared["change"].to_list() == ["new", "waiting"]
