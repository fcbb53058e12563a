"""No key of X's ever stands in a log, an error or a repr, however talkative the libraries are."""

import io
import logging
import traceback
from collections.abc import Iterator

import pytest

from bot.core.errors import OutsideError
from bot.core.model import Media
from tests.drawings import photo, saved
from tests.platforms.x.x_world import World, snippet
from tests.servers.x_simulator import BEARER, CONSUMER, Account, XSimulator, new_key

LOGGERS = ("", "tweepy", "tweepy.client", "urllib3", "oauthlib", "requests_oauthlib", "oauthlib.oauth1", "requests")


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Everything that anybody logs, at debug level."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    logging.getLogger().addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield out
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def planted(who: Account) -> tuple[str, ...]:
    return (BEARER, BEARER.partition("%")[0], CONSUMER[1], who.token_secret, who.token, "oauth_signature=")


def test_nothing_is_told(x: XSimulator, ana: Account, desk: Account, world: World, said: io.StringIO) -> None:
    world.pictures["media/a.jpg"] = saved(photo(1))
    account, source = world.account(x.url, desk), world.source(x.url)
    things = [account, source, account._door, source._door, account._door._client, world.context]
    source.fetch("")
    source.missing([ana.post("a")])
    receipt = account.publish(snippet(media=(Media("image", "media/a.jpg", "A rhino"),)), new_key())
    account.retract(receipt)
    errors = []
    for path, status in (
        ("/2/tweets$", 401),
        ("/2/tweets$", 403),
        ("/2/tweets$", 429),
        ("/2/tweets$", 500),
        ("/2/tweets$", 0),
    ):
        x.fail(path, status, {"detail": "no"}, method="POST")
        with pytest.raises(OutsideError) as raised:
            account.publish(snippet(f"once more {status}"), new_key())
        errors.append(raised.value)
    for status in (400, 401, 402, 403, 0):
        x.fail("/2/tweets/search", status, {"detail": "no"})
        with pytest.raises(OutsideError) as raised:
            source.fetch("")
        errors.append(raised.value)
    told = said.getvalue()
    assert "POST /2/tweets" in told  # urllib3 does speak
    told += "".join("".join(traceback.format_exception(error)) for error in errors)
    told += "".join(map(repr, [*things, *errors]))
    told += repr([world.memory.values, world.shared.values])
    for secret in planted(desk):
        assert secret not in told, secret


def test_the_libraries_would_tell(x: XSimulator, world: World, said: io.StringIO) -> None:
    """What the test above looks for is really there where nobody hushes them."""
    source = world.source(x.url)
    source.fetch("")
    for name in ("tweepy.client",):
        logger = logging.getLogger(name)
        kept, logger.filters[:] = list(logger.filters), []
        source.fetch("")
        logger.filters[:] = kept
    assert BEARER in said.getvalue()


@pytest.mark.parametrize("value", ["zwölf", "a\nb: c", "a\x00b"])
def test_a_secret_that_is_none_is_not_repeated(x: XSimulator, world: World, value: str) -> None:
    world.secrets["bearer_token"] = value
    with pytest.raises(OutsideError, match="other signs") as raised:
        world.source(x.url).fetch("")
    assert value not in str(raised.value)
    assert not x.asked
