"""The pages: what stands on them, and that what is done on them is what a mail would have done."""

import re

import pytest
from house import ANA, BILL, BOB, FORM, LI, QUICK, ROOT, only
from web_house import WEB

FIELDS = {"f__customer": "Acme", "f__size": "28", "f__reason": "Two firewalls"}


@pytest.mark.usefixtures("started")
def test_a_request_shows_its_state_its_open_steps_and_their_due_dates(browser):
    page = browser(BOB).get("/requests/IP-1")
    assert page.status_code == 200
    for text in ("Acme: /28", "in progress", "Technical review", "due Mon 23 Nov 2026", "Two firewalls", "noc"):
        assert text in page.text


@pytest.mark.usefixtures("started")
def test_what_waits_for_somebody_stands_on_his_first_page_and_on_no_others(browser):
    assert "/requests/IP-1/steps/technical" in browser(ANA).get("/").text
    assert "/requests/IP-1/steps/technical" not in browser(BILL).get("/").text
    assert "Nothing waits for you" in browser(BOB).get("/").text


def test_an_approval_on_a_page_is_the_same_event_as_by_mail(started, browser):
    answer = browser(ANA).answer("IP-1", "technical", "approve")
    assert (answer.status_code, answer.headers["location"]) == (303, "/requests/IP-1?told=approve")
    assert started.states()["technical"] == "done"
    assert started.request().step("technical").answered_by == ANA
    assert ("settled", LI) in {(letter.kind, letter.to) for letter in started.send()}


def test_a_form_step_is_filled_in_and_its_faults_are_told_on_the_page(started, browser):
    bill = browser(BILL)
    refused = bill.answer("IP-1", "billing", "fill")
    assert refused.status_code in {409, 422}
    assert started.states()["billing"] == "open"
    assert bill.answer("IP-1", "billing", "fill", f__account="A-77").status_code == 303
    assert started.request().step("billing").fields == {"account": "A-77"}


def test_a_rejection_needs_a_reason(started, browser):
    ana = browser(ANA)
    assert "Write why" in ana.answer("IP-1", "technical", "reject").text
    assert started.states()["technical"] == "open"
    ana.answer("IP-1", "technical", "reject", text="too large")
    assert started.request().state.value == "rejected"
    assert "too large" in only(started.send(), "rejected", BOB).text


def test_a_page_that_is_out_of_date_decides_nothing(started, browser):
    ana = browser(ANA)
    before = started.request().step("technical").content
    browser(BOB).fill("/requests/IP-1/amend", f__customer="Acme", f__size="27")
    late = ana.answer("IP-1", "technical", "approve", content=before)
    assert late.status_code == 409
    assert "has changed since you looked at it" in late.text
    assert started.states()["technical"] == "open"


def test_nobody_approves_his_own_request(house, browser):
    house.start(sender=ANA)
    refused = browser(ANA).answer("IP-1", "technical", "approve")
    assert refused.status_code == 409
    assert "own request" in refused.text
    assert house.states()["technical"] == "open"


def test_a_refusal_is_told_on_the_page_and_by_no_letter(started, browser):
    started.send()
    refused = browser(BILL).answer("IP-1", "technical", "approve", content="")
    assert refused.status_code == 409
    assert "asked of others" in refused.text
    assert not started.send()


def test_a_request_by_form_is_stored_like_one_by_mail_but_for_its_channel(started, browser):
    answer = browser(BOB).fill("/new/attribution", once="1", **FIELDS)
    assert answer.headers["location"] == "/requests/IP-2?told=opened"
    mail, web = started.request("IP-1"), started.request("IP-2")
    assert (mail.channel, web.channel) == ("mail", "web")
    for name in ("form", "given", "state", "steps", "summary", "due", "requester", "rules"):
        assert getattr(mail, name) == getattr(web, name), name


def test_a_form_with_faults_opens_nothing_and_names_what_a_mail_would_have_been_told(house, browser):
    page = browser(BOB).fill("/new/attribution", once="1", f__size="8")
    assert page.status_code == 422
    assert house.requests() == []
    told = only(house.start("Prefix length: 8\n"), "incomplete").text
    for fault in house.request().faults.values():
        assert fault in page.text.replace("&#39;", "'")
        assert fault in " ".join(told.split())


def test_a_form_that_is_sent_off_twice_opens_one_request(house, browser):
    bob = browser(BOB)
    first, second = (bob.fill("/new/attribution", once="abc", **FIELDS) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert house.requests() == ["IP-1"]


def test_a_pending_request_is_completed_on_its_page(house, browser):
    house.start("Customer: Acme\n")
    bob = browser(BOB)
    assert "not complete yet" in bob.get("/requests/IP-1").text
    assert bob.fill("/requests/IP-1/amend", f__customer="Acme").status_code == 422
    assert bob.fill("/requests/IP-1/amend", f__customer="Acme", f__size="28").status_code == 303
    assert house.request().state.value == "inProgress"


@pytest.mark.parametrize(
    "house", [{"config": WEB.replace("10.20.0.0/24", "10.20.0.0/26"), "rules": {"quick": QUICK}}], indirect=True
)
def test_what_cannot_be_had_as_it_was_asked_for_is_asked_for_otherwise_on_its_page(house, browser):
    bob = browser(BOB)
    assert bob.fill("/new/quick", **FIELDS | {"f__size": "24"}).status_code == 303
    for size in (None, "25"):
        if size:
            assert bob.fill("/requests/IP-1/amend", **FIELDS | {"f__size": size}).status_code == 303
        page = bob.get("/requests/IP-1").text
        assert "It waits for you: it cannot be had as you asked for it." in page
        assert f"lan has no /{size or 24}: the largest that it can ever give out is a /26" in page
    assert bob.fill("/requests/IP-1/amend", **FIELDS).status_code == 303
    assert house.request().state.value == "completed"
    assert "It waits for you" not in bob.get("/requests/IP-1").text


def test_questions_comments_and_an_end_by_the_requester(started, browser):
    bob, ana = browser(BOB), browser(ANA)
    assert ana.answer("IP-1", "technical", "ask", text="Which building?").status_code == 303
    assert "Which building?" in bob.get("/requests/IP-1").text
    assert bob.fill("/requests/IP-1/reply", text="The new one").status_code == 303
    assert "The new one" in ana.get("/requests/IP-1/steps/technical").text
    assert bob.fill("/requests/IP-1/comment", text="It is urgent").status_code == 303
    assert "It is urgent" in ana.get("/requests/IP-1").text
    assert bob.fill("/requests/IP-1/cancel").status_code == 303
    assert started.request().state.value == "cancelled"


@pytest.mark.usefixtures("started")
def test_the_process_is_drawn_where_it_stands(browser):
    drawn = browser(BOB).get("/requests/IP-1/process.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "unsafe" not in drawn.headers["content-security-policy"]
    assert 'class="people is-open"' in drawn.text
    assert 'class="space is-waiting"' in drawn.text


def test_the_thread_shows_ones_own_mail_with_its_tokens_masked(started, browser):
    action = next(letter for letter in started.relay.letters if letter.to == ANA)
    page = browser(ANA).get("/requests/IP-1/mail").text
    assert action.subject in page
    assert action.token not in page
    assert action.token[:4] + "…" in page
    assert f"from {BOB}: attribution" in browser(BOB).get("/requests/IP-1/mail").text


def test_the_board_begins_with_what_is_late(house, browser):
    house.start()
    house.wait(days=3)
    house.start("Customer: Beta\nPrefix length: 29\n")
    page = browser(ANA).get("/board").text
    assert page.index("IP-1") < page.index("IP-2")
    assert page.index('class="badge late"') < page.index("IP-2")
    assert "IP-1" in browser(ROOT).get("/board?department=billing").text


def test_the_search_finds_by_person_reference_action_address_and_time(house, browser):
    prefix = house.allocated()
    bob = browser(BOB)
    for found in (
        f"user={BOB}",
        "ref=ip-1",
        "action=allocated",
        f"address={prefix}",
        "since=2026-11-23&until=2026-11-23",
    ):
        assert "/requests/IP-1" in bob.get(f"/search?{found}").text, found
    for missed in ("user=eve@example.net", "ref=IP-9", "action=rejected", "address=10.20.0.200", "until=2026-11-22"):
        assert "Nothing was found" in bob.get(f"/search?{missed}").text, missed
    assert bob.get("/search?address=nonsense").status_code == 422
    assert bob.get("/search?since=yesterday").status_code == 422


def test_pools_show_their_fill_to_who_cares_for_them(house, browser):
    prefix = house.allocated()
    page = browser(ANA).get("/pools")
    assert "6 %" in page.text
    assert prefix in browser(ANA).get("/pools/lan").text
    assert prefix in browser(BOB).get("/pools").text
    assert "16 of 256" not in browser(BOB).get("/pools").text


def test_a_pool_that_is_configured_no_more_is_shown_as_that(house, browser):
    house.allocated()
    for path in (house.home / "config.toml", *(house.home / "rules").iterdir()):
        path.write_text(path.read_text().replace("[pools.lan]", "[pools.lan2]").replace('"lan"', '"lan2"'))
    house.bot.close()
    house.bot = house.another_bot()
    house.bot.prepare()
    for path in ("/pools", "/pools/lan"):
        assert "Not in the configuration any more" in browser(ROOT).get(path).text


@pytest.mark.parametrize("house", [{"requests": "verified"}], indirect=True)
def test_an_admin_releases_mail_that_was_held(house, browser):
    house.start()
    root = browser(ROOT)
    assert house.requests() == []
    assert "/admin/mail/1" in root.get("/admin").text
    assert "I vouch for" in root.get("/admin/mail/1").text
    assert root.fill("/admin/mail/1/release").status_code == 303
    assert house.requests() == ["IP-1"]
    assert root.fill("/admin/mail/1/release").status_code == 409


BROKEN = WEB + '[targets.router]\nkind = "command"\ncommand = ["/bin/false"]\n'
DRIVEN = QUICK + '[[step]]\nname = "configure"\nkind = "activate"\ntargets = ["router"]\n'


@pytest.mark.parametrize("house", [{"config": BROKEN, "rules": {"quick": DRIVEN}}], indirect=True)
def test_an_admin_tells_a_target_again_what_has_failed(house, browser):
    house.mail(BOB, "quick", FORM)
    house.bot.drive(None)
    root = browser(ROOT)
    assert "IP-1/configure/router/1" in root.get("/admin").text
    assert browser(BOB).fill("/admin/network/IP-1/configure/retry").status_code == 404
    assert root.fill("/admin/network/IP-1/configure/retry").status_code == 303
    assert [one.id for one in house.request().step("configure").network][-1] == "IP-1/configure/router/2"
    assert root.fill("/admin/network/IP-1/configure/retry").status_code == 404
    house.bot.close()


@pytest.mark.parametrize("house", [{"config": BROKEN, "rules": {"quick": DRIVEN}}], indirect=True)
def test_an_admin_sees_a_paused_target_and_has_it_tried_at_once(house, browser):
    for _ in range(6):
        house.mail(BOB, "quick", FORM)
    house.bot.drive(None)
    root = browser(ROOT)
    assert "Targets that are paused" in root.get("/admin").text
    assert browser(BOB).fill("/admin/targets/router/resume").status_code == 404
    assert root.fill("/admin/targets/other/resume").status_code == 404
    assert root.fill("/admin/targets/router/resume").status_code == 303
    house.bot.drive(None)
    assert [row.state for row in house.rows("network_request")] == ["failed"] * 6
    house.bot.close()


@pytest.mark.parametrize("house", [{"config": BROKEN, "rules": {"quick": DRIVEN}}], indirect=True)
def test_a_step_that_is_stuck_is_left_out_by_an_admin_alone(house, browser):
    house.mail(BOB, "quick", FORM)
    house.bot.drive(None)
    assert browser(BOB).fill("/requests/IP-1/steps/configure/skip", text="not needed").status_code == 409
    root = browser(ROOT)
    assert "As an admin" in root.get("/requests/IP-1/steps/configure").text
    assert root.answer("IP-1", "configure", "skip", text="not needed").status_code == 303
    assert house.request().state.value == "completed"
    house.bot.close()


def test_an_admin_sees_the_versions_of_the_rules_drawn(started, browser):
    root, version = browser(ROOT), started.request().rules
    assert version in root.get("/admin/rules").text
    assert "It is the first version" in root.get(f"/admin/rules/{version}").text
    assert root.get(f"/admin/rules/{version}/process.svg").status_code == 200


def test_what_has_changed_is_told_in_words_and_as_the_rule_file_has_it(started, browser):
    rules = started.home / "rules" / "attribution.toml"
    rules.write_text(
        rules.read_text().replace("max = 30", "max = 29").replace('"8 working hours"', '"4 working hours"')
    )
    started.bot.reload_rules()
    started.start()
    page = browser(ROOT).get(f"/admin/rules/{started.request('IP-2').rules}").text
    changed = re.findall(r'<span class="(plus|minus)">(.*)</span>', page)
    assert [(which, " ".join(line.split())) for which, line in changed] == [
        ("minus", "- │ noc approves, within 8 working hours"),
        ("plus", "+ │ noc approves, within 4 working hours"),
        ("minus", "-max = 30"),
        ("plus", "+max = 29"),
        ("minus", "-lead_time = &#34;8 working hours&#34;"),
        ("plus", "+lead_time = &#34;4 working hours&#34;"),
    ]
    assert "@@" not in page


def test_values_of_people_are_text_and_no_markup(house, browser):
    house.start('Customer: <script>alert(1)</script>"\nPrefix length: 28\n')
    page = browser(BOB).get("/requests/IP-1")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.usefixtures("started")
def test_the_pages_have_no_script_and_no_style_of_their_own(browser):
    for path in ("/", "/new", "/new/attribution", "/requests/IP-1", "/board", "/pools", "/search", "/admin"):
        page = browser(ROOT).get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "style=" not in page.text.replace("stylesheet", "")
        assert " onclick" not in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_who_asks_for_the_form_is_mailed_nothing(house, browser):
    browser(BOB).get("/new/attribution")
    assert house.send() == []
    assert house.start(FORM)


def test_health_and_readiness_are_told_to_everybody(browser):
    assert browser().get("/healthz").text == "ok"
    assert browser().get("/readyz").status_code == 200


@pytest.mark.usefixtures("started")
def test_what_is_there_answers_head_and_another_spelling_leads_nowhere(browser):
    bob = browser(BOB)
    for path in ("/healthz", "/", "/requests/IP-1", "/openapi.json"):
        assert bob.head(path).status_code == 200, path
    astray = bob.get("/requests/IP-1/", headers={"Host": "evil.example"})
    assert (astray.status_code, "evil.example" in astray.text) == (404, False)


def test_a_text_that_is_too_long_is_said_to_be_and_not_cut(started, browser):
    answer = browser(BOB).fill("/requests/IP-1/comment", text="x" * 5001)
    assert answer.status_code == 422
    assert "at most 5000 characters; this one has 5001" in " ".join(answer.text.split())
    assert started.request().remarks == ()


@pytest.mark.parametrize("house", [{"config": WEB + '[pools.vlans]\nnumbers = ["200-3999"]\n'}], indirect=True)
@pytest.mark.usefixtures("house")
def test_a_pool_of_numbers_tells_its_ranges_as_they_were_written(browser):
    assert ">200-3999<" in browser(ROOT).get("/pools/vlans").text


@pytest.mark.parametrize("instead", [None, b"nonsense"])
def test_a_server_whose_database_is_another_file_by_now_is_not_ready(house, browser, instead):
    assert browser().get("/readyz").status_code == 200
    file = house.home / "mailbot.db"
    file.rename(house.home / "away.db")
    if instead:
        file.write_bytes(instead)
    answer = browser().get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer")
