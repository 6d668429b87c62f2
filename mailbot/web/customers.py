"""Pages about customers: their records, quotas, services, requests and space, for whoever may see them."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.desk import query
from mailbot.desk.query import Question
from mailbot.mail.command import Query
from mailbot.process.customers import Customer
from mailbot.store import Connection, Transaction, customers
from mailbot.web.visit import Unknown, Visit, Visited

MOST = 100

router = APIRouter(prefix="/customers")


@router.get("")
def list_(visit: Visited, name: str = "") -> Response:
    """Those that are this person's to see, or those of them that are called so."""
    sought = name.strip()[:200].replace("\0", "")
    with visit.reading() as conn:
        seen = _seen(visit, conn, sought)
    rows = [(one.name, one.id, f"/customers/{quote(one.id, safe='')}") for one in seen[:MOST]]
    searches = visit.viewer.customer is None and bool(rows or sought)
    return visit.page("customers.html", rows=rows, name=sought, searches=searches, full=len(seen) > MOST)


@router.get("/{id_:path}")
def one(visit: Visited, id_: str) -> Response:
    """By his id; the answer to the query of the same words."""
    with visit.reading() as conn:
        question = Question(query=Query.CUSTOMER, text=id_)
        found = query.answer(visit.parts.desk, Transaction(conn), visit.viewer, question, visit.now)
    if found.customer is None:
        raise Unknown
    return visit.page("customer.html", found=found, customer=found.customer)


def _seen(visit: Visit, conn: Connection, sought: str) -> list[Customer]:
    own = visit.viewer.customer
    found = [own] if own else customers.called(conn, sought, MOST + 1)
    return [one for one in found if visit.viewer.may_see_customer(one)]
