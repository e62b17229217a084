"""The import rules of the design, read from the sources."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PACKAGES = ("flows", "transforms", "warehouse")
#: Prefect appears only where flows are defined.
PREFECT_MODULES = {"flows/ingest.py", "flows/serve.py"}
STANDARD_LIBRARY = sys.stdlib_module_names


def _imports(path: Path) -> set[str]:
    """The modules that a file imports anywhere in it, with their dots."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


MODULES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_imports_follow_the_rules(path: Path) -> None:
    name = path.relative_to(PROJECT).as_posix()
    package = name.split("/")[0]
    modules = _imports(path)
    roots = {module.split(".")[0] for module in modules}
    if package == "transforms":
        assert not roots & {"prefect", "duckdb", "flows", "warehouse"}
    if package == "warehouse":
        assert not roots & {"prefect", "flows"}
        # The audit makes the entities anew, to compare.
        allowed = {"transforms.contracts", *(["transforms.enrich.entities"] if name == "warehouse/audit.py" else [])}
        assert {module for module in modules if module.startswith("transforms")} <= allowed
    if package != "warehouse":
        assert "duckdb" not in roots
    if name not in PREFECT_MODULES:
        assert "prefect" not in roots


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {path.stem for path in MODULES} | set(PACKAGES)
    assert not names & STANDARD_LIBRARY


def test_questions_are_answered_without_prefect(warehouse_data: Path) -> None:
    commands = [
        ["query", "SELECT 1"],
        ["tables"],
        ["ask"],
        ["ask", "top_people"],
        ["ask", "top_people", "--chart"],
        ["status"],
        ["quarantine"],
        ["inspect", str(next((PROJECT / "seeds/articles").iterdir()))],
    ]
    code = (
        "import json, sys\n"
        "from flows.cli import app\n"
        "for command in json.loads(sys.argv[1]):\n"
        "    assert not app([*command, '--data', sys.argv[2]], result_action='return_value'), command\n"
        "    assert not {'prefect', 'matplotlib'} & set(sys.modules), command\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands), str(warehouse_data)],
        check=True,
        capture_output=True,
        cwd=PROJECT,
    )


def test_a_run_does_not_wait_for_what_draws_pictures() -> None:
    code = "import sys, flows.pipeline, flows.cli.load\nassert 'matplotlib' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=PROJECT)


def test_workers_do_not_wait_for_what_they_do_not_use() -> None:
    code = (
        "import sys, flows.batch\n"
        "assert not {'prefect', 'sqlalchemy', 'duckdb', 'matplotlib'} & set(sys.modules)\n"
        "import sqlalchemy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=PROJECT)
