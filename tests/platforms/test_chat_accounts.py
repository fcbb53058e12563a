"""The Slack and Discord accounts against real HTTP servers: what stands there, what goes, and what only a person can tell."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized
from bot.core.model import Entity, Receipt, Snippet
from bot.core.ports import ByHand, Publisher, Revising, Secret
from bot.platforms._chat import discord_update, slack_update
from bot.platforms.chats import DiscordAccount, SlackAccount
from tests.platforms.contract import Clock, context_of

PATH = "/hooks/1/hush-hush"
LINK = "https://example.org/a_b*c"
AT = datetime(2016, 4, 24, 13, 0, tzinfo=UTC)
SAID = Snippet(f"A *banana* ran & won {LINK}", AT, (Entity("link", 21, 21 + len(LINK), LINK),))
EVIL = "<!channel> <@U1> @everyone @here [bank](https://evil.example) `x` **y** <https://evil.example|look> :boom: \\"
KINDS = (SlackAccount, DiscordAccount)
Kind = type[SlackAccount] | type[DiscordAccount]
Chat = SlackAccount | DiscordAccount


def chat(kind: Kind, url: str, clock: Clock | None = None) -> Chat:
    def secret(name: str) -> Secret | None:
        return Secret(url) if url and name == "url" else None

    return kind(kind.Settings(), replace(context_of(clock or Clock(), name="news"), secret=secret))


def slack(server: HTTPServer) -> SlackAccount:
    found = chat(SlackAccount, server.url_for(PATH))
    assert isinstance(found, SlackAccount)
    return found


def discord(server: HTTPServer, query: str = "") -> DiscordAccount:
    found = chat(DiscordAccount, server.url_for(PATH) + query)
    assert isinstance(found, DiscordAccount)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_an_account_that_only_a_person_can_look_at(kind: Kind) -> None:
    account: Publisher = chat(kind, "https://chat.example/x")
    assert isinstance(account, ByHand)
    assert isinstance(account, Revising) is (kind is DiscordAccount)
    with pytest.raises(
        Rejected, match=r"nobody can be asked whether it stands: .* accounts settle news UPDATE --stands"
    ):
        account.find("17-3", AT)


def test_slack_is_told_the_very_words(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, method="POST").respond_with_data("ok")
    assert slack(httpserver).publish(SAID, "17-3") == Receipt("17-3")
    body = json.loads(httpserver.log[-1][0].get_data())
    assert body == {
        "text": f"A *banana* ran &amp; won {LINK}",
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_what_slack_was_told_only_a_person_can_delete(httpserver: HTTPServer) -> None:
    with pytest.raises(Rejected, match="delete it by hand, then run `milepost accounts settle news UPDATE --gone`"):
        slack(httpserver).retract(Receipt("17-3"))
    assert httpserver.log == []


def test_discord_is_told_waited_for_edited_and_deleted(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, method="POST").respond_with_json({"id": "815", "channel_id": "4"})
    httpserver.expect_request(f"{PATH}/messages/815", method="PATCH").respond_with_json({"id": "815"})
    httpserver.expect_request(f"{PATH}/messages/815", method="DELETE").respond_with_data(status=204)
    account = discord(httpserver, "?thread_id=99")
    receipt = account.publish(SAID, "17-3")
    assert account.revise(receipt, replace(SAID, text="Now", entities=()), "17-3-4") == receipt == Receipt("815")
    account.retract(receipt)
    first, second, third = (request for request, _ in httpserver.log)
    assert (first.args["wait"], first.args["thread_id"]) == ("true", "99")
    assert second.args.to_dict() == third.args.to_dict() == {"thread_id": "99"}
    assert json.loads(first.get_data()) == {
        "content": f"A \\*banana\\* ran & won {LINK}",
        "allowed_mentions": {"parse": []},
        "flags": 4,
    }
    assert json.loads(second.get_data())["content"] == "Now"
    assert third.get_data() == b""


@pytest.mark.parametrize(
    ("answer", "is_gone"),
    [('{"code": 10008}', True), ('{"code": 10015}', False), ("", False), ("[" * 9999, False), ("<p>no</p>", False)],
)
def test_gone_is_what_discord_itself_calls_an_unknown_message(
    httpserver: HTTPServer, answer: str, *, is_gone: bool
) -> None:
    httpserver.expect_request(f"{PATH}/messages/815").respond_with_data(answer, status=404)
    if is_gone:
        discord(httpserver).retract(Receipt("815"))
        return
    with pytest.raises(Rejected):
        discord(httpserver).retract(Receipt("815"))


@pytest.mark.parametrize("answer", ["", "{}", '{"id": 815}', '{"id": "../../x"}', "[1]", "[" * 9999, '{"id": "٣"}'])
def test_an_answer_that_names_no_message_is_no_answer(httpserver: HTTPServer, answer: str) -> None:
    httpserver.expect_request(PATH).respond_with_data(answer)
    with pytest.raises(Unanswered, match="names no message"):
        discord(httpserver).publish(SAID, "17-3")


def test_a_person_gives_the_address_of_the_message_that_they_saw(httpserver: HTTPServer) -> None:
    account = discord(httpserver)
    link = "https://discord.com/channels/12/34/815"
    assert account.seen(link) == Receipt("815", link)
    for none in ("815", "https://evil.example/channels/12/34/815", "https://discord.com/channels/12/34/815/../../9"):
        with pytest.raises(Rejected, match="Copy Message Link"):
            account.seen(none)
    nameless = account.seen("")
    with pytest.raises(Rejected, match="delete it by hand"):
        account.retract(nameless)
    with pytest.raises(Rejected, match="edit it by hand"):
        account.revise(nameless, SAID, "1")
    assert httpserver.log == [], "nobody's guess is sent"


def test_nobody_is_called_and_no_markup_comes_from_outside() -> None:
    said = Snippet(EVIL, AT)
    text = slack_update(said)["text"]
    assert "<" not in text
    assert ">" not in text
    body = discord_update(said)
    assert body["allowed_mentions"] == {"parse": []}
    assert re.search(r"(?<!\\)[\[\]()<>*`@:]", body["content"]) is None
    assert body["content"].endswith("\\\\")


def test_a_link_that_shows_something_else_is_no_link() -> None:
    shown = discord_update(Snippet("[x](y)", AT, (Entity("link", 0, 6, LINK),)))["content"]
    assert shown == r"\[x\]\(y\)"


@given(st.text(min_size=1, max_size=1_000), st.text(min_size=1, max_size=800))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_what_fits_the_limits_is_never_cut(one: str, other: str) -> None:
    content = discord_update(Snippet(one, AT))["content"]
    assert len(content.encode("utf-16-le", "surrogatepass")) // 2 <= 2_000
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", content) == one
    text = slack_update(Snippet(other, AT))["text"]
    assert text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == other


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"retry-after": "7"}, RateLimited),
        (403, {}, Unauthorized),
        (404, {}, Rejected),
        (410, {}, Rejected),
        (307, {"location": "http://127.0.0.1/"}, Rejected),
        (502, {}, Unanswered),
    ],
)
def test_an_answer_says_what_to_do_next_and_shows_no_secret(
    httpserver: HTTPServer, kind: Kind, status: int, headers: dict[str, str], error: type[OutsideError]
) -> None:
    httpserver.expect_request(PATH).respond_with_data("no", status=status, headers=headers)
    clock = Clock()
    with pytest.raises(error, match=r"^account news: ") as found:
        chat(kind, httpserver.url_for(PATH), clock).publish(SAID, "1")
    assert "hush-hush" not in str(found.value)
    if isinstance(found.value, RateLimited):
        assert found.value.until == clock() + timedelta(seconds=7)


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_is_missing_or_none_is_said_without_it(kind: Kind) -> None:
    with pytest.raises(Unauthorized, match="no url is given"):
        chat(kind, "").publish(SAID, "1")
    with pytest.raises(OutsideError, match=r"^account news: ") as found:
        chat(kind, "hush-hush://[").publish(SAID, "1")
    assert "hush-hush" not in str(found.value)
