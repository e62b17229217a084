"""The benchmark: the steps of a run on a corpus folder, without Prefect and its start-up.

python -m flows.bench CORPUS [--workers N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from flows import progress
from flows.pipeline import run_directly
from flows.settings import Settings
from flows.summary import Summary

_MB = 1e6


def _row(name: str, seconds: float, files: int) -> str:
    rate = f"{files / seconds:>12,.0f}" if seconds else f"{'-':>12}"
    return f"  {name:<34}{seconds:>9.2f}{rate}"


def _report(summary: Summary, seconds: float, workers: int) -> str:
    files, stages, peak = summary.files, summary.stage_seconds, summary.peak_bytes
    articles = summary.record["article_count"]
    lines = [
        f"{articles:,} articles from {files:,} files, {summary.bytes_read / _MB:,.1f} MB, {workers} workers",
        f"{articles / seconds:,.0f} articles/s   {summary.bytes_read / _MB / seconds:,.1f} MB/s   {seconds:.1f} s   "
        f"peak memory {max(peak.values()) / _MB:,.0f} MB "
        f"(transform, all processes {peak['transform'] / _MB:,.0f}, load {peak['load'] / _MB:,.0f})",
        f"{summary.record['mention_count']:,} mentions, {summary.refused_count:,} files refused",
        "",
        f"  {'stage':<34}{'seconds':>9}{'files/s':>12}",
        _row("plan (list, compare)", stages.get("plan", 0.0), files),
        _row(f"transform ({workers} workers, wall clock)", stages["transform"], files),
    ]
    steps = ("extract", "parse", "normalise", "enrich", "validate", "stage")
    lines += [_row(f"  {step} (summed over workers)", stages.get(step, 0.0), files) for step in steps]
    lines += [_row(step, stages.get(step, 0.0), files) for step in ("write", "load", "publish")]
    return "\n".join(lines)


def bench(corpus: Path, workers: int | None) -> str:
    """Run the whole way once, in a data folder that is thrown away, and describe it."""
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        settings = Settings.given(data=Path(folder), workers=workers)
        start = time.perf_counter()
        summary = run_directly(settings, [corpus])
        seconds = time.perf_counter() - start
    return _report(summary, seconds, settings.workers)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m flows.bench", description="Time a run on a corpus folder.")
    parser.add_argument("corpus", type=Path, help="folder of article files")
    parser.add_argument("--workers", type=int, help="processes that transform batches")
    arguments = parser.parse_args()
    with progress.shown():
        report = bench(arguments.corpus, arguments.workers)
    print(report)


if __name__ == "__main__":
    main()
