"""Pictures of posts: the CDN's thumbnail, else the author's own server; no address that a stranger made up."""

import pytest
from pytest_httpserver import HTTPServer

from bot.core.errors import Unavailable
from bot.core.model import Media
from bot.core.ports import PictureSource
from bot.platforms.bluesky.source import BlueskySource
from tests.drawings import photo, saved
from tests.platforms.bluesky.bluesky_world import World

DID, CID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "bafkreigio7llfgrwfz3tfbh2o2tocc3omjnlhcqkx63rsfyfi7g6iimota"
PICTURE = saved(photo(1))


def source_of(server: HTTPServer, **more: str) -> BlueskySource:
    cdn = server.url_for("/cdn")
    settings = BlueskySource.Settings(tags=("race",), cdn=cdn, **{"plc": server.url_for("/plc"), **more})  # type: ignore[arg-type]
    return BlueskySource(settings, World().context)


def image(server: HTTPServer, did: str = DID, cid: str = CID) -> Media:
    return Media("image", server.url_for(f"/cdn/img/feed_fullsize/plain/{did}/{cid}@jpeg"), cid=cid)


def test_the_thumbnail_is_taken(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/cdn/img/feed_thumbnail/plain/{DID}/{CID}@jpeg").respond_with_data(PICTURE)
    source: PictureSource = source_of(httpserver)
    assert isinstance(source, PictureSource)
    assert source.shows(image(httpserver))
    assert source.picture(image(httpserver)) == PICTURE
    assert len(httpserver.log) == 1


def document(server: HTTPServer, *services: object) -> None:
    server.expect_request(f"/plc/{DID}").respond_with_json({"id": DID, "service": list(services)})


def test_what_the_cdn_does_not_have_comes_from_its_author(httpserver: HTTPServer) -> None:
    pds = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": httpserver.url_for("/pds/")}
    document(httpserver, {"id": "#other", "serviceEndpoint": {"uri": "x"}}, pds)
    asked = {"did": DID, "cid": CID}
    httpserver.expect_request("/pds/xrpc/com.atproto.sync.getBlob", query_string=asked).respond_with_data(PICTURE)
    assert source_of(httpserver).picture(image(httpserver)) == PICTURE


def test_no_directory_no_second_try(httpserver: HTTPServer) -> None:
    with pytest.raises(Unavailable):
        source_of(httpserver, plc="").picture(image(httpserver))
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("services", [[], [{"id": "#atproto_pds", "serviceEndpoint": 7}], [7]])
def test_a_document_without_a_server(httpserver: HTTPServer, services: list[object]) -> None:
    document(httpserver, *services)
    with pytest.raises(Unavailable, match="document"):
        source_of(httpserver).picture(image(httpserver))


def test_a_name_of_a_host_must_be_public(httpserver: HTTPServer) -> None:
    """did:web names a host of its author's choice."""
    with pytest.raises(Unavailable, match=r"private|resolved|connect|address"):
        source_of(httpserver).picture(image(httpserver, "did:web:localhost.localdomain"))
    with pytest.raises(Unavailable, match="not a name of a host"):
        source_of(httpserver).picture(image(httpserver, "did:web:127.0.0.1"))


@pytest.mark.parametrize(
    ("did", "cid"),
    [
        ("did:plc:x/../../admin", CID),
        (DID, "../secret"),
        (DID, "bafk%2e%2e"),
        (DID, ""),
        ("", CID),
        (DID, "bafkreigio7llf?x=@evil"),
    ],
)
def test_what_a_stranger_made_up_is_not_asked_for(httpserver: HTTPServer, did: str, cid: str) -> None:
    base = httpserver.url_for("/cdn/img/feed_fullsize/plain")
    media = Media("image", f"{base}/{did}/{cid}@jpeg", cid=cid)
    source = source_of(httpserver)
    assert not source.shows(media)
    assert not source.shows(Media("image", f"https://elsewhere.example/img/feed_fullsize/plain/{DID}/{CID}@jpeg"))
    with pytest.raises(Unavailable):
        source.picture(media)
    assert httpserver.log == []
