"""The flow itself: that Prefect runs the steps, validates parameters and shows the outcome."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import ParameterTypeError

from flows.ingest import ingest
from flows.sources import SourceError
from flows.summary import summary_text
from samples import BAD, GOOD, write_files
from warehouse import open_warehouse
from warehouse.lock import LockedError, writer_lock


def _task_names(flow_run_name_prefix: str = "") -> list[str]:
    with get_client(sync_client=True) as client:
        return sorted({run.name.rsplit("-", 1)[0] for run in client.read_task_runs()} - {flow_run_name_prefix})


def test_the_flow_brings_files_into_the_warehouse(tmp_path: Path) -> None:
    articles, data = tmp_path / "articles", tmp_path / "data"
    write_files(articles, GOOD)
    write_files(articles, BAD)
    summary = ingest(paths=[articles], data=data, workers=2, batch_files=3)
    assert (summary.articles_total, summary.refused_count) == (len(GOOD), len(BAD))
    with open_warehouse(data) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM articles").fetchall() == [(len(GOOD),)]
    assert {"plan", "publish", "transform"} <= set(_task_names())
    with get_client(sync_client=True) as client:
        (told,) = [each.data for each in client.read_latest_artifacts() if each.key == "dateline-run"]
    assert "published release 1" in str(told)

    again = ingest(paths=[articles], data=data)
    assert again.record["status"] == "unchanged"


def test_the_report_of_a_release_is_an_artifact(tmp_path: Path) -> None:
    write_files(tmp_path / "articles", GOOD)
    summary = ingest(paths=[tmp_path / "articles"], data=tmp_path / "data", report=True)
    with get_client(sync_client=True) as client:
        artifacts = {artifact.key: str(artifact.data) for artifact in client.read_latest_artifacts()}
    assert "4 articles from 1 source" in artifacts["dateline-report"]
    assert (tmp_path / "data/reports/000001.html").is_file()
    assert f"report      {tmp_path / 'data/reports/000001.html'}" in summary_text(summary)


def test_a_deployment_can_mirror_verify_and_reprocess(tmp_path: Path) -> None:
    articles, data = tmp_path / "articles", tmp_path / "data"
    write_files(articles, GOOD)
    ingest(paths=[articles], data=data)
    (articles / "a.txt").unlink()
    mirrored = ingest(paths=[articles], data=data, mirror=True, retire_share=0.1)
    assert (mirrored.record["files_retired_count"], len(mirrored.held_back)) == (0, 1)
    mirrored = ingest(paths=[articles], data=data, mirror=True)
    assert mirrored.record["files_retired_count"] == 1
    # Same size, same time, other words: only the hash can tell.
    before = (articles / "b.txt").stat()
    text = (articles / "b.txt").read_text(encoding="utf-8")
    (articles / "b.txt").write_text(text.replace("Friday", "Sunday"), encoding="utf-8")
    os.utime(articles / "b.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ingest(paths=[articles], data=data).record["status"] == "unchanged"
    assert ingest(paths=[articles], data=data, verify=True).record["files_changed_count"] == 1
    # As JSON brings it.
    reprocessed = ingest(paths=[articles], data=data, reprocess={"path": "b*"})
    assert reprocessed.record["files_changed_count"] == 1


def test_a_second_writer_is_turned_away(tmp_path: Path) -> None:
    write_files(tmp_path / "articles", GOOD)
    (tmp_path / "data").mkdir()
    with writer_lock(tmp_path / "data/loader.lock", "first"), pytest.raises(LockedError, match="run first"):
        ingest(paths=[tmp_path / "articles"], data=tmp_path / "data")


def test_bad_parameters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterTypeError, match="workers"):
        ingest(data=tmp_path, workers=0)
    with pytest.raises(SourceError, match="no such file or folder"):
        ingest(paths=[tmp_path / "nowhere"], data=tmp_path / "data")
