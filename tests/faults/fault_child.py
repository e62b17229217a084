"""One run in a process of its own, to be killed: ``python fault_child.py '{"articles": …, "data": …}'``.

It prints a line when it begins and the outcome, as JSON, at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from flows.pipeline import run_directly
from flows.settings import Settings
from flows.summary import Summary


def outcome_of(summary: Summary) -> dict[str, Any]:
    """What the harness asks of a run's summary, as JSON can tell it."""
    return {
        "status": summary.record["status"],
        "release": summary.release,
        "batches_reused": summary.batches_reused,
        "ledger": summary.ledger,
    }


def main() -> None:
    given = json.loads(sys.argv[1])
    articles = Path(given.pop("articles"))
    settings = Settings.given(**given)
    print("begun", flush=True)
    summary = run_directly(settings, [articles], mirror=True)
    print(json.dumps(outcome_of(summary)), flush=True)


if __name__ == "__main__":
    main()
