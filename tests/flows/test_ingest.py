"""The flow itself: that Prefect runs the steps, validates parameters and shows the outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import ParameterTypeError

from flows.ingest import ingest
from flows.sources import SourceError
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
        artifact = client.read_latest_artifacts()[0]
    assert artifact.key == "dateline-run"
    assert "published release 1" in str(artifact.data)

    again = ingest(paths=[articles], data=data)
    assert again.record["status"] == "unchanged"


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
