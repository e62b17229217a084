"""``python -m flows.cli`` is ``dateline``."""

from flows.cli import main

# Worker processes import this module as well, and must not become command lines.
if __name__ == "__main__":
    main()
