"""An account on a real server, and on servers that differ: each delivery stands once, whatever happens on the way."""

import contextlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from bot.core.budget import Work
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import LengthUnit, Media, Receipt, Update, UpdateKind, UpdateState
from bot.core.ports import Recognisable, Secret
from bot.core.snippets import fit
from bot.core.text.lengths import length
from bot.platforms.mastodon.account import MastodonAccount
from bot.platforms.mastodon.ledger import Ledger, Try
from tests.drawings import photo, saved
from tests.platforms.contract import NOON, Kept, check_lost_answer, check_not_reached, check_publisher
from tests.platforms.mastodon.mastodon_world import World, snippet
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import Person, Server, free_port
from tests.servers.other_fediverse import TOKEN, OtherServer

POST = "/api/v1/statuses"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk(first_server: Server) -> Iterator[Person]:
    found = first_server.person("desk")
    yield found
    first_server.mend()
    for status in found.statuses():
        found.delete(status["id"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, secrets={"token": "desk_token"})


_numbers = count(1)


@pytest.fixture
def key() -> str:
    """A key that no server has seen: Mastodon remembers keys of what was deleted since, too."""
    return f"1461502800000000-{1000 + next(_numbers)}"


def texts(person: Person) -> list[str]:
    return [html.unescape(re.sub(r"<[^>]*>", "", status["content"])) for status in person.statuses()]


def test_it_knows_itself(first_server: Server, world: World) -> None:
    assert isinstance(world.account(first_server.url), Recognisable)


def test_the_contract_on_a_real_server(first_server: Server, desk: Person, world: World) -> None:
    said = [snippet("39,698 set to start #TCSLondonMarathon https://example.org/1"), snippet("Halfway: “1:01:24”")]
    check_publisher(lambda: world.account(first_server.url), lambda: texts(desk), said, world.clock())


@pytest.mark.parametrize("kind", ["gotosocial", "takahe"])
def test_the_contract_on_servers_that_mind_no_key(httpserver: HTTPServer, world: World, kind: str) -> None:
    there = OtherServer(httpserver, kind)
    world.secrets["token"] = TOKEN
    said = [snippet("39,698 set to start"), snippet("Halfway")]
    check_publisher(
        lambda: world.account(there.url), lambda: [one["content"] for one in there.statuses], said, world.clock()
    )


def test_a_lost_answer_is_settled_by_looking(first_server: Server, desk: Person, world: World) -> None:
    with LossyProxy(first_server.url) as proxy:
        check_lost_answer(
            lambda: world.account(proxy.url),
            lambda: proxy.lose(1, b"POST /api/v1/statuses "),
            lambda: texts(desk),
            snippet("Sent, and nobody heard of it"),
            world.clock() - timedelta(minutes=5),
        )
        assert proxy.lost == 1


@pytest.mark.parametrize("kind", ["gotosocial", "takahe"])
def test_a_lost_answer_is_settled_where_no_key_is_minded(httpserver: HTTPServer, world: World, kind: str) -> None:
    there = OtherServer(httpserver, kind)
    world.secrets["token"] = TOKEN
    check_lost_answer(
        lambda: world.account(there.url),
        lambda: setattr(there, "lose_posts", 1),
        lambda: [one["content"] for one in there.statuses],
        snippet("Sent, and nobody heard of it: https://example.org/a?b=c&d #Run"),
        world.clock() - timedelta(minutes=5),
    )


def test_nobody_listens(world: World) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    check_not_reached(lambda: world.account(address), snippet(), world.clock())


def test_a_status_of_another_delivery_with_the_same_words_is_not_taken_for_it(
    httpserver: HTTPServer, world: World, key: str
) -> None:
    there = OtherServer(httpserver, "gotosocial")
    world.secrets["token"] = TOKEN
    account = world.account(there.url)
    first = account.publish(snippet("Halfway"), key)
    there.lose_posts = 1
    with pytest.raises(Unanswered):
        account.publish(snippet("Halfway"), f"{key}2")
    found = account.find(f"{key}2", LONG_AGO)
    assert found is not None
    assert found.id != first.id
    there.statuses.pop()
    assert world.account(there.url).find(f"{key}2", LONG_AGO) is None, "the first delivery's is not taken for it"


def test_what_is_not_there_yet_may_still_appear(httpserver: HTTPServer, world: World, key: str) -> None:
    """A slow server may carry a request out after we gave it up; one that minds no key would then have it twice."""
    there = OtherServer(httpserver, "gotosocial")
    world.secrets["token"] = TOKEN
    there.lose_posts = 1
    account = world.account(there.url, settle_s=30)
    with pytest.raises(Unanswered):
        account.publish(snippet("slowly"), key)
    late = there.statuses.pop()
    with pytest.raises(Unavailable, match="may still appear"):
        account.find(key, LONG_AGO)
    with pytest.raises(Unavailable, match="may still appear"):
        account.publish(snippet("slowly"), key)
    there.statuses.append(late)
    found = account.find(key, LONG_AGO)
    assert found is not None
    there.statuses.clear()
    world.clock.move(seconds=31)
    assert account.find(key, LONG_AGO) is None


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"type": "status", "status": 500}, Unanswered),
        ({"type": "status", "status": 502}, Unanswered),
        ({"type": "malformed"}, Unanswered),
        ({"type": "status", "status": 422, "body": {"error": "Validation failed: Text is too long"}}, Rejected),
        (
            {
                "type": "status",
                "status": 422,
                "body": {"error": "Cannot attach files that have not finished processing"},
            },
            Unavailable,
        ),
        ({"type": "status", "status": 401, "body": {"error": "The access token was revoked"}}, Unauthorized),
        ({"type": "status", "status": 403, "body": {"error": "Your login is currently disabled"}}, Unauthorized),
        ({"type": "status", "status": 404, "body": {"error": "Record not found"}}, Unavailable),
        ({"type": "status", "status": 302, "headers": {"location": "https://elsewhere.example/"}}, Unavailable),
        ({"type": "ratelimit"}, RateLimited),
    ],
)
def test_each_failure_is_named_after_what_to_do(
    first_server: Server, desk: Person, world: World, effect: dict[str, Any], error: type[OutsideError], key: str
) -> None:
    account = world.account(first_server.url)
    account.login()
    first_server.fault("POST", POST, effect)
    with pytest.raises(error) as caught:
        account.publish(snippet("only once"), key)
    assert type(caught.value) is error
    assert "desk_token" not in str(caught.value)
    if error is not Unanswered:
        assert account.find(key, LONG_AGO) is None, "provably not sent"
    first_server.mend()
    account.publish(snippet("only once"), key)
    assert texts(desk) == ["only once"]


def test_a_limit_header_that_is_no_date_does_not_make_a_sent_status_unsent(
    httpserver: HTTPServer, world: World, key: str
) -> None:
    """Mastodon.py raises its rate limit error for such a header, also after the status was posted."""
    there = OtherServer(httpserver, "relay")
    world.secrets["token"] = TOKEN
    account = world.account(there.url)
    account.login()
    answer = there.answer

    def odd(request: Request) -> Response:
        found = answer(request)
        found.headers["X-RateLimit-Reset"] = "soon"
        return found

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(odd)
    with contextlib.suppress(Unanswered):
        account.publish(snippet("once"), key)
    assert account.find(key, LONG_AGO) is not None
    account.publish(snippet("once"), key)
    assert len(there.statuses) == 1


def test_a_limit_is_of_one_kind_of_call_and_the_server_says_what_is_left(
    httpserver: HTTPServer, world: World, key: str
) -> None:
    there = OtherServer(httpserver, "relay")
    world.secrets["token"] = TOKEN
    account = world.account(there.url)
    account.login()
    answer = there.answer

    def limited(request: Request) -> Response:
        spent = request.method == "DELETE"
        found = Response("{}", 429, mimetype="application/json") if spent else answer(request)
        found.headers["X-RateLimit-Limit"] = "30" if spent else "300"
        found.headers["X-RateLimit-Remaining"] = "0" if spent else "211"
        found.headers["X-RateLimit-Reset"] = (world.clock() + timedelta(minutes=20)).isoformat()
        return found

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(limited)
    receipt = account.publish(snippet("once"), key)
    with pytest.raises(RateLimited) as found:
        account.retract(receipt)
    assert not found.value.stops_all
    left = {one.work: (one.left, one.most) for one in account.allowances()}
    assert (left[Work.POSTING], left[Work.TAKING_DOWN]) == ((211, 300), (0, 30))


def test_the_key_goes_along_and_mastodon_minds_it(
    first_server: Server, desk: Person, world: World, tmp_path: Path, key: str
) -> None:
    """Two machines that share no memory, one key."""
    other = World(tmp_path / "other", secrets=world.secrets)
    first = world.account(first_server.url).publish(snippet("one"), key)
    assert other.account(first_server.url).publish(snippet("one"), key) == first
    assert texts(desk) == ["one"]


def test_visibility_language_and_warning(first_server: Server, desk: Person, world: World, key: str) -> None:
    account = world.account(first_server.url, content_warning="Sport", language="en-GB")
    account.publish(snippet("a post", lang="de"), key)
    account.publish(snippet("a milestone", kind=UpdateKind.MILESTONE, lang=""), f"{key}2")
    milestone, post = desk.statuses()
    assert (post["visibility"], post["language"], post["spoiler_text"]) == ("unlisted", "de", "Sport")
    assert (milestone["visibility"], milestone["language"], milestone["sensitive"]) == ("public", "en", True)
    private = world.account(first_server.url, visibility="private")
    private.publish(snippet("quiet"), f"{key}3")
    assert desk.statuses()[0]["visibility"] == "private"


def test_gotosocial_is_told_a_visibility_for_its_own_default_is_not_public(
    httpserver: HTTPServer, world: World, key: str
) -> None:
    there = OtherServer(httpserver, "gotosocial")
    world.secrets["token"] = TOKEN
    world.account(there.url).publish(snippet("hello"), key)
    assert there.statuses[0]["visibility"] == "unlisted"


def test_pictures_go_with_their_text(first_server: Server, desk: Person, world: World, key: str) -> None:
    world.pictures["media/rhino.jpg"] = saved(photo(1))
    shown = Media("image", "media/rhino.jpg", "A rhino at mile three")
    world.account(first_server.url).publish(snippet("Look", media=(shown,)), key)
    (attached,) = desk.statuses()[0]["media_attachments"]
    assert attached["description"] == "A rhino at mile three"


def test_a_picture_that_is_still_worked_at_is_waited_for(httpserver: HTTPServer, world: World, key: str) -> None:
    there = OtherServer(httpserver, "relay")
    world.secrets["token"] = TOKEN
    world.pictures["media/a.jpg"] = saved(photo(2))
    answers = iter([206, 206, 200])
    uploads: list[bytes] = []

    def working(request: Request) -> Response:
        if request.path == "/api/v2/media":
            uploads.append(request.files["file"].read())
            return Response('{"id": "9", "url": null}', 202, content_type="application/json")
        if request.path == "/api/v1/media/9":
            return Response('{"id": "9"}', next(answers), content_type="application/json")
        if request.method == "POST" and request.path == POST:
            assert request.form.getlist("media_ids[]") == ["9"]
        return there.answer(request)

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(working)
    world.account(there.url).publish(snippet("Look", media=(Media("image", "media/a.jpg", "a"),)), key)
    assert len(world.waited) == 3
    assert uploads == [world.pictures["media/a.jpg"]]


def test_a_picture_that_is_never_ready_was_not_sent_and_is_not_brought_again_for_ever(
    httpserver: HTTPServer, world: World, key: str
) -> None:
    there = OtherServer(httpserver, "relay")
    world.secrets["token"] = TOKEN
    world.pictures["media/a.jpg"] = saved(photo(2))

    def never(request: Request) -> Response:
        if "/media" in request.path:
            return Response('{"id": "9"}', 202 if request.method == "POST" else 206, content_type="application/json")
        return there.answer(request)

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(never)
    account = world.account(there.url)
    with pytest.raises(Unavailable, match="still working"):
        account.publish(snippet("Look", media=(Media("image", "media/a.jpg", "a"),)), key)
    assert sum(world.waited) <= 10
    assert account.find(key, LONG_AGO) is None


def test_a_picture_is_made_to_fit_and_loses_where_it_was_taken(httpserver: HTTPServer, world: World, key: str) -> None:
    limits = {"configuration": {"media_attachments": {"image_size_limit": 30_000, "description_limit": 20}}}
    there = OtherServer(httpserver, "relay", instance=limits)
    world.secrets["token"] = TOKEN
    image = Image.effect_noise((900, 700), 90).convert("RGB")
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    world.pictures["media/a.jpg"] = out.getvalue()
    sent: list[tuple[bytes, str]] = []

    def takes(request: Request) -> Response:
        if request.path == "/api/v2/media":
            sent.append((request.files["file"].read(), request.form["description"]))
            return Response('{"id": "9"}', 200, content_type="application/json")
        return there.answer(request)

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(takes)
    long = Media("image", "media/a.jpg", "A rhino, and many people who cheer")
    world.account(there.url).publish(snippet("Look", media=(long,)), key)
    ((content, alt),) = sent
    assert len(content) <= 30_000
    with Image.open(BytesIO(content)) as picture:
        assert not picture.getexif().get_ifd(0x8825)
    assert len(alt) <= 20
    assert alt.startswith("A rhino")


def test_what_is_no_picture_is_refused_before_anything_is_sent(
    first_server: Server, desk: Person, world: World, key: str
) -> None:
    world.pictures["media/a.jpg"] = b"nothing"
    with pytest.raises(Rejected, match="cannot be read"):
        world.account(first_server.url).publish(snippet("Look", media=(Media("image", "media/a.jpg", "a"),)), key)
    assert texts(desk) == []


def test_a_correction_is_an_edit_that_keeps_address_and_pictures(
    first_server: Server, desk: Person, world: World, key: str
) -> None:
    world.pictures["media/a.jpg"] = saved(photo(3))
    account = world.account(first_server.url)
    receipt = account.publish(snippet("39,689 starters", media=(Media("image", "media/a.jpg", "a"),)), key)
    assert account.revise(receipt, snippet("39,698 starters"), "1-2") == receipt
    assert account.revise(receipt, snippet("39,698 starters"), "1-2") == receipt
    (status,) = desk.statuses()
    assert "39,698" in status["content"]
    assert status["edited_at"]
    assert len(status["media_attachments"]) == 1
    assert account.find(key, LONG_AGO) == receipt


def test_a_correction_that_a_server_cannot_make_is_refused(httpserver: HTTPServer, world: World, key: str) -> None:
    there = OtherServer(httpserver, "takahe")
    world.secrets["token"] = TOKEN
    account = world.account(there.url)
    receipt = account.publish(snippet("one"), key)
    with pytest.raises(Rejected, match="edits nothing"):
        account.revise(receipt, snippet("two"), "1-2")


def test_a_receipt_of_another_server_is_left_alone(first_server: Server, second_server: Server, world: World) -> None:
    account = world.account(first_server.url)
    account.login()
    with pytest.raises(Rejected, match="see to it by hand"):
        account.retract(Receipt("1", f"{second_server.url}/@desk/1"))


def test_a_deletion_that_may_not_have_happened_is_tried_again(
    first_server: Server, desk: Person, world: World, key: str
) -> None:
    with LossyProxy(first_server.url) as proxy:
        account = world.account(proxy.url)
        receipt = account.publish(snippet("gone soon"), key)
        receipt = Receipt(receipt.id)
        proxy.lose(1, b"DELETE /api/v1/statuses/")
        with pytest.raises(Unavailable):
            account.retract(receipt)
        account.retract(receipt)
    assert texts(desk) == []


def test_limits_are_what_the_server_says_and_stay_known(httpserver: HTTPServer, world: World) -> None:
    there = OtherServer(httpserver, "gotosocial")
    world.secrets["token"] = TOKEN
    assert world.account(there.url).limits().length == 500, "before it was asked"
    world.account(there.url).login()
    limits = world.account(there.url, content_warning="Sport").limits()
    assert (limits.length, limits.unit) == (5000 - len("Sport"), LengthUnit.CHARACTERS)


def test_limits_of_a_server_with_the_older_document_alone(httpserver: HTTPServer, world: World) -> None:
    there = OtherServer(httpserver, "takahe", instance={"max_toot_chars": 700})
    world.secrets["token"] = TOKEN
    account = world.account(there.url)
    account.login()
    assert account.limits().length == 700
    assert [path for path in there.requests if "instance" in path] == ["GET /api/v2/instance", "GET /api/v1/instance"]


def test_limits_of_mastodon_count_as_mastodon_does(first_server: Server, world: World) -> None:
    account = world.account(first_server.url)
    account.login()
    limits = account.limits()
    assert (limits.length, limits.unit, limits.media) == (500, LengthUnit.MASTODON, 4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    text=st.text(min_size=1, max_size=900),
    url=st.sampled_from(["", "https://example.org/" + "a" * 400, "https://e.org"]),
)
def test_no_text_makes_a_snippet_that_is_refused(first_server: Server, world: World, text: str, url: str) -> None:
    account = world.account(first_server.url)
    update = Update(1, "abcd2345", UpdateKind.POST, UpdateState.LIVE, NOON, text, url=url)
    made = fit(update, account.limits(), created_at=NOON)
    assert length(made.text, LengthUnit.MASTODON) <= 500


def test_a_try_that_nobody_has_settled_is_not_forgotten_for_those_that_are() -> None:
    ledger = Ledger(Kept())
    ledger.put("open", Try(NOON, "words"))
    for number in range(200):
        ledger.put(str(number), Try(NOON, "words", id=str(number)))
    assert ledger.get("open") is not None
    assert ledger.get("199") is not None
    assert ledger.get("0") is None
    assert len(ledger.owners()) < 100


# -- signing in -------------------------------------------------------------------------------------------------------


def test_a_pasted_token_is_kept_in_a_file_of_its_owner_alone(first_server: Server, tmp_path: Path, key: str) -> None:
    world = World(tmp_path)
    account = world.account(first_server.url)
    assert not account.is_signed_in()
    assert account.own_id() == ""
    author = account.login(Secret("desk_token"))
    assert author.handle == f"desk@{first_server.host}"
    path = tmp_path / "var" / "mastodon.credential"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "desk_token" in path.read_text()
    assert "desk_token" not in repr(world.memory.values)
    again = world.account(first_server.url)
    assert again.is_signed_in()
    assert again.own_id() == author.id
    receipt = again.publish(snippet("signed in"), key)
    again.retract(receipt)
    path.chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        world.account(first_server.url).publish(snippet("open to all"), f"{key}2")


def test_whose_a_configured_token_is_stays_known_over_a_restart(first_server: Server, world: World) -> None:
    """What we announce in public stands under hashtags that we read: it must not be collected as somebody else's."""
    assert world.account(first_server.url).own_id() == ""
    author = world.account(first_server.url).login()
    assert world.account(first_server.url).own_id() == author.id


@pytest.mark.parametrize("kind", ["gotosocial", "takahe", "relay"])
def test_what_we_said_is_known_as_ours_where_the_server_does_not_say_who_we_are(
    httpserver: HTTPServer, tmp_path: Path, key: str, kind: str
) -> None:
    there = OtherServer(httpserver, kind)
    world = World(tmp_path)
    account = world.account(there.url)
    account.login(Secret(TOKEN))
    account.publish(snippet("hello"), key)
    there.statuses[0].update(tags=[{"name": "run"}], visibility="public")
    (post,) = World(secrets={"token": TOKEN}).source(there.url, tags=["run"], stream=False).fetch("").posts
    assert post.author.id == account.own_id() == world.account(there.url).own_id()


def test_a_code_of_the_servers_page_is_exchanged_for_a_token(first_server: Server, tmp_path: Path) -> None:
    world = World(tmp_path)
    page = world.account(first_server.url).sign_in_page()
    assert page.startswith(f"{first_server.url}/oauth/authorize?client_id=")
    assert "write%3Astatuses" in page
    assert world.account(first_server.url).sign_in_page() == page, "made known to the server once"
    assert world.account(first_server.url).login(Secret(" mockcode_desk\n")).handle == f"desk@{first_server.host}"
    assert world.account(first_server.url).is_signed_in()


def test_what_is_neither_token_nor_code_is_refused_and_shown_nowhere(first_server: Server, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.account(first_server.url).sign_in_page()
    with pytest.raises(Unauthorized, match="neither for an access token nor for a code") as caught:
        world.account(first_server.url).login(Secret("nonsense-secret"))
    assert "nonsense" not in str(caught.value)
    assert not world.account(first_server.url).is_signed_in()


def test_nobody_has_signed_in(first_server: Server, tmp_path: Path, key: str) -> None:
    with pytest.raises(Unauthorized, match="milepost accounts login mastodon"):
        World(tmp_path).account(first_server.url).publish(snippet(), key)


def test_a_token_that_was_taken_back_is_looked_for_anew(httpserver: HTTPServer, tmp_path: Path, key: str) -> None:
    """Somebody signs in again in another process; the one that runs goes on without a restart."""
    there = OtherServer(httpserver, "takahe")
    world = World(tmp_path)
    running = world.account(there.url)
    running.login(Secret(TOKEN))
    path = tmp_path / "var" / "mastodon.credential"
    good = path.read_text()
    path.write_text(good.replace(TOKEN, "old-token"))
    running = world.account(there.url)
    with pytest.raises(Unauthorized, match=r"Invalid Bearer token.*milepost accounts login mastodon"):
        running.publish(snippet("hello"), key)
    path.write_text(good)
    assert running.publish(snippet("hello"), key).id


def test_a_credential_of_another_server_is_none(first_server: Server, second_server: Server, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.account(first_server.url).login(Secret("desk_token"))
    assert not world.account(second_server.url).is_signed_in()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"server": "http://mastodon.example"}, "only https"),
        ({"server": "https://me:pw@mastodon.example"}, "no address of a server"),
        ({"server": "a.example", "visibility": "direct"}, "unlisted"),
        ({"server": "a.example", "password": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MastodonAccount.Settings.model_validate(wrong)
