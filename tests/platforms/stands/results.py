"""Timing data on a local HTTP server: a row is what is said, its bib its id."""

from bot.platforms.results.source import ResultsSource
from tests.platforms.contract import Clock, Kept, context_of
from tests.platforms.stands.stand import Ground, SourceStand, Wire

SPEAKS_HTTP = True


def source(ground: Ground) -> SourceStand:
    """A row that goes says nothing: what timing has told of somebody stays."""
    clock, memory = Clock(), Kept()
    rows: list[str] = []
    proxy = ground.wire(ground.http.url_for("/"))

    def draw() -> None:
        lines = "".join(f"{bib},2:{10 + int(bib)}:00\n" for bib in rows)
        ground.http.clear_all_handlers()
        ground.http.expect_request("/live.csv").respond_with_data(f"bib,finish\n{lines}", content_type="text/csv")

    def say() -> str:
        rows.append(f"{len(rows) + 1}")
        draw()
        return rows[-1]

    def settings() -> ResultsSource.Settings:
        own = {"data": f"{proxy.url}/live.csv", "race": "mass", "columns": {"key": "bib", "finish": "finish"}}
        return ResultsSource.Settings.model_validate(own)

    draw()
    return SourceStand(
        make=lambda: ResultsSource(settings(), context_of(clock, memory)),
        now=clock,
        say=say,
        take_back=None,
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"GET ", ("bot.platforms._http.reading.READ_S", 0.05)),
    )
