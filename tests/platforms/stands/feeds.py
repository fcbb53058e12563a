"""A feed on a local HTTP server."""

from bot.platforms.feeds.source import FeedsSource
from tests.platforms.contract import Clock, Kept, context_of
from tests.platforms.stands.stand import Ground, SourceStand, Wire

SPEAKS_HTTP = True
_ITEM = "<item><guid>{0}</guid><title>Entry {0}</title><pubDate>Sun, 24 Apr 2016 11:{0}:00 GMT</pubDate></item>"


def source(ground: Ground) -> SourceStand:
    """An entry that goes says nothing: feeds drop old ones."""
    clock, memory = Clock(), Kept()
    entries: list[str] = []
    proxy = ground.wire(ground.http.url_for("/"))

    def draw() -> None:
        items = "".join(_ITEM.format(entry) for entry in reversed(entries))
        ground.http.clear_all_handlers()
        ground.http.expect_request("/feed").respond_with_data(
            f'<rss version="2.0"><channel><title>Organiser</title>{items}</channel></rss>',
            content_type="application/rss+xml",
        )

    def say() -> str:
        entries.append(f"{10 + len(entries)}")
        draw()
        return f"{proxy.url}/feed#{entries[-1]}"

    draw()
    return SourceStand(
        make=lambda: FeedsSource(FeedsSource.Settings(url=f"{proxy.url}/feed"), context_of(clock, memory)),
        now=clock,
        say=say,
        take_back=None,
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"GET ", ("bot.platforms._http.reading.READ_S", 0.05)),
    )
