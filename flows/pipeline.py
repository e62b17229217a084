"""The steps of a run, free of Prefect: plan, transform, publish. The flow and the benchmark both use them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from flows import progress
from flows.batch import BatchJob, BatchResult, Stopwatch, as_shards, engine_version
from flows.extract import as_sources, compare_with_ledger, find_files, plan_batches
from flows.settings import Settings
from flows.summary import Summary, summarise
from flows.workers import start_workers
from transforms.contracts import FILE_KEY, TABLES
from transforms.enrich.entities import summarise_entities
from warehouse.folder import Release, remove_tree
from warehouse.journal import prune_journal, read_runs, record_run, runs_table
from warehouse.lock import writer_lock
from warehouse.publish import publish
from warehouse.write import Change, read_table

#: Tasks in a run, whatever its size: thousands of them lock Prefect's SQLite.
MAX_TASKS: Final = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do. ``path`` holds the files to process, with their ``batch_no``."""

    run_id: str
    started_at: datetime
    engine_version: str
    path: Path
    batch_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    seconds: float

    @property
    def file_count(self) -> int:
        return self.new_count + self.changed_count


def new_run_id(started_at: datetime) -> str:
    """A name for a run that sorts by its start and meets no other."""
    milliseconds = started_at.microsecond // 1_000
    return f"{started_at:%Y%m%dT%H%M%S}.{milliseconds:03d}Z-{secrets.token_hex(3)}"


def plan_run(settings: Settings, paths: list[Path], source: str | None, run_id: str, started_at: datetime) -> Plan:
    """Find the files, compare them with the ledger and write the plan. The caller holds the writer lock.

    Raises ``SourceError`` for a path that is no source.
    """
    progress.stage("finding files")
    watch = Stopwatch()
    folder = settings.folder
    engine = engine_version(settings.recogniser)
    with watch.step("plan"):
        folder.clear_unfinished()
        found = find_files(as_sources(paths, folder, source))
        compared = compare_with_ledger(found, read_table(folder.current_release(), "files"), engine)
        todo = plan_batches(
            compared.filter(pl.col("change") != "unchanged"), settings.batch_files, settings.batch_bytes
        )
        path = folder.staging / f"plan-{run_id}.parquet"
        todo.write_parquet(path)
    counts = dict(compared.group_by("change").len().iter_rows())
    return Plan(
        run_id=run_id,
        started_at=started_at,
        engine_version=engine,
        path=path,
        batch_count=todo["batch_no"].n_unique(),
        new_count=counts.get("new", 0),
        changed_count=counts.get("changed", 0),
        unchanged_count=counts.get("unchanged", 0),
        seconds=watch.seconds["plan"],
    )


def task_batches(plan: Plan) -> list[list[int]]:
    """Batch numbers for each task: neighbours together, ``MAX_TASKS`` tasks at most."""
    size = -(-plan.batch_count // MAX_TASKS) or 1
    numbers = list(range(plan.batch_count))
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def run_batches(
    settings: Settings, plan: Plan, batch_nos: list[int], process: Callable[[BatchJob], BatchResult]
) -> list[BatchResult]:
    """Process batches one after another by ``process``, reporting progress."""
    results = []
    for number in batch_nos:
        job = BatchJob(
            plan=plan.path,
            batch_no=number,
            staging=settings.folder.staging,
            recogniser=settings.recogniser,
            max_file_bytes=settings.max_file_bytes,
        )
        result = process(job)
        progress.advance(result.file_count)
        results.append(result)
    return results


def _ledger_rows(plan: Plan, results: list[BatchResult]) -> pl.DataFrame:
    """The contract ``files`` for every file that the run processed, in no particular order."""
    outcomes = pl.concat([pl.read_parquet(shard.file("outcomes")) for shard in as_shards(results)])
    planned = pl.read_parquet(plan.path, columns=["source", "path", "size_bytes", "modified_at"])
    return (
        planned
        .join(outcomes, on=FILE_KEY, how="left", validate="1:1")
        .with_columns(
            pl.when(pl.col("reason").is_null()).then(pl.lit("loaded")).otherwise(pl.lit("quarantined")).alias("status"),
            pl.lit(plan.engine_version).alias("engine_version"),
            pl.lit(plan.run_id).alias("first_run_id"),
            pl.lit(plan.run_id).alias("last_run_id"),
        )
        .select(TABLES["files"].columns)
    )


def _record(plan: Plan, status: str, files: pl.DataFrame) -> dict[str, Any]:
    return {
        "run_id": plan.run_id,
        "status": status,
        "started_at": plan.started_at,
        "finished_at": datetime.now(UTC),
        "engine_version": plan.engine_version,
        "files_new_count": plan.new_count,
        "files_changed_count": plan.changed_count,
        "files_unchanged_count": plan.unchanged_count,
        "files_retired_count": 0,
        "files_quarantined_count": len(files.filter(pl.col("status") == "quarantined")),
        "article_count": int(files["article_count"].sum()),
        "mention_count": int(files["mention_count"].sum()),
        "error": None,
    }


def _keep_what_was_loaded(files: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Leave out files that are loaded and could not be read this time: their articles stay until they can."""
    loaded = ledger.filter(pl.col("status") == "loaded")
    unreadable = files.filter(pl.col("sha256").is_null()).join(loaded, on=FILE_KEY, how="semi")
    return files.join(unreadable, on=FILE_KEY, how="anti", maintain_order="left")


def _without_known_refusals(files: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """Leave out files that could not be read for the reason that is known: there is nothing new to publish of them."""
    unreadable = files.filter(pl.col("sha256").is_null())
    known = unreadable.join(rejects, on=[*FILE_KEY, "reason"], how="semi")
    return files.join(known, on=FILE_KEY, how="anti", maintain_order="left")


def _runs_with(settings: Settings, previous: Release | None, record: dict[str, Any]) -> pl.DataFrame:
    others = [each for each in read_runs(settings.folder.runs) if each["run_id"] != record["run_id"]]
    return runs_table(read_table(previous, "runs"), [*others, record])


def publish_run(settings: Settings, plan: Plan, results: list[BatchResult]) -> Summary:
    """Publish what the batches made, unless nothing changed, and record the run.

    Raises ``CheckError`` when the release breaks a check; the current release stays.
    """
    folder = settings.folder
    watch = Stopwatch()
    previous = folder.current_release()
    files = _ledger_rows(plan, results) if results else TABLES["files"].empty()
    if previous is not None and _without_known_refusals(files, read_table(previous, "rejects")).is_empty():
        release = previous
        for leftover in (plan.path, *(result.shard for result in results)):
            remove_tree(leftover)
        record = _record(plan, "unchanged", files)
    else:
        progress.stage("writing the release")
        record = _record(plan, "published", files)
        release = publish(
            folder,
            Change(as_shards(results), _keep_what_was_loaded(files, read_table(previous, "files"))),
            partial(_runs_with, settings, previous, record),
            summarise_entities,
            run=record,
            memory_limit=settings.memory_limit,
            timer=watch.step,
        )
        record["finished_at"] = datetime.now(UTC)
    record_run(folder.runs, record)
    if record["status"] == "published":
        # The run is done and noted; what cannot be cleared away now is cleared after the next one.
        with contextlib.suppress(OSError):
            folder.collect(settings.keep_releases)
            prune_journal(folder.runs)
    return summarise(folder, release, record, results, files, {"plan": plan.seconds} | watch.seconds)


def _ended_early(settings: Settings, run_id: str, started_at: datetime, status: str, error: str) -> dict[str, Any]:
    counts = {name: 0 for name in TABLES["runs"].columns if name.endswith("_count")}
    return counts | {
        "run_id": run_id,
        "status": status,
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "engine_version": engine_version(settings.recogniser),
        "error": error,
    }


def begin_run(settings: Settings, run_id: str, started_at: datetime) -> None:
    """Note in the journal that the run began, and of runs that did not end that they were interrupted.

    The caller holds the writer lock: no other run can be under way.
    """
    runs = settings.folder.runs
    for former in read_runs(runs):
        if "status" not in former:
            why = "the process ended before the run did"
            record_run(runs, _ended_early(settings, former["run_id"], former["started_at"], "interrupted", why))
    record_run(runs, {"run_id": run_id, "started_at": started_at})


def _fail_run(settings: Settings, run_id: str, started_at: datetime, error: BaseException) -> None:
    """Note in the journal why the run failed, unless it had published by then."""
    runs = settings.folder.runs
    # A full disk refuses this note as well; the first error is the one to tell.
    with contextlib.suppress(OSError):
        if not any(each["run_id"] == run_id and "status" in each for each in read_runs(runs, newest=1)):
            why = f"{type(error).__name__}: {error}"
            record_run(runs, _ended_early(settings, run_id, started_at, "failed", why))


@contextlib.contextmanager
def open_run(settings: Settings) -> Generator[tuple[str, datetime]]:
    """Hold the writer lock for a run; its beginning, and its failure if it fails, are noted in the journal.

    The value is the run's id and start. Raises ``LockedError`` when another run holds the lock.
    """
    started_at = datetime.now(UTC)
    run_id = new_run_id(started_at)
    settings.folder.create()
    with writer_lock(settings.folder.lock, run_id):
        begin_run(settings, run_id, started_at)
        try:
            yield run_id, started_at
        except BaseException as error:
            _fail_run(settings, run_id, started_at, error)
            raise


def worker_count(settings: Settings, plan: Plan) -> int:
    """No more workers than there are batches."""
    return min(settings.workers, max(plan.batch_count, 1))


def run_directly(settings: Settings, paths: list[Path], source: str | None = None) -> Summary:
    """Do a whole run in this process and its workers, without Prefect: for the benchmark and the tests.

    Raises what the flow raises. The summary's ``stage_seconds`` also holds ``transform``, the wall clock of
    all batches.
    """
    watch = Stopwatch()
    with open_run(settings) as (run_id, started_at):
        plan = plan_run(settings, paths, source, run_id, started_at)
        progress.stage("reading articles", plan.file_count)
        count = worker_count(settings, plan)
        with watch.step("transform"), start_workers(count) as workers, ThreadPoolExecutor(count) as threads:
            running = [
                threads.submit(run_batches, settings, plan, numbers, workers.process) for numbers in task_batches(plan)
            ]
            results = [result for each in running for result in each.result()]
        summary = publish_run(settings, plan, results)
    return replace(summary, stage_seconds=summary.stage_seconds | watch.seconds)
