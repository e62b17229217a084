#!/bin/sh
# Build the wheel, install it with nothing but the locked runtime, and load an article far from the repository.
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
project=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$scratch/dist" "$project"
"$python" -m venv "$scratch/venv"
"$python" "$project/tests/link_runtime.py" "$project/requirements.lock" "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$scratch"/dist/dateline-*.whl
"$scratch/venv/bin/python" -m pip --disable-pip-version-check check

mkdir "$scratch/news"
printf ' date 2024-01-11 Leaders meet in Baku\n\nPresident Ilham Aliyev met guests in Baku on Thursday.\n' >"$scratch/news/a.txt"
cd "$scratch"
"$scratch/venv/bin/dateline" run news
found=$("$scratch/venv/bin/dateline" query -f csv "SELECT surface FROM mentions WHERE mention_type IN ('PERSON', 'PLACE') ORDER BY 1")
expected=$(printf 'surface\nBaku\nIlham Aliyev')
if [ "$found" != "$expected" ]; then
    echo "the wheel found: $found" >&2
    exit 1
fi
"$scratch/venv/bin/dateline" report
if ! grep -q 'aria-label="A map of 1 place. Baku: 1' report.html; then
    echo "the wheel's report has no map of Baku" >&2
    exit 1
fi
echo "the wheel works"
