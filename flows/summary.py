"""What a run did, in words that a person reads in five seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from flows.batch import BatchResult
from flows.output import printable as printable_text
from transforms.parse.format import printable
from warehouse.folder import DataFolder, Release
from warehouse.scan import read_table

_SHOWN_REFUSALS: Final = 10
_TRANSFORM_STEPS: Final = ("extract", "parse", "normalise", "enrich", "validate", "stage")


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a run.

    ``record`` has the columns of the contract ``runs``; ``stage_seconds`` is wall clock, for the steps of
    the workers added up over all of them. ``refused`` holds path and reason of this run's first refusals, ``report``
    the path of the report that it wrote, and ``report_markdown`` what that says in short. ``peak_bytes`` is the most
    memory that the processes together can have held in each of two stages, ``transform`` and ``load`` (with the
    writing), or empty where nobody measured it.
    """

    record: dict[str, Any]
    release: int
    warehouse: str
    articles_total: int
    mentions_total: int
    ledger: dict[str, int]
    refused: list[tuple[str, str]]
    stage_seconds: dict[str, float]
    bytes_read: int
    batches_reused: int
    files: int
    held_back: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    report: str | None = None
    report_markdown: str = ""
    peak_bytes: Mapping[str, int] = field(default_factory=dict)

    @property
    def work_seconds(self) -> float:
        elapsed: float = (self.record["finished_at"] - self.record["started_at"]).total_seconds()
        return elapsed

    @property
    def refused_count(self) -> int:
        return int(self.record["files_quarantined_count"])


def summarise(
    folder: DataFolder,
    release: Release,
    record: dict[str, Any],
    results: list[BatchResult],
    files: pl.DataFrame,
    seconds: dict[str, float],
) -> Summary:
    """Put a run's outcome together from its release, its record and its batches."""
    steps = {
        step: sum(result.seconds.get(step, 0.0) for result in results)
        for step in _TRANSFORM_STEPS
        if any(step in result.seconds for result in results)
    }
    refused = (
        files
        .filter(pl.col("status") == "quarantined")
        .sort("source", "path")
        .head(_SHOWN_REFUSALS)
        .select(printable(pl.format("{}/{}", "source", "path")), printable(pl.col("reason")))
    )
    statuses = read_table(release, "files")["status"].value_counts()
    return Summary(
        record=record,
        release=release.number,
        warehouse=str(folder.current / release.database.name),
        articles_total=release.manifest["tables"]["articles"]["rows"],
        mentions_total=release.manifest["tables"]["mentions"]["rows"],
        ledger={"loaded": 0, "quarantined": 0, "retired": 0} | dict(statuses.iter_rows()),
        refused=list(refused.iter_rows()),
        stage_seconds=seconds | steps,
        bytes_read=sum(result.size_bytes for result in results),
        batches_reused=sum(result.was_staged for result in results),
        files=len(files),
    )


def _headline(summary: Summary) -> str:
    if summary.record["status"] == "unchanged":
        return f"nothing to do: release {summary.release} is up to date"
    return f"published release {summary.release}"


def _lines(summary: Summary) -> list[tuple[str, str]]:
    record, ledger = summary.record, summary.ledger
    found = sum(record[f"files_{change}_count"] for change in ("new", "changed", "unchanged", "waiting"))
    asides = [
        *([f"{record['files_touched_count']:,} touched but the same"] if record["files_touched_count"] else []),
        *([f"{record['files_waiting_count']:,} too young, left for later"] if record["files_waiting_count"] else []),
        *([f"{record['files_retired_count']:,} retired"] if record["files_retired_count"] else []),
    ]
    lines = [
        (
            "files",
            f"{found:,} found: {record['files_new_count']:,} new, {record['files_changed_count']:,} changed, "
            f"{record['files_unchanged_count']:,} unchanged; {summary.refused_count:,} refused"
            + "".join(f"; {aside}" for aside in asides),
        ),
        ("articles", f"{record['article_count']:,} written, {summary.articles_total:,} in the warehouse"),
        ("mentions", f"{record['mention_count']:,} written, {summary.mentions_total:,} in the warehouse"),
        (
            "ledger",
            f"{sum(ledger.values()):,} files = {ledger['loaded']:,} loaded + {ledger['quarantined']:,} quarantined "
            f"+ {ledger['retired']:,} retired",
        ),
    ]
    lines += [("not retired", printable_text(message)) for message in summary.held_back]
    lines += [("trouble", printable_text(message)) for message in summary.troubles]
    lines += [("note", message) for message in summary.messages]
    if summary.report:
        lines.append(("report", summary.report))
    if summary.batches_reused:
        lines.append(("resumed", f"{summary.batches_reused:,} batches were finished by an earlier run"))
    return lines


def summary_text(summary: Summary, startup_seconds: float | None = None) -> str:
    """The summary for a terminal or a log, without colours or control characters."""
    time = f"{summary.work_seconds:.1f} s of work"
    if startup_seconds is not None:
        time += f", after {startup_seconds:.1f} s of starting Python and Prefect"
    lines = [*_lines(summary), ("time", time), ("warehouse", summary.warehouse)]
    text = [f"run {summary.record['run_id']}: {_headline(summary)}"]
    text += [f"  {name:<11} {value}" for name, value in lines]
    text += [f"  refused     {path}: {reason}" for path, reason in summary.refused]
    hidden = summary.refused_count - len(summary.refused)
    if hidden > 0:
        text.append(f"  refused     … and {hidden:,} more: see dateline status")
    return "\n".join(text)


def summary_markdown(summary: Summary) -> str:
    """The summary as a Prefect artifact."""
    rows = [f"| {name} | {value} |" for name, value in [*_lines(summary), ("time", f"{summary.work_seconds:.1f} s")]]
    stages = [f"| {name} | {seconds:.2f} |" for name, seconds in summary.stage_seconds.items()]
    refused = [f"- `{path}`: {reason}" for path, reason in summary.refused]
    return "\n".join([
        f"## {_headline(summary)}",
        "",
        "| what | how much |",
        "| --- | --- |",
        *rows,
        "",
        "| stage | seconds (all workers) |",
        "| --- | ---: |",
        *stages,
        *(["", "### Refused", "", *refused] if refused else []),
    ])
