"""What becomes of an article between its file and the warehouse: parse, normalise, enrich; pure functions of frames."""

from __future__ import annotations

import importlib
import sys


def _import_dataframely() -> None:
    """Import the library of the contracts without SQLAlchemy, which it takes along where Prefect brought it.

    It does so only to name types of SQL columns, which nobody asks it for here: 0.2 s of every start of a worker.
    """
    if "sqlalchemy" in sys.modules:
        importlib.import_module("dataframely")
        return
    sys.modules["sqlalchemy"] = None  # type: ignore[assignment] # as the import system marks what may not be imported
    try:
        importlib.import_module("dataframely")
    finally:
        del sys.modules["sqlalchemy"]


_import_dataframely()
