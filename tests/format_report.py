"""What parsing makes of a folder of files: files, articles, rejects and their rules, for each subfolder.

python tests/format_report.py DIR...
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from transforms.parse import parse_stream


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]


def report(folder: Path, *, is_verbose: bool) -> None:
    """Print a line per subfolder, and the reasons of those files that gave no article."""
    files: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    refused: list[tuple[str, str, str]] = []
    start = time.perf_counter()
    for path in _files(folder):
        group = str(path.parent)
        files[group] += 1
        count = 0
        first = ("", "")
        with path.open("rb") as file:
            for part in parse_stream("report", str(path), file):
                count += len(part.articles)
                for rule, reason in part.rejects.select("rule", "reason").iter_rows():
                    rules[group][rule] += 1
                    first = first if first[0] else (rule, reason)
        articles[group] += count
        if count == 0:
            refused.append((str(path), *first))
    for group in sorted(files):
        told = ", ".join(f"{rule} {count:,}" for rule, count in rules[group].most_common())
        print(f"{group}: {files[group]:,} files, {articles[group]:,} articles; rejects: {told or 'none'}")
    seconds = time.perf_counter() - start
    print(
        f"{folder}: {sum(files.values()):,} files, {sum(articles.values()):,} articles,"
        f" {len(refused):,} files without any, {seconds:.1f} s"
    )
    if is_verbose:
        for path, rule, reason in refused:
            print(f"  {path}: {rule}: {reason}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name != "-v":
            report(Path(name), is_verbose="-v" in sys.argv)
