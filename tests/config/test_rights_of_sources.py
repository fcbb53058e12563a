"""The rights of a source: what its platform allows is the most, and every mistake says what to write."""

from pathlib import Path

import pytest

from bot.app import outside
from bot.app.opening import desk_of
from bot.config.load import Loaded, load
from bot.config.show import show
from bot.core.errors import ConfigError
from bot.core.rights import Rights, rights
from tests.builders import a_post
from tests.config.stand_ins import EVENT

FEED = EVENT + '[[source]]\nname = "news"\nkind = "feeds"\nurl = "https://news.example/feed.xml"\n'
X = EVENT + '[[source]]\nname = "hashtag-x"\nkind = "x"\ntags = ["LondonMarathon"]\n'
TAPE = EVENT + '[[source]]\nname = "tape"\nkind = "replay"\nfile = "day.jsonl"\n'


def loaded(folder: Path, text: str, **environ: str) -> Loaded:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load(folder / "config.toml", models=outside.models(), environ=environ)


def told(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    return str(caught.value).replace(f"{folder}/", "")


def test_unset_they_are_what_the_platform_allows(tmp_path: Path) -> None:
    assert desk_of(loaded(tmp_path, FEED).settings).source_rights == {"news": Rights()}
    assert desk_of(loaded(tmp_path, X).settings).source_rights == {"hashtag-x": rights("x")}


@pytest.mark.parametrize(
    "form", ["rights = { quote = false, approve = true }\n", "[source.rights]\nquote = false\napprove = true\n"]
)
def test_they_are_written_in_a_line_or_in_a_block(tmp_path: Path, form: str) -> None:
    desk = desk_of(loaded(tmp_path, FEED + form).settings)
    assert desk.rights(a_post(source="news", platform="feeds")) == Rights(quote=False, approve=True)
    assert desk.rights(a_post(source="other")) == Rights()


def test_what_x_does_not_allow_is_refused_with_the_reason_and_what_to_write(tmp_path: Path) -> None:
    assert told(tmp_path, X + "rights = { feeds = true, cross_post = false }\n") == (
        'config.toml:7:20: "feeds" of [[source]] "hashtag-x" allows more than its platform: '
        "X's terms let feeds and previews carry who posted and the link, not the words\n"
        "    7 | rights = { feeds = true, cross_post = false }\n"
        "      |                    ^^^^ write feeds = false, or take it out"
    )
    found = told(tmp_path, X + "[source.rights]\nfeeds = true\nquote = true\n")
    assert "config.toml:8:9:" in found
    assert "config.toml:9:9:" in found


def test_letters_cannot_be_let_out_by_rules(tmp_path: Path) -> None:
    mail = EVENT + '[[source]]\nname = "readers"\nkind = "mail"\nhost = "imap.example.org"\nuser = "r@example.org"\n'
    assert "letters are sent to the desk alone" in told(tmp_path, mail + "rights = { approve = false }\n")


def test_less_than_a_platform_allows_is_taken(tmp_path: Path) -> None:
    strict = "rights = { full_text = false, feeds = false, cross_post = false, quote = false, approve = true }\n"
    desk = desk_of(loaded(tmp_path, X + strict).settings)
    assert desk.source_rights["hashtag-x"] == Rights(
        full_text=False, feeds=False, cross_post=False, quote=False, approve=True, altered=False
    )


def test_words_that_may_not_stand_on_the_page_stand_nowhere(tmp_path: Path) -> None:
    found = told(tmp_path, FEED + "rights = { full_text = false, quote = true }\n")
    assert '"quote" of [[source]] "news" lets words out that may not even stand on the page' in found
    assert "write quote = false, or full_text = true" in found


def test_the_environment_loosens_nothing_either(tmp_path: Path) -> None:
    assert "MILEPOST_SOURCE__HASHTAG_X__RIGHTS__QUOTE" in told(
        tmp_path, X, MILEPOST_SOURCE__HASHTAG_X__RIGHTS__QUOTE="true"
    )
    found = loaded(tmp_path, X, MILEPOST_SOURCE__HASHTAG_X__RIGHTS__APPROVE="true")
    assert desk_of(found.settings).source_rights["hashtag-x"].approve


def test_a_recording_gives_no_more_than_where_its_posts_were_made(tmp_path: Path) -> None:
    desk = desk_of(loaded(tmp_path, TAPE + "rights = { quote = true, feeds = true }\n").settings)
    assert desk.rights(a_post(source="tape", platform="x")) == rights("x")
    assert desk.rights(a_post(source="tape")) == Rights()


def test_what_is_no_right_is_a_mistake_in_its_place(tmp_path: Path) -> None:
    assert 'did you mean "full_text"?' in told(tmp_path, FEED + "rights = { fulltext = true }\n")
    assert '"quote" must be true or false, not "no"' in told(tmp_path, FEED + 'rights = { quote = "no" }\n')
    assert '"rights" must be a block' in told(tmp_path, FEED + "rights = false\n")


def test_config_show_says_what_is_set(tmp_path: Path) -> None:
    lines = {
        line.path: line for line in show(loaded(tmp_path, FEED + "rights = { quote = false }\n"), outside.models())
    }
    assert (lines["source.news.rights.quote"].value, lines["source.news.rights.quote"].origin) == (
        "false",
        "config.toml:7",
    )
