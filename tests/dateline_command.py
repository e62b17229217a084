"""``dateline`` as a user or a scheduler runs it, off a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from flows import cli


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


@dataclass(frozen=True)
class CommandHere:
    """Runs ``dateline`` in this process and with its Prefect, which takes a tenth of the time of another process.

    No setting of the user's reaches it: ``DATELINE_DATA`` would have tests write into the user's warehouse.

    What only a process of its own can show is not seen: what is printed while Python ends, and who starts the server.
    """

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        with self.monkeypatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(cli, "app", partial(cli.app, [str(each) for each in arguments]))
            for name in [name for name in os.environ if name.startswith("DATELINE_")]:
                patch.delenv(name)
            for name, value in {"DATELINE_SETTLE_SECONDS": "0", **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                cli.main()
        assert isinstance(end.value.code, int)
        printed = self.capsys.readouterr()
        return subprocess.CompletedProcess(arguments, end.value.code, printed.out, printed.err)
