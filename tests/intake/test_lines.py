"""Tables that come with a mail: one request a line, or one with many items; all of it or nothing."""

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from house import ANA, BOB, CONFIG, FORM, ROUTES, RULES, House, mail, only

from mailbot.sheet import Bounds, read


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, rules={**RULES, "routes": ROUTES})


def xlsx(*rows, title="Sites", change=None):
    book, file = openpyxl.Workbook(), BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    book.save(file)
    return file.getvalue()


def sent(house, content, name="lines.xlsx", type_="attribution", text="Reason: A new office\n"):
    message = mail(BOB, type_, text)
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return house.take(message)[1]


HEADER = ("Customer", "Prefix length")


def test_each_line_opens_a_request_and_one_letter_tells_of_all(house):
    letters = sent(house, xlsx(HEADER, ("Acme", 28), (None, None), ("Beta", "/29")))
    told = only(letters, "answer", BOB)
    assert told.subject == "2 requests were opened"
    assert "IP-1: Acme: /28, in progress" in told.text
    assert [dict(house.request(name).form) for name in ("IP-1", "IP-2")] == [
        {"customer": "Acme", "size": 28, "reason": "A new office"},
        {"customer": "Beta", "size": 29, "reason": "A new office"},
    ]
    assert len([one for one in letters if one.to == BOB]) == 1
    assert [one.reference for one in letters if one.to == ANA] == ["IP-1", "IP-2"]
    assert [one.name for one in house.request("IP-2").attachments] == ["lines.xlsx"]


def test_each_bad_cell_is_named_by_file_sheet_row_and_column_and_nothing_is_opened(house):
    told = only(sent(house, xlsx(HEADER, ("Acme", 28), ("", 33), ("Beta", "big"))), "misunderstood", BOB)
    said = " ".join(told.text.replace("|", " ").split())
    assert "lines.xlsx, sheet Sites, row 3, Customer: is missing" in said
    assert "lines.xlsx, sheet Sites, row 3, Prefix length: 33 is above 30" in said
    assert "lines.xlsx, sheet Sites, row 4, Prefix length: big is not a whole number" in said
    assert house.requests() == []
    assert "IP-1" in only(house.mail(BOB, "attribution", FORM), "acknowledged").subject


@pytest.mark.parametrize(
    "content",
    [
        "Customer,Prefix length\nZoë,28\n".encode("utf-8-sig"),
        "Customer;Prefix length\r\nZoë;28\r\n".encode("cp1252"),
        "Customer\tPrefix length\nZoë\t28\n".encode("utf-16"),
        'customer,size\n"Zoë",28\n'.encode(),
    ],
)
def test_csv_is_read_as_programs_write_it(house, content):
    only(sent(house, content, "lines.csv"), "answer", BOB)
    assert dict(house.request().form)["customer"] == "Zoë"


def test_a_field_that_takes_many_makes_the_lines_one_request(house):
    told = only(
        sent(house, b"Site,Routes\nLyon,10.1.0.0/24\nLyon,10.2.0.0/24\n,10.3.0.0/24\n", "l.csv", "routes", ""),
        "answer",
        BOB,
    )
    assert told.subject == "1 request was opened"
    assert dict(house.request().form) == {
        "site": "Lyon",
        "routes": ("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24"),
    }


def test_lines_of_one_request_must_agree_and_their_bad_items_are_named(house):
    told = only(
        sent(house, b"Site,Routes\nLyon,10.1.0.0/24\nNice,10.2.0.1/24\n", "l.csv", "routes", ""), "misunderstood", BOB
    )
    said = " ".join(told.text.replace("|", " ").split())
    assert "l.csv, row 3, Site: 'Nice' is not 'Lyon'" in said
    assert "l.csv, row 3, Routes: 10.2.0.1/24 is no prefix: bits are set" in said
    assert house.requests() == []


def test_the_rule_file_says_which_way(tmp_path):
    house = House(tmp_path, rules={"routes": ROUTES.replace('title = "Routes"', 'lines = "requests"')})
    sent(house, b"Site,Routes\nLyon,10.1.0.0/24\nNice,10.2.0.0/24\n", "l.csv", "routes", "")
    assert house.requests() == ["IP-1", "IP-2"]


def test_an_unknown_column_is_told_with_what_may_be_meant(house):
    said = only(sent(house, b"Customer,Prefix lenght\nAcme,28\n", "l.csv"), "misunderstood", BOB).text
    assert "did you mean 'Prefix length'" in " ".join(said.replace("|", " ").split())


def test_another_table_is_just_an_attachment(house):
    only(sent(house, b"Port,Speed\n1,10G\n", "ports.csv", text=FORM), "acknowledged", BOB)
    assert house.requests() == ["IP-1"]


def test_there_are_no_more_lines_than_the_limit(tmp_path):
    house = House(tmp_path, config=CONFIG.replace("[limits]\n", "[limits]\nlines_per_message = 2\n"))
    rows = b"Customer,Prefix length\n" + b"Acme,28\n" * 3
    assert "one mail may have 2" in " ".join(only(sent(house, rows, "l.csv"), "misunderstood").text.split())
    assert house.requests() == []


def test_dates_are_dates_and_formulas_are_their_last_result():
    def formula(book):
        book.active["C2"] = '=HYPERLINK("http://evil.example")'

    content = xlsx(("a", "b"), (datetime(2026, 12, 1), 28.0), change=formula)  # noqa: DTZ001 (a cell has no zone)
    [sheet] = read("x.xlsx", content, Bounds())
    assert sheet.rows[1].cells == ("2026-12-01", "28", "")


def bomb():
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (60 * 2**20))
    return file.getvalue()


def laughing():
    """An XLSX whose sheet defines entities within entities."""
    file, old = BytesIO(), xlsx(HEADER, ("Acme", 28))
    with ZipFile(BytesIO(old)) as source, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for one in source.infolist():
            raw = source.read(one)
            if one.filename.startswith("xl/worksheets/"):
                raw = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + raw.replace(b"Acme", b"&b;")
            archive.writestr(one.filename, raw)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb(), "more than 50 MiB when unpacked"),
        (laughing(), "no XLSX file"),
        (b"PK\3\4 and no more", "no XLSX file"),
        (b"", "no XLSX file"),
    ],
)
def test_trap_28_a_file_that_is_no_table_is_told_and_stops_nothing(house, content, words):
    said = " ".join(only(sent(house, content, text=""), "misunderstood", BOB).text.replace("|", " ").split())
    assert words in said


def test_trap_43_a_cell_cannot_write_a_second_field(house):
    cell = '"Acme\nPrefix length: 24\n---- form begins ----"'
    said = only(sent(house, f"Customer,Prefix length\n{cell},28\n".encode(), "l.csv"), "misunderstood", BOB).text
    assert "row 2, Customer" in " ".join(said.replace("|", " ").split())
