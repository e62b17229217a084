"""The flow: Prefect decides when a run happens and shows what it did.

Tasks first, the flow last. A task takes and returns paths and small records; what is done already is
decided by the ledger, not by Prefect's cache.
"""

# No annotations from __future__ here: where a deployment runs the flow, Prefect cannot resolve them.

from datetime import datetime
from pathlib import Path
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import deployment
from pydantic import Field

from flows import progress
from flows.batch import BatchResult
from flows.compare import Selection
from flows.gather import Request
from flows.pipeline import Plan, open_run, plan_run, publish_run, run_batches, task_batches, worker_count
from flows.settings import Settings
from flows.summary import Summary, summary_markdown, summary_text
from flows.workers import WorkerKilledError, Workers, start_workers


def _is_os_error(_task: object, _run: object, state: State) -> bool:
    """Retry what another try can heal: a network drive, a full disk, a worker that was killed."""
    try:
        state.result()
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return False
    except (OSError, WorkerKilledError):
        return True
    except Exception:  # ruff: ignore[blind-except] - whatever else it was, it would come again
        return False
    return False


@task(name="plan", retries=2, retry_delay_seconds=5, retry_condition_fn=_is_os_error, cache_policy=NO_CACHE)
def plan_files(settings: Settings, request: Request, run_id: str, started_at: datetime) -> Plan:
    """Find the files, compare them with the ledger and write the plan."""
    return plan_run(settings, request, run_id, started_at)


# Batches that were finished before a retry are found staged and not done again.
@task(
    name="transform",
    retries=2,
    retry_delay_seconds=2,
    retry_condition_fn=_is_os_error,
    cache_policy=NO_CACHE,
)
def transform_batches(settings: Settings, plan: Plan, batch_nos: list[int], workers: Workers) -> list[BatchResult]:
    """Read, parse, normalise, enrich and stage some batches."""
    return run_batches(settings, plan, batch_nos, workers.process)


@task(name="publish", cache_policy=NO_CACHE)
def publish_release(settings: Settings, plan: Plan, results: list[BatchResult]) -> Summary:
    """Write, load, check and publish the next release, unless nothing changed."""
    summary = publish_run(settings, plan, results)
    _store(summary_markdown(summary), "dateline-run", f"Run {plan.run_id}")
    if summary.report_markdown:
        _store(summary.report_markdown, "dateline-report", f"Report on release {summary.release}")
    return summary


def _store(markdown: str, key: str, description: str) -> None:
    try:
        create_markdown_artifact(markdown, key=key, description=description)
    except Exception:  # ruff: ignore[blind-except]
        # The release stands; that Prefect could not take its summary must not make the run a failed one.
        get_run_logger().warning("%s could not be stored as an artifact", description, exc_info=True)


@flow(name="ingest", validate_parameters=True, persist_result=False)
def ingest(  # ruff: ignore[too-many-arguments] - the parameters of a deployment are flat
    paths: Annotated[
        list[Path] | None, Field(description="Folders or files of articles, instead of the source list.")
    ] = None,
    data: Annotated[Path | None, Field(description="The data folder.")] = None,
    source: Annotated[str | None, Field(min_length=1, description="A name for the paths as one source.")] = None,
    recogniser: Annotated[str | None, Field(description="Finds the names: crf, rules, spacy:MODEL.")] = None,
    workers: Annotated[int | None, Field(ge=1, le=256, description="Processes that transform batches.")] = None,
    batch_files: Annotated[int | None, Field(ge=1, description="Most files in a batch.")] = None,
    *,
    watchlist: Annotated[Path | None, Field(description="A CSV file of names that are always found.")] = None,
    mirror: Annotated[bool, Field(description="Retire files that vanished from the paths.")] = False,
    verify: Annotated[bool, Field(description="Hash every file, whatever its size and time say.")] = False,
    retire_share: Annotated[float | None, Field(ge=0, le=1, description="Most that may vanish at once.")] = None,
    reprocess: Annotated[Selection | None, Field(description="Process these known files again, and no others.")] = None,
    sources: Annotated[Path | None, Field(description="The source list, as sources.toml.")] = None,
    only: Annotated[list[str] | None, Field(description="Only these sources of the list.")] = None,
    latest: Annotated[bool | None, Field(description="Keep latest/ up to date: each table as one file.")] = None,
    report: Annotated[bool | None, Field(description="Write a report on each release.")] = None,
) -> Summary:
    """Bring the warehouse up to date with the article files.

    What is not given comes from the environment (``DATELINE_…``) or a default.

    Without paths, that is the sources of the list. Raises ``LockedError`` when another run is writing to the data
    folder, ``SourceError`` for a path that does not exist or a list that is wrong, ``CheckError`` when the new release
    breaks a check; the current release stays then.
    """
    settings = Settings.given(
        data=data,
        sources=sources,
        recogniser=recogniser,
        watchlist=watchlist,
        workers=workers,
        batch_files=batch_files,
        retire_share=retire_share,
        latest=latest,
        report=report,
    )
    request = Request(tuple(paths or ()), source, mirror, verify, reprocess, tuple(only or ()))
    with open_run(settings) as (run_id, started_at):
        plan = plan_files(settings, request, run_id, started_at)
        progress.stage("reading articles", plan.file_count)
        with start_workers(worker_count(settings, plan)) as pool:
            running = [transform_batches.submit(settings, plan, numbers, pool) for numbers in task_batches(plan)]
            results = [result for future in running for result in future.result()]
        summary = publish_release(settings, plan, results)
    if deployment.id is not None:
        # Nobody waits for a scheduled run's result: its log gets the summary.
        print(summary_text(summary), flush=True)
    return summary
