"""Earlier releases: listed, queried, and switched back to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from flows import cli
from flows.cli import options
from flows.compare import Selection
from flows.pipeline import Request, run_directly, run_request
from flows.settings import Settings
from samples import GOOD, write_files
from transforms.enrich.mentions.enrichment import MentionEnrichment
from transforms.normalise import Normalised
from warehouse import open_warehouse
from warehouse.folder import DataFolder, NoReleaseError
from warehouse.lock import writer_lock


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles and data: the good files, and one file more."""
    folder = tmp_path_factory.mktemp("history")
    settings = Settings.given(data=folder / "data", workers=1, settle_seconds=0)
    write_files(folder / "articles", GOOD)
    run_directly(settings, [folder / "articles"])
    write_files(folder / "articles", {"x.txt": " date 2024-02-01 T\n\nText.\n"})
    run_directly(settings, [folder / "articles"])
    return folder


@pytest.fixture
def data(two_releases: Path, tmp_path: Path) -> Path:
    """A copy of the data folder, to change, beside a copy of the articles."""
    shutil.copytree(two_releases, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path / "data"


def _dateline(*arguments: str, data: Path) -> int:
    code = cli.app([*arguments, "--data", str(data)], result_action="return_value")
    assert isinstance(code, int)
    return code


def _article_count(data: Path, release: int | None = None) -> int:
    with open_warehouse(data, release=release) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchall()[0][0])


def test_an_earlier_release_can_be_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [_article_count(data, release) for release in (None, 1, 2)] == [5, 4, 5]
    with pytest.raises(NoReleaseError, match=r"release 7 is not in .*; kept are: 1, 2"):
        open_warehouse(data, release=7)
    sql = "SELECT count(*) AS n FROM articles"
    assert _dateline("query", sql, "--release", "1", "-f", "csv", data=data) == options.OK
    assert capsys.readouterr().out == "n\n4\n"


def test_releases_tell_what_changed_and_what_they_cost(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _dateline("releases", data=data) == options.OK
    newest, oldest = [line.split() for line in capsys.readouterr().out.splitlines() if "─" not in line][2:4]
    assert newest[:2] == ["2", "(current)"]
    assert newest[4:10] == ["1", "1", "0", "0", "0", "5"]
    assert oldest[0] == "1"
    assert oldest[3:8] == ["4", "0", "0", "0", "4"]


def test_rollback_switches_at_once_and_the_next_run_goes_on_from_there(data: Path) -> None:
    assert _dateline("rollback", "1", data=data) == options.OK
    assert _article_count(data) == 4
    summary = run_directly(Settings.given(data=data, workers=1, settle_seconds=0), [data.parent / "articles"])
    assert (summary.release, summary.record["files_new_count"], summary.articles_total) == (3, 1, 5)
    assert DataFolder(data).published_release().manifest["previous"] == 1


def _exported(data: Path) -> tuple[int, int]:
    """The release that latest/ holds by its note, and its number of articles."""
    note = json.loads((data / "latest" / "release.json").read_text(encoding="utf-8"))
    return note["release"], len(pl.read_parquet(data / "latest" / "articles.parquet"))


def test_flat_files_of_the_current_release_stay_those_of_the_current_release(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _dateline("export", data=data) == options.OK
    assert _dateline("rollback", "1", data=data) == options.OK
    assert _exported(data) == (1, 4)
    assert f"{data / 'latest'}/ holds release 1" in capsys.readouterr().out
    assert _dateline("rebuild", data=data) == options.OK
    assert _exported(data) == (3, 4)


def test_flat_files_of_another_release_are_left_alone(data: Path) -> None:
    assert _dateline("export", "--release", "1", data=data) == options.OK
    assert _dateline("rebuild", data=data) == options.OK
    assert _exported(data) == (1, 4)


def test_rollback_succeeds_and_says_so_when_the_flat_files_cannot_follow(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _dateline("export", data=data) == options.OK
    with writer_lock(data / "latest" / ".export.lock", "another export"):
        assert _dateline("rollback", "1", data=data) == options.TROUBLE
    assert _article_count(data) == 4
    assert "latest/ is not that of release 1" in capsys.readouterr().err


def test_rollback_needs_a_kept_release_and_the_lock(data: Path) -> None:
    assert _dateline("rollback", "9", data=data) == options.FAILED
    with writer_lock(data / "loader.lock", "a-run"):
        assert _dateline("rollback", "1", data=data) == options.LOCKED
    assert _article_count(data) == 5


def test_path_names_the_release_and_not_the_link(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _dateline("path", data=data) == options.OK
    assert capsys.readouterr().out.strip() == str((data / "releases/000002").resolve())


def test_diff_tells_what_came_went_and_changed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = data.parent / "articles"
    write_files(articles, {"b.txt": GOOD["b.txt"].replace("Friday", "Monday").replace("returned", "came back")})
    (articles / "d.txt").unlink()
    write_files(articles, {"e.txt": " date 2024-11-25 New\n\nText.\n"})
    run_directly(Settings.given(data=data, workers=1, settle_seconds=0), [articles], mirror=True)
    assert _dateline("diff", "2", "3", "-f", "csv", data=data) == options.OK
    rows = [line.split(",")[:3] for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [["changed", "articles", "b.txt"], ["went", "articles", "d.txt"], ["came", "articles", "e.txt"]]
    assert _dateline("diff", "3", "2", data=data) == options.OK
    assert capsys.readouterr().out.startswith("release 3 to 2: articles 1 came, 1 went, 1 changed; mentions ")
    assert _dateline("diff", "2", "3", "--mentions", "-f", "csv", data=data) == options.OK
    lines = capsys.readouterr().out.splitlines()
    # Of b.txt only the day, not Baku, which stands elsewhere now; of d.txt all three.
    assert {tuple(line.split(",")[i] for i in (0, 2, 5)) for line in lines[1:]} == {
        ("went", "b.txt", "Friday"),
        ("came", "b.txt", "Monday"),
        ("went", "d.txt", "COP29"),
        ("went", "d.txt", "Baku"),
        ("went", "d.txt", "Ilham Aliyev"),
    }
    assert _dateline("diff", "2", "2", "-f", "csv", data=data) == options.OK
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert _dateline("diff", "2", "9", data=data) == options.FAILED


def test_diff_says_so_when_a_release_cannot_be_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = DataFolder(data).published_release()
    damaged = release.path / release.partitions("articles")["2024-02"]["path"]
    damaged.unlink()
    damaged.write_bytes(b"PAR1, but no more than that")
    assert _dateline("diff", "1", "2", data=data) == options.FAILED
    assert "releases 1 and 2 cannot be compared" in capsys.readouterr().err


def test_an_article_of_which_only_the_mentions_differ_is_a_changed_one(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = MentionEnrichment.enrich

    def without_beijing(self: MentionEnrichment, normalised: Normalised) -> dict[str, pl.DataFrame]:
        tables = original(self, normalised)
        return tables | {"mentions": tables["mentions"].filter(pl.col("surface") != "Beijing")}

    monkeypatch.setattr(MentionEnrichment, "enrich", without_beijing)
    run_request(Settings.given(data=data, workers=1, settle_seconds=0), Request(selection=Selection()))
    assert _dateline("diff", "2", "3", "-f", "csv", data=data) == options.OK
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split(",")[:3] for line in lines] == [["changed", "articles", "a.txt"]]
    assert lines[0].split(",")[7:9] == ["0", "1"]
