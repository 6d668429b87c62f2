"""`mailbot customers`."""

import pytest
from cli.conftest import Shell

CONFIG = """
[customer_attributes.sla]
type = "choice"
choices = ["bronze", "gold"]
default = "bronze"
[customer_attributes.sites]
type = "integer"
default = 1
[customers."Acme GmbH"]
id = "C-1"
domains = ["acme.example"]
account_manager = "marta@example.net"
quotas = { customers-v4 = ["64", "16 a month"], customers-v6 = "2 /48" }
attributes = { sla = "gold" }
"""
ROWS = """\
name,id,domains,addresses,account_manager,quota:customers-v4,attribute:sites
Beta SARL,C-2,beta.example; beta.fr,boss@webmail.example,olaf@example.net,64; 32 a month,3
Cork Ltd,,,,olaf@example.net,,
"""


@pytest.fixture
def served(shell: Shell) -> Shell:
    shell.write("config.toml", (shell.home / "config.toml").read_text() + CONFIG)
    return shell


def imported(shell: Shell, rows: str, *options: str):
    return shell("customers", "import", str(shell.write("file.csv", rows)), *options)


def test_configured_and_imported_customers_stand_side_by_side(served):
    assert imported(served, ROWS).out == "2 customers imported\n"
    assert [(one["name"], one["id"], one["source"]) for one in served.json("customers", "list")] == [
        ("Acme GmbH", "C-1", "config"),
        ("Beta SARL", "C-2", "import"),
        ("Cork Ltd", "Cork Ltd", "import"),
    ]
    beta = served.json("customers", "show", "beta sarl")
    assert beta["domains"] == ["beta.example", "beta.fr"]
    assert beta["mail_addresses"] == ["boss@webmail.example"]
    assert beta["attributes"] == {"sla": "bronze", "sites": 3}
    assert beta["quotas"] == [
        {"pool": "customers-v4", "most": 64, "every": None},
        {"pool": "customers-v4", "most": 32, "every": "month"},
    ]
    acme = served.json("customers", "show", "C-1")
    assert acme["left"] == {"customers-v4": 16, "customers-v6": 2 << 80}


def test_a_customer_is_shown_with_his_quotas_services_and_space(served):
    served.ok(
        "pools", "import", str(served.write("space.csv", "prefix,pool,customer\n10.20.0.0/28,customers-v4,c-1\n"))
    )
    shown = served.ok("customers", "show", "acme gmbh")
    assert "account manager: marta@example.net" in shown
    assert "16 a month" in shown
    assert "customers-v6  2 /48       2 /48" in shown
    assert "10.20.0.0/28" in shown


def test_an_attribute_that_is_kept_from_now_on_is_known_of_those_who_were_imported_before(served):
    imported(served, ROWS)
    new = '[customer_attributes.floors]\ntype = "integer"\ndefault = 7\n'
    served.write("config.toml", (served.home / "config.toml").read_text() + new)
    order = (
        'type = "order"\nwho = ["olaf@example.net"]\n[[field]]\nname = "who"\ntype = "customer"\nrequired = true\n'
        '[[step]]\nname = "take"\nkind = "allocate"\npool = "customers-v4"\nlength = "form.who.floors + 22"\n'
    )
    served.write("rules/order.toml", order)
    served.ok("requests", "new", "order", "who=C-2", "--as", "olaf@example.net")
    assert [one["prefix"] for one in served.json("requests", "show", "IP-1")["addresses"]] == ["10.20.0.0/29"]
    assert {one["attributes"]["floors"] for one in served.json("customers", "list")} == {7}
    assert "floors: 7" in served.ok("customers", "show", "beta sarl")
    served.edit("config.toml", "default = 7", "default = 6")
    assert served.json("customers", "show", "C-2")["attributes"] == {"sla": "bronze", "sites": 3, "floors": 6}


def test_check_tells_of_imported_customers_who_lack_an_attribute(served):
    imported(served, ROWS)
    served.write("config.toml", (served.home / "config.toml").read_text().replace("default = 1\n", ""))
    served.edit("config.toml", 'sla = "gold"', 'sla = "gold", sites = 2')
    words = "the attribute 'sites' is missing of Cork Ltd: import it, or give [customer_attributes.sites] a default"
    assert words in " ".join(served("check").said.split())


def test_every_bad_row_is_told_and_then_nothing_is_imported(served):
    rows = ROWS + (
        "ACME gmbh,C-9,,,olaf@example.net,,\n"
        "Delta,,acme.example,,sals,lots,many\n"
        ",C-10,,,,,\n"
        "Beta,C-2,,,olaf@example.net,,\n"
    )
    done = imported(served, rows)
    assert done.code == 1
    told = [line.partition("file.csv: ")[2] for line in done.err.splitlines() if "file.csv: " in line]
    assert any(line.startswith('row 5: there is no group "sals"') for line in told)
    assert 'row 5: \'lots\' is no quota: write it like "256", "64 a month" or "4 /48 a year"' in told
    assert 'row 5: "sites" must be a whole number' in told
    assert "row 6: name: it is missing, and every customer has one" in told
    assert "row 6: account_manager: it is missing, and every customer has one" in told
    assert any(line.startswith("row 7: 'C-2' is 'Beta SARL' already") for line in told)
    assert "cannot be imported, and so none was" in done.err
    assert len(served.json("customers", "list")) == 1


def test_who_is_another_on_record_is_told_by_his_row(served):
    done = imported(served, "name,id,account_manager\nAcme GmbH,C-9,olaf@example.net\nAcme GmbX,C-1,olaf@example.net\n")
    assert "row 2: 'Acme GmbH' is another customer's (C-1): each has a name and an id of its own" in done.err
    assert "row 3: Acme GmbX (C-1) stands in the configuration: change him there" in done.err


def test_what_clashes_with_the_record_is_told_beside_what_is_wrong_in_the_file(served):
    rows = (
        "name,id,account_manager,quota:customers-v4\nAcme GmbH,C-9,olaf@example.net,\n\n"
        f"{'x' * 300},,olaf@example.net,\nDelta,,olaf@example.net,4 /99\n"
    )
    done = imported(served, rows)
    told = [line.partition("file.csv: ")[2] for line in done.err.splitlines() if "file.csv: " in line]
    assert told == [
        "row 2: 'Acme GmbH' is another customer's (C-1): each has a name and an id of its own",
        "row 4: name: it has 300 characters; write at most 200",
        "row 5: its prefixes have at most /32",
    ]
    assert "3 of 3 rows cannot be imported, and so none was" in done.err


def test_an_import_is_rehearsed_first(served):
    assert imported(served, ROWS, "--dry-run").out == "2 rows could be imported\n"
    assert len(served.json("customers", "list")) == 1


def test_a_column_that_nobody_knows_is_an_error(served):
    done = imported(served, "name,account_manager,quota:customer-v4\nX,olaf@example.net,3\n")
    assert done.code == 1
    assert "there is no column 'quota:customer-v4' (did you mean 'quota:customers-v4'?)" in done.err
    done = imported(served, "name,account_manager,quota:nix,colour\nX,olaf@example.net,3,red\n")
    assert "row 1: there is no column 'quota:nix'; there is no column 'colour'; known are name, id," in done.err


def test_a_whole_list_takes_out_who_is_not_in_it_unless_he_holds_something(served):
    imported(served, ROWS)
    served.ok(
        "pools", "import", str(served.write("space.csv", "prefix,pool,customer\n10.20.0.0/28,customers-v4,C-2\n"))
    )
    only_cork = "name,account_manager\nCork Ltd,olaf@example.net\n"
    done = imported(served, only_cork, "--all")
    assert done.code == 1
    assert "Beta SARL (C-2) is not in the file, and cannot go: he holds 10.20.0.0/28" in done.err
    assert "so nothing was imported: with --all, the file must name who cannot go" in done.err
    assert imported(served, ROWS.replace("Cork Ltd,,,,olaf@example.net,,\n", ""), "--all").code == 0
    assert [one["name"] for one in served.json("customers", "list")] == ["Acme GmbH", "Beta SARL"]


def test_a_customer_in_both_keeps_the_bot_from_starting_until_he_is_taken_out_of_one(served):
    imported(served, ROWS)
    cork = '[customers."Cork Ltd"]\naccount_manager = "olaf@example.net"\n'
    served.write("config.toml", (served.home / "config.toml").read_text() + cork)
    done = served("run", "--once")
    assert done.code == 1
    assert "Cork Ltd was imported, and stands in the configuration too" in done.err
    checked = served("check")
    assert checked.code == 1
    assert "Cork Ltd was imported, and stands in the configuration too" in checked.said
    served.edit("config.toml", cork, "")
    assert served.ok("customers", "remove", "cork ltd") == "Cork Ltd is removed\n"
    served.write("config.toml", (served.home / "config.toml").read_text() + cork)
    assert served("run", "--once").code == 0


def test_space_is_imported_for_customers_on_record_and_for_no_others(served):
    done = served(
        "pools", "import", str(served.write("space.csv", "prefix,pool,customer\n10.20.0.0/28,customers-v4,Acme GmbG\n"))
    )
    assert done.code == 1
    assert "row 2: customer: there is no customer 'Acme GmbG' (did you mean 'Acme GmbH'?)" in done.err


def test_who_is_not_there_is_told_with_who_was_probably_meant(served):
    done = served("customers", "show", "Acme GmbG")
    assert (done.code, done.out) == (1, "")
    assert "there is no customer 'Acme GmbG' (did you mean 'Acme GmbH'?)" in done.err


def test_without_customers_there_is_an_empty_list(shell):
    assert shell.json("customers", "list") == []
    assert "No customers." in shell.ok("customers", "list")


def test_the_history_is_told_of_one_customer(served):
    order = (
        'type = "order"\ntitle = "Order"\nwho = ["customers"]\n[[field]]\nname = "who"\ntype = "customer"\n'
        'required = true\n[[step]]\nname = "take"\nkind = "allocate"\npool = "customers-v4"\nlength = "29"\n'
    )
    served.write("rules/order.toml", order)
    assert served.ok("requests", "new", "order", "who=Acme GmbH", "--as", "carl@acme.example") == "IP-1\n"
    assert {entry["reference"] for entry in served.json("history", "--customer", "c-1")} == {"IP-1"}
    imported(served, ROWS)
    assert served.json("history", "--customer", "Beta SARL") == []
    assert served("history", "--customer", "Gamma").code == 1
    assert served("requests", "new", "order", "who=Acme GmbH", "--as", "x@elsewhere.example").code == 1
