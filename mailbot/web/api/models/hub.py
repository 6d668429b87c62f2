"""TM Forum's hub: who is called back, and about what."""

from typing import Annotated, ClassVar

from pydantic import Field

from mailbot.web.api.models.base import Tmf


class EventSubscriptionInput(Tmf):
    ROOT: ClassVar[str] = "eventSubscriptionInput"

    callback: Annotated[str, Field(min_length=1, max_length=2000)]
    query: Annotated[str, Field(max_length=1000)] = ""


class EventSubscription(Tmf):
    ROOT: ClassVar[str] = "eventSubscription"

    id: str
    callback: str
    query: str | None = None
