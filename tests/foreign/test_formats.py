"""What other systems write, and what it is here."""

import pytest

from mailbot.foreign import Format, flat, layout, recognised


def ours(head: str, cells: str, format_: Format | None = None) -> dict[str, str]:
    names = head.split(",")
    found = format_ or recognised(names)
    assert found
    read = layout(found, names)
    keys = [name.strip().lower().replace(" ", "_") for name in names]
    row = read.row(dict(zip(keys, cells.split(","), strict=True)))
    return {name: value for name, value in row.items() if value}


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        ("prefix,pool,state,customer,description", Format.CSV),
        ("prefix,vrf,tenant,site,vlan_group,vlan,status,role,is_pool,mark_utilized,description", Format.NETBOX),
        ("Prefix,Status,Children,VRF,Utilization,Tenant,Scope,VLAN,Role,Description", Format.NETBOX),
        ("0:0,10.0.0.0/24,assignment,core-1,X-7,Lyon", Format.NIPAP),
        ("vrf_rt,display_prefix,type,status,customer_id,description", Format.NIPAP),
        ("Section,Subnet,Description,VLAN,VLAN Domain,VRF,Master Subnet,Requests", Format.PHPIPAM),
        ("Section,Subnet,Mask,Description", Format.PHPIPAM),
        ("colour,size", None),
    ],
)
def test_a_file_is_recognised_by_its_first_row(head, format_):
    assert recognised(head.split(",")) is format_


NETBOX = "Prefix,Status,VRF,Tenant,Site,VLAN,Role,Description"


@pytest.mark.parametrize(
    ("head", "cells", "row"),
    [
        (
            NETBOX,
            "10.0.0.0/24,Active,blue,Acme,Lyon,Users (20),LAN,first floor",
            {
                "prefix": "10.0.0.0/24",
                "vrf": "blue",
                "state": "allocated",
                "customer": "Acme",
                "description": "first floor",
                "carries.vlan": "Users (20)",
                "carries.site": "Lyon",
                "carries.role": "LAN",
            },
        ),
        (NETBOX, "10.0.0.0/24,Deprecated,Global,,,,,", {"prefix": "10.0.0.0/24", "state": "quarantined"}),
        (NETBOX, "10.0.0.0/8,Container,,,,,,", {"skip": "containers"}),
        (NETBOX, "10.0.0.0/24,planned,,,,,,", {"prefix": "10.0.0.0/24", "state": "planned"}),
        (
            "vrf_name,display_prefix,type,status,customer_id,order_id,vlan,description",
            "default,10.0.0.0/24,assignment,quarantine,C-1,O-2,7,x",
            {
                "prefix": "10.0.0.0/24",
                "state": "quarantined",
                "customer": "C-1",
                "description": "x",
                "carries.vlan": "7",
                "carries.order_id": "O-2",
            },
        ),
        ("vrf,prefix,type", "0:0,10.0.0.0/8,reservation", {"skip": "containers"}),
        ("vrf,prefix,type", "0:0,10.0.0.1/32,host", {"skip": "hosts of an assignment"}),
        (
            "Section,Subnet,Mask,Description,VLAN,VRF,Customer",
            "Office,10.0.0.0,24,x,NA,,Acme",
            {"prefix": "10.0.0.0/24", "customer": "Acme", "description": "x"},
        ),
        ("Section,Subnet,Description", "Office,Lyon (folder),Lyon", {"skip": "folders"}),
        (
            "Section,Subnet,Mask",
            "Office,10.0.0.0,",
            {"wrong": "mask: 10.0.0.0 has none: how long the prefix is stands in no column"},
        ),
        (
            "vrf,prefix,type",
            "0:0,10.0.0.0/24,bogus",
            {"wrong": "type: 'bogus' is none of NIPAP's, which are assignment, host, reservation"},
        ),
    ],
)
def test_each_system_s_columns_become_ours(head, cells, row):
    assert ours(head, cells) == row


def test_an_answer_of_netbox_s_api_is_a_row():
    item = {
        "prefix": "10.0.0.0/24",
        "vrf": {"id": 1, "name": "blue", "rd": "65000:1"},
        "tenant": None,
        "status": {"value": "active", "label": "Active"},
        "vlan": {"vid": 20, "name": "users", "display": "users (20)"},
        "tags": [{"name": "a"}, {"name": "b"}],
        "is_pool": False,
    }
    cells = flat(item)
    assert (cells["vrf"], cells["tenant"], cells["status"], cells["vlan"], cells["tags"]) == (
        *("blue", "", "active", "20"),
        "a, b",
    )
