"""Posting to X: once, harmless, found again when the answer was lost, and taken down."""

import json
from io import BytesIO

import pytest
from PIL import Image

from bot.core.budget import Work
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import LengthUnit, Media, Receipt
from bot.core.text.lengths import weighted_length
from bot.platforms.x.account import XAccount
from bot.platforms.x.own import skeleton, skeleton_of
from tests.drawings import photo, saved
from tests.platforms.contract import Clock
from tests.platforms.x.x_world import NOON, World, snippet
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.x_simulator import Account, XSimulator, new_key

CREATE = "/2/tweets$"


def standing(x: XSimulator, who: Account) -> list[str]:
    return [post["sent"] for post in x.posts.values() if post["author"] is who and post["id"] not in x.deleted]


@pytest.fixture
def account(x: XSimulator, desk: Account, world: World) -> XAccount:
    return world.account(x.url, desk)


def test_a_snippet_is_posted_and_taken_down(x: XSimulator, desk: Account, account: XAccount) -> None:
    receipt = account.publish(snippet("39,698 set to start #LondonMarathon"), new_key())
    assert receipt.url == f"https://x.com/i/status/{receipt.id}"
    assert standing(x, desk) == ["39,698 set to start #LondonMarathon"]
    assert json.loads(x.asked[-1].body) == {"text": "39,698 set to start #LondonMarathon"}
    account.retract(receipt)
    assert standing(x, desk) == []
    account.retract(receipt)  # done already is done


def test_the_same_key_again_posts_nothing(x: XSimulator, desk: Account, account: XAccount) -> None:
    key = new_key()
    assert account.publish(snippet(), key) == account.publish(snippet(), key)
    assert len(standing(x, desk)) == 1


def test_limits(account: XAccount, desk: Account, world: World, x: XSimulator) -> None:
    limits = account.limits()
    assert (limits.length, limits.unit, limits.media, limits.link) == (280, LengthUnit.WEIGHTED, 4, False)
    assert world.account(x.url, desk, link=True).limits().link
    assert account.own_id() == desk.id
    assert not x.asked


def test_pictures_go_with_their_alt_text(x: XSimulator, account: XAccount, world: World) -> None:
    content = saved(photo(1))
    world.pictures["media/a.jpg"] = content
    pictures = (Media("image", "media/a.jpg", "A rhino 🦏 at Tower Bridge"), Media("video", "media/b.mp4", "no"))
    receipt = account.publish(snippet("Look", media=pictures), new_key())
    (media,) = x.media.values()
    assert media["content"] == content
    assert media["alt"] == "A rhino 🦏 at Tower Bridge"
    assert x.posts[receipt.id]["media"] == [media["media_key"]]


def test_a_picture_that_says_where_it_was_taken_is_made_anew(x: XSimulator, account: XAccount, world: World) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    out = BytesIO()
    photo(1).convert("RGB").save(out, "JPEG", exif=exif)
    world.pictures["media/a.jpg"] = out.getvalue()
    account.publish(snippet("Look", media=(Media("image", "media/a.jpg", "A rhino"),)), new_key())
    (media,) = x.media.values()
    with Image.open(BytesIO(media["content"])) as sent:
        assert not dict(sent.getexif())


def test_no_picture_is_sent_without_its_words(x: XSimulator, desk: Account, account: XAccount, world: World) -> None:
    world.pictures["media/a.jpg"] = saved(photo(1))
    x.fail("/2/media/metadata", 503)
    with pytest.raises(Unavailable):
        account.publish(snippet(media=(Media("image", "media/a.jpg", "A rhino"),)), new_key())
    assert not standing(x, desk)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("Well run @ana and ＠ben!", "Well run ana and ben!"),
        ("Mail desk@example.org", "Mail desk@example.org"),
        ("Up: $ACME and $BETA, $5", "Up: $ACME and BETA, $5"),
        ("#one #two, #three #four ＃five #six", "#one #two, #three four five six"),
        ("a\0b\u202e", "ab"),
        ("cafe\u0301", "café"),
    ],
)
def test_what_goes_out_is_harmless(
    x: XSimulator, desk: Account, account: XAccount, ana: Account, said: str, sent: str
) -> None:
    del ana
    account.publish(snippet(said), new_key())
    assert standing(x, desk) == [sent]


@pytest.mark.parametrize("text", ["x" * 281, "走" * 141, "🏃" * 141, "", "  \n", "\ud800"])
def test_what_cannot_go_out_is_refused_here(x: XSimulator, account: XAccount, text: str) -> None:
    with pytest.raises(Rejected):
        account.publish(snippet(text), new_key())
    assert not x.asked


def test_a_text_of_full_length_goes_out(x: XSimulator, account: XAccount) -> None:
    text = f"{'x' * 256} https://example.org/{'y' * 100}"
    assert weighted_length(text) == 280
    account.publish(snippet(text), new_key())
    assert len(x.posts) == 1


WORDS = [
    "39,698 set to start",
    "Fish & chips <3 > all #LondonMarathon",
    "Results: https://example.org/results?a=1&b=2 and more https://example.com",
    "Two\n\nparagraphs  with spaces",
    "cafe\u0301 🏃‍♀️ 走",
]


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("picture", [False, True])
def test_posted_but_the_answer_was_lost(
    x: XSimulator, desk: Account, account: XAccount, world: World, clock: Clock, text: str, picture: bool
) -> None:
    world.pictures["media/a.jpg"] = saved(photo(1))
    media = (Media("image", "media/a.jpg", "A rhino"),) if picture else ()
    account.publish(snippet("Something else"), new_key())
    x.fail(CREATE, 0, handled=True)
    key = new_key()
    with pytest.raises(Unanswered):
        account.publish(snippet(text, media=media), key)
    clock.move(seconds=3)
    receipt = world.account(x.url, desk).find(key, NOON)  # after a restart
    assert receipt is not None
    assert weighted_length(x.posts[receipt.id]["sent"]) == weighted_length(text)
    assert len(standing(x, desk)) == 2
    assert world.account(x.url, desk).publish(snippet(text), key) == receipt


def test_a_picture_without_words_is_found_again(x: XSimulator, account: XAccount, world: World, clock: Clock) -> None:
    world.pictures["media/a.jpg"] = saved(photo(1))
    account.publish(snippet("Something else"), new_key())
    x.fail(CREATE, 0, handled=True)
    key = new_key()
    with pytest.raises(Unanswered):
        account.publish(snippet("", media=(Media("image", "media/a.jpg", "A rhino"),)), key)
    clock.move(seconds=3)
    assert account.find(key, NOON) is not None


@pytest.mark.parametrize(
    "text", ["Look at https://t.co/abc https://t.co/pics", "Look at https://example.org/a https://t.co/pics"]
)
def test_words_are_known_again_where_x_names_no_links(text: str) -> None:
    row = {"text": text, "attachments": {"media_keys": ["3_1"]}}
    assert skeleton_of(row) == skeleton("Look at https://example.org/a")


def test_an_account_whose_token_does_not_tell_its_number(
    x: XSimulator, desk: Account, world: World, clock: Clock
) -> None:
    desk.token = "a-planted-token-of-another-kind"
    account = world.account(x.url, desk)
    assert account.own_id() == ""
    x.fail(CREATE, 0, handled=True)
    key = new_key()
    with pytest.raises(Unanswered):
        account.publish(snippet(), key)
    clock.move(seconds=3)
    assert account.find(key, NOON) is not None
    assert account.own_id() == desk.id


def test_a_picture_goes_in_json_where_x_refuses_the_form(x: XSimulator, account: XAccount, world: World) -> None:
    world.pictures["media/a.jpg"] = saved(photo(1))
    x.fail("/2/media/upload", 400, {"detail": "no form"})
    account.publish(snippet(media=(Media("image", "media/a.jpg", "A rhino"),)), new_key())
    (media,) = x.media.values()
    assert media["content"] == world.pictures["media/a.jpg"]


def test_the_answer_was_lost_on_the_wire(x: XSimulator, desk: Account, world: World) -> None:
    with LossyProxy(x.url) as proxy:
        x.hosts.add(proxy.url.removeprefix("http://"))
        account = world.account(proxy.url, desk)
        account.publish(snippet("before"), new_key())
        proxy.lose(1, b"POST /2/tweets ")
        key = new_key()
        with pytest.raises(Unanswered):
            account.publish(snippet(), key)
        assert account.find(key, NOON) is not None
        account.close()
    assert len(standing(x, desk)) == 2


@pytest.mark.parametrize("status", [0, 500, 503, 504])
def test_not_posted_and_the_answer_was_lost(
    x: XSimulator, desk: Account, account: XAccount, clock: Clock, status: int
) -> None:
    x.fail(CREATE, status)
    key = new_key()
    with pytest.raises(Unanswered):
        account.publish(snippet(), key)
    with pytest.raises(Unavailable, match="a minute"):  # X may not show it yet
        account.find(key, NOON)
    clock.move(seconds=61)
    assert account.find(key, NOON) is None
    account.publish(snippet(), key)
    assert len(standing(x, desk)) == 1


def test_what_was_never_tried_does_not_stand(x: XSimulator, account: XAccount) -> None:
    assert account.find(new_key(), NOON) is None
    assert not x.asked


@pytest.mark.parametrize(
    ("status", "body"), [(200, "no json"), (201, "{}"), (201, '{"data": {"id": "x"}}'), (201, "[]"), (302, "")]
)
def test_a_strange_answer_to_a_post(x: XSimulator, account: XAccount, status: int, body: str) -> None:
    x.fail(CREATE, status, body, headers={"location": "http://127.0.0.1:1/"} if status == 302 else {})
    with pytest.raises(Unavailable if status == 302 else Unanswered):
        account.publish(snippet(), new_key())


def test_nobody_is_there(world: World, desk: Account) -> None:
    account = world.account("http://127.0.0.1:1", desk)
    key = new_key()
    with pytest.raises(Unavailable, match="cannot connect"):
        account.publish(snippet(), key)
    assert account.find(key, NOON) is None


def test_words_that_stand_already_are_refused(x: XSimulator, desk: Account, account: XAccount) -> None:
    account.publish(snippet(), new_key())
    with pytest.raises(Rejected, match="posted these words before"):
        account.publish(snippet(), new_key())
    assert len(standing(x, desk)) == 1


def test_a_duplicate_that_is_our_own_lost_try(x: XSimulator, desk: Account, account: XAccount, clock: Clock) -> None:
    """X showed it too late: looked for in vain, sent again, refused, and then found."""
    x.fail(CREATE, 0, handled=True)
    key = new_key()
    with pytest.raises(Unanswered):
        account.publish(snippet(), key)
    clock.move(minutes=2)
    x.fail(f"/2/users/{desk.id}/tweets", 200, {"meta": {"result_count": 0}})
    assert account.find(key, NOON) is None
    receipt = account.publish(snippet(), key)
    assert [post["id"] for post in x.posts.values()] == [receipt.id]


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (401, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, Unauthorized, "make new ones"),
        (402, {"title": "CreditsDepleted", "detail": "Your account has no credits"}, RateLimited, "buy credits"),
        (
            403,
            {
                "title": "Forbidden",
                "detail": "Your client app is not configured with the appropriate oauth1 app permissions",
            },
            Unauthorized,
            "Read and write",
        ),
        (
            403,
            {"type": "https://api.x.com/2/problems/client-forbidden", "reason": "user-not-enrolled"},
            Unauthorized,
            "plan",
        ),
        (403, {"errors": [{"code": 453, "message": "You currently have access to a subset"}]}, Unauthorized, "plan"),
        (
            403,
            {"errors": [{"code": 64, "message": "Your account is suspended"}]},
            Unauthorized,
            "suspended the account",
        ),
        (403, {"detail": "User has been suspended: [desk]."}, Unauthorized, "suspended the account"),
        (403, {"errors": [{"code": 326, "message": "this account is temporarily locked"}]}, Unauthorized, "unlock it"),
        (
            403,
            {"detail": "You can only reply to or quote posts where you are mentioned"},
            Rejected,
            "reply to or quote",
        ),
        (403, {"detail": "You are not permitted to perform this action."}, Rejected, "not permitted"),
        (403, {"detail": "Something new"}, Rejected, "Something new"),
        (403, "<html>blocked</html>", Unavailable, "something before it"),
        (400, {"detail": "Your media IDs are invalid."}, Rejected, "media IDs"),
        (413, {"detail": "too large"}, Rejected, "too large"),
        (429, {"detail": "Too Many Requests"}, RateLimited, "too many"),
        (403, [1], Unavailable, ""),
    ],
)
def test_every_refusal_is_told_apart_and_nothing_stays_open(
    x: XSimulator, account: XAccount, status: int, body: object, error: type[OutsideError], says: str
) -> None:
    x.fail(CREATE, status, body)
    key = new_key()
    with pytest.raises(error) as raised:
        account.publish(snippet(), key)
    assert type(raised.value) is error
    assert says in str(raised.value)
    asked = len(x.asked)
    assert account.find(key, NOON) is None  # provably not sent
    assert len(x.asked) == asked


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 15),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "+7"}, 7),
        ({"x-rate-limit-remaining": "3", "x-rate-limit-reset": "+7"}, 15),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "-7"}, 1 / 60),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon"}, 15),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "99999999999"}, 25 * 60),
        ({"x-rate-limit-remaining": "9", "x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": "+600"}, 600),
        ({"retry-after": "120"}, 2),
    ],
)
def test_too_many_requests_with_and_without_a_reset(
    x: XSimulator, account: XAccount, clock: Clock, headers: dict[str, str], minutes: float
) -> None:
    told = {
        name: str(int(clock().timestamp()) + 60 * int(value)) if value[0] in "+-" else value
        for name, value in headers.items()
    }
    x.fail(CREATE, 429, {"detail": "Too Many Requests"}, headers=told)
    with pytest.raises(RateLimited) as raised:
        account.publish(snippet(), new_key())
    assert (raised.value.until - clock()).total_seconds() == pytest.approx(minutes * 60, abs=1)
    assert not raised.value.stops_all
    clock.move(minutes=minutes + 1)
    account.publish(snippet("more"), new_key())


def test_the_account_is_looked_at(account: XAccount, desk: Account) -> None:
    found = account.checkup()
    assert found.who.handle == desk.username
    assert any("automated" in advice for advice in found.advice)


def test_too_many_deletions_stop_deletions_alone(x: XSimulator, account: XAccount) -> None:
    receipt = account.publish(snippet(), new_key())
    x.fail("/2/tweets/", 429, {"detail": "Too Many Requests"})
    with pytest.raises(RateLimited) as raised:
        account.retract(receipt)
    assert not raised.value.stops_all


def test_what_x_says_of_its_limits_is_kept(x: XSimulator, account: XAccount, clock: Clock) -> None:
    receipt = account.publish(snippet(), new_key())
    ends = int(clock().timestamp()) + 600
    told = {"x-rate-limit-limit": "50", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(ends)}
    x.fail("/2/tweets/", 429, {"detail": "Too Many Requests"}, headers=told)
    with pytest.raises(RateLimited):
        account.retract(receipt)
    (spent,) = [one for one in account.allowances() if one.work is Work.TAKING_DOWN]
    assert (spent.left, spent.most, spent.resets_at.timestamp()) == (0, 50, ends)


def test_wrong_keys_are_told(x: XSimulator, world: World, desk: Account) -> None:
    world.secrets["consumer_secret"] = "planted-but-wrong"
    with pytest.raises(Unauthorized, match='keys of "x"'):
        world.account(x.url, desk).publish(snippet(), new_key())


def test_missing_keys_are_named(x: XSimulator, world: World, desk: Account) -> None:
    account = world.account(x.url, desk)
    del world.secrets["access_token_secret"]
    with pytest.raises(Unauthorized, match="MILEPOST_X_ACCESS_TOKEN_SECRET"):
        account.publish(snippet(), new_key())
    del world.secrets["access_token"]
    assert account.own_id() == ""


def test_retracting_what_is_not_ours(account: XAccount, ana: Account) -> None:
    with pytest.raises(Rejected):
        account.retract(Receipt(ana.post("mine")))
    with pytest.raises(Rejected, match="no post at X"):
        account.retract(Receipt("at://did:plc:x/app.bsky.feed.post/1"))


def test_a_delete_that_was_not_answered_is_tried_again(x: XSimulator, desk: Account, account: XAccount) -> None:
    receipt = account.publish(snippet(), new_key())
    x.fail("/2/tweets/", 0)
    with pytest.raises(Unavailable):
        account.retract(receipt)
    x.fail("/2/tweets/", 200, {"data": {"deleted": False}})
    with pytest.raises(Unavailable, match="did not say"):
        account.retract(receipt)
    account.retract(receipt)
    assert not standing(x, desk)
