"""/metrics, for Prometheus: read from the database at each call, and shown to nobody who comes by way of another."""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from mailbot.process.request import CLOSED, NetworkState
from mailbot.store import space
from mailbot.store.gauges import Gauges, Settled, gauges
from mailbot.store.health import DAY, Health, health
from mailbot.web.parts import Parts
from mailbot.web.visit import Unknown, parts_of

router = APIRouter()

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy adds: who stands behind it is not the one whose address we see."""
_LETTERS = ("waiting", "sent", "refused", "withdrawn")


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    parts = parts_of(request)
    peer = request.client.host if request.client else ""
    allowed = parts.config.web.metrics if parts.config.web else ()
    if peer not in allowed or any(name in request.headers for name in _FORWARDED):
        raise Unknown
    registry = CollectorRegistry()
    registry.register(_Figures(parts, request.app.state.settled))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, parts: Parts, settled: Settled) -> None:
        self._parts, self._settled = parts, settled

    def collect(self) -> Iterator[Metric]:
        now = self._parts.now()
        with self._parts.store.reading() as conn:
            found, state = gauges(conn, now, self._settled), health(conn, now, now - DAY)
        yield InfoMetricFamily("mailbot_build", "The version that answers.", {"version": version("mailbot")})
        yield from _requests(found)
        yield from _ledgers(found)
        yield from _ages(state, now)
        yield from _subscribers(found, now)
        yield from _pools(self._parts)

    def describe(self) -> Iterator[Metric]:
        """Nothing: to be registered it need not ask the database."""
        return iter(())


def _requests(of: Gauges) -> Iterator[Metric]:
    running = GaugeMetricFamily("mailbot_requests_open", "Requests that are not closed.", labels=["type", "state"])
    for (type_, state), count in sorted(of.open_requests.items()):
        running.add_metric([type_, state], count)
    yield running
    closed = CounterMetricFamily("mailbot_requests_closed", "Requests that are closed.", labels=["state"])
    for state in sorted(CLOSED):
        closed.add_metric([state], of.closed_requests.get(state, 0))
    yield closed
    yield GaugeMetricFamily("mailbot_requests_late", "Open requests whose time is over.", of.late)
    yield GaugeMetricFamily("mailbot_requests_jeopardy", "Open requests that will be late, by forecast.", of.jeopardy)


def _ledgers(of: Gauges) -> Iterator[Metric]:
    letters = GaugeMetricFamily("mailbot_letters", "Letters, by what became of them.", labels=["state"])
    for state in _LETTERS:
        letters.add_metric([state], of.letters.get(state, 0))
    yield letters
    yield GaugeMetricFamily("mailbot_letters_sent_last_hour", "Letters that left in the last hour.", of.sent_last_hour)
    network = GaugeMetricFamily("mailbot_network_requests", "Network requests.", labels=["state"])
    for one in NetworkState:
        network.add_metric([one], of.network_requests.get(one, 0))
    yield network
    mail = GaugeMetricFamily("mailbot_mail_kept_back", "Mail that waits for an admin.", labels=["state"])
    for state in ("held", "quarantined"):
        mail.add_metric([state], of.held_mail.get(state, 0))
    yield mail
    paused = GaugeMetricFamily("mailbot_paused", "1 while it does not leave.", labels=["what"])
    for what in ("sending", "targets"):
        paused.add_metric([what], of.paused in {what, "all"})
    yield paused


def _ages(of: Health, now: datetime) -> Iterator[Metric]:
    def age(name: str, words: str, since: datetime | None) -> Metric:
        seconds = max(0.0, (now - since).total_seconds()) if since else 0
        return GaugeMetricFamily(f"mailbot_{name}_age_seconds", words, seconds)

    yield age("oldest_letter", "Since when the oldest letter waits that could leave.", of.oldest_letter)
    yield age("oldest_network_request", "The same of network requests.", of.oldest_network_request)
    yield age("oldest_timer", "How much the oldest timer is overdue.", of.oldest_timer)
    if of.last_pass is not None:
        yield age("last_pass", "Since when no bot has passed.", of.last_pass)
    yield GaugeMetricFamily("mailbot_errors", "What is in error, as `mailbot probe errors` counts it.", of.errors)


def _subscribers(of: Gauges, now: datetime) -> Iterator[Metric]:
    yield CounterMetricFamily("mailbot_events", "Events that were told of.", of.events)
    behind = GaugeMetricFamily("mailbot_subscriber_behind", "Events not read yet.", labels=["subscriber"])
    failing = GaugeMetricFamily("mailbot_subscriber_failing_seconds", "0: all is well.", labels=["subscriber"])
    for name, count in of.behind.items():
        since = of.failing_since.get(name)
        behind.add_metric([name], count)
        failing.add_metric([name], (now - since).total_seconds() if since else 0)
    yield behind
    yield failing


def _pools(parts: Parts) -> Iterator[Metric]:
    size = GaugeMetricFamily("mailbot_pool_size", "Addresses, or numbers, of a pool.", labels=["pool"])
    used = GaugeMetricFamily("mailbot_pool_used", "Those that are not free.", labels=["pool"])
    with parts.store.reading() as conn:
        for name in space.parents(conn):
            found = space.figures(conn, name, parts.counted)
            size.add_metric([name], found.size)
            used.add_metric([name], found.used)
    yield size
    yield used
