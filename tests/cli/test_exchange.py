"""CSV that spreadsheets write and open."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.cli.exchange import guarded, read, unguarded, write
from mailbot.errors import NotPossible

COLUMNS = ("prefix", "pool", "customer")
STARTS = st.sampled_from(["", "=", "+", "-", "@", "'", "''=", "'=", "\t", "\r", "'a", "a="])


@given(start=STARTS, rest=st.text(max_size=5))
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(start, rest):
    cell = guarded(start + rest)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(cell) == start + rest


def test_what_is_written_can_be_read(capsys, tmp_path):
    rows = [
        {"prefix": "10.0.0.0/8", "pool": "a", "customer": '=1+1,"x"'},
        {"prefix": "", "pool": "b", "customer": None},
    ]
    write(COLUMNS, rows)
    file = tmp_path / "file.csv"
    file.write_text(capsys.readouterr().out)
    assert read(str(file), COLUMNS, ()) == [
        (number, {**row, "customer": row["customer"] or ""}) for number, row in enumerate(rows, 2)
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"prefix,pool\n10.0.0.0/8,a\n",
        b"\xef\xbb\xbfprefix;pool\r\n10.0.0.0/8;a\r\n;\r\n\r\n",
        b"Prefix\tPool \n10.0.0.0/8\ta",
    ],
)
def test_spreadsheets_of_all_countries_are_read(raw, tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(raw)
    assert read(str(file), COLUMNS, ("prefix",)) == [(2, {"prefix": "10.0.0.0/8", "pool": "a"})]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"prefix,pool\n\xff\n", "CSV UTF-8"),
        (b"prefix,pol\n", "did you mean 'pool'"),
        (b"prefix,colour\n", "known are prefix, pool, customer"),
        (b"pool\n", "'prefix' is missing"),
        (b"pol,pol,colour\n", "'pol' (did you mean 'pool'?); there is no column 'colour'; the column 'pol' stands"),
        (b"prefix,prefix\n", "twice"),
        (b'prefix,pool\n"10.0.0.0/8,a\n', "no CSV"),
        (b"prefix,pool\n10.0.0.0/8,a\n10.0.0.0/8,a,b\n", "row 3: 3 cells in 2 columns"),
        (b"prefix,pool\na,b,c\nd,e\nf,g,h\ni,j,k\n", "row 2: 3 cells in 2 columns; too many also in row 4, 5"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_row(raw, words, tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(raw)
    with pytest.raises(NotPossible, match=r"file\.csv") as refused:
        read(str(file), COLUMNS, ("prefix",))
    assert words in str(refused.value)


@given(raw=st.binary(max_size=60))
def test_any_bytes_are_rows_or_a_reason(raw, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(raw)
    with suppress(NotPossible):  # and nothing else
        assert isinstance(read(str(file), COLUMNS, ()), list)


def test_a_csv_reader_sees_the_same_cells(capsys):
    write(COLUMNS, [{"prefix": "a\nb", "pool": 'c"d', "customer": 7}])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1] == ["a\nb", 'c"d', "7"]
