"""What resources are called in addresses of the API, where "/" would stand for something else."""

from mailbot.addresses import BadPrefix, Block
from mailbot.desk.query import block_of

_MARK = "~"


def service_id(pool: str, prefix: str) -> str:
    """Of what is held: "customers-v4~10.20.0.0~28"; of a number: "vlans~200"."""
    return f"{pool}{_MARK}{prefix.replace('/', _MARK)}"


def held_by_id(id_: str) -> tuple[str, Block] | None:
    """(pool, prefix) of a service's id; None where it is none."""
    pool, _, prefix = id_.partition(_MARK)
    try:
        return pool, block_of(prefix.replace(_MARK, "/"))
    except (BadPrefix, ValueError):
        return None


def resource_order_id(name: str) -> str:
    """Of a network request: "IP-42/configure/router/1" becomes "IP-42~configure~router~1"."""
    return name.replace("/", _MARK)


def network_request_name(id_: str) -> str:
    return id_.replace(_MARK, "/")
