"""`mailbot pools import|export|diff|rebuild`: other systems' files, and what goes out and comes in again."""

import csv
import io
import json

import pytest
from servers.netbox import TOKEN, NetBoxServer

NETBOX = """\
Prefix,Status,VRF,Tenant,Site,VLAN,Role,Description
10.20.0.0/16,Container,,,,,,all of it
10.20.1.0/24,Active,,Acme,Lyon,Users (20),LAN,=first
10.20.2.0/24,Reserved,,,,,,
2001:db8:1::/48,Active,,Acme,,,,
192.0.2.0/24,Active,,,,,,of another house
"""


@pytest.fixture
def take(shell):
    """`take(text, *options)`: imports it."""

    def take(text, *options, name="plan.csv"):
        return shell("pools", "import", *options, str(shell.write(name, text)))

    return take


def held(shell, pool="customers-v4"):
    return {one["prefix"]: one for one in shell.json("pools", "show", pool)["allocations"]}


def test_an_export_of_netbox_is_taken_in(shell, take):
    done = take(NETBOX, "--skip-outside")
    assert done.code == 0
    assert done.out == "3 rows imported; left out: 1 containers, 1 in no pool\n"
    there = held(shell)
    assert there["10.20.1.0/24"]["customer"] == "Acme"
    assert there["10.20.1.0/24"]["carries"] == {
        "customer": "Acme",
        "vlan": "Users (20)",
        "site": "Lyon",
        "role": "LAN",
    }
    assert there["10.20.2.0/24"]["state"] == "reserved"


def test_a_rehearsal_names_each_bad_row_in_the_file_s_own_words_and_changes_nothing(shell, take):
    bad = NETBOX + "10.20.1.128/25,Active,,,,,,\n10.20.9.0/24,planned,,,,,,\n10.20.8.0/24,Active,blue,,,,,\n"
    done = take(bad, "--dry-run")
    assert done.code == 1
    told = [line.partition("plan.csv: ")[2] for line in done.err.splitlines() if "plan.csv: row" in line]
    assert told == [
        "row 6: prefix: 192.0.2.0/24 lies in no pool: add it to one's prefixes, or say --skip-outside",
        "row 7: prefix: 10.20.1.128/25 overlaps 10.20.1.0/24 of row 3",
        ("row 8: status: 'planned' is no state, which is one of reserved, allocated, quarantined, excluded, foreign"),
        "row 9: vrf: no pool is of VRF 'blue': say --vrf 'blue=OURS', or --vrf 'blue='",
    ]
    assert "4 of 7 rows cannot be taken, and so none was" in done.err
    assert held(shell) == {}


def test_a_vrf_of_theirs_may_be_called_otherwise_here(take):
    text = "prefix,status,vrf\n10.20.8.0/24,active,blue\n"
    assert take(text, "--vrf", "blue=").code == 0
    assert take(text, "--vrf", "blue").code == 2


def test_a_vrf_of_ours_that_no_pool_is_of_is_told_as_it_was_typed(take):
    done = take("prefix,status,vrf\n10.20.8.0/24,active,blue\n", "--vrf", "blue=nix")
    assert done.code == 1
    assert "--vrf 'blue=nix': no pool is of VRF 'nix'; there is none with a name" in done.err


@pytest.mark.parametrize(("format_", "column"), [("phpipam", "subnet"), ("nipap", "type")])
def test_a_file_that_another_system_has_written_lacks_the_columns_of_the_one_that_is_said(take, format_, column):
    done = take(NETBOX, "--format", format_, "--dry-run")
    assert done.code == 1
    assert done.err.endswith(f"plan.csv: the column '{column}' is missing, which {format_} writes\n")


def test_a_row_with_too_many_cells_or_too_few_is_one_of_the_bad_ones(take):
    done = take("prefix,pool\n10.20.1.0/24,customers-v4,allocated\n10.99.1.0/24,customers-v4\n")
    told = [line.partition("plan.csv: ")[2] for line in done.err.splitlines() if "plan.csv: row" in line]
    assert told == [
        "row 2: cells: 3 in 2 columns",
        "row 3: prefix: 10.99.1.0/24 is outside of customers-v4 (10.20.0.0/16)",
    ]
    short = take("0:0,10.20.0.0/24,assignment\n,10.20.1.0/24\n", "--vrf", "0:0=")
    assert "row 2: type: '' is none of NIPAP's" in short.err


def test_a_quote_that_is_left_open_is_told_with_its_row(take):
    done = take('prefix,pool\n10.20.1.0/24,customers-v4\n"10.20.2.0/24,customers-v4\n')
    assert "plan.csv: row 3: this is no CSV: unexpected end of data; is a quote there that is not closed?" in done.err


def test_space_that_is_cut_out_for_another_pool_is_told_as_that_one_s(shell, take):
    shell.edit(
        "config.toml",
        "[pools.customers-v6]",
        '[pools.kept]\nparent = "customers-v4"\nprefixes = ["10.20.2.0/24"]\n[pools.customers-v6]',
    )
    done = take("prefix,pool\n10.20.2.0/25,customers-v4\n")
    assert (
        "row 2: pool: 10.20.2.0/25 is kept's to give out, and not customers-v4's: name that pool, or none" in done.err
    )


def test_an_answer_of_netbox_s_api_is_taken_in(shell, take):
    item = {"prefix": "10.20.1.0/24", "status": {"value": "active"}, "vrf": None, "tenant": {"name": "Acme"}}
    assert take(json.dumps({"count": 1, "results": [item]}), name="plan.json").code == 0
    assert held(shell)["10.20.1.0/24"]["customer"] == "Acme"
    bad = take(json.dumps([item]), name="plan.json")
    assert "item 1: prefix: 10.20.1.0/24 overlaps" in bad.err


def test_an_export_of_nipap_is_taken_in(shell, take):
    text = "0:0,10.20.0.0/16,reservation,,,all\n0:0,10.20.1.0/24,assignment,r1,O-7,x\n0:0,10.20.1.1/32,host,r1,,\n"
    done = take(text, "--vrf", "0:0=")
    assert "1 row imported; left out: 1 containers, 1 hosts of an assignment" in done.out
    assert held(shell)["10.20.1.0/24"]["carries"] == {"node": "r1", "order_id": "O-7"}


def test_of_phpipam_s_nested_subnets_the_innermost_are_taken_in(shell, take):
    text = (
        "Section,Subnet,Mask,Description,VLAN,VRF,Master Subnet,Customer\n"
        "Office,10.0.0.0,8,private,NA,,/,\n"
        "Office,Sites (folder),,Sites,NA,,/,\n"
        "Office,10.20.0.0,20,Lyon,NA,,10.0.0.0/8,\n"
        "Office,10.20.0.0,24,first floor,20,,10.20.0.0/20,Acme\n"
        "Office,10.20.1.0,24,second floor,21,,10.20.0.0/20,\n"
    )
    done = take(text)
    assert "2 rows imported; left out: 2 containers, 1 folders" in done.out
    assert list(held(shell)) == ["10.20.0.0/24", "10.20.1.0/24"]


def test_what_allocations_carry_travels_and_no_cell_is_a_formula(shell, take):
    text = (
        "prefix,pool,state,customer,description,until,holder,carries.vlan,carries.Rack\n"
        "10.20.1.0/24,customers-v4,allocated,Acme,'=cmd,2027-01-01T00:00:00Z,bob@example.net,20,'@7\n"
        "2001:db8:1::/48,customers-v6,quarantined,,,2027-01-01T00:00:00Z,,,\n"
    )
    assert take(text).code == 0
    one = held(shell)["10.20.1.0/24"]
    assert one["carries"] == {"customer": "Acme", "Rack": "@7", "vlan": "20"}
    assert (one["holder"], one["until"], one["description"]) == ("bob@example.net", "2027-01-01T00:00:00Z", "=cmd")
    told = shell.ok("pools", "export")
    (first, _) = csv.DictReader(io.StringIO(told))
    assert (first["carries.Rack"], first["description"]) == ("'@7", "'=cmd")
    (shell.home / "var" / "mailbot.db").unlink()
    assert take(told).code == 0
    assert shell.ok("pools", "export") == told


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("10.20.1.0/24,customers-v4,,,,soon,", "row 2: until: 'soon' is no time"),
        ("10.20.1.0/24,customers-v4,,,,,bob", "row 2: holder: 'bob' is no mail address"),
    ],
)
def test_a_bad_cell_is_named_with_its_column(take, cells, words):
    done = take(f"prefix,pool,state,customer,description,until,holder\n{cells}\n")
    assert (done.code, words in done.err) == (1, True)


def test_what_nobody_recognises_is_told(take):
    assert "say --format" in take("colour,size\nred,7\n").err
    assert "it is empty" in take("").err
    assert "no list" in take("{}", name="plan.json").err
    assert take(NETBOX, "--format", "colour").code == 2


def test_another_system_s_plan_is_held_against_ours(shell, take):
    take(NETBOX, "--skip-outside")
    theirs = NETBOX.replace("10.20.2.0/24", "10.20.3.0/24").replace("Acme,Lyon", "Bolt,Lyon")
    file = str(shell.write("theirs.csv", theirs))
    done = shell("pools", "diff", "--json", file)
    assert done.code == 1
    assert done.json == [
        {"prefix": "10.20.1.0/24", "pool": "customers-v4", "here": "allocated: Acme", "there": "allocated: Bolt"},
        {"prefix": "10.20.2.0/24", "pool": "customers-v4", "here": "reserved", "there": None},
        {"prefix": "10.20.3.0/24", "pool": "customers-v4", "here": None, "there": "reserved"},
    ]
    told = shell("pools", "diff", file).out.splitlines()
    assert [line[0] for line in told[1:]] == ["~", "+", "-"]
    assert shell("pools", "diff", "--pool", "customers-v6", file).code == 0
    assert "Both tell the same" in shell.ok("pools", "diff", str(shell.write("same.csv", NETBOX)))
    assert shell("pools", "diff", "--pool", "nothing", file).code == 1


def test_a_netbox_itself_is_held_against_ours(shell, take):
    take(NETBOX, "--skip-outside")
    assert shell("pools", "diff").code == 2  # neither a file nor --netbox
    assert "[netbox]" in shell("pools", "diff", "--netbox").err
    server = NetBoxServer()
    server.add("10.20.0.0/16", "container")
    server.add("10.20.1.0/24")
    server.add("10.20.3.0/24", "reserved")
    shell.write("netbox-token", TOKEN)
    shell.edit("config.toml", "[calendar]", f'[netbox]\nurl = "{server.url}"\ntoken = "file:netbox-token"\n[calendar]')
    done = shell("pools", "diff", "--netbox", "--pool", "customers-v4", "--json")
    server.close()
    assert {(one["prefix"], one["here"], one["there"]) for one in done.json} == {
        ("10.20.1.0/24", "allocated: Acme", "allocated"),
        ("10.20.2.0/24", "reserved", None),
        ("10.20.3.0/24", None, "reserved"),
    }


def test_free_space_is_derived_anew(shell, take):
    take(NETBOX, "--skip-outside")
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("DELETE FROM free_block WHERE host_bits = 15")
    bot.close()
    assert shell("pools", "check").code == 1
    assert shell.ok("pools", "rebuild", "customers-v4") == "free space derived anew in 1 pool\n"
    shell.ok("pools", "check")
    assert "2 pools" in shell.ok("pools", "rebuild")
    assert shell("pools", "rebuild", "nothing").code == 1
    assert shell.json("history", "--action", "rebuilt")[0]["detail"] == "customers-v4"
