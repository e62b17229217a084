"""A folder of invented articles that changes as a newsroom's does: the input of the fault injection."""

from __future__ import annotations

import os
import random
from pathlib import Path

_PEOPLE = ("Mira Solvang", "Tomás Ferreira", "Aiko Brandt", "Jean Lemaître", "Olu Adisa", "Žofia Halász")
_PLACES = ("Oslo", "Córdoba", "Kyoto", "Paris", "Ghent", "Łódź", "São Paulo", "Baku")
_THINGS = ("library", "footbridge", "tram line", "botanical garden", "chess club", "lighthouse museum")
_SENTENCES = (
    "{person} opened a {thing} in {place} on Monday.",
    "The {thing} in {place} cost {number} million euros, {person} said.",
    "“It is a good day for {place}”, said {person}, who grew up in {other}.",
    "Visitors from {other} came by train; {number} of them stayed until the evening. 🙂",
    "The Society of {place} counted {number} rare birds near the {thing}.",
    "It rained in {other}, 雨 as they say in Kyoto.",
)
_BROKEN = (
    b"",
    b"\x89PNG\r\n\x1a\n\x00\x00",
    " date 2024-01-01 Été\n\nC'est l'été.\n".encode("latin-1"),
    b" date 2024-02-30 Leap\n\nNo such day.\n",
    b" date Title only\n\nText.\n",
    b"Just some text.\n",
    b" date 2024-01-01 Nothing follows\n\n",
)
_MONTHS = 7

#: Most files that a round deletes: of a folder that loses many at once, the pipeline rightly makes no retirements.
_MOST_DELETED = 2


class Inputs:
    """The folder and who changes it; the same seed gives the same bytes."""

    def __init__(self, folder: Path, seed: int, count: int) -> None:
        self.folder = folder
        self._random = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage]
        self._wanted = count
        self._made = 0
        folder.mkdir(parents=True)
        for _ in range(count):
            self._add()

    @property
    def paths(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def _text(self) -> bytes:
        choose = self._random.choice

        def sentence() -> str:
            return choose(_SENTENCES).format(
                person=choose(_PEOPLE),
                place=choose(_PLACES),
                other=choose(_PLACES),
                thing=choose(_THINGS),
                number=self._random.randint(2, 90),
            )

        month, day = self._random.randint(1, _MONTHS), self._random.randint(1, 28)
        title = f" A {choose(_THINGS)} for {choose(_PLACES)}" if self._random.random() < 0.9 else ""
        paragraphs = [" ".join(sentence() for _ in range(self._random.randint(1, 5))) for _ in range(choose((1, 2, 4)))]
        return "\n\n".join([f" date 2024-{month:02d}-{day:02d}{title}", *paragraphs, ""]).encode()

    def _add(self) -> None:
        self._made += 1
        folder = self.folder / self._random.choice(("", "desk", "wire/été"))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self._made:05d}.txt").write_bytes(self._text())

    def _some(self, most: int) -> list[Path]:
        paths = self.paths
        return self._random.sample(paths, min(self._random.randint(0, most), len(paths)))

    def change(self) -> None:
        """Add, edit, mend, delete, touch and break a few files."""
        for path in self._some(4):
            path.write_bytes(self._text())
        for path in self._some(3):
            stamp = 1_700_000_000 + self._random.randint(0, 1_000_000)
            os.utime(path, (stamp, stamp))
        for path in self._some(_MOST_DELETED):
            path.unlink()
        for path in self._some(2):
            path.write_bytes(self._random.choice(_BROKEN))
        missing = self._wanted - len(self.paths)
        for _ in range(max(self._random.randint(0, 3), missing)):
            self._add()
