"""``dateline`` as a user or a scheduler runs it: a process of its own, off a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """Runs ``dateline`` in a folder, with the Prefect whose home is ``prefect_home`` and no setting of the user's."""

    prefect_home: Path

    def __call__(self, *arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DATELINE_"))}
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            env={**kept, "PREFECT_HOME": str(self.prefect_home), "DATELINE_SETTLE_SECONDS": "0", **environment},
        )
