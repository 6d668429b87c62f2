"""A house whose noc gathers what it must do, at nine and at one."""

from house import CONFIG, MONDAY, RULES, House

BATCH = CONFIG.replace('lead = "head@example.net"', 'lead = "head@example.net"\nbatch = ["09:00", "13:00"]')
ONE, NINE = MONDAY.replace(hour=13), MONDAY.replace(day=24)
TASK = """
type = "cabling"
title = "A cable"
who = ["*@example.net"]
[[field]]
name = "where"
label = "Where"
type = "text"
required = true
[[step]]
name = "patch"
kind = "task"
asks = ["noc"]
"""
RECALL = """
type = "recall"
title = "Addresses are given up"
summary = "{form.customer}"
who = ["*@example.net"]
[[field]]
name = "customer"
label = "Customer"
type = "text"
required = true
[[field]]
name = "prefixes"
label = "Prefixes"
type = "text"
many = true
required = true
[[step]]
name = "consent"
kind = "approval"
title = "Consent of the account manager"
asks = ["desk"]
each = "form.prefixes"
"""


def batch_house(home, config=BATCH, rules=None):
    return House(home, config=config, rules=rules or {**RULES, "cabling": TASK, "recall": RECALL})
