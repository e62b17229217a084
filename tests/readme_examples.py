"""The README's console examples, over the sample articles: read them, or write their answers anew.

python tests/readme_examples.py
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from pathlib import Path
from typing import Final

from flows import cli
from flows.cli import options
from flows.pipeline import run_directly
from flows.settings import Settings

PROJECT: Final = Path(__file__).parent.parent
README: Final = PROJECT / "README.md"

_EXAMPLE: Final = re.compile(r"(?<=```console\n)\$ (?P<command>.+?\")\n(?P<printed>.+?)(?=\n```)", re.DOTALL)


def load_seeds(data: Path) -> None:
    """Do what `make run` does first."""
    summary = run_directly(Settings.given(data=data, workers=1), [PROJECT / "seeds/articles"])
    if summary.refused_count:
        raise RuntimeError(f"refused: {summary.refused}")


def examples() -> list[tuple[str, str]]:
    """Each example's command and what the README says that it prints."""
    return [(found["command"], found["printed"]) for found in _EXAMPLE.finditer(README.read_text(encoding="utf-8"))]


def answer(command: str, data: Path) -> str:
    """What a command prints, without empty lines and trailing blanks."""
    _, *arguments = shlex.split(command)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = cli.app([*arguments, "--data", str(data)], result_action="return_value")
    if code != options.OK:
        raise RuntimeError(f"{command} ended with {code}")
    return "\n".join(line.rstrip() for line in printed.getvalue().splitlines() if line.strip())


def _refresh() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        load_seeds(data)
        text = README.read_text(encoding="utf-8")
        README.write_text(
            _EXAMPLE.sub(lambda found: f"$ {found['command']}\n{answer(found['command'], data)}", text),
            encoding="utf-8",
        )


if __name__ == "__main__":
    _refresh()
