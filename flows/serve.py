"""The schedule: one process that runs the ingest flow whenever a cron expression says so.

Import this module after ``flows.orchestration.prepare_prefect``: it imports Prefect.

Schedules need a server with the scheduler service. The embedded server of a single run has none (Prefect says
"Cannot schedule flows on an ephemeral server" and nothing ever fires), so without a ``PREFECT_API_URL`` a real
``prefect server start`` runs as a child, on the loopback interface, for as long as this process lives.

Two runs never overlap and late runs do not pile up: a run that falls due while another is going is cancelled by
the server (``CANCEL_NEW``), before a process is started for it. What fell due while nothing was serving is made
up for by one run. Correctness depends on none of this: the flow takes the writer lock of the data folder.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.server.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from flows.orchestration import running_server

if TYPE_CHECKING:
    from uuid import UUID

    from prefect import Flow
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas import State

ENTRYPOINT = "flows.ingest:ingest"
DEPLOYMENT_NAME = "serve"

#: A run starts at most this long after it is due, plus the 3 to 4 seconds that a process takes to import.
POLL_SECONDS = 5

_CRON_FIELD_COUNT = 5
_SHOWN_RUN_COUNT = 3
_ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def serve(cron: str, timezone: str, parameters: dict[str, Any]) -> None:
    """Run ``flows.ingest:ingest`` with these parameters on the schedule, until Ctrl-C or SIGTERM.

    Raises ``ValueError`` for a cron expression or a time zone that does not exist, before anything starts.
    """
    schedule = checked_schedule(cron, timezone)
    module, name = ENTRYPOINT.split(":")
    flow: Flow[..., Any] = getattr(importlib.import_module(module), name)
    flow.validate_parameters(parameters)
    with _api() as is_own_server:
        asyncio.run(_serve(flow, schedule, parameters, is_own_server=is_own_server))
    print("Stopped.")


def checked_schedule(cron: str, timezone: str) -> CronSchedule:
    """The schedule, or a ``ValueError`` that says what is wrong with it."""
    if timezone not in available_timezones():
        message = f"There is no time zone {timezone!r}. Give a name of the IANA database, as 'Europe/Berlin' or 'UTC'."
        raise ValueError(message)
    # Prefect would take more: seconds as a sixth field, and nicknames.
    if len(cron.split()) != _CRON_FIELD_COUNT and not cron.startswith("@"):
        message = (
            f"{cron!r} is not a cron expression: expected five fields (minute hour day month weekday), as in "
            f"'0 6 * * *' for every day at six; found {len(cron.split())}."
        )
        raise ValueError(message)
    try:
        return CronSchedule(cron=cron, timezone=timezone)
    except ValueError as error:
        message = (
            f"{cron!r} is not a cron expression: expected minute (0-59) hour (0-23) day (1-31) month (1-12) "
            "weekday (0-6, 0 is Sunday), as in '0 6 * * *' for every day at six."
        )
        raise ValueError(message) from error


@contextmanager
def _api() -> Generator[bool, None, None]:
    """A Prefect API to talk to; the value says whether it is a server of our own."""
    if PREFECT_API_URL.value():
        print(f"Using the Prefect server at {PREFECT_API_URL.value()}.")
        yield False
        return
    print("Starting a Prefect server ...", flush=True)
    with running_server(scheduler=True) as server:
        server.wait_until_ready()
        with temporary_settings({PREFECT_API_URL: f"{server.address}/api", PREFECT_UI_URL: server.address}):
            yield True


async def _serve(
    flow: Flow[..., Any], schedule: CronSchedule, parameters: dict[str, Any], *, is_own_server: bool
) -> None:
    # No limit on processes and no prefetching: every run that is due is offered to the server at its time, and
    # the server decides. A limit here would queue what is late and run it, one after the other.
    # A server of our own stops with us; on any other the schedule must not go on without a process to serve it.
    runner = Runner(
        name=DEPLOYMENT_NAME,
        query_seconds=POLL_SECONDS,
        prefetch_seconds=0,
        limit=None,
        pause_on_shutdown=not is_own_server,
    )
    deployment_id = await runner.aadd_flow(
        flow,
        name=DEPLOYMENT_NAME,
        schedule=Cron(schedule.cron, timezone=schedule.timezone),
        parameters=parameters,
        concurrency_limit=_ONE_AT_A_TIME,
        paused=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    async with get_client() as client:
        if is_own_server:
            await _release_what_died(client, deployment_id)
        caught_up = await _catch_up(client, deployment_id, schedule)
    await _say_what_happens(flow, schedule, caught_up=caught_up)
    await _run_until_stopped(runner)


async def _release_what_died(client: PrefectClient, deployment_id: UUID) -> None:
    """Close the runs that an earlier server left open when it was killed.

    They hold the one concurrency slot, and the lease that would free it was in that server's memory: without
    this, every later run would be cancelled, for ever.
    """
    left_open = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
        flow_run_filter=_in_state(StateType.PENDING, StateType.RUNNING, StateType.CANCELLING),
    )
    for run in left_open:
        ended: State[Any] = Crashed(message="Ended together with the process that served it.")
        await client.set_flow_run_state(run.id, ended, force=True)
    deployment = await client.read_deployment(deployment_id)
    limit = deployment.global_concurrency_limit
    if limit is not None and limit.active_slots:
        await client.update_global_concurrency_limit(str(limit.id), GlobalConcurrencyLimitUpdate(active_slots=0))


async def _catch_up(client: PrefectClient, deployment_id: UUID, schedule: CronSchedule) -> bool:
    """Replace whatever fell due since the last run that ended by one run; true if there was anything."""
    of_deployment = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    now = datetime.now(UTC)
    waiting = await client.read_flow_runs(
        deployment_filter=of_deployment, flow_run_filter=_in_state(StateType.SCHEDULED)
    )
    for run in waiting:
        if run.expected_start_time and run.expected_start_time <= now:
            await client.delete_flow_run(run.id)
    ended = await client.read_flow_runs(
        deployment_filter=of_deployment,
        # Neither crashed nor cancelled runs: what they were to do, is not done.
        flow_run_filter=_in_state(StateType.COMPLETED, StateType.FAILED),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=1,
    )
    since = ended[0].expected_start_time if ended else (await client.read_deployment(deployment_id)).created
    if since is None:
        return False
    # The dates on or after `since`: it may be one of them itself, so two.
    due = await schedule.get_dates(n=2, start=since)
    is_missed = any(since < date <= now for date in due)
    if is_missed:
        await client.create_flow_run_from_deployment(deployment_id, name=f"catch-up {now:%Y-%m-%d %H:%M}")
    return is_missed


def _in_state(*types: StateType) -> FlowRunFilter:
    return FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))


async def _say_what_happens(flow: Flow[..., Any], schedule: CronSchedule, *, caught_up: bool) -> None:
    dates = await schedule.get_dates(n=_SHOWN_RUN_COUNT, start=datetime.now(UTC))
    print(f"Serving the flow {flow.name!r} on the schedule {schedule.cron!r} ({schedule.timezone}).")
    if caught_up:
        print("A run was due while nothing was serving: it starts now, once.")
    print("Next runs: " + ", ".join(f"{date:%Y-%m-%d %H:%M}" for date in dates) + ".")
    if PREFECT_UI_URL.value():
        print(f"Watch them at {PREFECT_UI_URL.value()}.")
    print("Ctrl-C stops it.", flush=True)


async def _run_until_stopped(runner: Runner) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(runner.start())
    # The runner's first step is to take SIGTERM, with a handler that ends in tracebacks; ours come after it.
    await asyncio.sleep(0)

    def stop() -> None:
        print("Stopping; a run that is under way ends first ...", flush=True)
        serving.cancel()

    # Ctrl-C reaches the run's own process too, and ends it at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await serving
