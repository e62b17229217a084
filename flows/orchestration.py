"""Prefect's surroundings: its settings, and the server that Dateline starts when the user has none.

This module never imports Prefect, which reads its settings on import: call ``prepare_prefect`` first, then
import a module that defines flows.

Nothing here moves ``PREFECT_HOME``. The user's profiles live there, and a profile with a ``PREFECT_API_URL``
must keep sending the runs to that server. Only the database of the server that Dateline starts is Dateline's
own (``$PREFECT_HOME/dateline/prefect.db``): in the user's ``prefect.db`` a second server would compete for
SQLite's single write lock, and another project's Prefect of another version would migrate it under our feet
("Can't locate revision", and no server). It is one per user rather than one per data folder because creating
it costs 4 to 6 seconds; several servers on it at once work (tried: three creating it, four using it).
"""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGTERM

_STARTUP_TIMEOUT_SECONDS = 120
_STOP_TIMEOUT_SECONDS = 10
_POLL_SECONDS = 0.05

#: Good for any server, the user's own too.
_CLIENT_SETTINGS = {
    # Prefect's start-up and state messages, two lines per task, would bury the summary and the progress bar.
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # The SDK reports first use, from a terminal, to a third party (and prints a notice). Dateline never calls home.
    "DO_NOT_TRACK": "1",
}

#: Only for a server that Dateline starts.
_SERVER_SETTINGS = {
    # A heartbeat to sens-o-matic.prefect.io at every start. Offline it is an ERROR on stderr, seconds later.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The default of 20 s fails on a small machine: the first start migrates a new database, 9 to 13 s when idle.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(_STARTUP_TIMEOUT_SECONDS),
    # On in Prefect's own default profile, off in one that the user made: without it there is no server at all.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
}

#: Only for the embedded server of a single run, which goes when the run ends and has no UI.
_SINGLE_RUN_SETTINGS = {
    # Storing events for the UI's feed, and matching them with automations: together 0.4 s of work a run.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    # Task runs are written in the background, by default one state at a time, 15 to 20 ms each; what is not
    # written when the run ends is lost (40 to 60 of 100 short tasks were). In batches all 100 arrive.
    # Whole seconds: the recorder cuts the interval to an integer, and at 0 the server keeps a core busy all along.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    # A server that is stopped while it writes prints 155 lines of traceback. What a run must know of the
    # server's errors, it gets as answers to its requests.
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}

#: For the server of a single run: nothing is scheduled, nobody looks, and it is gone before a loop's second turn.
_SMALL_SERVER = {
    f"PREFECT_SERVER_{name}_ENABLED": "false"
    for name in (
        "SERVICES_CANCELLATION_CLEANUP",
        "SERVICES_CLEANUP_RECONCILER",
        "SERVICES_FOREMAN",
        "SERVICES_LATE_RUNS",
        "SERVICES_PAUSE_EXPIRATIONS",
        "SERVICES_REPOSSESSOR",
        "SERVICES_SCHEDULER",
        "UI",
    )
}

#: For the server that fires schedules.
_SCHEDULING_SERVER = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "true",
    # It only renames runs that wait. At the start it does so while `flows.serve` clears away the very same
    # runs, and a "database is locked" with its traceback was seen on stderr.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
}

#: Settings that say which database to use: a URL, or its parts, under the new name or the old.
_DATABASE_PREFIXES = ("PREFECT_SERVER_DATABASE_", "PREFECT_API_DATABASE_")


def prepare_prefect(home: Path | None = None, *, scheduler: bool = False) -> None:
    """Choose settings for Prefect, before its first import; what the user has set, wins.

    The user's settings are those in the environment and in the active Prefect profile.

    home: the folder for the database of the server that Dateline starts, instead of ``$PREFECT_HOME/dateline``.
    scheduler: the server is to fire schedules, so it keeps all its services.

    When Prefect is imported already, nothing is changed: whoever imported it (a test's harness, a deployment's
    worker) has also chosen its settings.
    """
    if "prefect" in sys.modules:
        return
    given = _user_settings()
    _set_defaults(_CLIENT_SETTINGS, given)
    if not given.get("PREFECT_API_URL"):
        _set_defaults(_SERVER_SETTINGS, given)
        if not scheduler:
            _set_defaults(_SINGLE_RUN_SETTINGS, given)
        if not any(name.startswith(_DATABASE_PREFIXES) for name in given):
            home = home or _prefect_home() / "dateline"
            home.mkdir(parents=True, exist_ok=True)
            os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{home.resolve()}/prefect.db"


def _user_settings() -> dict[str, str]:
    """What the user has set: the environment, then the active profile (which Prefect ranks below it)."""
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or _prefect_home() / "profiles.toml")
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        profiles = {}  # Prefect warns about a broken file itself
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active")
    return {**profiles.get("profiles", {}).get(active, {}), **os.environ}


def _prefect_home() -> Path:
    return Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()


def _set_defaults(settings: dict[str, str], given: dict[str, str]) -> None:
    for name, value in settings.items():
        if name not in given:
            os.environ[name] = value


@dataclass(frozen=True)
class Server:
    """A Prefect server that was started as a child and may not answer yet."""

    address: str
    process: subprocess.Popen[bytes]

    def wait_until_ready(self) -> None:
        """Raises ``RuntimeError`` when it ends, or does not answer in time."""
        deadline = time.monotonic() + _STARTUP_TIMEOUT_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            health = HTTPConnection(self.address.removeprefix("http://"), timeout=_STOP_TIMEOUT_SECONDS)
            try:
                health.request("GET", "/api/health")
                if health.getresponse().status == HTTPStatus.OK:
                    return
            except (OSError, HTTPException):
                pass  # not listening yet, or not answering
            finally:
                health.close()
            time.sleep(_POLL_SECONDS)
        message = f"The Prefect server at {self.address} did not answer within {_STARTUP_TIMEOUT_SECONDS} s."
        if self.process.poll() is not None:
            message = f"The Prefect server ended with exit code {self.process.returncode} before it answered."
        raise RuntimeError(message)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


@contextmanager
def running_server(*, scheduler: bool) -> Generator[Server, None, None]:
    """Run a Prefect server as a child, on the loopback interface, on ``PREFECT_SERVER_API_PORT`` or a free port.

    scheduler: with the scheduler, the other services and the UI; otherwise as small as a single run needs.

    It ends with this process, however that ends; the one that Prefect starts by itself outlives a ``kill -9``.
    """
    host = "127.0.0.1"
    port = os.environ.get("PREFECT_SERVER_API_PORT") or str(_free_port(host))
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.orchestration"],
        # The settings rather than the options: the UI takes the API's address from them.
        env={
            **os.environ,
            **(_SCHEDULING_SERVER if scheduler else _SMALL_SERVER),
            "PREFECT_SERVER_API_HOST": host,
            "PREFECT_SERVER_API_PORT": port,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # Ctrl-C in the terminal must not stop the server before its last client.
        start_new_session=True,
    )
    server = Server(f"http://{host}:{port}", process)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def single_run_server() -> Generator[Callable[[], None], None, None]:
    """Start the server of a single run while Prefect is being imported, unless the user has a server.

    Enter it after ``prepare_prefect`` and before the first import of Prefect; call the value before the flow.
    Prefect's own embedded server starts later, and makes this process import the server's code too, only to
    start it: 5.8 s instead of 9.1 for a run of three empty tasks, the database existing.
    """
    if "prefect" in sys.modules or _user_settings().get("PREFECT_API_URL"):
        yield lambda: None
        return
    with running_server(scheduler=False) as server:
        os.environ["PREFECT_API_URL"] = f"{server.address}/api"
        try:
            yield server.wait_until_ready
        finally:
            _send_logs()
            del os.environ["PREFECT_API_URL"]


def _send_logs() -> None:
    """Have Prefect send the logs that it holds: when the server is gone, it tries for over a minute."""
    handlers = sys.modules.get("prefect.logging.handlers")
    if handlers is not None:
        handlers.APILogHandler().flush()


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _server_process() -> None:
    """What the child runs: ``prefect server start``, and an end when the parent ends, however it ended."""

    def stop_with_parent() -> None:
        sys.stdin.buffer.read()  # the parent never writes: this returns when its end of the pipe is closed
        os.kill(os.getpid(), SIGTERM)

    threading.Thread(target=stop_with_parent, daemon=True).start()
    sys.argv = ["prefect", "server", "start"]
    runpy.run_module("prefect", run_name="__main__")


if __name__ == "__main__":
    _server_process()
