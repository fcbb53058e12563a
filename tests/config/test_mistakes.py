"""Every kind of mistake: its place, its reason, what to write instead."""

from pathlib import Path

import pytest

from bot.config.load import load
from bot.core.errors import ConfigError
from tests.config.stand_ins import EVENT, MODELS, told

SOURCE = EVENT + '[[source]]\nname = "organiser"\nkind = "wire"\nurl = "https://a.example"\n'
ACCOUNT = EVENT + '[[account]]\nname = "wall"\nkind = "wall"\nidentifier = "desk"\n'


def test_a_key_that_a_platform_does_not_know(tmp_path: Path) -> None:
    assert told(tmp_path, SOURCE + 'evry = "30s"\n') == (
        'config.toml:7:1: unknown key "evry" in [[source]] "organiser"\n'
        '    7 | evry = "30s"\n'
        '      | ^^^^ did you mean "every"?'
    )


def test_the_key_of_the_house_example(tmp_path: Path) -> None:
    assert told(tmp_path, SOURCE + 'poll_every = "30s"\n') == (
        'config.toml:7:1: unknown key "poll_every" in [[source]] "organiser"\n'
        '    7 | poll_every = "30s"\n'
        '      | ^^^^^^^^^^ did you mean "every"?'
    )


CASES: dict[str, tuple[str, str, str, str]] = {
    "unknown key": (EVENT + "[page]\nlangauge = 1\n", "4:1", 'unknown key "langauge" in [page]', 'did you mean "language"?'),
    "unknown key, nothing near": (EVENT + "qqq = 1\n", "3:1", 'unknown key "qqq" in [event]', "known here: name, zone, about, byline"),
    "unknown key that belongs elsewhere": ("port = 1\n" + EVENT, "1:1", 'unknown key "port" at the top level', "it belongs in [page]"),
    "unknown key in a block of a platform's block": (
        SOURCE + "[source.retry]\ntimse = 1\n",
        "8:1",
        'unknown key "timse" in retry of [[source]] "organiser"',
        'did you mean "times"?',
    ),
    "unknown key in an inline block": (
        SOURCE + "retry = { timse = 1 }\n",
        "7:11",
        'unknown key "timse" in retry of [[source]] "organiser"',
        'did you mean "times"?',
    ),
    "unknown block": (EVENT + "[pages]\n", "3:1", "unknown block [pages]", "did you mean [page]?"),
    "unknown list of blocks": (EVENT + "[[sources]]\n", "3:1", "unknown block [[sources]]", "did you mean [[source]]?"),
    "one block for a list": (EVENT + "[source]\n", "3:1", '"source" is a list of blocks', "write [[source]]"),
    "a list for one block": (EVENT + "[[page]]\n", "3:1", "[[page]] stands for one block only", "write [page]"),
    "a value for a block": ("page = 5\n" + EVENT, "1:1", '"page" must be a block', "write [page]"),
    "text for a number": (EVENT + '[page]\nport = "8016"\n', "4:8", '"port" must be a whole number, not "8016"', "did you mean 8016?"),
    "a fraction for a number": (EVENT + "[page]\nport = 80.5\n", "4:8", '"port" must be a whole number, not 80.5', ""),
    "true for a number": (EVENT + "[page]\nport = true\n", "4:8", '"port" must be a whole number, not true', ""),
    "a number for text": (EVENT + "[page]\ntitle = 5\n", "4:9", '"title" must be text in "quotes", not 5', 'did you mean "5"?'),
    "a number for a name": (EVENT + '[[strand]]\nid = 5\nname = "x"\n', "4:6", '"id" must be text in "quotes", not 5', 'did you mean "5"?'),
    "a number for a host": (EVENT + "[page]\nhost = 5\n", "4:8", '"host" must be text in "quotes", not 5', ""),
    "a number for a zone": (EVENT + "zone = 5\n", "3:8", '"zone" must be text in "quotes", not 5', "write an IANA name such as Europe/London"),
    "text for a truth": (SOURCE + 'enabled = "yes"\n', "7:11", '"enabled" must be true or false, not "yes"', "did you mean true?"),
    "a number for a truth": (SOURCE + "enabled = 1\n", "7:11", '"enabled" must be true or false, not 1', "did you mean true?"),
    "text for a list": (SOURCE + 'tags = "a"\n', "7:8", '"tags" must be a list: ["a", "b"], not "a"', 'did you mean ["a"]?'),
    "a number in a list of texts": (SOURCE + 'tags = ["a", 5]\n', "7:14", '"tags" must be text in "quotes", not 5', 'did you mean "5"?'),
    "text for a platform's number": (SOURCE + 'limit = "5"\n', "7:9", '"limit" must be a whole number, not "5"', "did you mean 5?"),
    "too much": (EVENT + "[page]\nport = 70000\n", "4:8", '70000 is out of range: "port" must be at most 65535', ""),
    "too little": (EVENT + "[page]\nlatest = 0\n", "4:10", '0 is out of range: "latest" must be at least 1', ""),
    "too much for a platform": (SOURCE + "limit = 500\n", "7:9", '500 is out of range: "limit" must be at most 100', ""),
    "no window at all": (EVENT + '[stories]\nwindow = "0s"\n', "4:10", '"0s" is too short: write 1s or more', ""),
    "no pause at all": (EVENT + '[collect]\nevery = "0s"\n', "4:9", '"0s" is too short: write 1s or more', ""),
    "empty": ('[event]\nname = ""\n', "2:8", '"name" must not be empty', ""),
    "zone": (EVENT + 'zone = "Europe/Londn"\n', "3:8", '"Europe/Londn" is not a time zone', 'did you mean "Europe/London"?'),
    "zone, nothing near": (EVENT + 'zone = "xyz"\n', "3:8", '"xyz" is not a time zone', "write an IANA name such as Europe/London"),
    "moment without zone": (
        EVENT + 'zone = "Europe/London"\n[[clock]]\nid = "mass"\nname = "m"\nstart = 2016-04-24T10:00:00\n',
        "7:9",
        "2016-04-24T10:00:00 needs date, time and zone",
        "did you mean 2016-04-24T10:00:00+01:00?",
    ),
    "day for a moment": (
        EVENT + '[[clock]]\nid = "mass"\nname = "m"\nstart = 2016-04-24\n',
        "6:9",
        "2016-04-24 needs date, time and zone",
        "did you mean 2016-04-24T00:00:00+00:00?",
    ),
    "number for a moment": (
        EVENT + '[[clock]]\nid = "mass"\nname = "m"\nstart = 1461488400\n',
        "6:9",
        '"start" must be a moment with zone: 2016-04-24T10:00:00+01:00, not 1461488400',
        "",
    ),
    "moment outside the calendar": (
        EVENT + '[[clock]]\nid = "mass"\nname = "m"\nstart = 0001-01-01T00:00:00+01:00\n',
        "6:9",
        "0001-01-01T00:00:00+01:00 lies outside the calendar",
        "",
    ),
    "duration": (
        EVENT + '[collect]\nevery = "5 minutes"\n',
        "4:9",
        '"5 minutes" is not a duration: write 90s, 15m, 6h, 30d, 2w or 1d12h',
        'did you mean "5m"?',
    ),
    "number for a duration": (
        EVENT + "[collect]\nevery = 30\n",
        "4:9",
        "30 is not a duration: write 90s, 15m, 6h, 30d, 2w or 1d12h",
        'did you mean "30s"?',
    ),
    "duration beyond the calendar": (
        EVENT + '[collect]\nbackfill = "999999w"\n',
        "4:12",
        '"999999w" is too long: a duration is at most 36500d',
        "",
    ),
    "choice": (EVENT + '[log]\nlevel = "warn"\n', "4:9", '"warn" is not possible for "level": write one of debug, info, warning, error', 'did you mean "warning"?'),
    "verdict": (EVENT + '[rules]\ndefault = "droop"\n', "4:11", '"droop" is not possible for "default": write one of publish, wait, hold, drop', 'did you mean "drop"?'),
    "name": (
        EVENT + '[[strand]]\nid = "Men\'s race"\nname = "x"\n',
        "4:6",
        '"Men\'s race" is not a name: small letters a to z, digits, - and _, at most 40, a letter or digit first',
        'did you mean "men-s-race"?',
    ),
    "language": (EVENT + '[page]\nlanguage = "English!"\n', "4:12", '"English!" is not a language: write a BCP 47 tag such as en-GB', ""),
    "web address": (EVENT + '[page]\npublic_url = "race.example"\n', "4:14", '"race.example" is not a web address: write one that begins with https:// or http://', ""),
    "store": (
        EVENT + '[store]\nurl = "postgres://db/x"\n',
        "4:7",
        '"postgres://db/x" is not a store: write sqlite:///var/milepost.db or postgresql://user@host/name',
        'did you mean "postgresql://db/x"?',
    ),
    "page over the configuration": (
        EVENT + '[page]\nfolder = "."\n',
        "4:10",
        'the folder of the page, ".", would hold the configuration: what lies there is for everybody',
        'give the page a folder of its own, such as "var/page"',
    ),
    "page above the configuration": (
        EVENT + '[page]\nfolder = "var/../../"\n',
        "4:10",
        'the folder of the page, "var/../../", would hold the configuration: what lies there is for everybody',
        'give the page a folder of its own, such as "var/page"',
    ),
    "page over the rules": (
        EVENT + '[page]\nfolder = "./rules/"\n',
        "4:10",
        'the folder of the page, "./rules/", would hold the rules: what lies there is for everybody',
        'give the page a folder of its own, such as "var/page"',
    ),
    "page over the store": (
        EVENT + '[page]\nfolder = "var"\n',
        "4:10",
        'the folder of the page, "var", would hold the store: what lies there is for everybody',
        'give the page a folder of its own, such as "var/page"',
    ),
    "store in the page": (
        EVENT + '[store]\nurl = "sqlite:///var/page/kept/milepost.db"\n',
        "4:7",
        'the folder of the page, "var/page", would hold the store: what lies there is for everybody',
        'give the page a folder of its own, such as "var/page"',
    ),
    "contact that is none": (
        EVENT + '[page]\ncontact = "javascript:alert(1)"\n',
        "4:11",
        '"javascript:alert(1)" is neither a mail address nor a web address: write desk@example.org or https://example.org/contact',
        "",
    ),
    "host that is none": (
        EVENT + '[page]\nhost = "999.1.1.1"\n',
        "4:8",
        '"999.1.1.1" is no address to listen on: write 127.0.0.1, 0.0.0.0, :: or a name of this machine',
        "",
    ),
    "strand without a name": (EVENT + '[[strand]]\nid = "a"\nname = ""\n', "5:8", '"name" must not be empty', ""),
    "two accounts in one file": (
        EVENT + '[[account]]\nname = "a"\nkind = "slip"\npath = "x.jsonl"\n[[account]]\nname = "b"\nkind = "slip"\npath = "./x.jsonl"\n',
        "10:8",
        '[[account]] "b" would write into the file of [[account]] "a", "./x.jsonl"',
        "give each account a file of its own",
    ),
    "official by handle": (
        EVENT + '[[official]]\nname = "BBC"\nids = ["@bbc"]\n',
        "5:8",
        '"@bbc" is not an account id: write platform:id',
        'for example "bluesky:did:plc:…"; handles change hands',
    ),
    "official of an unknown platform": (
        EVENT + '[[official]]\nname = "BBC"\nids = ["x:1", "wier:id:7"]\n',
        "5:15",
        '"wier:id:7" is of no known platform',
        'did you mean "wire"?',
    ),
    "official by a handle of a platform": (
        EVENT + '[[official]]\nname = "BBC"\nids = ["x:@bbc"]\n',
        "5:8",
        '"@bbc" is no permanent id of x',
        'write "x:…": handles change hands, so a person is known by the permanent id',
    ),
    "official by an id that the platform does not give": (
        EVENT + '[[official]]\nname = "BBC"\nids = ["wire:bbc.example"]\n',
        "5:8",
        '"bbc.example" is no permanent id of wire',
        'write "wire:id:…": handles change hands, so a person is known by the permanent id',
    ),
    "official twice": (
        EVENT + '[[official]]\nname = "A"\nids = ["x:1"]\n[[official]]\nname = "B"\nids = ["x:2", "x:1"]\n',
        "8:15",
        'the account "x:1" already stands in line 5',
        "one account belongs to one [[official]]",
    ),
    "kind": (EVENT + '[[source]]\nname = "a"\nkind = "wirre"\n', "5:8", '"wirre" is no kind of source (in [[source]] "a")', 'did you mean "wire"?'),
    "kind of the other side": (EVENT + '[[account]]\nname = "a"\nkind = "tape"\n', "5:8", '"tape" is no kind of account (in [[account]] "a")', "known here: slip, wall"),
    "missing kind": (EVENT + '[[source]]\nname = "a"\n', "3:1", '"kind" is missing in [[source]] "a"', "add kind = …"),
    "missing name": (EVENT + '[[source]]\nkind = "tape"\n', "3:1", '"name" is missing in [[source]] number 1', "add name = …"),
    "missing key of a platform": (EVENT + '[[source]]\nname = "a"\nkind = "wire"\n', "3:1", '"url" is missing in [[source]] "a"', "add url = …"),
    "source twice": (SOURCE + '[[source]]\nname = "organiser"\nkind = "tape"\n', "8:8", 'a second [[source]] is called "organiser"; the first stands in line 4', "give it a name of its own"),
    "account twice": (ACCOUNT + '[[account]]\nname = "wall"\nkind = "wall"\nidentifier = "b"\n', "8:8", 'a second [[account]] is called "wall"; the first stands in line 4', "give it a name of its own"),
    "strand twice": (EVENT + '[[strand]]\nid = "a"\nname = "A"\n[[strand]]\nid = "a"\nname = "B"\n', "7:6", 'a second [[strand]] is called "a"; the first stands in line 4', "give it an id of its own"),
    "clock twice": (
        EVENT + "".join(f'[[clock]]\nid = "a"\nname = "{name}"\nstart = 2016-04-24T10:00:00Z\n' for name in "AB"),
        "8:6",
        'a second [[clock]] is called "a"; the first stands in line 4',
        "give it an id of its own",
    ),
    "the same in the environment": (
        EVENT + '[[source]]\nname = "a-b"\nkind = "tape"\n[[source]]\nname = "a_b"\nkind = "tape"\n',
        "7:8",
        '"a_b" and "a-b" (line 4) are the same in the environment: A_B',
        "give it a name of its own",
    ),
    "account called page": (ACCOUNT.replace('"wall"', '"page"', 1), "4:8", '"page" is the name of the coverage page', "give the account a name of its own"),
    "source called store": (SOURCE.replace("organiser", "store"), "4:8", '"store" is the name of the database', "give the source a name of its own"),
    "strand with an unknown account": (
        ACCOUNT + '[[strand]]\nid = "a"\nname = "A"\naccounts = ["wall", "wal"]\n',
        "10:21",
        'strand "a" names the account "wal", which does not exist',
        'did you mean "wall"?',
    ),
    "strand with an account where there is none": (
        EVENT + '[[strand]]\nid = "a"\nname = "A"\naccounts = ["wall"]\n',
        "6:13",
        'strand "a" names the account "wall", which does not exist',
        "add an [[account]] of that name, or take it out",
    ),
    "strand on the page": (EVENT + '[[strand]]\nid = "a"\nname = "A"\naccounts = ["page"]\n', "6:13", "every update stands on the page", 'take "page" out of "accounts"'),
    "source with an unknown strand": (
        SOURCE + 'strand = "ofical"\n[[strand]]\nid = "official"\nname = "A"\n',
        "7:10",
        '[[source]] "organiser" names the strand "ofical", which does not exist',
        'did you mean "official"?',
    ),
    "keys that do not go together": (
        EVENT + '[[source]]\nname = "a"\nkind = "tape"\nfirst = 10\n',
        "3:1",
        '[[source]] "a": first must not come after last',
        "",
    ),
    "a needed key whose line is broken": (SOURCE.replace('example"', "example"), "6:25", "this text has no closing quote", ""),
    "no closing quote": ('[event]\nname = "Race\n', "2:13", "this text has no closing quote", ""),
    "no quotes": ("[event]\nname = Race\n", "2:8", 'this is no value: text stands in "quotes", a moment as 2016-04-24T10:00:00+01:00', ""),
    "key twice": ('[event]\nname = "a"\nname = "b"\n', "3:11", "this key already stands above: keep one of the two", ""),
    "no closing bracket": ("[event\n", "1:7", "this is not TOML: expected ']' at the end of a table declaration", ""),
    "no day of the calendar": ("[event]\nname = 2016-02-30\n", "2:8", "this is not TOML: invalid date or datetime", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "192.0.2.1", "::", "::1", "localhost", "web-1.example.org", "db", "1password.example"]
)
def test_hosts_that_can_be_listened_on(host: str, tmp_path: Path) -> None:
    assert told(tmp_path, f'{EVENT}[page]\nhost = "{host}"\n') == ""


@pytest.mark.parametrize("host", ["1.2.3", "127.0.0.1:80", "http://a.example", "a b", "-a", "a..b", "[::1]"])
def test_hosts_that_cannot(host: str, tmp_path: Path) -> None:
    assert "is no address to listen on" in told(tmp_path, f'{EVENT}[page]\nhost = "{host}"\n')


@pytest.mark.parametrize("contact", ["desk@example.org", "https://example.org/contact?a=1", "http://example.org", ""])
def test_contacts_that_readers_can_use(contact: str, tmp_path: Path) -> None:
    assert told(tmp_path, f'{EVENT}[page]\ncontact = "{contact}"\n') == ""


@pytest.mark.parametrize(
    "contact", ["mailto:a@b.example", "a@b", "call us", "//example.org", "data:text/html,x", "https://"]
)
def test_contacts_that_they_cannot(contact: str, tmp_path: Path) -> None:
    assert "neither a mail address nor a web address" in told(tmp_path, f'{EVENT}[page]\ncontact = "{contact}"\n')


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_told_alone_with_place_reason_and_hint(case: str, tmp_path: Path) -> None:
    text, place, reason, hint = CASES[case]
    line, column = map(int, place.split(":"))
    head, excerpt, carets = told(tmp_path, text).split("\n")
    assert head == f"config.toml:{place}: {reason}"
    assert excerpt == f"{line:5} | {text.splitlines()[line - 1]}"
    gutter, _, rest = carets.partition("| ")
    assert not gutter.strip()
    marks, _, tail = rest.lstrip(" ").partition(" ")
    assert set(marks) == {"^"}
    assert len(rest) - len(rest.lstrip(" ")) == column - 1
    assert tail == hint


def test_a_file_with_many_mistakes_tells_all_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        "colour = 1\n"
        '[event]\nzone = "Europe/Londn"\n'
        '[page]\nport = "x"\nprot = 1\n'
        '[[source]]\nname = "a"\nkind = "wire"\nlimit = 0\nfoo = 1\nstrand = "b"\n'
        '[[source]]\nname = "a"\nkind = "wier"\n'
        '[[account]]\nname = "page"\nkind = "wall"\npassword = "hunter2"\n'
    )
    lines = told(tmp_path, text, MILEPOST_PAGE__PROT="1", MILEPOST_A_API_KEY_FILE="/absent/key").splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert [head.split(": ")[0] for head in heads] == [
        "config.toml:1:1",
        "config.toml:2:1",  # no name
        "config.toml:3:8",
        "config.toml:5:8",
        "config.toml:6:1",
        "config.toml:7:1",  # no url
        "config.toml:10:9",
        "config.toml:11:1",
        "config.toml:12:10",
        "config.toml:14:8",
        "config.toml:15:8",
        "config.toml:16:1",  # no identifier
        "config.toml:17:8",
        "config.toml:19:1",
        "MILEPOST_A_API_KEY_FILE",
        "MILEPOST_PAGE__PROT",
    ]
    assert not any("hunter2" in line for line in lines)


def test_broken_lines_do_not_hide_other_mistakes(tmp_path: Path) -> None:
    text = '[event]\nname = "a\nzone = Europe/London\n[page]\nprot = 1\n[[strand]]\nid = "a" "b"\nname = "A"\n'
    heads = [line for line in told(tmp_path, text).splitlines() if line.startswith("config")]
    assert heads == [
        "config.toml:2:10: this text has no closing quote",
        'config.toml:3:8: this is no value: text stands in "quotes", a moment as 2016-04-24T10:00:00+01:00',
        'config.toml:5:1: unknown key "prot" in [page]',
        "config.toml:7:10: something follows where the line should end",
    ]


def test_without_an_event_nothing_is_covered(tmp_path: Path) -> None:
    assert told(tmp_path, "") == 'config.toml: the block [event] is missing: add [event] with name = "…"'


def test_columns_count_characters_and_a_byte_order_mark_does_not_count(tmp_path: Path) -> None:
    told_head = told(tmp_path, '\ufeff[event]\r\n"näme" = 1\r\nname = "R"\r\nzone = "ü"\r\n').splitlines()
    assert told_head[0] == 'config.toml:2:1: unknown key "näme" in [event]'
    assert told_head[2] == '      | ^^^^^^ did you mean "name"?'
    assert told_head[3] == 'config.toml:4:8: "ü" is not a time zone'


def test_an_excerpt_cannot_move_the_cursor(tmp_path: Path) -> None:
    text = told(tmp_path, '[event]\nname = "\x1b[2J"\n')
    assert "\x1b" not in text
    assert text.startswith("config.toml:2:9: this is not TOML")


def test_deep_nesting_and_endless_numbers_are_mistakes(tmp_path: Path) -> None:
    assert told(tmp_path, f"a = {'[' * 100_000}") == "config.toml: lists and blocks lie too deep in one another"
    assert told(tmp_path, f"a = {'9' * 5000}") == "config.toml: a number is too long to be read"


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml", models=MODELS, environ={})
    assert str(caught.value) == (
        f"{tmp_path}/none.toml: does not exist: run `milepost init` to write one, or name another with -c FILE"
    )


def test_a_folder_is_not_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read .is a directory.: name a file that this user may read"):
        load(tmp_path, models=MODELS, environ={})


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(ConfigError, match=r"cannot be read .not a file name."):
        load(Path("a\0b"), models=MODELS, environ={})


def test_a_file_that_is_not_utf_8_tells_the_place(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes('[event]\nname = "é'.encode() + b'\xe9"\n')
    with pytest.raises(ConfigError) as caught:
        load(path, models=MODELS, environ={})
    assert str(caught.value) == f"{path}:2:10: is not UTF-8 here: save the file as UTF-8"
