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

router = APIRouter(prefix="/customers")


@router.get("")
def list_(visit: Visited) -> Response:
    """Those that are this person's to see."""
    with visit.reading() as conn:
        rows = [(one.name, one.id, f"/customers/{quote(one.id, safe='')}") for one in _seen(visit, conn)]
    return visit.page("customers.html", rows=rows)


@router.get("/{id_:path}")
def one(visit: Visited, id_: str) -> Response:
    """By his id; the answer to the query of the same words."""
    with visit.reading() as conn:
        question = Question(query=Query.CUSTOMER, text=id_)
        found = query.answer(visit.parts.desk, Transaction(conn), visit.viewer, question, visit.now)
    if found.customer is None:
        raise Unknown
    return visit.page("customer.html", found=found, customer=found.customer)


def _seen(visit: Visit, conn: Connection) -> list[Customer]:
    viewer = visit.viewer
    return [known.customer for known in customers.all_(conn) if viewer.may_see_customer(known.customer)]
