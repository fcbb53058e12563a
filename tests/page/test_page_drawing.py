from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Copy, Credit, Entity, Media, Update, UpdateKind, UpdateState
from bot.core.pages import CONTENT_POLICY, page_file
from bot.page.article import Place, article
from bot.page.draw import change, draw, fragment, names
from tests.page.html_reader import read
from tests.page.marathon_day import START, at, day, desk, fan, many, view


def test_the_same_view_gives_the_same_bytes() -> None:
    first, second = draw(view()), draw(view(updates=tuple(replace(update) for update in day())))
    assert first == second
    assert set(first) == names(view())


def test_every_file_stands_where_it_is_said() -> None:
    drawn = draw(view())
    assert {"index.html", "feed.atom", "feed.json", "style.css", "page.js", "u/f0000030.html"} <= set(drawn)
    assert "page/2.html" not in drawn


def test_older_pages_hold_all_that_the_front_page_does_not() -> None:
    whole = view(updates=many(25), withdrawn=(), latest=10)
    drawn = draw(whole)
    pages = [read(drawn[name]) for name in ("index.html", "page/2.html", "page/3.html")]
    slugs = [part["data-slug"] for page in pages for part in page.every("article")]
    assert slugs == [update.slug for update in whole.updates]
    assert "page/4.html" not in drawn
    assert [link["href"] for link in pages[1].every("a") if link.get("rel") in ("prev", "next")] == ["../", "3.html"]
    assert "../u/f0000015.html" in {link["href"] for link in pages[1].every("a")}


def test_only_changed_permalinks_are_drawn_since() -> None:
    drawn = draw(view(), since=29)
    assert {name for name in drawn if name.startswith("u/")} == {"u/f0000030.html", "u/f0000023.html"}


def test_permalinks_hang_on_their_update_alone() -> None:
    before = draw(view())
    after = draw(view(updates=day()[1:], headlines=(), notice="Held back", is_live=False))
    kept = [name for name in after if name.startswith("u/")]
    assert kept
    assert all(after[name] == before[name] for name in kept)


def test_the_live_push_is_the_page_s_own_html() -> None:
    whole = view()
    page = draw(whole)["index.html"].decode()
    for update in whole.updates:
        assert fragment(update, whole) in page


def test_a_change_says_what_an_open_page_needs() -> None:
    whole = view()
    live, gone = change(whole.updates[0], whole), change(whole.withdrawn[0], whole)
    assert (live.seq, live.slug, live.state, live.at) == (30, "f0000030", "live", "2016-04-24T13:20:00Z")
    assert (gone.seq, gone.state) == (31, "withdrawn")
    assert "was removed" in gone.html


def test_the_page_says_the_facts() -> None:
    page = read(draw(view())["index.html"])
    assert [heading.get("class", "") for heading in page.every("h1")] == [""]
    for said in (
        "By Luke Reddy, Caroline Chapman and Matthew Henry",
        "Hug & McFadden win wheelchair races",
        "14:20 BST",
        "Amy Bond, @amyb.example on Bluesky",
        "Simon NeedleOur reporter on the ground",
        "Also posted by 3 others",
        "Edited 14:31 BST: his official time added",
        "Milestone",
        "Official",
        "Made with Milepost",
        "Ask for something to be removed",
    ):
        assert said in page.text, said
    times = {time["datetime"]: time["title"] for time in page.every("time")}
    assert times["2016-04-24T13:20:00Z"] == "14:20 British Summer Time, 24 April 2016"
    assert all(picture["alt"] for picture in page.every("img"))


def test_one_other_is_no_others() -> None:
    assert "Also posted by 1 other<" in fragment(replace(day()[0], also=1), view())


def a_copy(number: int, platform: str, handle: str, *, same: bool = False) -> Copy:
    return Copy(number, platform, f"https://{platform}.example/{number}", handle, same)


def said_below(update: Update) -> str:
    """What stands under an update, without the page around it."""
    return read(fragment(update, view())).text


def test_others_are_named_as_far_as_there_is_room_and_the_rest_is_a_number() -> None:
    copies = tuple(a_copy(number, "x", f"fan{number}") for number in range(5))
    crowd = replace(day()[0], also=14, copies=copies)
    assert "Also posted by @fan0 on X, @fan1 on X, @fan2 on X and 11 others" in said_below(crowd)
    assert "Also posted by @fan0 on X and 1 other" in said_below(replace(crowd, also=2, copies=copies[:1]))
    assert 'href="https://x.example/0"' in fragment(crowd, view())
    assert "Also posted by @fan0 on X" in said_below(replace(crowd, also=1)), "never more than are counted"


def test_the_same_person_elsewhere_is_said_once_for_each_platform_and_not_counted() -> None:
    copies = (
        a_copy(1, "mastodon", "amy", same=True),
        a_copy(2, "x", "amy", same=True),
        a_copy(3, "x", "amy", same=True),
        a_copy(4, "bluesky", "amyb.example", same=True),
    )
    said = said_below(replace(day()[0], also=0, copies=copies))
    assert "Also on Mastodon, X" in said
    assert "Also posted by" not in said
    assert "Also on Mastodon, X, Bluesky" not in said, "it stands on Bluesky already"


def test_a_copy_without_an_address_is_counted_and_not_named() -> None:
    assert "Also posted by 1 other" in said_below(
        replace(day()[0], also=1, copies=(Copy(1, "x", "javascript:x", "bob"),))
    )


def test_a_chorus_counts_all_who_said_so() -> None:
    assert "12 people said so" in said_below(replace(day()[0], chorus=11))
    assert "said so" not in said_below(replace(day()[0], chorus=0))


def test_what_adds_to_an_update_and_what_it_adds_to_lead_to_each_other() -> None:
    page = draw(view(updates=(replace(day()[0], follows=day()[1].slug), replace(day()[1], followed=day()[0].slug))))
    html = page["index.html"].decode()
    assert f'<a href="u/{day()[1].slug}.html">Adds to an earlier update</a>' in html
    assert f'<a href="u/{day()[0].slug}.html">There is a newer update to this</a>' in html
    assert f'<a href="../u/{day()[1].slug}.html">' in page[f"u/{day()[0].slug}.html"].decode()


def test_of_what_is_withdrawn_nothing_of_its_story_is_drawn() -> None:
    gone = replace(
        day()[0], state=UpdateState.WITHDRAWN, chorus=3, also=2, copies=(a_copy(1, "x", "bob"),), follows=day()[1].slug
    )
    html = fragment(gone, view())
    assert not [word for word in ("bob", "said so", "Also", "earlier") if word in html]


def test_feeds_credit_the_author_alone() -> None:
    html = fragment(next(update for update in day() if update.credit and update.credit.platform == "feeds"), view())
    assert "Athletics Weekly Desk" in html
    assert "on Feeds" not in html
    assert 'href="https://news.example/kipchoge"' in html


@pytest.mark.parametrize(("platform", "said"), [("mastodon", "Mastodon"), ("x", "X"), ("bluesky", "Bluesky")])
def test_platforms_have_their_names(platform: str, said: str) -> None:
    html = fragment(replace(day()[0], credit=Credit("Ann", "ann", platform), text=""), view())
    assert f"</bdi> on {said}</a>" in html


def test_a_handle_that_is_the_name_stands_once() -> None:
    html = fragment(replace(day()[0], credit=Credit("amyb.example", "amyb.example", "bluesky")), view())
    assert html.count("amyb.example</bdi>") == 1


def test_a_withdrawn_update_leaves_no_word_of_itself() -> None:
    lost = replace(
        fan(23, "13:20", "Nobody Now", "nobody.example", "words that must never be seen again"),
        title="a title gone",
        media=(Media("image", "https://cdn.example/secret.jpg", "alt gone"),),
        state=UpdateState.WITHDRAWN,
        changed_at=at("13:25"),
        note="taken back by its author",
    )
    whole = view(updates=(), withdrawn=(lost,))
    for name, body in draw(whole).items():
        for word in ("never be seen", "Nobody", "nobody.example", "title gone", "secret.jpg", "alt gone"):
            assert word not in body.decode(), f"{word} in {name}"
    page = draw(whole)["u/f0000023.html"].decode()
    assert "An update from" in page
    assert "was removed at" in page
    assert "taken back by its author" in page
    assert "noindex" in page
    assert "f0000023" not in draw(whole)["index.html"].decode()


def test_days_are_told_apart() -> None:
    late = replace(day()[0], id=99, slug="late0000", at=at("14:20") + timedelta(days=1))
    page = draw(view(updates=(late, *day())))["index.html"].decode()
    assert page.count('<p class="day">Sunday 24 April 2016</p>') == 1
    assert page.index("u-late0000") < page.index('<p class="day">') < page.index("u-f0000030")


def test_an_edit_on_another_day_names_the_day() -> None:
    html = fragment(replace(day()[0], changed_at=at("09:05") + timedelta(days=1), note=""), view())
    assert ">09:05 BST, Monday 25 April 2016</time>" in html


def test_tags_links_and_mentions() -> None:
    text = "Hi @ann, see our guide, go #Run or evil"
    entities = (
        Entity("mention", 3, 7, "did:plc:ann"),
        Entity("link", 13, 22, "https://www.guide.example/a?b=1&c=2"),
        Entity("tag", 27, 31, "run"),
        Entity("link", 35, 39, "javascript:alert(1)"),
    )
    html = fragment(replace(day()[0], text=text, entities=entities), view())
    assert (
        'Hi @ann, see <a href="https://www.guide.example/a?b=1&amp;c=2" rel="nofollow ugc noopener">our guide</a> '
        '<span class="host">(guide.example)</span>, go <em class="tag">#Run</em> or evil' in html
    )


def test_a_link_that_names_another_host_shows_where_it_leads() -> None:
    text = "bank.example and bank.example/pay"
    entities = (Entity("link", 0, 12, "https://evil.example/"), Entity("link", 17, 33, "https://bank.example/pay"))
    html = fragment(replace(day()[0], text=text, entities=entities), view())
    assert '>bank.example</a> <span class="host">(evil.example)</span>' in html
    assert ">bank.example/pay</a></p>" in html


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " https://a.example",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/x",
        "https:",
        "https://",
        "http://[::1",
        "https://a.example\\@b.example",
        'https://a.example/"onmouseover="alert(1)',
        "ftp://a.example/",
        "file:///etc/passwd",
        "vbscript:x",
        "media/../config.toml",
        "media/",
        "media/a/b",
    ],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    update = replace(
        day()[0],
        url=url,
        credit=Credit("Ann", "ann", "bluesky", url),
        media=(Media("image", url, "a"), Media("video", url, "b")),
        entities=(Entity("link", 0, 4, url),),
    )
    page = read(fragment(update, view()))
    assert [link["href"] for link in page.every("a")] == ["u/f0000030.html"]
    assert not page.every("img")
    assert "cite" not in page.every("blockquote")[0]


def test_own_pictures_are_found_from_every_page() -> None:
    drawn = draw(view())
    assert 'src="media/mall.png"' in drawn["index.html"].decode()
    assert 'src="../media/mall.png"' in drawn["u/d0000029.html"].decode()
    assert "https://live.example.org/marathon/media/mall.png" in drawn["feed.atom"].decode()


def test_paragraphs_and_lines() -> None:
    html = fragment(replace(day()[0], text="\n\none\r\ntwo\n \n\nthree\n", entities=()), view())
    assert '<p dir="auto">one<br>two</p>\n<p dir="auto">three</p>' in html


def test_control_characters_never_arrive() -> None:
    dirty = "a\x00b\x08c\x1bd\x7fe\x85f\ud800g\ufffeh"
    update = replace(day()[0], text=dirty, title=dirty, note=dirty, credit=Credit(dirty, dirty, "bluesky"), entities=())
    page = fragment(update, view())
    assert not [sign for sign in page if sign != "\n" and (ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0)]
    page.encode()
    assert "abcde fgh" in page


def test_the_page_loads_nothing_that_its_policy_forbids() -> None:
    page = read(draw(view())["index.html"])
    policy = next(tag["content"] for tag in page.every("meta") if tag.get("http-equiv"))
    assert policy == CONTENT_POLICY
    assert "unsafe" not in policy
    assert [script["src"].split("?")[0] for script in page.every("script")] == ["page.js"]
    assert not page.every("style")
    assert not [tag for tag, attributes in page.tags if "style" in attributes]


def test_a_finished_coverage_listens_no_more() -> None:
    page = draw(view(is_live=False))["index.html"].decode()
    assert "<script" not in page
    assert "live updates" not in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("desk@example.org", "mailto:desk@example.org?subject=Removal%20"),
        ("https://example.org/contact", "https://example.org/contact"),
    ],
)
def test_readers_can_ask_for_a_removal(contact: str, link: str) -> None:
    page = read(draw(view(contact=contact))["index.html"])
    assert [tag["href"] for tag in page.every("a") if tag["href"].startswith(link)]


@pytest.mark.parametrize("contact", ["", "javascript:alert(1)", "Ring the desk", "a@b.example?bcc=c@d.example"])
def test_a_contact_that_leads_nowhere_is_no_link(contact: str) -> None:
    page = read(draw(view(contact=contact))["index.html"])
    assert not [
        tag for tag in page.every("a") if "removed" in tag["href"] or tag["href"].startswith(("mailto", "java"))
    ]


def test_an_empty_coverage_is_whole() -> None:
    drawn = draw(view(updates=(), withdrawn=(), headlines=(), about="", byline="", contact=""))
    assert "Nothing has been told yet." in read(drawn["index.html"]).text


def test_every_kind_has_its_look() -> None:
    place = Place("Europe/London", "en-GB")
    looks = {article(update, place).look for update in day()}
    assert looks == {"quote", "official", "milestone", "desk"}
    assert article(replace(desk(1, "10:00", "x"), kind=UpdateKind.POST, is_official=False), place).look == "quote"


def test_a_file_s_type_goes_by_its_name() -> None:
    assert page_file("u/x.html", b"", START).content_type == "text/html; charset=utf-8"
    assert page_file("feed.atom", b"", START).content_type == "application/atom+xml; charset=utf-8"
    assert page_file("media/a.PNG", b"", START).content_type == "image/png"
    assert page_file("what", b"", START).content_type == "application/octet-stream"
    assert page_file("a", b"1", START).etag != page_file("a", b"2", START).etag


@given(
    text=st.text(max_size=200),
    spans=st.lists(
        st.tuples(
            st.sampled_from(["tag", "link", "mention"]),
            st.integers(-5, 220),
            st.integers(-5, 220),
            st.text(max_size=20),
        )
    ),
)
def test_any_text_with_any_entities_is_drawn_whole(text: str, spans: list[tuple[str, int, int, str]]) -> None:
    entities = tuple(Entity(kind, start, end, f"https://h.example/{target}") for kind, start, end, target in spans)
    html = fragment(replace(day()[0], text=text, entities=entities), view())
    page = read(html)
    html.encode()
    assert {tag for tag, _ in page.tags} <= {
        "article",
        "p",
        "a",
        "time",
        "div",
        "span",
        "h3",
        "blockquote",
        "em",
        "br",
        "bdi",
    }
    letters = "".join(sign for sign in text if sign.isalnum() and sign.isascii())
    said = "".join(sign for sign in "".join(page.words) if sign.isalnum() and sign.isascii())
    assert letters in said or any(span[0] == "link" for span in spans)
