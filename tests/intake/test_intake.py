"""One mail, one committed change: what class it is of, what it is about, and what its sender is answered."""

from email.message import EmailMessage

import pytest
from house import (
    ANA,
    BILL,
    BOB,
    BOT,
    CAROL,
    CONFIG,
    EVE,
    FORM,
    HEAD,
    LI,
    MALLORY,
    ROOT,
    RULES,
    House,
    kinds,
    mail,
    only,
)

from mailbot.mail.mailbox import Folder

BOUNCE = """\
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce{n}@mx.example.net>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered. It said: approve
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {person}
Action: {action}
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: {id}
Subject: {subject}
X-Mailbot-Kind: action

approve
--b--
"""


def bounce(letter, *, person=None, action="failed", to=BOT, id=None, n=1):  # noqa: A002 (a header's name)
    text = BOUNCE.format(
        to=to, person=person or letter.to, action=action, id=id or letter.id, subject=letter.subject, n=n
    )
    return text.replace("\n", "\r\n").encode()


# -- classes, in order -------------------------------------------------------------------------------------------------


def test_trap_9_a_bounce_is_a_bounce_whatever_it_quotes(house):
    action = only(house.start(), "action", ANA)
    folder, letters = house.take(bounce(action))
    assert folder is Folder.PROCESSED
    assert kinds(letters) == [("alert", ROOT), ("escalation", HEAD)]
    assert "a letter to ana@example.net did not arrive" in only(letters, "alert", ROOT).text
    assert "5.1.1" in only(letters, "alert", ROOT).text
    assert house.states()["technical"] == "open"


def test_trap_13_a_bounce_that_comes_to_the_letters_own_address_counts_without_its_id(house):
    action = only(house.start(), "action", ANA)
    letters = house.take(bounce(action, to=action.sender, id="<rewritten@ses.example>"))[1]
    assert ("alert", ROOT) in kinds(letters)


@pytest.mark.parametrize(
    "more",
    [{"id": "<another@example.com>"}, {"person": "somebody@else.example"}, {"action": "delayed"}],
    ids=["no letter of ours", "nobody we wrote to", "still being tried"],
)
def test_trap_13_a_bounce_of_something_else_is_ignored(house, more):
    action = only(house.start(), "action", ANA)
    assert house.take(bounce(action, **more)) == (Folder.IGNORED, [])


def test_the_same_bounce_twice_is_told_once(house):
    action = only(house.start(), "action", ANA)
    house.take(bounce(action))
    assert house.take(bounce(action))[1] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
        {"List_Id": "<announce.example.net>"},
    ],
    ids=str,
)
def test_trap_9_automatic_mail_decides_nothing_and_gets_no_answer(house, headers):
    action = only(house.start(), "action", ANA)
    letters = house.reply(action, "approve", **headers)
    assert ANA not in {letter.to for letter in letters}
    assert house.states()["technical"] == "open"


@pytest.mark.parametrize(
    ("sender", "headers"),
    [(BOT, {}), ("ip-requests+abc@example.net", {}), (ANA, {"X_Mailbot_Kind": "action"})],
    ids=["our address", "our sub-address", "our header"],
)
def test_trap_11_our_own_mail_is_ignored_in_any_form(house, sender, headers):
    action = only(house.start(), "action", ANA)
    assert house.reply(action, "approve", sender, **headers) == []
    assert house.states()["technical"] == "open"


def test_trap_14_a_thumb_up_is_no_approval(house):
    action = only(house.start(), "action", ANA)
    message = EmailMessage()
    for name, value in {"From": ANA, "To": action.reply_to, "Message-ID": "<r1@people.example>"}.items():
        message[name] = value
    message.set_content("\N{THUMBS UP SIGN}", disposition="reaction")
    message.replace_header("Content-Disposition", "reaction")
    assert house.take(message)[1] == []
    assert house.states()["technical"] == "open"


# -- bytes of any kind -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"From: x\r\n\r\n", b"From: bob@example.net, eve@example.net\r\n\r\nok", b"\r\n" * 9]
)
def test_trap_28_any_bytes_are_kept_and_stop_nothing(house, raw):
    folder, letters = house.take(raw)
    assert (folder, letters) == (Folder.QUARANTINE, [])
    assert house.start()


def test_trap_28_a_mail_that_breaks_the_bot_is_quarantined_and_told_and_can_be_retried(house, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("mailbot.intake.opening.given_in", broken)
    text = mail(BOB, "attribution", FORM)
    assert house.take(text) == (Folder.QUARANTINE, [])
    assert house.requests() == []
    assert BOB in only(house.wait(minutes=1), "alert", ROOT).text
    monkeypatch.undo()
    house.bot.intake.retry(1, house.now)
    assert house.requests() == ["IP-1"]
    house.take(text)
    assert house.requests() == ["IP-1"]


def test_trap_15_a_stub_stays_in_the_mailbox(house):
    text = mail(BOB, "Retrieval using the IMAP4 protocol failed for the following message: 7", "approve")
    assert house.take(text) == (None, [])
    assert house.inbox() == []


@pytest.mark.parametrize(
    ("type_", "words"),
    [("application/pkcs7-mime; smime-type=enveloped-data", "encrypted"), ("application/ms-tnef", "winmail")],
)
def test_trap_26_what_cannot_be_read_is_answered_with_what_to_send(house, type_, words):
    action = only(house.start(), "action", ANA)
    raw = f"From: {ANA}\r\nTo: {action.reply_to}\r\nMessage-ID: <o1@x.example>\r\nContent-Type: {type_}\r\n\r\nMIIB\r\n"
    said = only(house.take(raw.encode())[1], "misunderstood", ANA)
    assert words in said.text
    assert "plain text" in said.text
    assert house.states()["technical"] == "open"


# -- what opens a request ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "text", "to"),
    [
        ("attribution", FORM, BOT),
        ("Attribution for Acme", FORM, BOT),
        ("new block", FORM, BOT),
        ("Hello", f"Type: attribution\n{FORM}", BOT),
        ("Hello", FORM, "ip-requests+attribution@example.net"),
        ("liberation", FORM, "ip-requests+attribution@example.net"),
    ],
    ids=["type", "first words", "alias", "Type: line", "sub-address", "sub-address before subject"],
)
def test_a_request_is_known_by_its_sub_address_subject_or_type_line(house, subject, text, to):
    letters = house.mail(BOB, subject, text, To=to)
    assert only(letters, "acknowledged").reference == "IP-1"
    assert house.request().type == "attribution"


def test_a_type_without_fields_gets_the_blank_form_and_opens_nothing(house):
    form = only(house.mail(BOB, "attribution"), "form", BOB)
    assert "Customer" in form.text
    assert form.reference is None
    assert house.requests() == []


def test_the_form_filled_in_where_it_was_quoted_opens_a_request(house):
    form = only(house.mail(BOB, "attribution"), "form", BOB)
    filled = form.text.replace("Customer:", "Customer: Acme").replace("Prefix length:", "Prefix length: 28")
    quoted = "\n".join(f"> {line}" for line in filled.splitlines())
    house.reply(form, f"Please find it below.\n\n{quoted}\n")
    assert dict(house.request().form) == {"customer": "Acme", "size": 28}


def test_mail_that_names_no_type_is_answered_with_what_this_sender_may_ask_for(house):
    forms = only(house.mail(BOB, "hello", "I need addresses"), "forms", BOB)
    assert "attribution" in forms.text
    assert "New address space" in forms.text
    assert forms.sender == ""


def test_who_may_ask_for_one_thing_only_hears_of_that_only(house):
    forms = only(house.mail("bob@customer.example", "hello", "?"), "forms")
    assert "attribution" in forms.text
    assert "liberation" not in forms.text
    assert kinds(house.mail("bob@customer.example", "liberation", "Prefix: 10.20.0.0/28")) == [
        ("forms", "bob@customer.example")
    ]


@pytest.mark.parametrize(("subject", "text"), [("attribution", FORM), ("help", "help"), ("[IP-1]", "status"), ("", "")])
def test_whoever_may_ask_for_nothing_gets_no_answer_at_all(house, subject, text):
    house.start()
    assert house.take(mail(MALLORY, subject, text)) == (Folder.IGNORED, [])
    assert house.requests() == ["IP-1"]


def test_one_of_us_who_may_ask_for_nothing_gets_an_answer_only_where_he_asks_for_help(tmp_path):
    rule = RULES["attribution"].replace('who = ["*@example.net", ', "who = [")
    house = House(tmp_path, rules={"attribution": rule})
    for subject, text in [("attribution", FORM), ("hello", "hi"), ("", ""), ("[IP-9]", "status")]:
        assert house.take(mail(EVE, subject, text)) == (Folder.IGNORED, [])
    assert kinds(house.mail(ANA, "help")) == [("help", ANA)]


def test_missing_fields_are_named_at_once_and_sent_alone(house):
    told = only(house.mail(BOB, "attribution", "Prefix length: 8"), "incomplete", BOB)
    assert "Customer" in told.text
    assert "Prefix length" in told.text
    letters = house.reply(told, "Customer: Acme\nPrefix length: 29")
    assert only(letters, "acknowledged").message["In-Reply-To"]
    assert dict(house.request().form)["size"] == 29


# -- without a token ---------------------------------------------------------------------------------------------------


def test_the_requester_comments_and_asks_for_the_status_by_reference(house):
    house.start()
    assert kinds(house.mail(BOB, "Re: [IP-1] how is it going", "status")) == [("status", BOB)]
    assert ("comment", ANA) in kinds(house.mail(BOB, "[ip-1]", "comment It is for Lyon"))


@pytest.mark.parametrize("text", ["approve", "cancel", "hold", "Prefix length: 24"])
def test_trap_5_a_reference_finds_and_never_authorises(house, text):
    house.start()
    before = house.request()
    for person in (BOB, ANA, ROOT):
        assert [kind for kind, _ in kinds(house.mail(person, "[IP-1]", text))] in (["refused"], ["misunderstood"])
    after = house.request()
    assert (after.state, after.form, after.steps) == (before.state, before.form, before.steps)


def test_trap_20_a_reference_of_others_is_answered_like_one_that_there_is_not(house):
    house.start()
    others = only(house.mail(CAROL, "[IP-1]", "status"), "forms", CAROL)
    unknown = only(house.mail(CAROL, "[IP-9]", "status"), "forms", CAROL)
    words = [text.replace(letter.token, "") for letter in (others, unknown) for text in (letter.text,)]
    assert words[0] == words[1]


def test_help_is_answered_with_or_without_a_token(house):
    action = only(house.start(), "action", ANA)
    assert kinds(house.mail(BOB, "hello", "help")) == [("help", BOB)]
    assert kinds(house.reply(action, "help")) == [("help", ANA)]
    assert kinds(house.mail(BOB, "[IP-1]", "help")) == [("help", BOB)]
    assert kinds(house.mail(BOB, "help")) == [("help", BOB)]  # as the letter of what is misunderstood says


# -- what is answered --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["not approved", "ok, but make it a /27", "I would approve if it were smaller", "?"])
def test_trap_21_what_is_no_command_is_not_guessed_at(house, text):
    action = only(house.start(), "action", ANA)
    said = only(house.reply(action, text), "misunderstood", ANA)
    assert "approve" in said.text
    assert house.states()["technical"] == "open"


def test_trap_43_fields_within_somebody_elses_value_are_nobodys_answer(house):
    letters = house.start("Customer: Acme\nPrefix length: 28\nReason: because\n Account: EVIL\nAccount: EVIL\n")
    action = only(letters, "action", BILL)
    assert kinds(house.reply(action, "what is this?", quote=True)) == [("misunderstood", BILL)]
    assert house.states()["billing"] == "open"


def test_fields_count_in_ones_own_text(house):
    action = only(house.start(), "action", BILL)
    house.reply(action, "Account: A-77", quote=True)
    assert dict(house.request().step("billing").fields) == {"account": "A-77"}


def test_fields_in_reply_to_the_requesters_question_are_still_the_answer_to_the_step(house):
    letters = house.start()
    asked = house.reply(only(letters, "acknowledged"), "ask How long will it take?")
    house.reply(only(asked, "question", BILL), "Account: A-77")
    assert house.states()["billing"] == "done"
    assert ("comment", BOB) in kinds(house.reply(only(asked, "question", ANA), "About a day."))


def test_the_requesters_free_words_answer_the_question_that_he_was_asked(house):
    letters = house.start()
    question = only(house.reply(only(letters, "action", ANA), "ask Which office?"), "question", BOB)
    answered = only(house.reply(question, "The one in Lyon, ok?"), "action", ANA)
    assert "The one in Lyon" in answered.text
    house.reply(answered, "approve")
    assert house.states()["technical"] == "done"


def test_several_commands_at_once_are_not_taken(house):
    action = only(house.start(), "action", ANA)
    assert kinds(house.reply(action, "1 approve")) == [("misunderstood", ANA)]
    assert house.states()["technical"] == "open"


def test_trap_12_whoever_writes_very_often_gets_no_more_answers_for_an_hour(house):
    answers = [house.mail(BOB, f"hello {n}", "hi") for n in range(8)]
    assert [len(letters) for letters in answers] == [1] * 5 + [0] * 3
    house.wait(minutes=61)
    assert kinds(house.mail(BOB, "hello again", "hi")) == [("forms", BOB)]


def test_trap_12_a_machine_that_looks_human_and_answers_every_answer_is_answered_no_more(house):
    letter = only(house.start(), "action", ANA)
    letter = only(house.reply(letter, "I am out of the building."), "misunderstood", ANA)
    assert house.reply(letter, "I am out of the building.") == []
    house.reply(letter, "approve")
    assert house.states()["technical"] == "done"


@pytest.mark.parametrize("name", ["ip-list.example.net", "ip-list@example.net", "IP-List.example.net"])
def test_trap_10_mail_by_way_of_a_list_of_ours_is_a_humans(tmp_path, name):
    house = House(tmp_path, config=CONFIG.replace("[limits]", f'lists = ["{name}"]\n[limits]'))
    action = only(house.start(), "action", ANA)
    listed = {"List_Id": "IP people <ip-list.example.net>", "List_Post": "<mailto:ip-list@example.net>"}
    house.reply(action, "approve", Precedence="list", **listed)
    assert house.states()["technical"] == "done"


def test_a_wrong_value_in_a_steps_form_is_told_to_who_wrote_it(house):
    action = only(house.start(), "action", BILL)
    told = only(house.reply(action, "Account:"), "incomplete", BILL)
    assert told.step == "billing"


def test_a_request_that_is_unknown_to_our_rules_now_goes_on_by_those_it_began_with(tmp_path):
    house = House(tmp_path)
    action = only(house.start(), "action", ANA)
    rule = tmp_path / "rules" / "attribution.toml"
    rule.write_text(rule.read_text().replace('asks = ["noc"]', 'asks = ["billing"]').replace("technical", "review"))
    house.bot = house.another_bot()
    house.bot.prepare()
    house.reply(action, "approve")
    assert house.states() == {"technical": "done", "billing": "open", "allocate": "waiting"}
    fresh = house.start()
    assert ("action", LI) not in kinds(fresh)
    assert house.states("IP-2").keys() == {"review", "billing", "allocate"}


@pytest.mark.parametrize("text", ["Thanks!", "Thank you very much.\n\nBob", "Hi,\n\nmany thanks\nBob Smith"])
def test_trap_12_thanks_for_a_letter_that_asked_nothing_get_no_error_answer(house, text):
    letters = house.start()
    assert house.reply(only(letters, "acknowledged"), text) == []
    assert kinds(house.reply(only(letters, "action", ANA), text)) == [("misunderstood", ANA)]


@pytest.mark.parametrize("text", ["", "Bob", "thanks but no", "Thanks, approve", "Hi\nno", "Thanks\nfor this"])
def test_what_is_more_than_thanks_is_answered(house, text):
    assert kinds(house.reply(only(house.start(), "acknowledged"), text)) != []


def test_a_forwarded_question_is_answered_by_nobody_else(house):
    letters = house.start()
    question = only(house.reply(only(letters, "action", ANA), "ask Which office?"), "question", BOB)
    assert kinds(house.reply(question, "Lyon", EVE)) == [("refused", EVE)]
