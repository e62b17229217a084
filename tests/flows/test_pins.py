"""What the pinned versions of Prefect's dependencies are for: with others, things stop working silently."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from packaging.specifiers import SpecifierSet
from prefect.settings import get_current_settings

from flows.orchestration import running_server
from samples import GOOD, write_files
from warehouse.journal import read_runs

#: How long to wait for a run that is due within seconds. Only a failure takes that long.
PATIENCE_SECONDS = 60

#: Serves the flow so that it falls due once, and then only an hour later. The due time is chosen when all imports
#: are done, and so far ahead that the scheduler, which looks for new schedules every 5 s, cannot miss it.
SERVE_ONCE = textwrap.dedent(
    """
    import asyncio, sys
    from datetime import datetime, timedelta, timezone
    from pathlib import Path

    from prefect.runner import Runner
    from prefect.schedules import Interval
    from prefect.types.entrypoint import EntrypointType

    from flows.ingest import ingest


    async def main(folder: str) -> None:
        due = datetime.now(timezone.utc) + timedelta(seconds=12)
        runner = Runner(query_seconds=1, prefetch_seconds=0, pause_on_shutdown=False)
        schedule = Interval(timedelta(hours=1), anchor_date=due)
        await runner.aadd_flow(
            ingest,
            name="once",
            schedule=schedule,
            parameters={"paths": [f"{folder}/articles"], "data": f"{folder}/data", "workers": 1},
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        (Path(folder) / "serving").touch()
        await runner.start()


    if __name__ == "__main__":
        asyncio.run(main(sys.argv[1]))
    """
)


@contextmanager
def serving_once(folder: Path, api_url: str) -> Generator[None, None, None]:
    """Serve the flow from a process of its own, whose output goes into the folder."""
    write_files(folder / "articles", GOOD)
    script = folder / "serve_once.py"
    script.write_text(SERVE_ONCE, encoding="utf-8")
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, script, folder],
            env={**os.environ, "PREFECT_API_URL": api_url},
            stdout=output,
            stderr=output,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def run_statuses(folder: Path) -> list[str]:
    """The outcomes of the runs that ended."""
    return [record["status"] for record in read_runs(folder / "data/runs") if "status" in record]


@pytest.mark.parametrize(
    ("package", "allowed", "reason"),
    [
        ("prefect", "==3.8.8", "the version that the other two pins were measured with"),
        ("fastapi", "<0.151", "with 0.151 prefect 3.8.8 fails at import or answers its own requests with 422"),
        ("sqlalchemy", "<2.1", "with 2.1 the scheduler of prefect 3.8.8 never fires, without an error"),
    ],
)
def test_versions_are_those_that_work(package: str, allowed: str, reason: str) -> None:
    assert version(package) in SpecifierSet(allowed), f"{package} {version(package)} is installed: {reason}"


def test_embedded_server_answers(harness_api_url: str) -> None:
    assert httpx.get(f"{harness_api_url}/health", timeout=30).json() is True
    assert httpx.get(f"{harness_api_url}/admin/version", timeout=30).json() == version("prefect")


def test_recorder_of_task_runs_rests_between_its_turns() -> None:
    """It cuts its interval to whole seconds; at 0 the server kept one core busy for the whole of every run."""
    assert int(get_current_settings().server.services.task_run_recorder.flush_interval) >= 1


def test_schedule_fires_exactly_once(harness_api_url: str, tmp_path: Path) -> None:
    """On a server with a scheduler. The embedded one has none, so there, in the same minute, nothing may happen."""
    scheduled, unscheduled = tmp_path / "scheduled", tmp_path / "unscheduled"
    with running_server(scheduler=True) as server:
        server.wait_until_ready()
        with serving_once(scheduled, f"{server.address}/api"), serving_once(unscheduled, harness_api_url):
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not run_statuses(scheduled) and time.monotonic() < deadline:
                time.sleep(0.2)
            # A few more turns of the runner's loop: it must not start the run again.
            time.sleep(5)
    assert run_statuses(scheduled) == ["published"], (scheduled / "output.txt").read_text(encoding="utf-8")
    assert (unscheduled / "serving").exists(), (unscheduled / "output.txt").read_text(encoding="utf-8")
    assert run_statuses(unscheduled) == []
