"""A request of any process, among people who say anything at any time, and targets that answer anything or nothing:
what holds whatever happens.

`HYPOTHESIS_PROFILE=deep` plays many more.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from play import (
    ACCOUNT,
    ALIAS,
    ANA,
    BILL,
    BOB,
    CISO,
    DONE,
    EVE,
    FIELDS,
    FORM,
    HEAD,
    KIM,
    LI,
    LOU,
    OPEN,
    ROOT,
    SECURITY,
    SKIPPED,
    SUPPORT,
    WAITING,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    change,
    check,
    form,
    notify,
    release,
    reserve,
    task,
    verify,
    wait,
)

from mailbot.process import graph
from mailbot.process.decide import ROOM, decide
from mailbot.process.definition import ASKING, DRIVING, Action, Field, FieldType, OnFailure, StepKind
from mailbot.process.duration import Duration
from mailbot.process.marks import JEOPARDY
from mailbot.process.request import (
    CLOSED,
    TRANSITIONS,
    Amend,
    Approve,
    Ask,
    Assign,
    Bounced,
    Cancel,
    Comment,
    Delay,
    Done,
    Drive,
    Driven,
    EndNow,
    Extend,
    Fail,
    GiveBack,
    Hold,
    NetworkState,
    Reject,
    Reply,
    Resume,
    Retry,
    Skip,
    State,
    Status,
    StepState,
    TimePassed,
    Unclear,
    Watch,
    Withdraw,
)

pytestmark = pytest.mark.slow

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
LENGTHS = (None, "0 days", "1 hour", "4 working hours", "1 working day", "30 days")
NAMES = ("one", "two", "three", "four", "five")
PEOPLE = (BOB, ANA, LI, BILL, HEAD, ROOT, CISO, KIM, LOU, SUPPORT, EVE, ALIAS, *SECURITY, "mallory@evil.example")
GROUPS = ("noc", "billing", "security", "support", "eve@example.net", BOB, "nobody", "{form.customer}")
DATES = ("", "2026-11-20", "2026-11-25", "2026-12-01 03:00", "2027-03-01", "9999-12-31", "never")
DATED = (*(day for day in DATES if day), "{form.day}")
TIMES = ("6 hours", "2 working days", "14 days", "100 days", "0 days", "{form.day}")

NAMED = Field(name="names", label="Names", type=FieldType.TEXT, many=True)
DAY = Field(name="day", label="Day", type=FieldType.TEXT)

TO_COME = frozenset({WAITING, OPEN})
OVER = frozenset({DONE, SKIPPED})
UNDER_WAY = frozenset({NetworkState.UNPROCESSED, NetworkState.SENT})
TAKING = (allocate, reserve)
ON_NETWORK = (activate, change, verify)
ASKED = (approval, form, task)
KINDS = (approval, approval, form, task, allocate, allocate, allocate, reserve, activate, activate, activate, change,
         verify, wait, check, release, notify)  # fmt: skip


class Author:
    """Writes rule files by a throw of the dice: hypothesis's own would be short and of a kind, as it likes examples."""

    def __init__(self, dice):
        self.dice = dice

    def one(self, *choices):
        return self.dice.choice(choices)

    def rarely(self, *choices, otherwise=None, one_in=6):
        return self.dice.choice(choices) if self.dice.randrange(one_in) == 0 else otherwise

    def process(self):
        """Up to five steps in any order of the file; most come after the one before, as rule files have it."""
        count = self.dice.randint(1, len(NAMES))
        rules = [self.step(NAMES[n], NAMES[:n]) for n in range(count)]
        return self.dice.sample(rules, count) if self.dice.randrange(3) == 0 else rules

    def step(self, name, earlier):
        kind = self.one(*KINDS)
        some = tuple(self.dice.sample(earlier, self.dice.randint(0, len(earlier))))
        keys = {
            "after": self.one(earlier[-1:], earlier[-1:], some),
            "when": self.rarely("form.size <= 28", "form.size > 28", "form.customer == 'Acme'", one_in=8),
            "each": self.rarely("form.names", one_in=4),
            "not_before": self.rarely(*DATED, one_in=12),
        }
        if keys["each"]:
            keys["when"] = self.rarely("item == 'a'")
        if kind in ASKED:
            keys |= self.asked(kind)
        if kind in ON_NETWORK:
            keys["targets"] = self.one(("router",), ("router", "firewall"), ("router", "firewall"), ())
            keys["on_failure"] = self.one(*OnFailure)
        if kind is activate:
            keys["action"] = self.one(Action.ADD, Action.ADD, Action.REMOVE)
        if kind in (*TAKING, activate, wait) and self.dice.randrange(2):
            keys |= {"until": self.one(*DATED)} if self.dice.randrange(3) == 0 else {"lasts": self.one(*TIMES)}
        if kind is release and keys["each"]:
            keys["prefix"] = "item"
        return kind(name, **{key: value for key, value in keys.items() if value is not None or key == "needs"})

    def asked(self, kind):
        keys = {
            "asks": self.one(
                ("noc",), ("noc",), ("billing",), tuple(self.dice.sample(GROUPS, 2)), (self.one(*GROUPS),)
            ),
            "lead_time": self.one(*LENGTHS),
            "remind": ("1/2", "1"),
            "escalate": [("1 working day", "lead"), ("1 day", "managers")],
            "unanswered": self.rarely(("3 days", "reject"), ("2 working days", "approve"), ("1 day", "escalate")),
            "shows": self.rarely((), ("customer",), ("size", "names"), one_in=4),
        }
        if kind is not form:
            keys["needs"] = self.one(1, 1, 1, 2, None)
            keys["fields"] = self.one((), (), (ACCOUNT,))
        if kind is approval:
            keys["may_change"] = self.one((), (), ("size",), ("size", "names"))
        return keys


SIZES = st.sampled_from(["20", "28", "29", "30", "8", "", "x"])
GIVEN = {
    "customer": st.sampled_from(["Acme", EVE, "noc", ""]),
    "size": SIZES,
    "names": st.sampled_from(["a", "a, b", "b, c", "c, a, b", ""]),
    "day": st.sampled_from(DATES),
}
FORMS = st.fixed_dictionaries({}, optional=GIVEN)
VALID = {
    "customer": st.sampled_from(["Acme", "Beta", "noc"]),
    "size": st.sampled_from(["20", "28", "29", "30"]),
    "names": st.sampled_from(["a", "a, b", "b, c", "c, a, b"]),
    "day": st.sampled_from(["2026-11-20", "2026-11-25", "2026-12-01 03:00", "2027-03-01"]),
}
GOOD = FORM | {"names": "a, b", "day": "2026-12-01"}
ACCOUNTS = st.sampled_from(
    [{}, {"account": "A-1"}, {"account": ""}, {"nonsense": "x"}, {"size": "29"}, {"size": "8"}, {"names": "b"}]
)
TEXTS = st.sampled_from(["", "because", "\x00\udce4 " * 3, "x" * 5000])
DURATIONS = st.sampled_from(["1 working day", "30 days", "0 days", "36525 days", "ever"])
DEEDS = st.one_of(
    st.builds(Approve, given=ACCOUNTS, text=TEXTS),
    st.builds(Approve),
    st.builds(Reject, reason=TEXTS),
    st.builds(Done, given=ACCOUNTS),
    st.builds(Delay, until=st.sampled_from([None, "2026-11-27", "2027-02-01", "0001-01-01", "9999-12-31", "no date"])),
    st.builds(Delay, duration=DURATIONS),
    st.builds(Assign, to=st.sampled_from([*PEOPLE, "no address", ""])),
    st.builds(Ask, question=TEXTS),
    st.builds(Reply, text=TEXTS),
    st.builds(Comment, text=TEXTS),
    st.builds(Amend, given=FORMS),
    st.builds(Hold, reason=TEXTS),
    st.builds(Resume),
    st.builds(Resume),
    st.builds(Cancel),
    st.builds(Retry),
    st.builds(Skip, reason=TEXTS),
    st.builds(Fail, reason=TEXTS),
    st.builds(Extend, duration=DURATIONS),
    st.builds(EndNow),
    st.builds(Watch, on=st.booleans()),
    st.builds(Status),
    st.builds(Unclear, wrote=TEXTS),
)


def shown(rule_):
    """A rule in a line: what it says."""
    keys = {name: getattr(rule_, name) for name in rule_.__slots__}
    return ", ".join(f"{name}={value}" for name, value in keys.items() if value not in (None, (), {}, "", 1))


class World(Pool):
    """Space that is given at once, and targets that answer when a test says so. `left` is what they were told."""

    def __init__(self, room):
        super().__init__(room=room, target=None)
        self.waiting = {}
        self.left = {}
        self.given_back = []

    def fulfil(self, wish):
        match wish:
            case Drive(id=id_):
                assert id_ not in {**self.waiting, **self.left}
                self.waiting[id_] = wish
                return None
            case Withdraw(id=id_, step=step):
                if self.waiting.pop(id_, None) is None:
                    return None
                return Driven(id=id_, step=step, state=NetworkState.FAILED, detail="withdrawn")
            case GiveBack(own=True, prefix=prefix):
                self.given_back.append(prefix)
        return super().fulfil(wish)


class Requests(RuleBasedStateMachine):
    """Random rules, random people, random times, random targets."""

    @initialize(
        dice=st.randoms(use_true_random=True),
        given=st.one_of(st.just(GOOD), st.just(GOOD), st.just(GOOD), FORMS),
        room=st.sampled_from([100, 100, 0, 1, 2]),
        lead=st.sampled_from(LENGTHS),
    )
    def begin(self, dice, given, room, lead):
        self.world = World(room)
        self.world.held.add("a")  # which the requester holds, and may release
        self.rung = {}
        self.was = State.ACKNOWLEDGED
        self.undone = []
        rules = Author(dice).process()
        note("\n".join(shown(rule_) for rule_ in rules))
        self.play = Play(
            *rules,
            given=given,
            pool=self.world,
            fields=(*FIELDS, NAMED, DAY),
            lead_time=lead or "3 working days",
            pending_expires=Duration.parse("5 working days"),
        )
        self.before = graph.before(self.play.process.steps)
        self.tokens = set()
        self.look()

    # -- what is seen after each event ---------------------------------------------------------------------------------

    def look(self):
        """Remember the tokens that are out there, and what has become of the request."""
        self.tokens |= {(s.name, s.content) for s in self.play.request.steps if s.content}
        now = self.play.state
        if now is not self.was:
            event(f"{self.was} → {now}")
        assert now is self.was or self.reaches(self.was, now), (self.was, now)
        self.was = now
        self.look_at_undoing()
        self.look_at_what_was_given_back()

    @staticmethod
    def reaches(one, other):
        """Along the table, over as many states as one event may pass through."""
        seen, todo = set(), [one]
        while todo:
            for following in TRANSITIONS[todo.pop()].values():
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
        return other in seen

    def look_at_undoing(self):
        """It comes in reverse order of what was done, and never twice."""
        now = [s for s in self.play.request.steps if s.undoes]
        names = [s.undoes for s in now]
        assert len(set(names)) == len(names)
        assert names[: len(self.undone)] == self.undone
        self.undone = names

    def look_at_what_was_given_back(self):
        """Space goes back only when what was activated with it is removed for sure, or an admin has said so."""
        prefixes, self.world.given_back = self.world.given_back, []
        for prefix in prefixes:
            taken = [a.step for a in self.play.request.addresses if a.prefix == prefix]
            for name in taken:
                for step in self.play.request.steps:
                    if self.was_for(step, name) and self.may_have_done(step):
                        undo = self.find(f"{step.name}.undo")
                        assert undo is not None
                        assert undo.state in OVER, (prefix, step.name)
                        event("given back after it was removed")

    def was_for(self, step, name):
        """Whether it was activated with what that step took."""
        rule, taker = self.rule_of(step), self.play.step(name)
        is_later = name.partition(".")[0] in self.before[rule.name]
        same = taker.item is None or step.item in {None, taker.item}
        return rule.kind in DRIVING - {StepKind.VERIFY} and step.undoes is None and is_later and same

    @staticmethod
    def may_have_done(step):
        return any(one.state is not NetworkState.FAILED for one in step.network)

    def rule_of(self, step):
        return self.play.process.step(step.name)

    def find(self, name):
        return next((s for s in self.play.request.steps if s.name == name), None)

    def children(self, step):
        return [s for s in self.play.request.steps if s.item and not s.undoes and s.name.startswith(f"{step.name}.")]

    # -- people --------------------------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(PEOPLE), deed=DEEDS, data=st.data(), token=st.sampled_from([True, True, True, False]))
    def say(self, who, deed, data, token):
        """Anybody, with any token that was ever given out, or with none."""
        step, content = data.draw(st.sampled_from([(None, None), *sorted(self.tokens)]))
        seat = data.draw(st.sampled_from([None, who, SUPPORT]))
        before = self.play.request
        self.play.say(who, deed, step, token=token, content=content, seat=seat)
        if before.is_closed:
            self.assert_same_end(before)
        self.look()

    def answer_what_is_asked(self, data):
        """The asked do what they should, so that requests get on."""
        for step in self.play.request.steps:
            if self.play.step(step.name).state is OPEN and step.asked and self.rule_of(step).kind in ASKING:
                who = data.draw(st.sampled_from(step.asked))
                self.agree(self.play.step(step.name), who)

    def agree(self, step, who):
        deed = Approve if self.rule_of(step).kind is StepKind.APPROVAL else Done
        self.play.say(who, deed(given={"account": "A-1"}), step.name, seat=who)
        self.look()

    @rule(answer=st.sampled_from([NetworkState.CONFIRMED, NetworkState.CONFIRMED, NetworkState.FAILED]), data=st.data())
    def get_on(self, answer, data):
        """Everybody and everything does what it should, but that targets may fail."""
        self.answer_what_is_asked(data)
        for id_ in sorted(self.world.waiting):
            if id_ in self.world.waiting:
                self.world.left[id_] = self.world.waiting.pop(id_)
                self.settle(id_, answer)

    @rule(given=st.fixed_dictionaries({}, optional=VALID))
    def amend(self, given):
        """The requester changes his mind, and says so as he should."""
        self.play.say(BOB, Amend(given=given))
        self.look()

    @rule(given=st.fixed_dictionaries({}, optional=VALID), data=st.data())
    def approve_something_else(self, given, data):
        """An approver writes into the form, where he may."""
        able = [s for s in self.play.request.steps if s.state is OPEN and s.asked and self.rule_of(s).may_change]
        if able:
            step = data.draw(st.sampled_from(able))
            who = data.draw(st.sampled_from(step.asked))
            given = {name: text for name, text in given.items() if name in self.rule_of(step).may_change}
            self.play.say(who, Approve(given=given | {"account": "A-1"}), step.name, seat=who)
            self.look()

    @rule(deed=st.sampled_from([Hold(), Resume(), Extend(duration="2 days"), EndNow(), Cancel()]))
    def steer(self, deed):
        if not isinstance(deed, Cancel) or self.world.waiting or self.world.left or self.world.held - {"a"}:
            self.play.say(ROOT, deed)
            self.look()

    @rule(deed=DEEDS)
    def shell(self, deed):
        self.play.shell(deed)
        self.look()

    @rule(deed=st.sampled_from([Retry(), Skip(reason="x")]), data=st.data())
    def unstick(self, deed, data):
        """An admin sees to what is stuck, by its name."""
        stuck = [s.name for s in self.play.request.steps if s.state is OPEN and s.trouble]
        if stuck:
            self.play.say(ROOT, deed, data.draw(st.sampled_from(stuck)))
            self.look()

    @rule(person=st.sampled_from(PEOPLE), data=st.data())
    def bounce(self, person, data):
        name = data.draw(st.sampled_from([None, *(s.name for s in self.play.request.steps)]))
        self.play.happen(Bounced(person=person, kind="action", step=name, status="5.1.1"))

    # -- time ----------------------------------------------------------------------------------------------------------

    @rule()
    def wait_for_the_next_mark(self):
        if self.play.marks:
            self.pass_time_to(max(self.play.now, min(mark.at for mark in self.play.marks)))

    @rule(hours=st.sampled_from([1, 20, 24, 100, 24 * 90, 24 * 400]))
    def wait(self, hours):
        self.pass_time_to(self.play.now + timedelta(hours=hours))

    def pass_time_to(self, moment):
        """Each mark of the same asking and moment rings once, and none is left behind."""
        self.play.now = moment
        for _ in range(400):
            due = [mark for mark in self.play.marks if mark.at <= moment]
            if not due:
                break
            self.ring(min(due, key=lambda mark: (mark.at, mark.step or "", mark.name)))
        else:
            raise AssertionError("the marks never end")
        self.look()

    def ring(self, mark):
        # Whoever retries a step, or changes the form back, asks anew: the history tells one asking from another.
        begun = {"asked", "troubled", "retried", "waits", "sleeps", "network request", "resumed"}
        times = sum(mark.step in {None, e.step} and e.action in begun for e in self.play.entries)
        if mark.name == JEOPARDY:  # looked at anew whenever something has happened
            times = len(self.play.entries)
        asked = (mark.step, mark.name, mark.at, times, self.play.actions().count("resumed"))
        before = len(self.play.notices)
        self.play.happen(TimePassed(mark=mark.name, step=mark.step))
        self.rung[asked] = self.rung.get(asked, 0) + 1
        assert self.rung[asked] == 1, asked
        assert mark not in self.play.marks
        told = [(n.kind, n.to, n.step) for n in self.play.notices[before:] if n.kind not in {"delayed", "settled"}]
        assert len(set(told)) == len(told), told

    @rule(
        mark=st.sampled_from(["late", "reminder-0", "reminder-7", "escalation-1", "end", "wake", "expiry", "x", ROOM]),
        data=st.data(),
    )
    def ring_at_a_wrong_time(self, mark, data):
        name = data.draw(st.sampled_from([None, *(s.name for s in self.play.request.steps)]))
        waits = name is not None and self.play.step(name).waits_for
        due = {(m.step, m.name) for m in self.play.marks if m.at <= self.play.now}
        if (name, mark) not in due and not (mark == ROOM and waits):
            made = decide(self.play.request, self.play.process, self.play.directory,
                          TimePassed(mark=mark, step=name), self.play.now)  # fmt: skip
            assert made.request == self.play.request
            assert made.notices == made.wishes == ()

    # -- space and targets ---------------------------------------------------------------------------------------------

    @precondition(lambda self: any(s.waits_for for s in self.play.request.steps))
    @rule(room=st.integers(0, 2))
    def find_room(self, room):
        self.world.room += room
        for step in self.play.request.steps:
            if step.state is OPEN and step.waits_for:
                self.play.room(step.name)
        self.look()

    @precondition(lambda self: self.world.waiting)
    @rule(data=st.data(), answer=st.sampled_from([NetworkState.SENT, NetworkState.UNPROCESSED]))
    def send(self, data, answer):
        """What waits for a target leaves, or is put off."""
        id_ = data.draw(st.sampled_from(sorted(self.world.waiting)))
        wish = self.world.waiting[id_]
        if answer is NetworkState.SENT:
            self.world.left[id_] = self.world.waiting.pop(id_)
        self.play.happen(Driven(id=id_, step=wish.step, state=answer))
        self.look()

    @precondition(lambda self: self.world.left)
    @rule(
        data=st.data(),
        answer=st.sampled_from(
            [NetworkState.CONFIRMED, NetworkState.CONFIRMED, NetworkState.FAILED, NetworkState.UNKNOWN]
        ),
    )
    def answer_of_a_target(self, data, answer):
        self.settle(data.draw(st.sampled_from(sorted(self.world.left))), answer)

    def settle(self, id_, answer):
        wish = self.world.left.pop(id_)
        self.play.happen(Driven(id=id_, step=wish.step, state=answer, detail="so", owner="noc"))
        self.look()

    def assert_same_end(self, before):
        """Comments and watchers may come later, and what is for a time or being undone goes on; nothing else does."""
        now = self.play.request
        for name in ("state", "closed", "reason", "form", "due"):
            assert getattr(now, name) == getattr(before, name), name
        for step in before.steps:
            if not step.undoes:
                assert self.play.step(step.name).state is step.state

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def a_request_waits_for_somebody_or_something_or_is_over(self):
        request = self.play.request
        if request.state in CLOSED | {State.PENDING, State.HELD}:
            return
        assert any(step.state is StepState.OPEN for step in request.steps) or self.play.marks

    @invariant()
    def an_open_step_has_an_owner_and_a_due_time(self):
        for step in self.play.request.steps:
            if step.state is OPEN:
                assert step.due is not None, step
                assert step.opened is not None
                assert step.trouble or self.owner_of(step), step

    def owner_of(self, step):
        """People, a target, a date, or other steps."""
        if self.rule_of(step).kind is StepKind.WAIT and not self.children(step):
            return step.wakes
        if step.undoes:
            return self.is_under_way(step) or self.is_under_way(self.play.step(step.undoes))
        children = self.children(step)
        return step.asked or self.is_under_way(step) or any(child.state in TO_COME for child in children)

    @staticmethod
    def is_under_way(step):
        return any(one.state in UNDER_WAY for one in step.network)

    @invariant()
    def what_is_under_way_is_known_to_its_target(self):
        under_way = {n.id for s in self.play.request.steps for n in s.network if n.state in UNDER_WAY}
        assert under_way == {*self.world.waiting, *self.world.left}

    @invariant()
    def trouble_is_told_to_admins(self):
        for step in self.play.request.steps:
            if step.trouble:
                assert step.state is OPEN
                names = {step.name, step.name.partition(".")[0]}
                alike = {s.name for s in self.play.request.steps if s.item and s.name.partition(".")[0] in names}
                told = {n.step for n in self.play.notices if n.kind == "alert" and n.to == ROOT}
                assert told & (names | alike)

    @invariant()
    def nobody_is_asked_to_approve_his_own_request(self):
        for step in self.play.request.steps:
            if self.rule_of(step).kind is StepKind.APPROVAL:
                assert BOB not in step.asked
                assert not any(v.approves and v.actor == BOB for v in step.voices)

    @invariant()
    def what_is_held_is_what_the_request_shows(self):
        held = [a.prefix for a in self.play.request.addresses if a.state in {"allocated", "reserved"}]
        assert sorted(held) == sorted(self.world.held - {"a"})
        reserved = [a.prefix for a in self.play.request.addresses if a.state == "reserved"]
        assert sorted(reserved) == sorted(self.world.reserved)

    @invariant()
    def what_was_taken_is_given_back_when_a_request_ends_before_its_time(self):
        request = self.play.request
        left = [s for s in request.steps if s.undoes and s.state in TO_COME]
        if request.state in CLOSED - {State.COMPLETED} and not left:
            assert not self.world.held - {"a"}

    @invariant()
    def completed_is_when_all_steps_are_over_and_only_then(self):
        def is_over(step):
            lived_with = step.state == "failed" and self.rule_of(step).on_failure is OnFailure.CONTINUE
            dropped = step.item is not None and step.state in {"refused", "cancelled"}
            return step.undoes or step.state in OVER or lived_with or dropped

        over = all(is_over(step) for step in self.play.request.steps)
        assert over >= (self.play.state is State.COMPLETED)
        if over:
            assert self.play.state is not State.IN_PROGRESS

    @invariant()
    def a_closed_request_has_its_moment_and_no_open_step(self):
        request = self.play.request
        assert (request.closed is not None) is request.is_closed
        if request.is_closed:
            assert not any(s.state in TO_COME for s in request.steps if not s.undoes)
            undoing = {s.name for s in request.steps if s.undoes}
            assert {m.step for m in self.play.marks if m.name not in {"end", "warning"}} <= undoing

    @invariant()
    def what_cannot_be_taken_back_begins_only_after_all_that_comes_before_it(self):
        states = {s.name: s for s in self.play.request.steps}
        for step in self.play.request.steps:
            rule_ = self.rule_of(step)
            waits = rule_.kind in ASKING | {StepKind.WAIT, StepKind.CHECK} or self.children(step)
            if step.state is OPEN and not step.undoes and not waits:
                for name in self.before[rule_.name]:
                    failed = states[name].state == "failed"
                    assert states[name].state in OVER or failed, (step.name, name)

    @invariant()
    def items_and_what_stands_for_them_agree(self):
        for step in self.play.request.steps:
            children = self.children(step)
            if children and not self.play.request.is_closed:
                items = [child.item for child in children]
                assert len(set(items)) == len(items)
                if step.state in OVER:
                    assert not any(child.state in TO_COME for child in children)

    # -- the end -------------------------------------------------------------------------------------------------------

    def teardown(self):
        """It comes, given that people answer and admins see to what is stuck."""
        if not hasattr(self, "play"):
            return
        for _ in range(200):
            if not self.go_on():
                break
        else:
            raise AssertionError(f"it never ends: {self.play.states}")
        assert self.play.request.is_closed
        assert self.play.marks == ()
        assert not self.world.waiting
        assert not self.world.left
        assert not any(s.undoes and s.state in TO_COME for s in self.play.request.steps)
        if self.play.state is not State.COMPLETED:
            assert not self.world.held - {"a"}
        assert not self.world.reserved
        assert not [a for a in self.play.request.addresses if a.until and a.state == "allocated"]

    def go_on(self):
        """One round of what has to be done; False when nothing has."""
        self.world.room = 100
        if self.play.state is State.PENDING:
            self.play.say(BOB, Amend(given=GOOD))
            self.look()
        if self.play.state is State.HELD:
            self.shell(Resume())
        for id_ in sorted(self.world.waiting):
            self.world.left[id_] = self.world.waiting.pop(id_)
        for id_ in sorted(self.world.left):
            self.settle(id_, NetworkState.CONFIRMED)
        for step in self.play.request.steps:
            self.see_to(step.name)
        if self.play.marks:
            self.pass_time_to(max(self.play.now, min(mark.at for mark in self.play.marks)))
            return True
        return not self.play.request.is_closed or bool(self.world.waiting)

    def see_to(self, name):
        step = self.play.step(name)
        if step.state is not OPEN or (self.play.request.is_closed and not step.undoes):
            return
        if step.trouble:
            self.play.say(ROOT, Skip(reason="x"), name)
            self.look()
        elif step.asked and self.rule_of(step).kind in ASKING:
            for who in [who for seat in step.asked for who in sorted(self.play.directory.readers(seat)) or [seat]]:
                if self.play.step(name).state is OPEN and not self.play.request.is_closed:
                    self.agree(self.play.step(name), who)


TestRequests = Requests.TestCase
TestRequests.settings = settings(
    max_examples=20000 if DEEP else 300,
    stateful_step_count=50 if DEEP else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
