"""What a house with pages is configured by; and one that has a bit of everything, for pages to be looked at."""

from house import ANA, BOB, CONFIG, FORM, KIM, NOC, QUICK, ROOT, RULES, House

from mailbot.store import keys, privacy

WEB = (
    CONFIG
    + """
[web]
url = "http://ip.example.net"
proxy_header = "X-Remote-User"
proxies = ["192.0.2.80"]
"""
)

FURNISHED = (
    WEB
    + """
[pools.floor]
title = "Second floor"
prefixes = ["10.20.0.128/26"]
parent = "lan"
[pools.v6]
prefixes = ["2001:db8::/40"]
[pools.mirror]
prefixes = ["198.51.100.0/24"]
source = "netbox"
[netbox]
url = "https://netbox.example.net"
token = "file:secret"
[targets.router]
kind = "command"
command = ["/bin/false"]
[subscribers.tickets]
kind = "mail"
to = "tickets@example.net"
[customers.Acme]
id = "C-1"
account_manager = "ana@example.net"
domains = ["acme.example"]
quotas = { lan = ["64", "16 a month"] }
"""
)

ZOE = "zoe@acme.example"
"""One of Acme's people."""

LAB = """
type = "lab"
title = "Space for a while"
summary = "{form.customer}: for a while"
who = ["*@example.net", "*@acme.example"]
[[field]]
name = "customer"
label = "Customer"
type = "customer"
required = true
[[field]]
name = "size"
label = "Prefix length"
type = "prefix-length"
default = 29
[[field]]
name = "rooms"
label = "Rooms"
type = "text"
many = true
required = true
[[step]]
name = "review"
kind = "approval"
asks = ["noc"]
may_change = ["size"]
[[step]]
name = "room"
kind = "approval"
title = "May it be in this room?"
each = "form.rooms"
asks = ["desk"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
for = "14 days"
"""
LAB_FORM = "Customer: Acme\nRooms: B 1.02, B 1.03\n"

CONFIGURE = '[[step]]\nname = "configure"\nkind = "activate"\ntargets = ["router"]\n'
DRIVEN = QUICK.replace('"quick"', '"driven"') + CONFIGURE


def furnished(home) -> House:
    """IP-1 is late, IP-2 waits for its requester, IP-3 has a prefix, IP-4 to IP-9 went wrong at their router, which is
    paused; IP-10 waits for Ana, IP-11 for the desk about two rooms, IP-12 has a prefix for a while. A mail is held.
    """
    house = House(home, config=FURNISHED, rules={**RULES, "lab": LAB, "driven": DRIVEN})
    house.start()
    house.wait(days=2)
    house.start("Customer: Beta\n")
    house.allocated()
    for _ in range(6):
        house.mail(BOB, "driven", FORM)
    house.bot.drive(None)
    house.mail(BOB, "lab", LAB_FORM)
    answered(house, house.mail(ZOE, "lab", LAB_FORM), ANA)
    rooms = answered(house, house.mail(BOB, "lab", "Customer: Acme\nRooms: B 1.04\n"), ANA)
    answered(house, rooms, NOC)
    house.mail("nobody", "attribution", FORM)
    with house.bot.store.transaction() as tx:
        keys.make(tx.conn, "crm", keys.Scope.ORDER, [BOB], "Acme", house.now)
        privacy.put_hold(tx, privacy.LegalHold(what="IP-3", reason="A lawsuit", by=ROOT, since=house.now))
    return house


def answered(house, letters, who):
    """The letters that an approval by this person leads to."""
    asked = next(letter for letter in letters if letter.to == who and letter.kind in {"action", "actions"})
    return house.reply(asked, "approve", KIM if who == NOC else who)
