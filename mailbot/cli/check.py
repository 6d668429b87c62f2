"""`mailbot check`: everything that must hold, tried and told line by line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from mailbot.addresses import Block, parse_prefix
from mailbot.bot import Bot, pool_definitions
from mailbot.cli import loop, setting, trouble
from mailbot.cli.output import counted, print_line, tell_faults
from mailbot.config import Config, inspect
from mailbot.config.catalogue import faults_in
from mailbot.config.model import Replies, Requests
from mailbot.config.targets import FileTarget, MailTarget
from mailbot.desk.samples import contexts
from mailbot.errors import Fault, Faulty, MailbotError, Severity
from mailbot.netbox import Client, Prefix
from mailbot.process.customers import Customer, spelled
from mailbot.process.definition import FieldType, StepKind
from mailbot.store import BORDER_SEEN, PAUSED, Connection, Transaction, customers, space, views

WIDTH = 12
"""Columns of what was tried."""
MOST_TOLD = 3
"""Customers that are named where the same is wrong with many."""


class _Findings:
    """What was told so far, and the exit code that follows from it."""

    def __init__(self) -> None:
        self.code = 0

    def ok(self, what: str, words: str = "") -> None:
        self._tell(what, "ok", "green", words)

    def warning(self, what: str, words: str) -> None:
        self._tell(what, "warning", "yellow", words)

    def failed(self, what: str, words: str, code: int = 1) -> None:
        self.code = max(self.code, code)
        self._tell(what, "failed", "red", words)

    def faults(self, what: str, faults: list[Fault], holds: str, code: int) -> None:
        """Each fault where it stands; then `holds`, or how many errors there are."""
        errors = sum(fault.severity is Severity.ERROR for fault in faults)
        tell_faults(faults)
        if errors:
            self.failed(what, f"{counted(errors, 'error')}, told above", code)
        else:
            self.ok(what, holds)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Whatever an operator can mend is told as his, and the next thing is tried."""
        try:
            yield
        except Faulty as faulty:
            self.faults(what, list(faulty.faults), "", 2)
        except Exception as error:
            told = trouble.words(error)
            if told is None:
                raise
            self.failed(what, told)

    def _tell(self, what: str, word: str, style: str, words: str) -> None:
        print_line(f"{what:<{WIDTH}}", (f"{word:<7}", style), words)


@click.command()
@click.option(
    "--loop", "loops", is_flag=True, help="Also mail yourself through the relay, and wait for it in the mailbox."
)
@click.option(
    "--timeout", type=click.IntRange(min=1), default=120, show_default=True, metavar="SECONDS", help="Of that wait."
)
def check(loops: bool, timeout: int) -> None:
    """Configuration, rules, templates, then each connection."""
    findings = _Findings()
    config = _config(findings)
    if config is None:
        raise click.exceptions.Exit(findings.code)
    with setting.bot(config) as bot:
        tried: dict[str, Callable[[Bot, _Findings], None]] = {
            "rules": _rules,
            "templates": _templates,
            "keys": _keys,
            "database": _database,
            "mailbox": _mailbox,
            "relay": _relay,
            "netbox": _netbox,
            "targets": _targets,
            "subscribers": _subscribers,
        }
        for what, attempt in tried.items():
            with findings.trying(what):
                attempt(bot, findings)
        if loops:
            with findings.trying("loop"):
                _loop(bot, findings, timeout)
        with findings.trying("trust"):
            _trust(bot, findings)
    raise click.exceptions.Exit(findings.code)


def _config(findings: _Findings) -> Config | None:
    path = setting.path()
    if not path.exists():
        setting.config()  # tells that it is not there
    config, faults = inspect(path)
    findings.faults("config", faults, str(path.resolve()), 2)
    return config


def _rules(bot: Bot, findings: _Findings) -> None:
    rules = bot.load_rules()
    findings.faults("rules", list(rules.warnings), ", ".join(rules.processes), 2)


def _templates(bot: Bot, findings: _Findings) -> None:
    said = faults_in(bot.config.home / "templates", bot.config.bot.language)
    if any(fault.severity is Severity.ERROR for fault in said):
        findings.faults("templates", said, "", 1)
        return
    samples = contexts(bot.correspondent)
    faults = [*said, *bot.templates.check(samples)]
    findings.faults("templates", faults, f"{len(samples)} kinds of letters can be written", 1)


def _keys(bot: Bot, findings: _Findings) -> None:
    keys = bot.config.keys("token")
    older = f", the newest signs and {len(keys) - 1} older still verify" if len(keys) > 1 else ""
    findings.ok("keys", counted(len(keys), "signing key") + older)


def _database(bot: Bot, findings: _Findings) -> None:
    with bot.store.rehearsing() as conn:
        known = views.totals(conn)
        words = f"{counted(known.requests, 'request')}, {counted(known.letters, 'letter')} to send"
        findings.ok("database", f"{bot.config.database.url}: {words}")
        _brake(conn, findings)
        _pools(bot, conn, findings)
        _customers(bot, conn, findings)


def _brake(conn: Connection, findings: _Findings) -> None:
    if paused := Transaction(conn).fact(PAUSED):
        findings.warning("", f"paused ({paused}): nothing leaves until `mailbot resume`")


def _pools(bot: Bot, conn: Connection, findings: _Findings) -> None:
    """What the configuration makes of them, without making it: what was read is never committed."""
    problems = space.sync_pools(conn, pool_definitions(bot.config), bot.now())
    for problem in problems:
        findings.failed("pools", problem)
    if not problems:
        findings.ok("pools", ", ".join(bot.config.pools) or "none")


def _customers(bot: Bot, conn: Connection, findings: _Findings) -> None:
    """The same of customers: configured ones, beside those that were imported."""
    with findings.trying("customers"):
        for problem in bot.sync_customers(Transaction(conn)):
            findings.warning("customers", problem)
        known = [one.customer for one in customers.all_(conn)]
        for problem in _lacking(known, bot.config):
            findings.warning("customers", problem)
        if known:
            findings.ok("customers", counted(len(known), "customer"))
        for words in _untold(bot, conn):
            findings.warning("customers", words)


def _untold(bot: Bot, conn: Connection) -> Iterator[str]:
    """Customers of whom a subscriber would be told nothing, or no request."""
    named = {name: to.customers for name, to in bot.config.subscribers.items() if to.customers}
    for name, texts in named.items():
        known = customers.named(conn, texts)
        for text in texts:
            if spelled(text) not in known:
                near = customers.meant(conn, text)
                hint = f"did you mean {near!r}?" if near else "`mailbot customers list` tells who is"
                yield f"[subscribers.{name}] hears of no request of {text!r}: no customer is called so ({hint})"
    if named and not _names_customers(bot):
        who = ", ".join(f"[subscribers.{name}]" for name in named)
        yield f'{who} hears of no request of a customer: no rule file has a field of type "customer"'


def _names_customers(bot: Bot) -> bool:
    try:
        processes = bot.load_rules().processes
    except Faulty:
        return True  # told where they were tried
    return any(field.type is FieldType.CUSTOMER for process in processes.values() for field in process.fields)


def _lacking(known: Sequence[Customer], config: Config) -> Iterator[str]:
    """Who was imported before an attribute was kept that has no default: a rule would stop at him."""
    for name, terms in config.customer_attributes.items():
        without = [one.name for one in known if terms.default is None and name not in one.attributes]
        if without:
            more = f" and {len(without) - MOST_TOLD} more" if len(without) > MOST_TOLD else ""
            mend = f"import it, or give [customer_attributes.{name}] a default"
            yield f"the attribute {name!r} is missing of {', '.join(without[:MOST_TOLD])}{more}: {mend}"


def _trust(bot: Bot, findings: _Findings) -> None:
    """What wants a verified From, and whether our border has been seen to say who is."""
    trust, asking = bot.config.trust, sorted(_verifying(bot))
    if not asking:
        return
    wanting, border = " and ".join(asking), trust.authentication_results
    if border is None:
        words = "no border is named (authentication_results): only who signs by DKIM for his own domain is verified"
        findings.warning("trust", f"{wanting}: {words}")
        return
    with bot.store.reading() as conn:
        seen = Transaction(conn).fact(BORDER_SEEN)
    if seen == border:
        findings.ok("trust", f"{wanting}: the verdict of {border} has been seen")
        return
    findings.failed(
        "trust",
        f"{wanting}: no mail has borne an Authentication-Results of {border} yet, and without it nobody is verified: "
        "write to the bot from outside, let `mailbot run --once` read it, and see what the field says with "
        "`mailbot read`; where your border marks mail from inside too, `mailbot check --loop` is enough",
    )


def _verifying(bot: Bot) -> Iterator[str]:
    """What wants a verified From: keys of the configuration, and steps."""
    trust = bot.config.trust
    if trust.replies is Replies.VERIFIED:
        yield 'replies = "verified"'
    if trust.requests is Requests.VERIFIED:
        yield 'requests = "verified"'
    try:
        processes = bot.load_rules().processes
    except Faulty:
        return  # told where they were tried
    for type_, process in processes.items():
        yield from (f"the step {type_}/{rule.name}" for rule in process.steps if rule.verified)


def _mailbox(bot: Bot, findings: _Findings) -> None:
    for line in bot.mailbox.check():
        findings.ok("mailbox", line)


def _relay(bot: Bot, findings: _Findings) -> None:
    for line in bot.relay.check():
        findings.ok("relay", line)


def _netbox(bot: Bot, findings: _Findings) -> None:
    """Whether it answers, and has the prefixes of the pools that follow it."""
    netbox = bot.config.netbox
    if netbox is None:
        return
    findings.ok("netbox", f"{netbox.url}: NetBox {Client(netbox).version()}")
    for name, prefixes in bot.netbox_pools.items():
        with findings.trying("netbox"):
            for root in map(parse_prefix, bot.config.pools[name].prefixes):
                _container(findings, name, root, prefixes.within(root))


def _container(findings: _Findings, name: str, root: Block, there: Sequence[Prefix]) -> None:
    own = [one for one in there if one.prefix == root]
    if not own:
        findings.failed("netbox", f"{name}: NetBox has no {root}: make it there, with status container")
    elif not own[0].is_container:
        findings.warning(
            "netbox", f"{name}: {root} is {own[0].status} there: as a container nobody takes it for in use"
        )
    else:
        findings.ok("netbox", f"{name}: {root}, of which {len(there) - 1:,} prefixes are cut out")


def _targets(bot: Bot, findings: _Findings) -> None:
    """Each by itself: one that cannot be driven keeps no other from being looked at."""
    for name, driver in bot.drivers.items() if bot.config.targets else ():
        with findings.trying("targets"):
            try:
                findings.ok("targets", f"{name}: {driver.check()}")
            except MailbotError as error:
                findings.failed("targets", f"{name}: {error}")
    for name, step in _untestable(bot):
        findings.warning("", f"{name} tests nothing, and the step {step} asks it to: take one that answers")


def _subscribers(bot: Bot, findings: _Findings) -> None:
    """Each by itself, and nothing is told: a webhook is reached, and only called by `mailbot subscribers test`."""
    for name, sink in bot.broadcast.sinks.items() if bot.config.subscribers else ():
        with findings.trying("subscribers"):
            try:
                findings.ok("subscribers", f"{name}: {sink.check()}")
            except MailbotError as error:
                findings.failed("subscribers", f"{name}: {error}")


def _untestable(bot: Bot) -> Iterator[tuple[str, str]]:
    """Targets that cannot fail a test, and the steps that want one of them."""
    blind = {name for name, target in bot.config.targets.items() if isinstance(target, FileTarget | MailTarget)}
    try:
        processes = bot.load_rules().processes
    except Faulty:
        return  # told where they were tried
    for type_, process in processes.items():
        for rule in process.steps:
            if rule.kind is StepKind.VERIFY:
                yield from ((name, f"{type_}/{rule.name}") for name in rule.targets if name in blind)


def _loop(bot: Bot, findings: _Findings, timeout: int) -> None:
    came = loop.around(bot, timeout)
    findings.ok("loop", f"the letter came back after {came.seconds:.0f} s")
    for carrier, survived in came.carriers.items():
        if survived:
            findings.ok("", f"the token survived in {carrier}")
        else:
            findings.warning("", f"the token was lost in {carrier}")
    if not any(came.carriers.values()):
        findings.failed("loop", "no carrier of a token survived: no reply could be matched")
    border = findings.ok if came.verdict.believed else findings.warning
    if came.verdict.border:
        with bot.store.transaction() as tx:
            tx.set_fact(BORDER_SEEN, bot.config.trust.authentication_results)
    border("sender", f"{'believed' if came.verdict.believed else 'not believed'}: {came.verdict.reason}")
    for field in came.verdicts:
        findings.ok("", f"Authentication-Results: {field}")
