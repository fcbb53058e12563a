import json

import pytest
from pytest_httpserver import HTTPServer

from tests.cli.small_race import Desk, free_port
from tests.servers.mastodon_server import mastodon_server

SIGN_IN = "/xrpc/com.atproto.server.createSession"


def with_account(desk: Desk, service: str) -> None:
    path = desk.folder / "config.toml"
    account = f'[[account]]\nname = "sky"\nkind = "bluesky"\nidentifier = "desk.example.org"\nservice = "{service}"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{account}", encoding="utf-8")
    desk("migrate")


@pytest.fixture
def sky(desk: Desk, httpserver: HTTPServer) -> Desk:
    """The small race with an account at a service on this machine."""
    with_account(desk, httpserver.url_for("").rstrip("/"))
    return desk


def session(httpserver: HTTPServer) -> None:
    answer = {
        "did": "did:plc:abcdefghijklmnopqrstuvwx",
        "handle": "desk.example.org",
        "accessJwt": "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln",
        "refreshJwt": "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln",
    }
    httpserver.expect_request(SIGN_IN, method="POST").respond_with_json(answer)


def test_a_password_that_is_typed_signs_in_and_is_kept_nowhere(sky: Desk, httpserver: HTTPServer) -> None:
    session(httpserver)
    said = sky("accounts", "login", "sky", "--as", "ana", typed="app-pass-word\n")
    assert said.out == "sky: signed in as desk.example.org\n"
    ((request, _),) = httpserver.log
    assert request.json == {"identifier": "desk.example.org", "password": "app-pass-word"}
    assert "signed in" in sky("log", "--by", "ana", "--account", "sky").out
    stored = b"".join(path.read_bytes() for path in (sky.folder / "var").iterdir())
    assert b"app-pass-word" not in stored


def test_a_configured_secret_is_used_and_not_asked_for(sky: Desk, httpserver: HTTPServer) -> None:
    session(httpserver)
    sky("accounts", "login", "sky", MILEPOST_SKY_PASSWORD="from-the-secrets")
    ((request, _),) = httpserver.log
    assert request.json["password"] == "from-the-secrets"


def test_a_password_that_is_refused_ends_with_77(sky: Desk, httpserver: HTTPServer) -> None:
    refusal = {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
    httpserver.expect_request(SIGN_IN).respond_with_json(refusal, status=401)
    said = sky("accounts", "login", "sky", code=77, typed="wrong-one\n")
    assert "does not take the password" in said.err
    assert "wrong-one" not in said.err


def test_a_service_that_is_away_ends_with_75(desk: Desk) -> None:
    with_account(desk, f"http://127.0.0.1:{free_port()}")
    assert "127.0.0.1" in desk("accounts", "login", "sky", code=75, typed="x\n").err


def test_nobody_to_ask_is_said(sky: Desk) -> None:
    assert "no password was given" in sky("accounts", "login", "sky", code=1).err
    assert [one["state"] for one in json.loads(sky("accounts", "--json").out)] == ["new", "new"]


def test_that_nobody_has_signed_in_is_said_before_the_first_send(desk: Desk, httpserver: HTTPServer) -> None:
    with_account(desk, httpserver.url_for("").rstrip("/"))
    said = "account sky: nobody has signed in: run `milepost accounts login sky`"
    assert said in desk("status").out
    assert said in desk("config", "check").err
    assert httpserver.log == [], "no network was asked"
    assert said not in desk("status", MILEPOST_SKY_PASSWORD="from-the-secrets").out
    assert said not in desk("config", "check", MILEPOST_SKY_PASSWORD="from-the-secrets").err
    session(httpserver)
    desk("accounts", "login", "sky", typed="app-pass-word\n")
    assert said not in desk("status").out
    assert said not in desk("config", "check").err


def test_a_check_before_the_first_run_says_so_too_and_makes_no_store(desk: Desk, httpserver: HTTPServer) -> None:
    with_account(desk, httpserver.url_for("").rstrip("/"))
    for path in (desk.folder / "var").iterdir():
        path.unlink()
    assert "account sky: nobody has signed in" in desk("config", "check").err
    assert "nobody has signed in" not in desk("config", "check", MILEPOST_SKY_PASSWORD="from-the-secrets").err
    assert list((desk.folder / "var").iterdir()) == []


def test_an_account_that_is_off_needs_no_sign_in(desk: Desk, httpserver: HTTPServer) -> None:
    with_account(desk, httpserver.url_for("").rstrip("/"))
    path = desk.folder / "config.toml"
    path.write_text(path.read_text("utf-8").replace('kind = "bluesky"', 'kind = "bluesky"\nenabled = false'), "utf-8")
    assert "nobody has signed in" not in desk("status").out + desk("config", "check").err


def with_mastodon(desk: Desk, server: str) -> None:
    path = desk.folder / "config.toml"
    account = f'[[account]]\nname = "toot"\nkind = "mastodon"\nserver = "{server}"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{account}", encoding="utf-8")
    desk("migrate")


def test_a_page_that_shows_a_code_signs_in_and_a_file_of_ours_alone_keeps_it(desk: Desk) -> None:
    with mastodon_server() as server:
        with_mastodon(desk, server.url)
        said = desk("accounts", "login", "toot", code=1).err
        assert "no code or access token was given" in said
        assert f"{server.url}/oauth/authorize?client_id=" in said
        assert "account toot: nobody has signed in" in desk("config", "check").err
        said = desk("accounts", "login", "toot", code=77, typed="nonsense\n").err
        assert "neither for an access token nor for a code" in said
        done = desk("accounts", "login", "toot", "--as", "ana", typed="mockcode_desk\n")
        assert done.out == f"toot: signed in as desk@{server.host}\n"
        kept = desk.folder / "var" / "toot.credential"
        assert kept.stat().st_mode & 0o777 == 0o600
        token = json.loads(kept.read_text())["token"]
        assert token not in done.out + done.err + desk("config", "show").out + desk("log", "--json").out
        assert "nobody has signed in" not in desk("config", "check").err
        stored = b"".join(path.read_bytes() for path in (desk.folder / "var").iterdir() if path != kept)
        assert token.encode() not in stored
        assert desk("accounts", "login", "toot", typed="desk_token\n").out == done.out, "a token does as well"


def test_where_a_server_has_no_page_a_token_does(desk: Desk, httpserver: HTTPServer) -> None:
    with_mastodon(desk, httpserver.url_for("").rstrip("/"))
    me = {"id": "1", "acct": "desk", "uri": "https://it.example/users/desk"}
    httpserver.expect_request("/api/v1/accounts/verify_credentials").respond_with_json(me)
    httpserver.expect_request("/api/v1/apps").respond_with_data("not found", status=404)
    assert "no access token was given" in desk("accounts", "login", "toot", code=1).err
    said = desk("accounts", "login", "toot", typed="a-token\n")
    assert said.out.startswith("toot: signed in as desk@")
    assert "oauth/authorize" not in said.err


def with_discord(desk: Desk, httpserver: HTTPServer) -> str:
    path = desk.folder / "config.toml"
    account = '[[account]]\nname = "news"\nkind = "discord"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{account}", encoding="utf-8")
    desk("migrate")
    return httpserver.url_for("/hooks/1/hush-hush")


def test_a_person_says_what_stands_in_a_channel_and_it_is_taken_down_by_its_address(
    desk: Desk, httpserver: HTTPServer
) -> None:
    url = with_discord(desk, httpserver)
    httpserver.expect_request("/hooks/1/hush-hush").respond_with_data("no", status=502)
    httpserver.expect_request("/hooks/1/hush-hush/messages/815", method="DELETE").respond_with_data(status=204)
    slug = json.loads(desk("post", "Five hours gone", "--account", "news", "--json").out)["update"]["slug"]
    desk("run", "--once", MILEPOST_NEWS_URL=url, code=3)
    assert "unconfirmed" in desk("log", "--account", "news").out
    assert "unconfirmed" in desk("status").out
    assert "Copy Message Link" in desk("accounts", "settle", "news", slug, "--stands", "--url", "815", code=1).err
    link = "https://discord.com/channels/12/34/815"
    said = desk("accounts", "settle", "news", slug, "--stands", "--url", link, "--as", "ana")
    assert said.out == "news: it stands\n"
    assert "looked at by hand: it stands" in desk("log", "--by", "ana", "--account", "news").out
    desk("withdraw", slug)
    desk("accounts", "retry", "news")
    desk("run", "--once", MILEPOST_NEWS_URL=url)
    assert [request.method for request, _ in httpserver.log] == ["POST", "DELETE"]
    assert "nobody asks, it is retracted" in desk("accounts", "settle", "news", slug, "--gone", code=1).err
    shown = [path.read_bytes() for path in (desk.folder / "var").rglob("*") if path.is_file()]
    assert not any(b"hush-hush" in one for one in shown), "the address stands nowhere"


def test_what_a_person_did_not_see_in_a_channel_is_sent_again(desk: Desk, httpserver: HTTPServer) -> None:
    url = with_discord(desk, httpserver)
    httpserver.expect_oneshot_request("/hooks/1/hush-hush").respond_with_data("no", status=502)
    slug = json.loads(desk("post", "Five hours gone", "--account", "news", "--json").out)["update"]["slug"]
    desk("run", "--once", MILEPOST_NEWS_URL=url, code=3)
    httpserver.expect_request("/hooks/1/hush-hush").respond_with_json({"id": "816"})
    assert desk("accounts", "settle", "news", slug, "--gone").out == "news: it does not stand, and is sent again\n"
    desk("accounts", "retry", "news")
    desk("run", "--once", MILEPOST_NEWS_URL=url)
    assert len(httpserver.log) == 2
    assert "--stands" in desk("accounts", "settle", "news", slug, code=2).err
    assert "no enabled account" in desk("accounts", "settle", "nws", slug, "--gone", code=2).err
