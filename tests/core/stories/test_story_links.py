"""What a post points to, as numbers."""

from bot.core.stories.links import MOST_LINKS, address_key, link_keys, permalink_key
from tests.builders import a_post


def test_other_spellings_of_a_link_have_its_number() -> None:
    one = a_post(links=("https://www.organiser.example/start?utm_source=x",), url="https://social.example/1")
    other = a_post(links=("http://organiser.example/start/",), url="https://social.example/2")
    assert link_keys(one) == link_keys(other) != ()
    assert permalink_key(one) != permalink_key(other)


def test_an_entry_does_not_point_to_itself() -> None:
    entry = a_post(
        url="https://organiser.example/start", links=("http://www.organiser.example/start", "https://a.example/")
    )
    assert link_keys(entry) == (address_key("https://a.example/"),)
    share = a_post(links=("https://organiser.example/start?fbclid=1",), url="https://social.example/3")
    assert link_keys(share) == (permalink_key(entry),)


def test_short_links_and_what_is_none_say_nothing() -> None:
    assert link_keys(a_post(links=("https://t.co/a", "https://bit.ly/b", "nonsense", ""), url="")) == ()
    assert permalink_key(a_post(url="")) == permalink_key(a_post(url="https://t.co/x")) == 0


def test_at_most_four_each_once_in_order() -> None:
    links = tuple(f"https://a.example/{number}" for number in (3, 1, 3, 2, 5, 4))
    assert link_keys(a_post(links=links)) == tuple(
        address_key(f"https://a.example/{number}") for number in (3, 1, 2, 5)
    )
    assert MOST_LINKS == 4


def test_numbers_are_what_a_database_takes() -> None:
    keys = [address_key(f"https://a.example/{number}") for number in range(200)]
    assert all(-(1 << 63) <= key < 1 << 63 for key in keys)
    assert min(keys) < 0 < max(keys)
