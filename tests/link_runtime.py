"""Gives an environment the locked packages of this one, as links: ``python tests/link_runtime.py LOCK ENVIRONMENT``.

Packages that the lock file does not name stay away. Installing the others once more would take CI minutes.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def _locked(lock: Path) -> list[Distribution]:
    """The installed packages of a lock file; it also names those of other systems and versions of Python."""
    found = []
    for name, version in _PINNED.findall(lock.read_text(encoding="utf-8")):
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version == version:
            found.append(installed)
    return found


def link_runtime(lock: Path, environment: Path) -> None:
    (site_packages,) = environment.glob("lib/python*/site-packages")
    for each in _locked(lock):
        tops = {file.parts[0] for file in each.files or ()} - {"..", "__pycache__"}
        for top in tops:
            # Packages of one namespace share its folder.
            if not (site_packages / top).exists():
                (site_packages / top).symlink_to(Path(str(each.locate_file(top))).resolve())


if __name__ == "__main__":
    link_runtime(Path(sys.argv[1]), Path(sys.argv[2]))
