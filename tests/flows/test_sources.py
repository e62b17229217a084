"""A source list from the command line and from a deployment: what runs, what is told, which exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client

import flows.serve
from dateline_command import Command, CommandHere
from flows import cli
from flows.cli import options as codes
from flows.ingest import ingest
from samples import BAD, GOOD, write_files


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a source list: one source that is there, one that is not."""
    write_files(tmp_path / "news", GOOD)
    (tmp_path / "sources.toml").write_text(
        '[news]\nlocation = "news"\n\n[far]\nlocation = "https://127.0.0.1:9/feed?key=${FEED_KEY}"\npoll = true\n',
        encoding="utf-8",
    )
    return tmp_path


def test_a_run_takes_the_list_and_tells_of_trouble_by_its_exit_code(dateline: Command, place: Path) -> None:
    result = dateline("run", folder=place, FEED_KEY="hunter2-key", PREFECT_LOGGING_LEVEL="DEBUG")
    assert result.returncode == codes.TROUBLE
    lines = result.stdout.splitlines()
    assert "  articles    4 written, 4 in the warehouse" in lines
    (trouble,) = [line for line in lines if line.startswith("  trouble")]
    assert trouble.startswith("  trouble     source 'far': https://127.0.0.1:9/feed could not be fetched: ")
    assert "hunter2" not in result.stdout + result.stderr
    # No log was left for a server that had gone.
    assert "Error logging to API" not in result.stderr
    for path in [*place.rglob("*"), *dateline.prefect_home.rglob("*")]:
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), f"{path} holds the key"


def test_some_sources_of_another_list_are_run_and_what_they_refused_is_tried_again(
    dateline_here: CommandHere, place: Path
) -> None:
    write_files(place / "news", {"empty.txt": b"", "feb30.txt": BAD["feb30.txt"]})
    (place / "sources.toml").rename(place / "mine.toml")
    result = dateline_here("run", "--sources", "mine.toml", "--only", "news", folder=place)
    assert (result.returncode, result.stderr) == (codes.REFUSED, "")
    (place / "news/empty.txt").write_text(GOOD["a.txt"], encoding="utf-8")
    result = dateline_here("quarantine", "--retry", "--path", "e*", folder=place, DATELINE_SOURCES="mine.toml")
    assert (result.returncode, result.stderr) == (codes.OK, "")
    assert "  files       1 found: 0 new, 1 changed" in result.stdout
    assert dateline_here("quarantine", "-f", "csv", folder=place).stdout.count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--only", "nws"], "no source is called 'nws' (did you mean 'news'?)"),
        (["run", "--sources", "nowhere.toml"], "nowhere.toml: no such file"),
        (["run", "--mirror"], 'write mode = "mirror"'),
        (["serve", "--cron", "* * * * *", "--only", "nws"], "no source is called 'nws'"),
    ],
)
def test_what_is_wrong_with_a_list_ends_with_exit_code_2(
    dateline_here: CommandHere, place: Path, arguments: list[str], words: str
) -> None:
    result = dateline_here(*arguments, folder=place)
    assert (result.returncode, result.stdout) == (codes.USAGE, "")
    assert words in result.stderr


def test_a_deployment_runs_a_list(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", "hunter2-key")
    # As JSON brings it.
    summary = ingest(data=str(place / "data"), sources=str(place / "sources.toml"), only=["news"])  # type: ignore[arg-type]
    assert (summary.articles_total, summary.troubles) == (len(GOOD), ())
    summary = ingest(data=place / "data")
    assert len(summary.troubles) == 1
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
        artifacts = client.read_latest_artifacts()
    (told,) = [artifact.data for artifact in artifacts if artifact.key == "dateline-run"]
    assert "hunter2" not in "".join(each.model_dump_json() for each in [*runs, *artifacts])
    assert "could not be fetched" in str(told)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {"sources": "sources.toml"}),
        (["--only", "news"], {"sources": "sources.toml", "only": ["news"]}),
        (["news"], {"paths": ["news"]}),
    ],
)
def test_a_schedule_serves_the_list_by_absolute_paths(
    place: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: dict[str, Any]
) -> None:
    served = []
    monkeypatch.setattr(flows.serve, "serve", lambda cron, timezone, given: served.append((cron, timezone, given)))
    monkeypatch.chdir(place)
    assert cli.app(["serve", *arguments, "--cron", "@daily"], result_action="return_value") == codes.OK
    absolute = {
        name: [str(place / each) for each in value] if name == "paths" else value for name, value in expected.items()
    }
    if "sources" in absolute:
        absolute["sources"] = str(place / "sources.toml")
    assert served == [("@daily", "UTC", {"data": str(place / "data"), **absolute})]
