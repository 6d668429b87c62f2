"""TM Forum's hub: systems subscribe to what happens to their orders, and are called back."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.config.url import HttpUrl
from mailbot.process.news.hub import Query
from mailbot.store import Transaction, subscribers
from mailbot.store.keys import Scope
from mailbot.store.subscribers import Subscription
from mailbot.web.api import query
from mailbot.web.api.call import Call, Reads
from mailbot.web.api.errors import conflict, not_yours, nothing_here, wrong_body
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.hub import EventSubscription, EventSubscriptionInput
from mailbot.web.api.ordering import ORDERING
from mailbot.web.api.paged import cut_of, page
from mailbot.web.api.published import brings, errors, gives
from mailbot.web.api.query import PAGE, documented
from mailbot.wire import Reach, literal

MOST = 20
"""Subscriptions of one key: whoever wants more of one system has one that tells it on."""


def router(version: str) -> APIRouter:
    """The same for both versions."""
    made = APIRouter(prefix=f"{ORDERING}/{version}/hub", tags=[f"hub {version}"])

    @made.post(
        "", status_code=201, summary="Subscribe", **brings(EventSubscriptionInput), **gives(EventSubscription, 201)
    )
    def subscribe(call: Reads, asked: Annotated[EventSubscriptionInput, body(EventSubscriptionInput)]) -> Response:
        """The same callback and query once more is the same subscription."""
        _check(call, asked)
        scope = _scope(call)
        callback, wanted = asked.callback, asked.query

        def change(tx: Transaction) -> str:
            tx.hold(f"hub of {call.key.name}")
            terms = {"key": call.key.name, "callback": callback, "query": wanted, "version": version}
            id_ = subscribers.subscribe(tx.conn, **terms, scope=scope, now=call.now)
            if len(subscribers.subscriptions(tx.conn, key=call.key.name)) > MOST:
                raise conflict("tooMany", f"This key has {MOST} subscriptions already: end one of them first.")
            return id_

        id_ = call.parts.committed(change)
        shown = EventSubscription(id=id_, callback=callback, query=wanted).plain()
        headers = {"Location": f"{call.base}{made.prefix}/{id_}"}
        return answer(call.request, shown, EventSubscription, HTTPStatus.CREATED, headers)

    @made.get(
        "",
        summary="This key's subscriptions",
        openapi_extra=documented(*PAGE),
        **gives(EventSubscription, several=True),
    )
    def list_(call: Reads) -> Response:
        asked = query.read(call.request, PAGE)
        with call.reading() as conn:
            found = [_shown(one) for one in subscribers.subscriptions(conn, key=call.key.name)]
        part = cut_of(asked, found)
        return page(call, asked, part.rows, part, EventSubscription)

    @made.delete("/{name}", status_code=204, summary="End a subscription", response_model=None, responses=errors())
    def unsubscribe(call: Reads, name: str) -> Response:
        if not call.parts.committed(lambda tx: subscribers.unsubscribe(tx.conn, name, key=call.key.name)):
            raise nothing_here()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return made


def _check(call: Call, asked: EventSubscriptionInput) -> None:
    """What can be said against it at once; where a name leads is looked at with each call. Raises Refused."""
    wrong = []
    try:
        url, allow = HttpUrl.parse(asked.callback), call.parts.config.events.allow
        address = literal(url.host)
        if not url.secure and not allow:
            wrong.append(("callback", "it must begin with https://"))
        elif address and not Reach(allow=allow).takes(address):
            wrong.append(("callback", f"{url.host} is no public address, and in no network that this house allows"))
    except ValueError as error:
        wrong.append(("callback", str(error)))
    try:
        Query.parse(asked.query)
    except ValueError as error:
        wrong.append(("query", str(error)))
    if wrong:
        raise wrong_body(wrong)


def _scope(call: Call) -> dict[str, Any]:
    """What the key may see; nothing named is everything, so that somebody must be. Raises Refused."""
    if call.key.scope is Scope.ADMIN:
        return {}
    if not call.visits:
        raise not_yours("subscribe: it calls for nobody")
    if call.key.customer is not None:
        return {"customers": sorted(call.sight.customers), "requesters": []}
    return {"customers": [], "requesters": sorted(call.people)}


def _shown(one: Subscription) -> dict[str, Any]:
    return EventSubscription(id=one.id, callback=one.callback or "", query=one.query).plain()
