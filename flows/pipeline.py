"""The steps of a run, free of Prefect: plan, transform, publish. The flow and the benchmark both use them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from flows import progress
from flows.batch import BatchJob, BatchResult, as_shards, peak_memory_bytes
from flows.compare import (
    KNOWN,
    Rules,
    Selection,
    compare_with_ledger,
    find_vanished,
    hash_touched,
    hold_back,
    plan_batches,
    read_touched,
)
from flows.engine import Stopwatch, engine
from flows.extract import find_files
from flows.gather import Request, gather
from flows.settings import Settings
from flows.sources import Source
from flows.summary import Summary, summarise
from flows.workers import start_workers
from transforms.contracts import FILE_KEY, TABLES
from transforms.enrich.entities import summarise_entities
from warehouse.export import LATEST_NAME, ExportError, export_release
from warehouse.folder import Release
from warehouse.journal import prune_journal, read_runs, record_run, runs_table
from warehouse.lock import LockedError, writer_lock
from warehouse.parquet import check_files
from warehouse.publish import Job, publish
from warehouse.recovery import ended_early, recover
from warehouse.scan import read_table, scan_table
from warehouse.write import Change

if TYPE_CHECKING:
    from flows.report.release import ReleaseReport

#: Tasks in a run, whatever its size: thousands of them lock Prefect's SQLite.
MAX_TASKS: Final = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do.

    ``path`` holds the files to process, with their ``batch_no``; ``retired`` the ledger rows of files to retire;
    ``touched`` the modification times to note (schema ``TOUCHED``). ``sources`` are those that say how
    their files are read. ``messages`` and ``troubles`` (sources that could
    not be had, whole or in part) are for the summary.
    """

    run_id: str
    started_at: datetime
    engine_version: str
    path: Path
    retired: Path
    touched: Path
    sources: Mapping[str, Source]
    batch_count: int
    counts: dict[str, int]
    retired_count: int
    held_back: tuple[str, ...]
    messages: tuple[str, ...]
    troubles: tuple[str, ...]
    seconds: float

    @property
    def file_count(self) -> int:
        return self.counts["new"] + self.counts["changed"]


def new_run_id(started_at: datetime) -> str:
    """A name for a run that sorts by its start and meets no other."""
    milliseconds = started_at.microsecond // 1_000
    return f"{started_at:%Y%m%dT%H%M%S}.{milliseconds:03d}Z-{secrets.token_hex(3)}"


def _refusals(release: Release | None) -> pl.DataFrame:
    """The rejects of records and files that were refused, without remarks on articles that were kept."""
    record = [*FILE_KEY, "record_no"]
    kept = scan_table(release, "articles").select(record)
    return read_table(release, "rejects").lazy().join(kept, on=record, how="anti", maintain_order="left").collect()


def _select(
    compared: pl.DataFrame, ledger: pl.DataFrame, release: Release | None, selection: Selection
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The known files that a selection means, as changed ones; and how many of those are gone."""
    days = (
        scan_table(release, "articles")
        .group_by(FILE_KEY)
        .agg(pl.col("published_on").min().alias("first_on"), pl.col("published_on").max().alias("last_on"))
        .collect()
    )
    refused = _refusals(release).select(*FILE_KEY, pl.lit(value=True).alias("has_refusals")).unique(FILE_KEY)
    live = (
        ledger
        .filter(pl.col("status") != "retired")
        .join(days, on=FILE_KEY, how="left", maintain_order="left")
        .join(refused, on=FILE_KEY, how="left", maintain_order="left")
    )
    selected = live.filter(selection.matches())
    chosen = compared.join(selected, on=FILE_KEY, how="semi", maintain_order="left")
    gone = len(selected) - len(chosen)
    messages = (f"{gone:,} files to reprocess are not there any more: their articles stay as they are",) if gone else ()
    if selected.is_empty():
        messages = ("no known file is meant by the options: nothing was processed again",)
    return chosen.with_columns(pl.lit("changed").alias("change")), messages


def _to_compare(ledger: pl.DataFrame, release: Release | None) -> pl.DataFrame:
    """The ledger, in which a loaded file that could not be read the last time counts as not done."""
    unread = scan_table(release, "rejects").filter(pl.col("stage") == "extract").select(FILE_KEY).unique().collect()
    if unread.is_empty():
        return ledger
    is_unread = pl.struct(FILE_KEY).is_in(unread.to_struct().implode()) & (pl.col("status") == "loaded")
    return ledger.with_columns(pl.when(~is_unread).then("engine_version").alias("engine_version"))


def _first_read_on() -> pl.Expr:
    """The ledger's day of first reading; where an earlier version noted none, that of the run which judged the file."""
    judged_on = pl.col("last_run_id").str.head(8).str.to_date("%Y%m%d", strict=False)
    return pl.coalesce("first_read_on", judged_on).alias("first_read_on")


def _whole_rows(files: pl.DataFrame, release: Release | None) -> pl.DataFrame:
    """The ledger's rows of these files, with all columns."""
    rows = scan_table(release, "files")
    return rows.join(files.lazy().select(FILE_KEY), on=FILE_KEY, how="semi", maintain_order="left").collect()


def _touched_files(compared: pl.DataFrame) -> pl.DataFrame:
    """Files that are as the ledger says but for their modification time: schema ``TOUCHED``."""
    is_same = pl.col("change").is_in(["touched", "unchanged"])
    return (
        compared
        .filter(is_same & (pl.col("modified_at") != pl.col("noted_at")))
        .select(*FILE_KEY, "modified_at", pl.col("known_sha256").alias("sha256"))
        .sort(FILE_KEY)
    )


def _write_plan(stem: Path, *parts: pl.DataFrame) -> list[Path]:
    paths = [stem.with_name(f"{stem.name}-{number}.parquet") for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        part.write_parquet(path)
    return paths


def plan_run(settings: Settings, request: Request, run_id: str, started_at: datetime) -> Plan:
    """Find the files, compare them with the ledger and write the plan. The caller holds the writer lock.

    Raises ``SourceError`` for a path that is no source.
    """
    progress.stage("finding files")
    watch = Stopwatch()
    folder = settings.folder
    made = engine(settings.engine)
    messages: tuple[str, ...] = ()
    with watch.step("plan"):
        release = folder.current_release()
        gathered = gather(settings, request)
        held_back = [*gathered.held_back]
        found = find_files(gathered.sources)
        # A part of the columns: there may be a million files.
        ledger = scan_table(release, "files").with_columns(_first_read_on()).select(KNOWN).collect()
        compared = compare_with_ledger(
            found,
            _to_compare(ledger, release),
            read_touched(folder.touched),
            Rules(
                made.file_versions.values(),
                datetime.now(UTC),
                settings.settle_seconds,
                request.is_verifying,
                tuple(source.name for source in gathered.sources if source.is_fetched),
                {source.name: source.version_suffix for source in gathered.sources if source.options_key},
            ),
        )
        progress.stage("hashing files", int((compared["change"] == "touched").sum()))
        compared = hash_touched(compared, progress.advance, settings.workers)
        vanished = ledger.clear()
        if request.selection is not None:
            compared, messages = _select(compared, ledger, release, request.selection)
        elif mirrors := [source for source in gathered.sources if source.is_mirror]:
            vanished, lost = hold_back(find_vanished(found, ledger, mirrors), ledger, settings.retire_share)
            held_back += lost
        todo = plan_batches(
            compared.filter(pl.col("change").is_in(["new", "changed"])),
            settings.batch_files,
            settings.batch_bytes,
            settings.workers,
        )
        paths = _write_plan(
            folder.staging / f"plan-{run_id}", todo, _whole_rows(vanished, release), _touched_files(compared)
        )
    counted = dict(compared.group_by("change").len().iter_rows())
    return Plan(
        run_id=run_id,
        started_at=started_at,
        engine_version=made.version,
        path=paths[0],
        retired=paths[1],
        touched=paths[2],
        sources={source.name: source for source in gathered.sources if source.options_key},
        batch_count=todo["batch_no"].n_unique(),
        counts={name: counted.get(name, 0) for name in ("new", "changed", "unchanged", "touched", "waiting")},
        retired_count=len(vanished),
        held_back=tuple(held_back),
        messages=messages,
        troubles=gathered.troubles,
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
            engine=settings.engine,
            engine_version=plan.engine_version,
            sources=plan.sources,
            max_file_bytes=settings.max_file_bytes,
            today=plan.started_at.astimezone(UTC).date(),
        )
        result = process(job)
        progress.advance(result.file_count)
        results.append(result)
    return results


def _ledger_rows(plan: Plan, results: list[BatchResult]) -> pl.DataFrame:
    """The contract ``files`` for every file that the run processed, in no particular order."""
    outcomes = pl.concat([shard.read("outcomes") for shard in as_shards(results)])
    planned = pl.read_parquet(plan.path, columns=["source", "path", "size_bytes", "modified_at"])
    return (
        planned
        .join(outcomes, on=FILE_KEY, how="left", validate="1:1")
        .with_columns(
            pl.when(pl.col("reason").is_null()).then(pl.lit("loaded")).otherwise(pl.lit("quarantined")).alias("status"),
            pl.lit(plan.run_id).alias("first_run_id"),
            pl.lit(plan.run_id).alias("last_run_id"),
        )
        .select(TABLES["files"].columns)
    )


def _retired_rows(plan: Plan) -> pl.DataFrame:
    """The contract ``files`` for every file that the run retires."""
    return pl.read_parquet(plan.retired).with_columns(
        pl.lit("retired").alias("status"),
        pl.lit("gone from its source").alias("reason"),
        pl.lit(0, dtype=pl.Int32).alias("article_count"),
        pl.lit(0, dtype=pl.Int32).alias("mention_count"),
        pl.lit(plan.run_id).alias("last_run_id"),
    )


def _record(plan: Plan, status: str, files: pl.DataFrame) -> dict[str, Any]:
    counts = plan.counts
    return {
        "run_id": plan.run_id,
        "status": status,
        "started_at": plan.started_at,
        "finished_at": datetime.now(UTC),
        "engine_version": plan.engine_version,
        "files_new_count": counts["new"],
        "files_changed_count": counts["changed"],
        "files_unchanged_count": counts["unchanged"] + counts["touched"],
        "files_touched_count": counts["touched"],
        "files_waiting_count": counts["waiting"],
        "files_retired_count": plan.retired_count,
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


def _note_touched(settings: Settings, touched: pl.DataFrame) -> None:
    """Note which files are as they were in spite of their times, so that the next run need not hash them again."""
    path = settings.folder.touched
    if touched.is_empty():
        path.unlink(missing_ok=True)
    elif not touched.equals(read_touched(path)):
        temporary = path.with_name(f".{path.name}.tmp")
        touched.write_parquet(temporary)
        temporary.replace(path)


def _clear_away(settings: Settings) -> None:
    """The run is done and noted; what cannot be cleared away now is cleared after the next one."""
    with contextlib.suppress(OSError):
        settings.folder.collect(settings.keep_releases, settings.keep_hours)
        prune_journal(settings.folder.runs)


def _refresh_latest(settings: Settings, release: Release, watch: Stopwatch) -> tuple[str, ...]:
    """Bring latest/ up to date if that is asked for. The release stands, whatever comes of it: a failure is told."""
    if not settings.latest:
        return ()
    progress.stage("writing latest/")
    try:
        with watch.step("latest"):
            export_release(release, settings.folder.root / LATEST_NAME)
    except (OSError, LockedError, ExportError) as error:
        return (f"{LATEST_NAME}/ is not that of release {release.number}: {error}",)
    return ()


def _write_report(
    settings: Settings, release: Release, watch: Stopwatch, *, is_new: bool
) -> tuple[ReleaseReport | None, tuple[str, ...]]:
    """Write the release's report if that is asked for. The release stands, whatever comes of it: a failure is told."""
    if not settings.report:
        return None, ()
    progress.stage("writing the report")
    try:
        from flows.report.release import write_release_report  # ruff: ignore[import-outside-top-level] - only a report needs matplotlib

        with watch.step("report"):
            return write_release_report(settings.folder, release, is_new=is_new, memory=settings.memory_limit), ()
    except Exception as error:  # ruff: ignore[blind-except] - a picture may fail as it likes
        return None, (f"no report on release {release.number}: {type(error).__name__}: {error}",)


def publish_run(settings: Settings, plan: Plan, results: list[BatchResult]) -> Summary:
    """Publish what the batches made, unless nothing changed, and record the run.

    Raises ``CheckError`` when the release breaks a check; the current release stays.
    """
    folder = settings.folder
    watch = Stopwatch()
    previous = folder.current_release()
    files = _ledger_rows(plan, results) if results else TABLES["files"].empty()
    touched = pl.read_parquet(plan.touched)
    has_news = plan.retired_count or not _without_known_refusals(files, read_table(previous, "rejects")).is_empty()
    if previous is not None and not has_news:
        release = previous
        record = _record(plan, "unchanged", files)
        _note_touched(settings, touched)
    else:
        record = _record(plan, "published", files)
        kept = _keep_what_was_loaded(files, read_table(previous, "files"))
        progress.stage("writing the release")
        release = publish(
            folder,
            Change(as_shards(results), pl.concat([kept, _retired_rows(plan)]), touched),
            Job(
                record,
                partial(_runs_with, settings, previous, record),
                summarise_entities,
                memory_limit=settings.memory_limit,
                timer=watch.step,
            ),
        )
        folder.touched.unlink(missing_ok=True)
        record["finished_at"] = datetime.now(UTC)
    record_run(folder.runs, record)
    _clear_away(settings)
    troubles = (*plan.troubles, *_refresh_latest(settings, release, watch))
    report, failures = _write_report(settings, release, watch, is_new=release is not previous)
    summary = summarise(folder, release, record, results, files, {"plan": plan.seconds} | watch.seconds)
    return replace(
        summary,
        held_back=plan.held_back,
        messages=plan.messages,
        troubles=(*troubles, *failures),
        report=str(report.path) if report else None,
        report_markdown=report.markdown if report else "",
    )


def rebuild(settings: Settings) -> Release:
    """Publish a release with the content of the current one, whose DuckDB file is built from the Parquet alone.

    Raises ``NoReleaseError`` before the first run, ``DamagedError`` when the Parquet itself is not what was written.
    """
    folder = settings.folder
    current = folder.published_release()
    with open_run(settings) as (run_id, started_at):
        progress.stage("building the DuckDB file")
        check_files(current)
        empty = TABLES["files"].empty()
        record = ended_early(
            {"run_id": run_id, "started_at": started_at, "engine_version": current.manifest["engine_version"]},
            "rebuilt",
            "",
        ) | {"error": None}
        change = Change([], empty, empty.select(*FILE_KEY, "modified_at", "sha256"))
        job = Job(
            record,
            partial(_runs_with, settings, current, record),
            summarise_entities,
            is_rebuild=True,
            memory_limit=settings.memory_limit,
        )
        release = publish(folder, change, job)
        record_run(folder.runs, record | {"finished_at": datetime.now(UTC)})
        _clear_away(settings)
    return release


def _fail_run(settings: Settings, run_id: str, started_at: datetime, error: BaseException) -> None:
    """Note in the journal why the run failed, unless it had published by then."""
    runs = settings.folder.runs
    # A full disk refuses this note as well; the first error is the one to tell.
    with contextlib.suppress(OSError):
        if not any(each["run_id"] == run_id and "status" in each for each in read_runs(runs, newest=1)):
            why = f"{type(error).__name__}: {error}"
            began = {"run_id": run_id, "started_at": started_at, "engine_version": engine(settings.engine).version}
            record_run(runs, ended_early(began, "failed", why))


@contextlib.contextmanager
def open_run(settings: Settings) -> Generator[tuple[str, datetime]]:
    """Hold the writer lock for a run; its beginning, and its failure if it fails, are noted in the journal.

    The value is the run's id and start. Raises ``LockedError`` when another run holds the lock.
    """
    started_at = datetime.now(UTC)
    run_id = new_run_id(started_at)
    settings.folder.create()
    with writer_lock(settings.folder.lock, run_id):
        recover(settings.folder)
        began = {"run_id": run_id, "started_at": started_at, "engine_version": engine(settings.engine).version}
        record_run(settings.folder.runs, began)
        try:
            yield run_id, started_at
        except BaseException as error:
            _fail_run(settings, run_id, started_at, error)
            raise


def worker_count(settings: Settings, plan: Plan) -> int:
    """No more workers than there are batches."""
    return min(settings.workers, max(plan.batch_count, 1))


def run_directly(
    settings: Settings, paths: list[Path], source: str | None = None, *, mirror: bool = False, verify: bool = False
) -> Summary:
    """Do a whole run in this process and its workers, without Prefect: for the benchmark and the tests.

    A single worker is this process, and a file that hangs or crashes in C ends it. Raises what the
    flow raises. The summary's ``stage_seconds`` also holds ``transform``, the wall clock of all batches, and
    ``peak_bytes`` is filled.
    """
    return run_request(settings, Request(tuple(paths), source, is_mirror=mirror, is_verifying=verify))


def run_request(settings: Settings, request: Request) -> Summary:
    """Do what ``run_directly`` does for any request."""
    watch = Stopwatch()
    with open_run(settings) as (run_id, started_at):
        plan = plan_run(settings, request, run_id, started_at)
        progress.stage("reading articles", plan.file_count)
        count = worker_count(settings, plan)
        with (
            watch.step("transform"),
            start_workers(count, stays_here=count == 1) as workers,
            ThreadPoolExecutor(count) as threads,
        ):
            running = [
                threads.submit(run_batches, settings, plan, numbers, workers.process) for numbers in task_batches(plan)
            ]
            results = [result for each in running for result in each.result()]
        # The workers are gone by now, so their memory and that of the load never add up.
        workers_peak = 0 if count == 1 else count * max((result.peak_bytes for result in results), default=0)
        transform_peak = peak_memory_bytes() + workers_peak
        summary = publish_run(settings, plan, results)
    return replace(
        summary,
        stage_seconds=summary.stage_seconds | watch.seconds,
        peak_bytes={"transform": transform_peak, "load": peak_memory_bytes()},
    )
