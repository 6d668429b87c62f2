"""TM Forum 638 (services, which are what is held of address space) and 652 (resource orders, which are what targets are
told).
"""

from typing import ClassVar

from mailbot.process.definition import Action
from mailbot.web.api.models.base import Characteristic, Entity, Instant, Ref, RelatedParty, Tmf
from mailbot.web.api.models.orders import OrderError, Specification


class RelatedOrderItem(Tmf):
    item_id: str
    service_order_id: str
    service_order_href: str
    role: str


class InventoryService(Entity):
    """A prefix or a number that somebody holds."""

    ROOT: ClassVar[str] = "service"

    name: str
    description: str | None = None
    category: str
    service_type: str
    state: str
    is_service_enabled: bool
    start_date: Instant | None = None
    end_date: Instant | None = None
    service_specification: Specification
    service_characteristic: tuple[Characteristic, ...]
    related_party: tuple[RelatedParty, ...] = ()
    service_order_item: tuple[RelatedOrderItem, ...] = ()
    supporting_resource: tuple[Ref, ...] = ()


class ExternalReference(Tmf):
    id: str
    href: str
    external_reference_type: str
    name: str


class Resource(Tmf):
    """The target, and what it is told."""

    id: str
    name: str
    resource_characteristic: tuple[Characteristic, ...] = ()


class ResourceOrderItem(Tmf):
    id: str
    action: Action
    state: str
    resource: Resource


class ResourceOrder(Entity):
    """One network request: one attempt at one target."""

    ROOT: ClassVar[str] = "resourceOrder"

    name: str
    category: str
    state: str
    order_date: Instant
    start_date: Instant | None = None
    completion_date: Instant | None = None
    external_reference: tuple[ExternalReference, ...]
    order_item: tuple[ResourceOrderItem, ...]
    error_message: tuple[OrderError, ...] = ()
