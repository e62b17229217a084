"""How long each named question takes with its defaults.

python tests/question_times.py DATA [--cpu] [QUESTION …]

Cold is the first answer on a new connection, with the file in the system's cache; warm the best of three more.
``--cpu`` gives processor time instead, summed over threads: on a busy machine the figure that repeats.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from warehouse.query import open_safely, run_query
from warehouse.questions import questions

_REPEATS: Final = 3
_FETCHED_ROWS: Final = 10_000


def main() -> None:
    arguments = [each for each in sys.argv[1:] if each != "--cpu"]
    clock = time.process_time if "--cpu" in sys.argv else time.perf_counter
    data = Path(arguments[0])
    print("| question | rows | cold, ms | warm, ms |\n| --- | --: | --: | --: |")
    for name, question in questions().items():
        if arguments[1:] and name not in arguments[1:]:
            continue
        connection = open_safely(data)
        defaults = ", ".join(f"({each.default})::{each.sql_type}" for each in question.parameters)
        found = run_query(connection, f"SELECT {defaults}").fetch(2)[0]
        values = dict(zip((each.name for each in question.parameters), found, strict=True))
        connection.close()
        connection = open_safely(data)
        times = []
        for _ in range(1 + _REPEATS):
            began = clock()
            result = run_query(connection, question.text, values)
            row_count = 0
            while rows := result.fetch(_FETCHED_ROWS):
                row_count += len(rows)
            times.append((clock() - began) * 1000)
        connection.close()
        print(f"| {name} | {row_count:,} | {times[0]:.0f} | {min(times[1:]):.0f} |", flush=True)


if __name__ == "__main__":
    main()
