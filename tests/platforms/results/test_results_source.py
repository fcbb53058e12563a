"""Timing data as it comes: growing, cut off, corrected, dirty, in any line end and encoding, by file and by HTTP."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.errors import RateLimited, Unavailable
from bot.core.results import FINISH, Result, Standing, Tally
from bot.platforms.results.source import ResultsSource
from tests.platforms.contract import NOON, Clock, context_of

HEADER = "bib,name,gender,place,5K,HALF,FINISH,status\n"
ROWS = (
    "1,Eliud Kipchoge,M,1,0:14:20,1:01:24,2:03:05,\n",
    "2,Stanley Biwott,M,2,0:14:20,1:01:24,2:03:51,\n",
    '3,"Bekele, Kenenisa",M,3,-,1:02:00,2:06:36,\n',
    "4,,F,,0:17:00,,DNF,\n",
    "5,Ana,F,,,,,DNS\n",
)
COLUMNS = {
    "key": "bib",
    "name": "name",
    "place": "place",
    "finish": "FINISH",
    "status": "status",
    "fields": {"gender": "gender"},
}


def source(folder: Path, clock: Clock | None = None, **more: Any) -> ResultsSource:
    own: dict[str, Any] = {"data": "results.csv", "race": "men", "columns": COLUMNS, "splits": ("5K", "HALF"), **more}
    return ResultsSource(ResultsSource.Settings(**own), replace(context_of(clock or Clock()), folder=str(folder)))


def write(folder: Path, text: str | bytes, name: str = "results.csv") -> None:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    write.ticks += 1  # type: ignore[attr-defined]
    moment = int(NOON.timestamp() * 10**9) + write.ticks  # type: ignore[attr-defined]
    os.utime(path, ns=(moment, moment))


write.ticks = 1  # type: ignore[attr-defined] # the time of change differs, however quick the test is


def all_of(found: ResultsSource, cursor: str = "") -> tuple[list[Result], str, str]:
    rows: list[Result] = []
    while True:
        batch = found.fetch(cursor)
        rows.extend(batch.results)
        cursor = batch.cursor or cursor
        if not batch.more:
            return rows, cursor, batch.note


def test_rows_say_what_the_mapping_names(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "".join(ROWS))
    rows, _, note = all_of(source(tmp_path))
    assert rows[0] == Result(
        "men", "1", "Eliud Kipchoge", 1, (("5K", 860_000), ("HALF", 3_684_000), (FINISH, 7_385_000)), Standing.FINISHED, {"gender": "M"}
    )  # fmt: skip
    assert [row.standing.value for row in rows] == ["finished", "finished", "finished", "stopped", "absent"]
    assert rows[2].name == "Bekele, Kenenisa"
    assert rows[2].at("5K") is None
    assert (rows[3].place, rows[3].name) == (None, "")
    assert note == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_line_ends_encodings_and_delimiters(tmp_path: Path, end: str, encoding: str, delimiter: str) -> None:
    text = (HEADER + "7,Zoë Müller,F,1,0:17:00,1:15:00,2:22:58,\n").replace(",", delimiter).replace("\n", end)
    write(tmp_path, text.encode(encoding))
    rows, _, note = all_of(source(tmp_path))
    assert [(row.name, row.at(FINISH)) for row in rows] == [("Zoë Müller", 8_578_000)]
    assert ("Windows-1252" in note) is (encoding == "cp1252")


def test_only_what_has_changed_is_brought(tmp_path: Path) -> None:
    write(tmp_path, HEADER + ROWS[0])
    found = source(tmp_path)
    rows, cursor, _ = all_of(found)
    assert len(rows) == 1
    assert all_of(found, cursor)[0] == []
    write(tmp_path, HEADER + ROWS[0])
    assert all_of(found, cursor)[0] == [], "written anew, and the same"
    write(tmp_path, HEADER + ROWS[0].replace("2:03:05", "2:03:04"))
    rows, cursor, _ = all_of(found, cursor)
    assert [row.at(FINISH) for row in rows] == [7_384_000]
    write(tmp_path, HEADER + ROWS[0].replace("2:03:05", "2:03:04") + ROWS[0])
    rows, cursor, _ = all_of(source(tmp_path), cursor)
    assert [row.at(FINISH) for row in rows] == [7_385_000], "of two rows with one key the last counts"


def test_a_line_that_is_being_written_waits_and_the_last_one_does_not_for_ever(tmp_path: Path) -> None:
    whole = HEADER + ROWS[0]
    clock = Clock()
    found = source(tmp_path, clock)
    write(tmp_path, whole + ROWS[1][:20])
    rows, cursor, _ = all_of(found)
    assert [row.key for row in rows] == ["1"]
    write(tmp_path, whole + "2,Stanley Biwott,M,2,0:14:20,1:01:24,2:03")
    for _ in range(3):
        rows, cursor, note = all_of(found, cursor)
        assert rows == [], "half of a time is a time, too"
    assert note == "the last line has no end yet: it waits"
    write(tmp_path, whole + ROWS[1].rstrip("\n"))
    assert all_of(found, cursor)[0] == []
    clock.move(seconds=61)
    rows, cursor, note = all_of(source(tmp_path, clock), cursor)
    assert [(row.key, row.at(FINISH)) for row in rows][-1] == ("2", 7_431_000), "it stood for a minute: it is whole"
    assert note == ""
    assert all_of(found, cursor)[0] == []


def test_a_file_that_was_finished_long_ago_needs_no_last_line_end(tmp_path: Path) -> None:
    write(tmp_path, (HEADER + ROWS[0]).rstrip("\n"))
    clock = Clock()
    clock.move(hours=1)
    assert [row.key for row in all_of(source(tmp_path, clock))[0]] == ["1"]


def test_a_cell_with_line_breaks_that_is_being_written_waits(tmp_path: Path) -> None:
    write(tmp_path, HEADER + ROWS[0] + '6,"An\n')
    found = source(tmp_path)
    rows, cursor, note = all_of(found)
    assert [row.key for row in rows] == ["1"]
    assert note == "line 3 opens a quote that nothing closes yet: it waits"
    write(tmp_path, HEADER + ROWS[0] + '6,"An\na",F,4,,,2:10:00,\n')
    rows, _, note = all_of(found, cursor)
    assert [(row.key, row.name) for row in rows] == [("6", "An a")]
    assert note == ""


def test_a_quote_that_nothing_closes_waits_a_minute_and_then_costs_its_own_line_alone(tmp_path: Path) -> None:
    clock = Clock()
    found = source(tmp_path, clock)
    write(tmp_path, HEADER + ROWS[0] + '6,"Ana,F,1,,,2:00:00,\n' + ROWS[1])
    rows, cursor, note = all_of(found)
    assert ([row.key for row in rows], note) == (["1"], "line 3 opens a quote that nothing closes yet: it waits")
    clock.move(seconds=61)
    rows, cursor, note = all_of(found, cursor)
    assert ([row.key for row in rows], note) == (["2"], "line 3 opens a quote that nothing closes: left out")
    assert all_of(found, cursor)[0] == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text('",\n\r;a1:\0é', max_size=300).map(str.encode), st.booleans(), st.booleans())
def test_whatever_the_bytes_are_there_are_rows_or_a_clear_error(
    tmp_path: Path, body: bytes, is_json: bool, is_late: bool
) -> None:
    name = "a.json" if is_json else "a.csv"
    write(tmp_path, body if is_json else b"id,n,t\n" + body, name)
    clock = Clock()
    clock.move(hours=int(is_late))
    own = source(tmp_path, clock, data=name, splits=(), columns={"key": "id", "name": "n", "finish": "t"})
    try:
        rows, cursor, _ = all_of(own)
    except Unavailable:
        return
    assert all(row.key for row in rows)
    assert all_of(own, cursor)[0] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('1,"Ana,F,1,,,2:00:00,\n', "line 2 opens a quote that nothing closes: left out"),
        ("1," + "x" * 200_000 + ",F,1,,,2:00:00,\n", "line 2 cannot be read (field larger than field limit (131072)): left out"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_costs_no_other(tmp_path: Path, line: str, said: str) -> None:
    write(tmp_path, HEADER + line + "".join(f"{n},r{n},M,{n},,,3:00:{n},\n" for n in range(10, 60)))
    rows, _, note = all_of(source(tmp_path))
    assert [row.key for row in rows] == [str(n) for n in range(10, 60)]
    assert note == said


def test_many_lines_that_cannot_be_read_end_the_reading(tmp_path: Path) -> None:
    write(tmp_path, HEADER + '1;"x\n' * 5_000 + '1,"x\n' + "2,y\n" * 30 + '3,"z\n' * 7)
    rows, _, note = all_of(source(tmp_path))
    assert rows
    assert "opens a quote that nothing closes" in note


def test_one_line_in_another_encoding_changes_no_other(tmp_path: Path) -> None:
    write(tmp_path, (HEADER + "1,Zoë,F,1,,,2:00:00,\n").encode() + b"2,Zo\xeb,F,2,,,2:01:00,\n")
    rows, _, note = all_of(source(tmp_path))
    assert [row.name for row in rows] == ["Zoë", "Zoë"]
    assert note == "1 line is not UTF-8: read as Windows-1252"


def test_a_row_that_comes_on_top_and_one_that_is_corrected_below_come_alone(tmp_path: Path) -> None:
    lines = "".join(f"{n},r{n},M,{n},,,3:00:{n % 60:02},\n" for n in range(10, 1_010))
    write(tmp_path, HEADER + lines)
    found = source(tmp_path)
    _, cursor, _ = all_of(found)
    write(tmp_path, HEADER + ROWS[0] + lines + "500,r500,M,500,,,2:59:59,\n")
    rows, cursor, _ = all_of(found, cursor)
    assert [row.key for row in rows] == ["1", "500"]
    again, _, _ = all_of(source(tmp_path), cursor)
    assert again == [], "also after a restart"


def test_what_no_store_can_take_is_taken_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[{"id": 7.0, "n": "a\\u0000b\\ud800"}, {"id": 1e400}, {"id": 8, "n": "Na"}, {"id": 9, "n": "NA"}]',
        "a.json",
    )
    rows, _, note = all_of(source(tmp_path, data="a.json", splits=(), columns={"key": "id", "name": "n"}))
    assert [(row.key, row.name) for row in rows] == [("7", "ab\ufffd"), ("8", "Na"), ("9", "")]
    assert note == "1 row left out: entry 2 has no key"


def test_a_line_that_names_the_delimiter_and_a_column_that_stands_twice(tmp_path: Path) -> None:
    write(tmp_path, "sep=;\n" + (HEADER + ROWS[0]).replace(",", ";"))
    assert [row.name for row in all_of(source(tmp_path))[0]] == ["Eliud Kipchoge"]
    write(tmp_path, HEADER.replace("gender", "FINISH") + ROWS[0])
    with pytest.raises(Unavailable, match="there are several columns 'FINISH'"):
        source(tmp_path, columns={**COLUMNS, "fields": {}}).fetch("")


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,003", 1003), ("59.400.000", 59_400_000), ("59.400.000,50 €", 59_400_000), ("0,50", 0), ("£1 003.99", 1003)],
)
def test_numbers_as_people_write_them(tmp_path: Path, written: str, value: int) -> None:
    write(tmp_path, json.dumps({"rows": [], "n": written}), "a.json")
    own = source(tmp_path, data="a.json", rows="rows", splits=(), columns={"key": "id"}, tallies={"n": "n"})
    assert own.fetch("").tallies == (Tally("n", value),)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 400), max_size=12))
def test_however_a_file_grows_in_the_end_every_row_has_come_as_it_is(tmp_path: Path, cuts: list[int]) -> None:
    text = HEADER + "".join(ROWS) + '6,"Bo\nX",M,4,,,2:10:00,\n'
    write(tmp_path, text)
    told, _, _ = all_of(source(tmp_path))
    found, cursor = source(tmp_path), ""
    seen: dict[str, Result] = {}
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        write(tmp_path, text[:cut])
        try:
            rows, cursor, _ = all_of(found, cursor)
        except Unavailable:  # not even a header yet
            continue
        seen |= {row.key: row for row in rows}
        assert all(row in told for row in rows), "no row comes by half"
    write(tmp_path, text)
    whole, _, _ = all_of(source(tmp_path))
    assert [seen[row.key] for row in whole] == whole


def test_many_rows_come_in_bounded_batches_also_after_a_restart(tmp_path: Path) -> None:
    lines = [f"{number},runner {number},M,{number},,,3:00:{number % 60:02},\n" for number in range(1, 12_001)]
    write(tmp_path, HEADER + "".join(lines))
    first = source(tmp_path).fetch("")
    assert (len(first.results), first.more) == (5_000, True)
    rest, cursor, _ = all_of(source(tmp_path), first.cursor)
    assert [row.key for row in (*first.results, *rest)] == [str(number) for number in range(1, 12_001)]
    assert all_of(source(tmp_path), cursor)[0] == []


def test_what_cannot_be_read_is_named_and_the_rest_comes(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEADER
        + ",nobody,M,1,,,2:00:00,\n"
        + "8,=cmd|' /C calc'!A0,M,one,soon,,25:99:99,\n"
        + "9\n"
        + "x" * 30_000
        + ",\n",
    )
    rows, _, note = all_of(source(tmp_path))
    assert [(row.key[:3], row.place, row.at(FINISH)) for row in rows] == [
        ("8", None, None),
        ("9", None, None),
        ("xxx", None, None),
    ]
    assert len(rows[2].key) == 200
    assert note == "1 row left out: line 2 has no key"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no line in it yet"),
        ("a,b\n1,2\n", "there is no column 'place': there are a, b"),
    ],
)
def test_a_document_that_does_not_fit_says_why(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)
    with pytest.raises(Unavailable, match=r"results\.csv: there is no") as caught:
        source(tmp_path).fetch("")
    assert said in str(caught.value)


def test_without_a_race_it_is_named_as_the_source(tmp_path: Path) -> None:
    write(tmp_path, HEADER + ROWS[0])
    assert all_of(source(tmp_path, race=""))[0][0].race == "it"


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read: No such file"):
        source(tmp_path).fetch("")
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(Unavailable, match="is no file"):
        source(tmp_path).fetch("")


def test_json_with_paths_and_tallies(tmp_path: Path) -> None:
    document = {
        "seats": {
            "items": [{"id": 7, "winner": {"name": "Ana"}, "t": 7385.4}, "odd", {"id": "8", "t": True}],
            "declared": "1,003",
        },
        "raised": "£59,400,000.50",
    }
    more: dict[str, Any] = {
        "data": "night.json",
        "rows": "seats.items",
        "splits": (),
        "columns": {"key": "id", "name": "winner.name", "finish": "t"},
        "tallies": {"declared": "seats.declared", "raised": "raised", "none": "seats"},
    }
    write(tmp_path, json.dumps(document), "night.json")
    batch = source(tmp_path, **more).fetch("")
    assert [(row.key, row.name, row.at(FINISH)) for row in batch.results] == [("7", "Ana", 7_385_400), ("8", "", None)]
    assert batch.tallies == (Tally("declared", 1003), Tally("raised", 59_400_000))
    assert "1 entries are no objects" in batch.note
    assert "none: no number stands at 'seats'" in batch.note
    write(tmp_path, json.dumps(document)[:50], "night.json")
    with pytest.raises(Unavailable, match="no whole JSON"):
        source(tmp_path, **more).fetch(batch.cursor)
    write(tmp_path, "[" * 100_000, "night.json")
    with pytest.raises(Unavailable, match="no whole JSON"):
        source(tmp_path, **more).fetch("")
    write(tmp_path, '{"a": 1}', "night.json")
    with pytest.raises(Unavailable, match="set `rows`; there are: a"):
        source(tmp_path, **more).fetch("")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"data": ""}, "at least 1 character"),
        ({"data": "https://me:secret@a.example/x"}, "without user and password"),
        ({"data": "ftp://a.example/x"}, "is no address"),
        ({"columns": {"name": "n"}}, "Field required"),
        ({"splits": ("5K", "5K")}, "names '5K' twice"),
        ({"splits": ("finish",)}, "it is no split"),
        ({"statuses": {"ABD": "gone"}}, "Input should be 'entered'"),
    ],
)
def test_settings_that_do_not_fit(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        source(tmp_path, **more)


class _Host(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body = b""
    status = 200
    kind = "text/csv"
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        etag = f'"{hash(self.body)}"'
        self.asked.append(self.headers.get("If-None-Match", ""))
        if self.status != 200:
            self.send_response(self.status)
            self.send_header("retry-after", "30")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("etag", etag)
        self.send_header("content-type", self.kind)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_args: object) -> None: ...


@contextmanager
def host() -> Iterator[tuple[type[_Host], str]]:
    class Mine(_Host):
        asked: ClassVar[list[str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Mine, f"http://127.0.0.1:{server.server_address[1]}/live.csv"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_host_is_asked_only_for_what_changed(tmp_path: Path) -> None:
    with host() as (mine, url):
        mine.body = (HEADER + "".join(ROWS)).encode()
        found = source(tmp_path, data=url)
        rows, cursor, _ = all_of(found)
        assert len(rows) == 5
        assert all_of(found, cursor)[0] == []
        assert mine.asked[0] == ""
        assert mine.asked[1]
        mine.body = (HEADER + "".join(ROWS) + "6,Bo,M,4,,,2:10:00,\n").encode()
        rows, cursor, _ = all_of(found, cursor)
        assert rows[-1].key == "6"
        mine.status = 429
        with pytest.raises(RateLimited):
            found.fetch(cursor)
        mine.status = 500
        with pytest.raises(Unavailable):
            found.fetch(cursor)
        mine.status = 200
        assert all_of(found, cursor)[0] == []


def test_a_host_whose_document_is_being_written(tmp_path: Path) -> None:
    with host() as (mine, url):
        clock = Clock()
        found = source(tmp_path, clock, data=url)
        mine.body = (HEADER + ROWS[0] + ROWS[1][:-4]).encode()
        rows, cursor, note = all_of(found)
        assert [row.key for row in rows] == ["1"]
        assert "the last line has no end yet" in note
        mine.body = (HEADER + ROWS[0] + ROWS[1]).rstrip("\n").encode()
        rows, cursor, _ = all_of(found, cursor)
        assert rows == []
        clock.move(seconds=61)
        rows, cursor, note = all_of(found, cursor)
        assert [(row.key, row.at(FINISH)) for row in rows] == [("2", 7_431_000)]
        assert mine.asked == ["", "", ""], "what waits is asked for whole"
        assert all_of(found, cursor)[0] == []
        assert mine.asked[-1]


def test_a_host_that_says_it_is_json(tmp_path: Path) -> None:
    with host() as (mine, url):
        mine.body, mine.kind = b'[{"bib": 7}]', "application/json; charset=utf-8"
        own = source(tmp_path, data=url.replace("live.csv", "live"), splits=(), columns={"key": "bib"})
        assert [row.key for row in all_of(own)[0]] == ["7"]


def test_real_rows_of_a_marathon(shared_data: Path) -> None:
    splits = ("5K", "10K", "15K", "20K", "HALF", "25K", "30K", "35K", "40K")
    columns = {
        "key": "#",
        "place": "place_overall",
        "finish": "FINISH",
        "fields": {name: name for name in ("gender", "place_gender", "age_group", "nationality")},
    }
    path = shared_data / "milestones" / "lm2016_sample.csv"
    own = ResultsSource.Settings(data=str(path), race="mass", splits=splits, columns=columns)  # type: ignore[arg-type] # as TOML gives it
    rows, _, note = all_of(ResultsSource(own, context_of(Clock())))
    assert (len(rows), note) == (2401, "")
    assert (rows[0].key, rows[0].place, rows[0].at(FINISH)) == ("2", 1, 8_240_000)
    assert sum(not row.sound for row in rows) == 1
    assert sum(ms is None for row in rows for _, ms in row.times) == 276
    assert rows[-1].fields["age_group"] == "45-49"


def test_real_winners_of_every_year(shared_data: Path) -> None:
    columns = {
        "key": "Year",
        "race": "Category",
        "name": "Athlete",
        "finish": "Time",
        "fields": {"country": "Nationality"},
    }
    path = shared_data / "milestones" / "winners.csv"
    own = ResultsSource.Settings(data=str(path), columns=columns)  # type: ignore[arg-type] # as TOML gives it
    rows, _, _ = all_of(ResultsSource(own, context_of(Clock())))
    (of_2016,) = [row for row in rows if row.key == "2016" and row.race == "Men"]
    assert (of_2016.name, of_2016.at(FINISH), of_2016.fields["country"]) == ("Eliud Kipchoge", 7_385_000, "Kenya")
