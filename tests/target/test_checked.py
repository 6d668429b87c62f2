"""What a registry would not take never leaves: the network request fails, in words, and the step is held."""

import pytest
from house import BOB, CONFIG, FIELDS, FORM, ROOT, House, only

from mailbot.process.request import NetworkState

TEMPLATE = """inetnum:  {{ prefix }}
netname:  {{ set.netname }}
descr:    {{ form.customer }}
country:  FR
admin-c:  EX1-RIPE
tech-c:   EX1-RIPE
status:   ASSIGNED PA
mnt-by:   EXAMPLE-MNT
source:   RIPE
{% if action == "remove" %}
delete:   {{ reference }} was given back
{% endif %}
"""
PROCESS = f"""
type = "registered"
title = "Space that is registered"
who = ["*@example.net"]
lead_time = "1 working day"
{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
for = "2 days"
[[step]]
name = "register"
kind = "activate"
targets = ["registry"]
prefix = "steps.allocate.prefix"
set = {{ netname = "EX-{{form.customer}}" }}
lead_time = "1 hour"
"""
TARGETS = {
    "file": 'kind = "file"\nfolder = "out"\n',
    "mail": 'kind = "mail"\nto = "auto-dbm@registry.example"\n',
}


@pytest.fixture(params=TARGETS)
def registered(request, tmp_path):
    target = f'\n[targets.registry]\ntemplate = "inetnum"\ncheck = "rpsl"\n{TARGETS[request.param]}'
    tmp_path.joinpath("out").mkdir()
    templates = tmp_path / "templates" / "target"
    templates.mkdir(parents=True)
    templates.joinpath("inetnum.txt").write_text(TEMPLATE)
    house = House(tmp_path, rules={"registered": PROCESS}, config=CONFIG + target)
    yield house
    house.bot.close()


def drive(house):
    """The letters that come of it."""
    while house.bot.drive(None):
        pass
    return house.send()


def left(house):
    """What has left for the registry, by file or by mail, oldest first."""
    files = [path.read_text() for path in sorted((house.home / "out").iterdir())]
    sent = house.home / "sent" / "new"
    mails = sorted(sent.iterdir(), key=lambda path: path.stat().st_mtime_ns) if sent.exists() else []
    return files + [path.read_text().partition("\n\n")[2] for path in mails]


def test_an_object_that_holds_leaves_and_is_deleted_when_the_space_comes_back(registered):
    registered.mail(BOB, "registered", FORM)
    drive(registered)
    [entered] = left(registered)
    assert "netname:  EX-Acme" in entered
    registered.wait(days=3)
    drive(registered)
    [deleted] = [text for text in left(registered) if "delete:" in text]
    assert deleted.replace("delete:   IP-1 was given back\n", "").strip() == entered.strip()


@pytest.mark.parametrize(
    ("customer", "words"),
    [("Acme & Co", "'EX-Acme & Co' is not a name"), ("Łódź", "is not in Latin-1")],
)
def test_one_that_does_not_never_leaves_and_the_admins_hear_why(registered, customer, words):
    registered.mail(BOB, "registered", FORM.replace("Acme", customer))
    letters = drive(registered)
    assert left(registered) == []
    step = registered.request().step("register")
    assert (step.state.value, step.network[0].state) == ("open", NetworkState.FAILED)
    told = " ".join(only(letters, "alert", ROOT).text.replace("|", " ").split())
    assert words in told
    assert "no registry takes (rpsl): line" in told


@pytest.mark.parametrize("letter", ["\n", "\r", "\x0b", "\x85", "\u2028"])
def test_trap_44_a_line_end_in_a_name_adds_no_line(registered, letter):
    registered.mail(BOB, "registered", FORM.replace("Acme", f"Acme{letter}mnt-by: EVIL-MNT"))
    if registered.requests() and registered.request().form:
        drive(registered)
    assert not any(line.startswith("mnt-by: EVIL") for text in left(registered) for line in text.splitlines())
