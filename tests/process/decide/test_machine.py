"""A request of any process, among people who say anything at any time: what holds whatever happens.

`HYPOTHESIS_PROFILE=deep` plays many more.
"""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from play import (
    ACCOUNT,
    ALIAS,
    ANA,
    BILL,
    BOB,
    CISO,
    EVE,
    FORM,
    HEAD,
    KIM,
    LI,
    LOU,
    OPEN,
    ROOT,
    SECURITY,
    SUPPORT,
    Play,
    Pool,
    allocate,
    approval,
    check,
    form,
    notify,
    release,
    task,
)

from mailbot.process.decide import ROOM, decide
from mailbot.process.definition import StepKind
from mailbot.process.directory import Absence
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
    Fail,
    Hold,
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
)

pytestmark = pytest.mark.slow

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
LENGTHS = st.sampled_from([None, "0 days", "1 hour", "4 working hours", "1 working day", "30 days"])
NAMES = ("one", "two", "three", "four")
PEOPLE = (BOB, ANA, LI, BILL, HEAD, ROOT, CISO, KIM, LOU, SUPPORT, EVE, ALIAS, *SECURITY, "mallory@evil.example")
GROUPS = ("noc", "billing", "security", "support", "eve@example.net", BOB, "nobody", "{form.customer}")
WHEN = st.sampled_from([None, None, "form.size <= 28", "form.size > 28", "form.customer == 'Acme'", "steps.one.done"])


@st.composite
def step_rules(draw, name, earlier):
    kind = draw(st.sampled_from([approval, approval, approval, form, task, allocate, allocate, check, release, notify]))
    keys = {
        "after": tuple(draw(st.lists(st.sampled_from(earlier), unique=True))) if earlier else (),
        "when": draw(WHEN),
    }
    if kind in {approval, form, task}:
        asks = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True)
        keys |= {
            "asks": tuple(draw(asks)),
            "lead_time": draw(LENGTHS),
            "remind": ("1/2", "1"),
            "escalate": [("1 working day", "lead"), ("1 day", "managers")],
        }
    if kind in {approval, task}:
        keys["needs"] = draw(st.sampled_from([1, 1, 2, None]))
        keys["fields"] = draw(st.sampled_from([(), (), (ACCOUNT,)]))
    return kind(name, **keys)


@st.composite
def processes(draw):
    """Up to four steps in any order of the file; each comes after some of those before it."""
    count = draw(st.integers(1, len(NAMES)))
    rules = [draw(step_rules(NAMES[n], NAMES[:n])) for n in range(count)]
    return draw(st.permutations(rules))


SIZES = st.sampled_from(["20", "28", "29", "30", "8", "", "x"])
FORMS = st.fixed_dictionaries({}, optional={"customer": st.sampled_from(["Acme", EVE, "noc", ""]), "size": SIZES})
ACCOUNTS = st.sampled_from([{}, {"account": "A-1"}, {"account": ""}, {"nonsense": "x"}])
TEXTS = st.sampled_from(["", "because", "\x00\udce4 " * 3, "x" * 5000])
DEEDS = st.one_of(
    st.builds(Approve, given=ACCOUNTS, text=TEXTS),
    st.builds(Approve),
    st.builds(Reject, reason=TEXTS),
    st.builds(Done, given=ACCOUNTS),
    st.builds(Delay, until=st.sampled_from([None, "2026-11-27", "2027-02-01", "0001-01-01", "9999-12-31", "no date"])),
    st.builds(Delay, duration=st.sampled_from(["1 working day", "30 days", "0 days", "36525 days", "ever"])),
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
    st.builds(Watch, on=st.booleans()),
    st.builds(Status),
    st.builds(Unclear, wrote=TEXTS),
)


class Requests(RuleBasedStateMachine):
    """Random rules, random people, random times."""

    @initialize(rules=processes(), given=st.one_of(st.just(FORM), FORMS), room=st.integers(0, 3), lead=LENGTHS)
    def begin(self, rules, given, room, lead):
        self.pool = Pool(room=room)
        self.rung = {}
        self.was = State.ACKNOWLEDGED
        self.play = Play(*rules, given=given, pool=self.pool, lead_time=lead or "3 working days")
        self.tokens = set()
        self.look()

    def look(self):
        """Remember the tokens that are out there, and what has become of the request."""
        self.tokens |= {(s.name, s.content) for s in self.play.request.steps if s.content}
        now = self.play.state
        if now is not self.was:
            event(f"{self.was} → {now}")
        assert now is self.was or self.reaches(self.was, now), (self.was, now)
        self.was = now

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

    @rule(data=st.data())
    def answer_what_is_asked(self, data):
        """The asked do what they should, so that requests get on."""
        for step in self.play.request.steps:
            if step.state is OPEN and step.asked:
                kind = self.play.process.step(step.name).kind
                answer = Approve if kind is StepKind.APPROVAL else Done
                deed = answer(given={"account": "A-1"})
                who = data.draw(st.sampled_from(step.asked))
                self.play.say(who, deed, step.name, seat=who)
                self.look()

    @rule(person=st.sampled_from(PEOPLE), deputy=st.sampled_from(PEOPLE))
    def go_away(self, person, deputy):
        directory, now = self.play.directory, self.play.now
        absence = Absence(person=person, since=now, until=now + timedelta(days=3), deputy=deputy)
        self.play.directory = replace(directory, absences={**directory.absences, person: absence})

    @rule(person=st.sampled_from(PEOPLE))
    def come_back(self, person):
        away = {who: absence for who, absence in self.play.directory.absences.items() if who != person}
        self.play.directory = replace(self.play.directory, absences=away)

    @rule(deed=DEEDS)
    def shell(self, deed):
        self.play.shell(deed)
        self.look()

    @rule(person=st.sampled_from(PEOPLE), data=st.data())
    def bounce(self, person, data):
        name = data.draw(st.sampled_from([None, *(s.name for s in self.play.request.steps)]))
        self.play.happen(Bounced(person=person, kind="action", step=name, status="5.1.1"))

    @rule()
    def wait_for_the_next_mark(self):
        if self.play.marks:
            self.pass_time_to(max(self.play.now, min(mark.at for mark in self.play.marks)))

    @rule(hours=st.sampled_from([1, 20, 24, 100, 24 * 90]))
    def wait(self, hours):
        self.pass_time_to(self.play.now + timedelta(hours=hours))

    def pass_time_to(self, moment):
        """Each mark of the same asking and due time rings once."""
        self.play.now = moment
        for _ in range(200):
            due = [mark for mark in self.play.marks if mark.at <= moment]
            if not due:
                break
            mark = min(due, key=lambda mark: (mark.at, mark.step or "", mark.name))
            self.ring(mark)
        else:
            raise AssertionError("the marks never end")
        self.look()

    def ring(self, mark):
        step = self.play.step(mark.step) if mark.step else None
        asked = (mark.step, mark.name, step and step.opened, step and step.allowance.granted, step and step.content)
        # Whoever retries a step, or changes the form back, asks anew: the history tells one asking from another.
        begun = {"asked", "troubled", "retried"}
        asked = (*asked, sum(e.step == mark.step and e.action in begun for e in self.play.entries))
        before = len(self.play.notices)
        self.play.happen(TimePassed(mark=mark.name, step=mark.step))
        self.rung[asked] = self.rung.get(asked, 0) + 1
        assert self.rung[asked] == 1, asked
        assert mark not in self.play.marks
        assert len({(n.kind, n.to, n.step) for n in self.play.notices[before:]}) == len(self.play.notices[before:])

    @rule(mark=st.sampled_from(["late", "reminder-0", "reminder-7", "escalation-1", "x", ROOM]), data=st.data())
    def ring_at_a_wrong_time(self, mark, data):
        name = data.draw(st.sampled_from([None, *(s.name for s in self.play.request.steps)]))
        waits = name is not None and self.play.step(name).waits_for
        due = {(m.step, m.name) for m in self.play.marks if m.at <= self.play.now}
        if (name, mark) not in due and not (mark == ROOM and waits):
            made = decide(self.play.request, self.play.process, self.play.directory,
                          TimePassed(mark=mark, step=name), self.play.now)  # fmt: skip
            assert made.request == self.play.request
            assert made.notices == made.wishes == ()

    @precondition(lambda self: any(s.waits_for for s in self.play.request.steps))
    @rule(room=st.integers(0, 2))
    def find_room(self, room):
        self.pool.room += room
        for step in self.play.request.steps:
            if step.state is OPEN and step.waits_for:
                self.play.room(step.name)
        self.look()

    def assert_same_end(self, before):
        """Comments and watchers may come later; nothing else does."""
        now = self.play.request
        for name in ("state", "closed", "reason", "steps", "addresses", "form", "due"):
            assert getattr(now, name) == getattr(before, name), name

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def a_request_waits_for_somebody_or_something_or_is_over(self):
        request = self.play.request
        if request.state in CLOSED | {State.PENDING, State.HELD}:
            return
        assert any(step.state is StepState.OPEN for step in request.steps) or self.play.marks

    @invariant()
    def an_open_step_has_somebody_and_a_due_time(self):
        for step in self.play.request.steps:
            if step.state is OPEN:
                assert step.asked or step.trouble
                assert step.due is not None
                assert step.opened is not None

    @invariant()
    def a_seat_is_taken_once_and_speaks_once(self):
        for step in self.play.request.steps:
            assert len(step.asked) == len(set(step.asked))
            assert all(one.absent != one.deputy for one in step.stand_ins)
            alone = [v.seat for v in step.voices if not self.play.directory.readers(v.seat)]
            assert len(alone) == len(set(alone))

    @invariant()
    def trouble_is_told_to_admins(self):
        for step in self.play.request.steps:
            if step.trouble:
                assert step.state is OPEN
                assert any(n.kind == "alert" and n.to == ROOT and n.step == step.name for n in self.play.notices)

    @invariant()
    def nobody_is_asked_to_approve_his_own_request(self):
        for step in self.play.request.steps:
            if self.play.process.step(step.name).kind is StepKind.APPROVAL:
                assert BOB not in step.asked
                assert not any(v.approves and v.actor == BOB for v in step.voices)

    @invariant()
    def what_is_held_is_what_the_request_shows(self):
        held = [a.prefix for a in self.play.request.addresses if a.state == "allocated"]
        assert sorted(held) == sorted(self.pool.held)
        if self.play.state in CLOSED - {State.COMPLETED}:
            assert not held

    @invariant()
    def completed_is_when_all_steps_are_over_and_only_then(self):
        over = all(s.state in {StepState.DONE, StepState.SKIPPED} for s in self.play.request.steps)
        assert over >= (self.play.state is State.COMPLETED)
        if over:
            assert self.play.state is not State.IN_PROGRESS

    @invariant()
    def a_closed_request_has_its_moment_and_no_open_step(self):
        request = self.play.request
        assert (request.closed is not None) is request.is_closed
        if request.is_closed:
            assert not any(s.state in {StepState.OPEN, StepState.WAITING} for s in request.steps)
            assert self.play.marks == ()

    @invariant()
    def a_step_begins_only_after_those_before_it(self):
        states = self.play.states
        for each in self.play.process.steps:
            if states[each.name] is OPEN:
                assert all(states[name] in {StepState.DONE, StepState.SKIPPED} for name in each.after)


TestRequests = Requests.TestCase
TestRequests.settings = settings(
    max_examples=3000 if DEEP else 250,
    stateful_step_count=40 if DEEP else 25,
    deadline=None,
    derandomize=not DEEP,
    suppress_health_check=list(HealthCheck),
)
