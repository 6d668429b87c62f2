"""The sender's own words are told from what he quoted and from his signature."""
# ruff: noqa: RUF001  characters that look alike are what is tested

import pytest

from mailbot.mail.reply import SEPARATOR, unwrapped, words


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 23 Nov 2026 at 09:00, IP requests <ip-requests@example.net> wrote:\n> Please answer.",
        "On Mon, 23 Nov 2026 at 09:00, IP requests <ip-requests@example.net>\nwrote:\n\n> Please answer.",
        "On Mon, 23 Nov 2026 at 09:00, IP requests <\nip-requests@example.net> wrote:\n\n> Please answer.",
        "On Nov 23, 2026, at 9:00 AM, IP requests <ip-requests@example.net> wrote:\n\nPlease answer.",
        "On 11/23/26 09:00, IP requests wrote:\n> Please answer.",
        "On Monday, November 23, 2026 at 09:00:00 AM GMT+1, IP requests <ip@example.net> wrote: \n\nPlease answer.",
        "------- Original Message -------\nOn Monday, 23 November 2026, IP requests <ip@x.net> wrote:\n\n> Please.",
        "---- On Mon, 23 Nov 2026 09:00:00 +0100 IP requests <ip@example.net> wrote ----\n\nPlease answer.",
        "In a message dated 11/23/2026 9:00:00 AM, ip@example.net writes:\n\nPlease answer.",
        "2026-11-23 9:00 GMT+01:00 IP requests <ip-requests@example.net>:\n\n> Please answer.",
        "Bob wrote:\n> Please answer.",
        "Le lun. 23 nov. 2026 à 09:00, IP requests <ip@example.net> a écrit :\n\n> Merci de répondre.",
        "Le 23/11/2026 à 09:00, IP requests a écrit :\n> Merci de répondre.",
        "Am Mo., 23. Nov. 2026 um 09:00 Uhr schrieb IP requests <\nip@example.net>:\n\n> Bitte antworten.",
        "Am 23.11.26 um 09:00 schrieb IP requests:\n> Bitte antworten.",
        "IP requests <ip@example.net> schrieb am Mo., 23.\nNov. 2026, 09:00:\n\n> Bitte antworten.",
        "El lun, 23 nov 2026 a las 9:00, IP requests (<ip@example.net>) escribió:\n\n> Por favor.",
        "Il giorno lun 23 nov 2026 alle ore 09:00 IP requests <ip@example.net> ha scritto:\n\n> Per favore.",
        "Op ma 23 nov 2026 om 09:00 schreef IP requests <ip@example.net>:\n\n> Graag antwoord.",
        "Op 23 nov. 2026 om 09:00 heeft IP requests <ip@example.net> het volgende geschreven:\n\n> Graag antwoord.",
        "Em seg., 23 de nov. de 2026 às 09:00, IP requests <ip@example.net> escreveu:\n\n> Por favor.",
        "Den mån 23 nov. 2026 kl 09:00 skrev IP requests <ip@example.net>:\n\n> Svara.",
        "man. 23. nov. 2026 kl. 09:00 skrev IP requests <ip@example.net>:\n\n> Svar.",
        "ma 23. marrask. 2026 klo 9.00 IP requests (ip@example.net) kirjoitti:\n\n> Vastaa.",
        "pon., 23 lis 2026 o 09:00 IP requests <ip@example.net> napisał(a):\n\n> Prosimy.",
        "po 23. 11. 2026 v 9:00 odesílatel IP requests <ip@example.net> napsal:\n\n> Prosíme.",
        "пн, 23 нояб. 2026 г. в 09:00, IP requests <ip@example.net>:\n\n> Ответьте.",
        "23.11.2026 09:00, IP requests пишет:\n> Ответьте.",
        "23 Kas 2026 Pzt, 09:00 tarihinde IP requests <ip@example.net> şunu yazdı:\n\n> Lütfen.",
        "2026年11月23日(月) 9:00 IP requests <ip@example.net>:\n\n> お返事ください。",
        "2026/11/23 9:00、IP requests <ip@example.net>のメール:\n\n> お返事ください。",
        "IP requests <ip@example.net> 于2026年11月23日周一 09:00写道：\n\n> 请回复。",
        "2026년 11월 23일 (월) 오전 9:00, IP requests <ip@example.net>님이 작성:\n\n> 답장.",
        "-----Original Message-----\nFrom: IP requests\nPlease answer.",
        "________________________________\nFrom: IP requests <ip@x.net>\nSent: Monday\nTo: Ana\nSubject: x\n\nx",
        "From: IP requests <ip@example.net>\nSent: Monday, 23 November 2026\nTo: Ana\nSubject: x\n\nPlease.",
        "From: IP requests <ip@example.net>\nDate: Monday, 23 November 2026 at 09:00\nTo: Ana\nSubject: x\n\nPlease.",
        "*From:* IP requests <ip@example.net>\n*Sent:* Monday\n*To:* Ana\n*Subject:* [IP-1] x\n\nPlease answer.",
        "De : IP requests <ip@example.net>\nEnvoyé : lundi 23 novembre 2026\nÀ : Ana\nObjet : x\n\nMerci.",
        "Von: IP requests <ip@example.net>\nGesendet: Montag, 23. November 2026\nAn: Ana\nBetreff: x\n\nBitte.",
        "De: IP requests <ip@example.net>\nEnviado el: lunes\nPara: Ana\nAsunto: x\n\nPor favor.",
        "Da: IP requests <ip@example.net>\nInviato: lunedì\nA: Ana\nOggetto: x\n\nPer favore.",
        "Van: IP requests <ip@example.net>\nVerzonden: maandag\nAan: Ana\nOnderwerp: x\n\nGraag.",
        "Från: IP requests <ip@example.net>\nSkickat: den 23 november\nTill: Ana\nÄmne: x\n\nSvara.",
        "Fra: IP requests <ip@example.net>\nSendt: 23. november\nTil: Ana\nEmne: x\n\nSvar.",
        "Lähettäjä: IP requests\nLähetetty: maanantai\nVastaanottaja: Ana\nAihe: x\n\nVastaa.",
        "Od: IP requests\nWysłano: poniedziałek\nDo: Ana\nTemat: x\n\nProsimy.",
        "От: IP requests\nОтправлено: понедельник\nКому: Ana\nТема: x\n\nОтветьте.",
        "差出人: IP requests\n送信日時: 2026年11月23日\n宛先: Ana\n件名: x\n\nお返事ください。",
        "发件人: IP requests\n发送时间: 2026年11月23日\n收件人: Ana\n主题: x\n\n请回复。",
        "보낸 사람: IP requests\n보낸 날짜: 2026년\n받는 사람: Ana\n제목: x\n\n답장.",
        "Begin forwarded message:\n\nFrom: IP requests\nPlease answer.",
        "---------- Forwarded message ---------\nFrom: IP requests\nPlease answer.",
        "-------- Ursprüngliche Nachricht --------\nBitte antworten.",
        "-------- Message d’origine --------\nMerci.",
        "-----Mensaje original-----\nPor favor.",
        "> Please answer.\n> Thanks.",
    ],
)
def test_trap_23_the_quote_of_every_client_is_cut(quote: str) -> None:
    text = f"reject the site is too small\nfor a /28\n\n{quote}\n"
    assert words(text).own == "reject the site is too small\nfor a /28"
    assert words(text.replace("\n\n", "\n", 1)).own == "reject the site is too small\nfor a /28"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAna Ruiz\nNetwork operations",
        "--\nAna Ruiz",
        "—\nAna Ruiz",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Sent from Outlook for iOS<https://aka.ms/o0ukef>",
        "Get Outlook for Android<https://aka.ms/x>",
        "Sent from Yahoo Mail on Android",
        "Sent with Proton Mail secure email.",
        "Envoyé de mon iPhone",
        "Envoyé depuis mon mobile Orange",
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Отправлено с iPhone",
        "Wysłane z iPhone'a",
        "iPhoneから送信",
        "发自我的iPhone",
        "나의 iPhone에서 보냄",
        "Télécharger Outlook pour iOS",
    ],
)
def test_signatures_are_cut(signature: str) -> None:
    assert words(f"approve\n\n{signature}\n").own == "approve"
    assert words(f"approve\n\n{signature}\n\n> Please answer.").own == "approve"


@pytest.mark.parametrize(
    "text",
    [
        "Here are the times:\n\n2026-01-15 14:30:25\n15.01.2026 14:30\nJan 15, 2026 at 14:30\n\nThese are mine.",
        "On the surface it is fine.\n\nOn average, this works well.\nOn 3 sites we have routers.",
        "From: our database\nthe data comes, not from outside.",
        "Customer: Acme\nTo: Lyon\nPrefix length: 28",
        "Key points\n----\n1. performance\n\n----\n\nThe dashes are mine.",
        "Sent from my desk, is much easier than my mobile phone.",
        "I wrote something\n\nwhich was very interesting.",
        "Date: 2026-11-27\nSubject: the new office\nPrefix length: 28",
        "As Bob wrote, we need this for 3 sites: Lyon, Paris, Nice.",
        "Begin with the first one.\nOriginal message was lost.",
    ],
)
def test_a_persons_own_words_stay_whole(text: str) -> None:
    assert words(text).own == text
    assert words(text).quoted == ""


LETTER = f"{SEPARATOR}\n\nHello Ana,\nplease answer.\n\nAccount: \n| Justification: approve\n"


def test_trap_23_below_our_separator_all_is_quoted() -> None:
    reply = words(f"approve\n\nSome client's line nobody knows\n\n{LETTER}")
    assert reply.first_line == "approve"
    assert "please answer" not in reply.own
    assert "Account: " in reply.quoted.split("\n")


@pytest.mark.parametrize(
    "line",
    [SEPARATOR, f"> {SEPARATOR}", f"   *{SEPARATOR}*", "— reply above this line —", "–– Reply Above This Line ––"],
)
def test_trap_23_our_separator_is_known_as_clients_disfigure_it(line: str) -> None:
    assert words(f"approve\n\n{line}\nreject\n").own == "approve"


@pytest.mark.parametrize("attribution", ["On Mon, 23 Nov 2026, IP requests wrote:", "IP requests wrote:"])
def test_an_answer_below_our_whole_letter_is_read(attribution: str) -> None:
    quoted = "\n".join(f"> {line}" for line in LETTER.split("\n"))
    reply = words(f"{attribution}\n{quoted}\n\napprove\n\n-- \nAna")
    assert (reply.own, reply.first_line) == ("approve", "approve")


def test_trap_43_a_broken_line_of_a_quote_does_not_pass_for_the_senders() -> None:
    broken = "> | Justification: two firewalls and a router in the new office in Lyon,\nAccount: EVIL\n> more"
    assert "EVIL" not in words(f"On Monday, Bob wrote:\n{broken}").own
    assert "EVIL" not in words(f"approve\n\n> {SEPARATOR}\n{broken}").own
    assert "EVIL" not in words(f"> {SEPARATOR}\n{broken}\n\napprove").own


def test_an_answer_unquoted_below_our_unquoted_letter_is_not_looked_for() -> None:
    assert words(f"\n\n{LETTER}\napprove").first_line == ""


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("> Do you approve?\napprove\n", "approve"),
        ("> First question?\n\nyes\n\n> Second question?\n\nno", "yes\n\n\nno"),
        ("Hello\n\nOn 23 Nov 2026, Bob wrote:\n> Why a /28?\n\nTwo firewalls.", "Hello\n\n\nTwo firewalls."),
        ("On 23 Nov 2026, Bob <bob@example.net> wrote:\n\nTwo firewalls.", "Two firewalls."),
        ("> only a quote", ""),
        ("", ""),
    ],
)
def test_answers_below_and_between_are_read(text: str, own: str) -> None:
    assert words(text).own == own


def test_what_is_quoted_keeps_its_lines_and_loses_one_mark() -> None:
    reply = words("done\n\nOn 1.1.2026, X wrote:\n> Account: A-77\n>\n>> Customer: old\n>  | bar: x\n")
    assert reply.quoted.split("\n")[1:] == ["Account: A-77", "", "> Customer: old", " | bar: x"]


def test_the_first_line_is_the_first_that_is_not_blank() -> None:
    assert words("\n \n\u200b\napprove \n\nmore").first_line == "approve"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We need two firewalls and a router in the new office in Lyon, and this\nline goes on.",
            "We need two firewalls and a router in the new office in Lyon, and this line goes on.",
        ),
        ("short\nlines\nstay", "short\nlines\nstay"),
        ("a" * 70 + "\n\nnew paragraph", "a" * 70 + "\n\nnew paragraph"),
        ("a" * 70 + "\nCustomer: Acme", "a" * 70 + "\nCustomer: Acme"),
        ("a" * 70 + "\n- an item", "a" * 70 + "\n- an item"),
        ("a" * 60 + "\nbb cc", "a" * 60 + "\nbb cc"),
        ("", ""),
    ],
)
def test_trap_25_lines_that_were_broken_are_joined(text: str, expected: str) -> None:
    assert unwrapped(text) == expected
