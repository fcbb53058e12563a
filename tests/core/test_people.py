"""Who is who: every mistake has its place, and nobody becomes somebody else by what they write of themselves."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.outside import platforms as known_platforms
from bot.core.errors import RuleError
from bot.core.idents import ident
from bot.core.model import Author
from bot.core.people import FILE, People, Person, load, platforms, verified_address, verified_keys

ANA = """[[person]]
id = "ana-lopez"
name = "Ana López"
accounts = ["bluesky:did:plc:ana", "x:12345"]
"""
BEN = """[[person]]
id = "ben"
name = "Ben"
accounts = [
  "mastodon:https://run.example/users/ben",
  "feeds:https://ben.example/feed.xml",
]
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        load(text)
    return [f"{one.line}:{one.column} {one.reason} | {one.hint}" for one in caught.value.mistakes]


def test_accounts_of_one_person_share_a_key_and_nobody_elses() -> None:
    people = load(ANA + BEN)
    assert people.persons[0] == Person("ana-lopez", "Ana López", ("bluesky:did:plc:ana", "x:12345"))
    assert people.of("x", "12345") is people.persons[0]
    assert people.of("bluesky", "12345") is None, "an id counts at its own platform"
    keys = people.by_author
    assert len(keys) == 4
    assert keys[ident("bluesky", "did:plc:ana")] == keys[ident("x", "12345")]
    assert keys[ident("feeds", "https://ben.example/feed.xml")] != keys[ident("x", "12345")]
    assert all(-(1 << 63) <= key < 1 << 63 for key in keys.values()), "as databases and numpy want them"


def test_a_persons_key_stays_whatever_else_the_file_says() -> None:
    before, after = load(ANA), load(BEN + ANA.replace('"x:12345"', '"x:9"').replace("Ana L", "Anna L"))
    one = ident("bluesky", "did:plc:ana")
    assert before.by_author[one] == after.by_author[one]
    assert before.name != after.name


@pytest.mark.parametrize("text", ["", "# nobody\n", "\ufeff# nobody\r\n"])
def test_an_empty_file_means_nobody(text: str) -> None:
    assert load(text).persons == People().persons == ()
    assert load(text).by_author == {}
    assert load(text).of("x", "1") is None


@pytest.mark.parametrize(
    ("text", "place", "reason", "hint"),
    [
        (ANA + 'acounts = ["x:1"]\n', "5:1", "unknown key 'acounts'", "'accounts'"),
        (ANA + 'shoe = "12"\n', "5:1", "unknown key 'shoe'", "id, name, accounts, bib"),
        ("[[persons]]\n", "1:1", "unknown key 'persons'", "[[person]]"),
        ("[person]\nid = 'a'\n", "1:1", "two brackets", "[[person]]"),
        ("[[person]\n", "1:", "a person begins with [[person]]", ""),
        (ANA.replace('id = "ana-lopez"\n', ""), "1:1", "needs 'id'", ""),
        (ANA.replace('name = "Ana López"\n', ""), "1:1", "needs 'name'", ""),
        (ANA.replace('"Ana López"', "7"), "3:8", "name is a text", ""),
        (ANA.replace('"Ana López"', '" "'), "3:8", "name is empty", ""),
        (ANA.replace("López", "\\u001b[2J"), "3:8", "control characters", ""),
        (ANA.replace("ana-lopez", "ana lopez"), "2:6", "letters, digits and '-'", ""),
        (ANA + BEN.replace('"ben"', '"ana-lopez"'), "6:6", "already stands in line 2", "one [[person]]"),
        (ANA + BEN.replace("mastodon:https://run.example/users/ben", "x:12345"), "9:3", "already stands in line 4", ""),
        (ANA.replace('"x:12345"', '"bluesky:did:plc:ana"'), "4:36", "already stands in line 4", ""),
        (ANA.replace('["bluesky:did:plc:ana", "x:12345"]', "[]"), "4:12", "at least one", ""),
        (ANA.replace('["bluesky:did:plc:ana", "x:12345"]', '"x:12345"'), "4:12", "accounts is a list", ""),
        (ANA.replace('"x:12345"', "12345"), "4:36", "an account is a text", ""),
        (ANA.replace("x:12345", "12345"), "4:36", "does not say its platform", ""),
        (ANA.replace("x:12345", "did:plc:abc"), "4:36", "does not say its platform", '"bluesky:did:plc:abc"'),
        (ANA.replace("x:12345", "https://ana.example"), "4:36", "does not say its platform", ""),
        (ANA.replace("x:12345", "X:12345"), "4:36", "no platform is called 'X'", "'x'"),
        (ANA.replace("x:12345", "blusky:did:plc:a"), "4:36", "no platform is called 'blusky'", "'bluesky'"),
        (ANA.replace("x:12345", "myspace:tom"), "4:36", "no platform is called 'myspace'", "mastodon"),
        (ANA.replace("x:12345", "x:@ana"), "4:36", "'@ana' is no permanent account id of x", "milepost people"),
        (ANA.replace("x:12345", "bluesky:ana.example"), "4:36", "no permanent account id of bluesky", "did:plc"),
        (ANA.replace("x:12345", "mastodon:@ana@run.example"), "4:36", "no permanent account id", "/users/NAME"),
        (ANA.replace("x:12345", "mastodon:https://run.example/@ana"), "4:36", "no permanent account id", ""),
        (ANA.replace("x:12345", "mastodon:109876"), "4:36", "no permanent account id of mastodon", ""),
        (ANA.replace("x:12345", "feeds:Ana's blog"), "4:36", "no permanent account id of feeds", "https://"),
        (ANA.replace("x:12345", "x:12345 "), "4:36", "no permanent account id of x", ""),
    ],
)
def test_each_mistake_has_its_place(text: str, place: str, reason: str, hint: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith(place), found
    said, _, written = found.partition(" | ")
    assert reason in said
    assert hint in written


def test_all_mistakes_are_told_at_once_in_the_order_of_lines() -> None:
    found = mistakes(ANA.replace("x:12345", "x:@ana") + BEN.replace("name", "nmae"))
    assert [one.partition(" ")[0] for one in found] == ["4:36", "5:1", "7:1"]


@given(st.text())
def test_no_text_is_more_than_a_mistake(text: str) -> None:
    for written in (text, f"[[person]]\nid = {text}", ANA.replace("x:12345", f"x:{text}")):
        try:
            load(written, FILE)
        except RuleError as error:
            assert all(len(str(one)) < 2_000 for one in error.mistakes)  # noqa: PT017 - a file may also be good


def test_every_platform_that_posts_come_from_can_be_listed() -> None:
    assert set(known_platforms()) <= set(platforms())


# -- verified addresses -----------------------------------------------------------------------------------------------


def keys(*verified: str, platform: str = "mastodon") -> tuple[int, ...]:
    return verified_keys(Author("1", verified=verified), platform)


@pytest.mark.parametrize(
    "same",
    [
        "https://ana.example/",
        "https://ANA.example",
        "https://www.ana.example/",
        "HTTPS://ana.example:443",
        "https://ana.example./#me",
    ],
)
def test_an_address_and_a_handle_that_is_its_host_have_one_key(same: str) -> None:
    assert verified_address(same) == "https://ana.example"
    assert keys(same) == keys("https://ana.example", platform="bluesky")
    assert len(keys(same)) == 1


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("https://linktr.ee/ana", "https://linktr.ee/ben"),
        ("https://medium.com/@ana", "https://medium.com"),
        ("https://news.example/go?to=https://ana.example", "https://news.example"),  # a host that redirects
        ("https://news.example/go?to=https://ana.example", "https://ana.example"),
        ("https://shared.example/?user=ana", "https://shared.example/"),
        ("https://shared.example/Ana", "https://shared.example/ana"),
        ("https://shared.example/%2Fana", "https://shared.example/ana"),
        ("https://ana.blogs.example", "https://blogs.example"),
        ("https://ana.example.evil.example", "https://ana.example"),
        ("https://аna.example", "https://ana.example"),
    ],
)
def test_a_page_of_a_shared_host_is_not_the_host(mine: str, theirs: str) -> None:
    assert len(keys(mine, theirs)) == 2
    assert len(set(keys(mine, theirs))) == 2


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ana.example",
        "http://ana.example",
        "https://",
        "https://localhost/ana",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://ana.example:8443/",
        "https://ana.example@evil.example/",
        "https://user:secret@ana.example/",
        "https://ana example/",
        "https://\ud800.example/",
        "https://ana..example/",
        "javascript:alert(1)",
        "https://ana.example/" + "a" * 5_000,
    ],
)
def test_what_is_no_plain_https_address_of_a_site_is_nobodys(given: str) -> None:
    assert verified_address(given) == ""
    assert keys(given) == ()


def test_only_platforms_that_check_are_believed() -> None:
    assert keys("https://ana.example", platform="feeds") == ()
    assert keys("https://ana.example", platform="x") == ()
    liar = Author("1", handle="ana.example", name="https://ana.example", url="https://ana.example")
    assert verified_keys(liar, "mastodon") == verified_keys(liar, "bluesky") == ()


def test_a_crowd_of_addresses_costs_little() -> None:
    assert len(keys(*(f"https://a{number}.example" for number in range(10_000)))) <= 16


@given(st.text() | st.text().map("https://{}".format) | st.text().map("https://ana.example/{}".format))
def test_the_one_spelling_is_its_own(text: str) -> None:
    once = verified_address(text)
    assert verified_address(once) == once
    assert once == "" or once.startswith("https://")


def test_recordings_without_verified_addresses_stay_as_they_were() -> None:
    assert b"verified" not in msgspec.json.encode(Author("1", handle="ana"))
    assert msgspec.json.decode(b'{"id":"1"}', type=Author).verified == ()
