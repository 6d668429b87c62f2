"""Steps that run for each of several items: asked, driven, refused, amended, one by one and as a whole."""

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    CANCELLED,
    DONE,
    FAILED,
    FIELDS,
    FORM,
    HEAD,
    HELD,
    LI,
    MONDAY,
    OPEN,
    PREFIXES,
    REFUSED,
    ROOT,
    SKIPPED,
    WAITING,
    A,
    B,
    C,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    at,
    check,
    closing,
    form,
    notify,
    release,
    reserve,
    task,
    to,
    told,
)

from mailbot.process.definition import Field, FieldType, OnFailure
from mailbot.process.request import (
    Amend,
    Approve,
    Assign,
    Cancel,
    Delay,
    Done,
    Driven,
    Fail,
    Hold,
    NetworkState,
    Reject,
    Resume,
    Retry,
    Skip,
    State,
)

EACH = "form.prefixes"


def amend(play, *prefixes, **given):
    return play.say(BOB, Amend(given={"prefixes": ", ".join(prefixes), **given} if prefixes else given, held=HELD))


CONSENT = approval("consent", each=EACH)
REMOVE = release("remove", prefix="item", each="steps.consent.items", after=("consent",))


# -- a step an item ----------------------------------------------------------------------------------------------------


def test_a_step_an_item_stands_behind_the_one_that_stands_for_all():
    play = closing(CONSENT, REMOVE)
    assert [(s.name, s.item, s.state) for s in play.request.steps] == [
        ("consent", None, OPEN),
        ("consent.1", A, OPEN),
        ("consent.2", B, OPEN),
        ("remove", None, WAITING),
    ]
    assert told(play.opening) == sorted([*[("action", who) for who in (ANA, LI)] * 2, ("acknowledged", BOB)])


def test_when_all_are_over_so_is_the_step():
    play = closing(CONSENT, REMOVE)
    play.say(ANA, Approve(), "consent.1")
    assert play.states["consent"] is OPEN
    play.say(LI, Approve(), "consent.2")
    assert play.states["consent"] is DONE
    assert play.step("consent").answer == "2 of 2"
    assert play.pool.held == {C}
    assert play.state is State.COMPLETED
    assert to(play.notices, "completed").facts["given_back"] == [A, B]


def test_a_refused_item_drops_out_and_the_others_go_on():
    play = closing(CONSENT, REMOVE)
    play.say(ANA, Reject(reason="still in use"), "consent.1")
    assert play.state is State.IN_PROGRESS
    play.say(ANA, Approve(), "consent.2")
    assert (play.states["consent.1"], play.states["consent"]) == (REFUSED, DONE)
    assert play.pool.held == {A, C}
    assert play.state is State.COMPLETED


def test_where_all_were_refused_the_request_is_rejected():
    play = closing(CONSENT, REMOVE)
    play.say(ANA, Reject(reason="no"), "consent.1")
    notices = play.say(LI, Reject(reason="never"), "consent.2")
    assert (play.state, play.request.reason) == (State.REJECTED, "never")
    assert to(notices, "rejected").facts["by"] == LI


def test_no_value_is_no_empty_list():
    play = Play(approval("consent", each=EACH), fields=(*FIELDS, PREFIXES), given=FORM)
    assert play.step("consent").trouble


def test_a_step_that_has_no_items_is_done_at_once():
    """Of what is left of two prefixes, one that is skipped for all of them and one that failed for all of them."""
    failing = activate("unplug", each=EACH, on_failure=OnFailure.CONTINUE)
    play = closing(
        failing, approval(each="steps.unplug.items", after=("unplug",)), pool=Pool(target=NetworkState.FAILED)
    )
    assert play.step("technical").answer == "nothing to do"
    assert play.state is State.COMPLETED


def test_a_condition_about_the_item_is_asked_once_an_item_and_skipped_counts_as_done():
    play = closing(approval("consent", each=EACH, when="item.device == 'lyon-2'"), REMOVE)
    assert play.states == {"consent": OPEN, "consent.1": SKIPPED, "consent.2": OPEN, "remove": WAITING}
    play.say(ANA, Reject(reason="in use"), "consent.2")
    assert play.pool.held == {B, C}
    assert play.state is State.COMPLETED


def test_a_condition_about_the_form_is_asked_once():
    play = closing(approval("consent", each=EACH, when="form.size > 28"))
    assert play.states == {"consent": SKIPPED}
    assert play.actions().count("skipped") == 1


def test_the_item_may_say_who_is_asked():
    play = closing(approval("consent", each=EACH, asks=("{item.device}@example.net",)))
    assert [play.step(f"consent.{n}").asked for n in (1, 2)] == [("lyon-1@example.net",), ("lyon-2@example.net",)]


def test_an_item_of_whom_nobody_can_be_asked_holds_only_itself():
    play = closing(approval("consent", each=EACH, asks=("{item.device == 'lyon-1' ? 'noc' : 'nobody-here'}",)))
    assert (play.step("consent.1").trouble, play.step("consent").trouble) == (None, None)
    assert "nobody-here" in play.step("consent.2").trouble


def test_an_item_that_is_held_no_longer_drops_out():
    pool = Pool()
    play = closing(CONSENT, REMOVE, pool=pool)
    play.say(ANA, Approve(), "consent.1")
    pool.held.remove(A)
    play.say(ANA, Approve(), "consent.2")
    assert (play.states["remove.1"], play.states["remove.2"], play.states["remove"]) == (REFUSED, DONE, DONE)
    assert play.state is State.COMPLETED


def test_items_that_are_all_held_no_longer_reject_the_request():
    pool = Pool()
    play = closing(CONSENT, REMOVE, pool=pool)
    pool.held.clear()
    play.say(ANA, Approve(), "consent.1")
    play.say(ANA, Approve(), "consent.2")
    assert play.state is State.REJECTED


def test_each_item_may_take_space_and_what_it_reserved_is_taken_up_for_it():
    names = Field(name="names", label="Names", type=FieldType.TEXT, many=True)
    play = Play(
        reserve(each="form.names"),
        approval(after=("reserve",)),
        allocate(each="form.names", after=("technical",)),
        fields=(*FIELDS, names),
        given={**FORM, "names": "a, b, c"},
    )
    before = {s.item: s.prefix for s in play.request.steps if s.name.startswith("reserve.")}
    assert len(play.pool.reserved) == 3
    play.say(ANA, Approve(), "technical")
    assert {s.item: s.prefix for s in play.request.steps if s.name.startswith("allocate.")} == before
    assert play.pool.reserved == set()


# -- what is said about them -------------------------------------------------------------------------------------------


def test_a_letter_about_all_of_them_is_answered_by_the_list():
    play = closing(CONSENT)
    answer = to(play.say(ROOT, Approve(), "consent"), "misunderstood")
    assert "by its numbers" in answer.facts["why"]
    assert play.states["consent"] is OPEN


def test_an_admins_delay_of_the_step_delays_all_that_is_open_of_it():
    play = closing(approval("consent", each=EACH, lead_time="8 working hours"))
    play.say(ANA, Approve(), "consent.1")
    notices = play.say(ROOT, Delay(until="2026-11-27"), "consent")
    assert play.step("consent.2").due == at(27, "17:00")
    assert play.step("consent.1").due == at(23, "17:00")
    assert [n.step for n in notices if n.kind == "delayed"] == ["consent"]


def test_a_delay_of_one_item_leaves_the_others():
    play = closing(approval("consent", each=EACH, lead_time="8 working hours"))
    play.say(ANA, Delay(until="2026-11-27"), "consent.2")
    assert [play.step(f"consent.{n}").due for n in (1, 2)] == [at(23, "17:00"), at(27, "17:00")]


def test_one_item_and_all_of_them_can_be_handed_on():
    play = closing(CONSENT)
    play.say(ANA, Assign(to=BILL), "consent.1")
    assert [play.step(f"consent.{n}").asked for n in (1, 2)] == [(LI, BILL), (ANA, LI)]
    play.say(ROOT, Assign(to=HEAD), "consent")
    assert [play.step(f"consent.{n}").asked for n in (1, 2)] == [(HEAD,), (HEAD,)]
    assert play.step("consent").asked == ()


def test_skipping_the_step_skips_what_is_left_of_it():
    play = closing(CONSENT, task("tell", after=("consent",)))
    play.say(ANA, Approve(), "consent.1")
    notices = play.say(ROOT, Skip(reason="agreed by phone"), "consent")
    assert play.states == {"consent": SKIPPED, "consent.1": DONE, "consent.2": SKIPPED, "tell": OPEN}
    assert ("settled", ANA) in told(notices)


def test_failing_one_item_fails_the_request():
    play = closing(CONSENT)
    play.say(ROOT, Fail(reason="the site burns"), "consent.2")
    assert (play.state, play.states["consent.2"], play.states["consent.1"]) == (State.FAILED, FAILED, CANCELLED)


def test_a_hold_stops_the_clock_of_every_item():
    play = closing(approval("consent", each=EACH, lead_time="8 working hours"))
    play.shell(Hold())
    play.now = at(25)
    play.shell(Resume())
    assert {play.step(f"consent.{n}").due for n in (1, 2)} == {at(25, "17:00")}


# -- time --------------------------------------------------------------------------------------------------------------

HURRIED = approval(
    "consent", each=EACH, lead_time="8 working hours", remind=("1/2", "1"), escalate=[("1 working day", "lead")]
)


def test_all_items_are_reminded_late_and_escalated_at_once_and_the_step_itself_never():
    play = closing(HURRIED)
    reminders = play.until(at(23, "13:00"))
    assert {(n.kind, n.to, n.step) for n in reminders} == {
        ("reminder", who, f"consent.{n}") for who in (ANA, LI) for n in (1, 2)
    }
    assert play.until(at(23, "13:00")) == []
    late = play.until(at(24))
    assert [(n.kind, n.to, n.step) for n in late if n.kind == "delayed"] == [("delayed", BOB, "consent")]
    higher = play.until(at(24, "17:00")) + play.until(at(25, "09:00"))
    assert {(n.to, n.step) for n in higher if n.kind == "escalation"} >= {(HEAD, "consent.1"), (HEAD, "consent.2")}
    assert not [mark for mark in play.marks if mark.step == "consent"]


def test_an_item_that_was_answered_is_not_reminded_with_the_others():
    play = closing(HURRIED)
    play.say(ANA, Approve(), "consent.1")
    assert {n.step for n in play.until(at(23, "13:00"))} == {"consent.2"}


@pytest.mark.parametrize(("then", "state"), [("reject", State.REJECTED), ("approve", State.COMPLETED)])
def test_the_rules_answer_for_all_items_at_once_where_nobody_does(then, state):
    play = closing(approval("consent", each=EACH, unanswered=("2 working days", then)), notify(after=("consent",)))
    play.until(at(25))
    assert play.state is state


def test_the_rules_answer_no_item_that_was_answered():
    play = closing(approval("consent", each=EACH, unanswered=("2 working days", "reject")), REMOVE)
    play.say(ANA, Approve(), "consent.1")
    play.until(at(25))
    assert (play.states["consent.1"], play.states["consent.2"], play.state) == (DONE, REFUSED, State.COMPLETED)
    assert play.pool.held == {B, C}


# -- amended -----------------------------------------------------------------------------------------------------------


def test_an_item_that_is_added_is_asked_and_the_others_stay_as_they_are():
    play = closing(approval("consent", each=EACH, shows=("customer",)))
    play.say(ANA, Approve(), "consent.1")
    notices = amend(play, A, B, C)
    assert [(s.name, s.item, s.state) for s in play.request.steps[1:]] == [
        ("consent.1", A, DONE),
        ("consent.2", B, OPEN),
        ("consent.3", C, OPEN),
    ]
    assert {n.step for n in notices if n.kind == "action"} == {"consent.3"}


def test_an_item_that_is_taken_out_is_asked_for_no_more_and_its_letters_answer_nothing():
    play = closing(approval("consent", each=EACH, shows=("customer",)), REMOVE)
    notices = amend(play, B)
    assert (play.states["consent.1"], play.states["consent.2"]) == (CANCELLED, OPEN)
    assert {(n.kind, n.to) for n in notices if n.step == "consent.1"} == {("settled", ANA), ("settled", LI)}
    assert told(play.say(ANA, Approve(), "consent.1")) == [("settled", ANA)]
    play.say(ANA, Approve(), "consent.2")
    assert play.pool.held == {A, C}
    assert play.state is State.COMPLETED


def test_an_item_that_comes_back_is_asked_again_under_its_own_name():
    play = closing(approval("consent", each=EACH, shows=("customer",)))
    amend(play, B)
    amend(play, A, B)
    assert [(s.name, s.item, s.state) for s in play.request.steps[1:]] == [
        ("consent.1", A, OPEN),
        ("consent.2", B, OPEN),
    ]


def test_when_only_answered_items_are_left_the_step_is_done():
    play = closing(approval("consent", each=EACH, shows=("customer",)), task(after=("consent",)))
    play.say(ANA, Approve(), "consent.1")
    amend(play, A)
    assert (play.states["consent"], play.states["registry"]) == (DONE, OPEN)


def test_a_step_that_was_done_is_open_again_for_an_item_that_is_added():
    play = closing(approval("consent", each=EACH, shows=("customer",)), task(after=("consent",)))
    for name in ("consent.1", "consent.2"):
        play.say(ANA, Approve(), name)
    amend(play, A, B, C)
    assert (play.states["consent"], play.states["consent.3"]) == (OPEN, OPEN)
    assert play.states["registry"] is WAITING


def test_all_items_are_asked_anew_when_what_they_show_has_changed():
    play = closing(CONSENT)
    play.say(ANA, Approve(), "consent.1")
    notices = amend(play, site="Lyon")
    assert (play.states["consent.1"], play.states["consent.2"]) == (OPEN, OPEN)
    assert {n.facts["why"] for n in notices if n.kind == "action"} == {"changed"}


def test_items_wait_for_what_is_asked_anew_before_them():
    play = closing(approval(), approval("consent", each=EACH, after=("technical",)))
    play.say(ANA, Approve(), "technical")
    amend(play, site="Lyon")
    assert play.states["technical"] is OPEN
    assert {play.states[f"consent.{n}"] for n in (1, 2)} == {WAITING}
    play.say(ANA, Approve(), "technical")
    assert {play.states[f"consent.{n}"] for n in (1, 2)} == {OPEN}


def test_a_step_that_is_not_wanted_any_more_is_skipped_with_its_items():
    play = closing(approval("consent", each=EACH, when="form.size <= 28"), task())
    amend(play, size="30")
    assert play.states == {"consent": SKIPPED, "consent.1": CANCELLED, "consent.2": CANCELLED, "registry": OPEN}
    amend(play, size="28")
    assert play.states == {"consent": OPEN, "consent.1": OPEN, "consent.2": OPEN, "registry": OPEN}


def test_what_was_reserved_for_an_item_that_is_taken_out_is_let_go():
    play = closing(reserve(each=EACH), approval(after=("reserve",)))
    amend(play, B)
    assert [s.item for s in play.request.steps if s.name.startswith("reserve.") and s.state is DONE] == [B]
    assert len(play.pool.reserved) == 1


def test_a_check_is_made_again_for_each_item():
    play = closing(check(each=EACH), approval(after=("check",)))
    play.pool.room = 0
    amend(play, size="30")
    assert play.state is State.REJECTED


# -- the network -------------------------------------------------------------------------------------------------------

UNPLUG = activate("unplug", each=EACH, prefix="item", set={"device": "{item.device}"})


def answer(play, step, state, attempt=1, **more):
    id_ = f"IP-1/{step}/router/{attempt}"
    return play.happen(Driven(id=id_, step=step, state=state, **more))


def test_each_item_is_driven_with_its_own():
    play = closing(UNPLUG)
    assert [(w.id, w.body["item"], w.body["prefix"], w.body["set"]) for w in play.pool.driven] == [
        ("IP-1/unplug.1/router/1", A, A, {"device": "lyon-1"}),
        ("IP-1/unplug.2/router/1", B, B, {"device": "lyon-2"}),
    ]
    assert play.state is State.COMPLETED


def test_one_item_that_fails_holds_up_only_itself():
    play = closing(UNPLUG, pool=Pool(target=None))
    answer(play, "unplug.1", NetworkState.FAILED, detail="no route")
    answer(play, "unplug.2", NetworkState.CONFIRMED)
    assert (play.states["unplug.1"], play.states["unplug.2"], play.states["unplug"]) == (OPEN, DONE, OPEN)


def test_a_router_that_is_down_for_all_items_is_told_of_once_and_tried_again_for_all():
    play = closing(UNPLUG, pool=Pool(target=None), prefixes=(A, B, C))
    for n in (1, 2, 3):
        answer(play, f"unplug.{n}", NetworkState.FAILED, detail="no route", owner="noc")
    alerts = [n for n in play.notices if n.kind == "alert"]
    assert told(alerts) == [("alert", ANA), ("alert", LI), ("alert", ROOT)]
    assert {n.step for n in alerts if n.to == ROOT} == {"unplug"}
    play.pool.target = NetworkState.CONFIRMED
    play.say(ROOT, Retry(), "unplug")
    assert play.state is State.COMPLETED


def test_skipping_a_step_with_stuck_items_skips_these_and_waits_for_the_others():
    play = closing(UNPLUG, pool=Pool(target=None))
    answer(play, "unplug.1", NetworkState.FAILED)
    play.say(ROOT, Skip(reason="by hand"), "unplug")
    assert (play.states["unplug.1"], play.states["unplug.2"], play.states["unplug"]) == (SKIPPED, OPEN, OPEN)
    answer(play, "unplug.2", NetworkState.CONFIRMED)
    assert play.state is State.COMPLETED


def test_failures_that_are_lived_with_do_not_keep_the_step():
    play = closing(activate("unplug", each=EACH, on_failure=OnFailure.CONTINUE), pool=Pool(target=NetworkState.FAILED))
    assert play.step("unplug").answer == "0 of 2"
    assert play.state is State.COMPLETED


def test_items_are_undone_one_by_one_and_what_is_stuck_stops_only_its_own():
    play = closing(
        allocate(each=EACH),
        activate("plug", each=EACH, after=("allocate",)),
        approval(after=("plug",)),
    )
    play.pool.target = None
    play.say(BOB, Cancel())
    assert play.states["plug.2.undo"] is OPEN
    assert play.states["plug.1.undo"] is WAITING
    answer(play, "plug.2.undo", NetworkState.FAILED)
    assert play.states["plug.1.undo"] is OPEN
    answer(play, "plug.1.undo", NetworkState.CONFIRMED)
    assert (play.states["allocate.1.undo"], play.states["allocate.2.undo"]) == (DONE, WAITING)
    assert len(play.pool.held) == 4
    play.pool.target = NetworkState.CONFIRMED
    play.say(ROOT, Retry(), "plug.2.undo")
    assert play.pool.held == set(HELD)


def test_several_items_for_a_time_begin_and_end_with_one_word_each():
    play = closing(allocate(each=EACH, lasts="6 hours"), activate("plug", each=EACH, after=("allocate",)))
    begun = [n for n in play.opening if n.kind == "status"]
    assert [(n.to, n.step) for n in begun] == [(BOB, "allocate")]
    ended = play.until(MONDAY.replace(hour=15))
    assert [(n.kind, n.to, n.step) for n in ended] == [("ended", BOB, "allocate")]


def test_forms_are_filled_in_item_by_item():
    play = closing(form("port", each=EACH, asks=("noc",)))
    play.say(ANA, Done(given={"account": "A-1"}), "port.1")
    assert play.step("port.1").fields == {"account": "A-1"}
    assert play.step("port.2").fields == {}
    play.say(ANA, Done(given={"account": "A-2"}), "port.2")
    assert play.state is State.COMPLETED
