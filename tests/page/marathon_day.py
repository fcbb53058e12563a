"""Sample coverage of a marathon day; what people say in it is invented."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.model import Credit, Entity, Media, Tone, Update, UpdateKind, UpdateState
from bot.page.view import CoverageView, Point

START = datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
STRANDS = {"inspired": "#GetInspired", "mens": "Men's race", "masses": "Masses race", "space": "Tim Peake in space"}


def at(clock: str) -> datetime:
    """That time in London on the day."""
    hour, minute = clock.split(":")
    return datetime(2016, 4, 24, int(hour) - 1, int(minute), tzinfo=UTC)


def tags(text: str) -> tuple[Entity, ...]:
    found = []
    place = 0
    for word in text.split(" "):
        if word.startswith("#"):
            found.append(Entity("tag", place, place + len(word.rstrip(".,!")), word[1:].rstrip(".,!").lower()))
        place += len(word) + 1
    return tuple(found)


def fan(number: int, clock: str, who: str, handle: str, text: str, **more: object) -> Update:
    update = Update(
        id=number,
        slug=f"f{number:07}",
        kind=UpdateKind.POST,
        state=UpdateState.LIVE,
        at=at(clock),
        text=text,
        strand="inspired",
        credit=Credit(who, handle, "bluesky", f"https://bsky.example/profile/{handle}"),
        url=f"https://bsky.example/profile/{handle}/post/{number}",
        lang="en",
        entities=tags(text),
        seq=number,
        post_id=number,
    )
    return replace(update, **more)  # type: ignore[arg-type]


def desk(number: int, clock: str, text: str, **more: object) -> Update:
    update = Update(
        id=number,
        slug=f"d{number:07}",
        kind=UpdateKind.DESK,
        state=UpdateState.LIVE,
        at=at(clock),
        text=text,
        is_official=True,
        tone=Tone.NEWS,
        seq=number,
    )
    return replace(update, **more)  # type: ignore[arg-type]


def day() -> tuple[Update, ...]:
    """Newest first."""
    link = "Everything about volunteering at races near you: example.org/volunteer"
    return (
        fan(
            30,
            "14:20",
            "Amy Bond",
            "amyb.example",
            "Good luck to everyone still out on the course. The crowd at Canary Wharf is NOT going home until the last of you is through! #GetInspired",
            also=3,
        ),
        desk(
            29,
            "14:17",
            "Thousands of you are now on The Mall. Sore legs? Send us a picture of your medal, if you can still stand.",
            credit=Credit("Simon Needle", role="Our reporter on the ground"),
            title="The finish line is filling up",
            media=(
                Media(
                    "image",
                    "media/mall.png",
                    "Runners in bright vests come up a tree-lined road towards a red finish arch.",
                    1200,
                    675,
                ),
            ),
            strand="masses",
        ),
        replace(
            desk(28, "14:06", "Tim Peake has run 26.2 miles on a treadmill, 250 miles above us."),
            title="Tim Peake finishes in 3:35.21",
            strand="space",
            changed_at=at("14:31"),
            note="his official time added",
        ),
        replace(
            desk(
                27,
                "14:00",
                "Big Ben chimes twice and that means we have reached the four-hour mark in the masses race.",
            ),
            kind=UpdateKind.MILESTONE,
            title="Four hours since the mass start",
            strand="masses",
            milestone="masses-4h",
        ),
        fan(
            26,
            "13:52",
            "Priya Nair",
            "priya.example",
            "Seen at mile 18 in ten minutes: a dinosaur, a fire engine and a telephone.\n\nThe telephone was winning. ☎️ #GetInspired #LondonMarathon",
            media=(
                Media("image", "media/one.png", "A runner dressed as a green dinosaur waves at the crowd.", 800, 600),
                Media("image", "media/two.png", "", 800, 600),
            ),
        ),
        fan(
            25,
            "13:44",
            "Élodie Marchand",
            "elodie.example",
            "Mon père court son premier marathon à 61 ans. Allez papa ! #GetInspired",
            lang="fr",
        ),
        replace(
            fan(
                24,
                "13:31",
                "London Marathon",
                "londonmarathon.example",
                "39,698 runners were set to start the mass race this morning. A record for this event.",
            ),
            strand="masses",
            is_official=True,
            entities=(),
            credit=Credit(
                "London Marathon", "londonmarathon.example", "bluesky", "https://bsky.example/", "The organisers"
            ),
        ),
        desk(
            22,
            "13:12",
            link,
            entities=(Entity("link", link.index("example.org"), len(link), "https://example.org/volunteer"),),
            credit=Credit("Radzi Chinyanganya", role="BBC Blue Peter presenter in London"),
        ),
        replace(
            fan(
                20,
                "12:20",
                "Athletics Weekly Desk",
                "",
                "Kipchoge wins in 2:03:05, within a whisker of the world record.",
            ),
            title="Kipchoge wins men's race for second year running",
            strand="mens",
            is_official=True,
            credit=Credit("Athletics Weekly Desk", "", "feeds", "https://news.example/"),
            url="https://news.example/kipchoge",
        ),
    )


def view(**more: object) -> CoverageView:
    gone = replace(
        fan(23, "13:20", "Nobody Now", "nobody.example", "words that must never be seen again"),
        state=UpdateState.WITHDRAWN,
        changed_at=at("13:25"),
        note="taken back by its author",
        seq=31,
    )
    whole = CoverageView(
        title="London Marathon 2016: Kipchoge and Sumgong win as thousands run the capital",
        about="The elite races, the masses and the people on the pavements, as they tell it with #GetInspired.",
        byline="Luke Reddy, Caroline Chapman and Matthew Henry",
        event="London Marathon 2016",
        zone="Europe/London",
        public_url="https://live.example.org/marathon",
        contact="desk@live.example.org",
        strands=STRANDS,
        headlines=(
            Point("Kipchoge wins men's race for second year running", "f0000030"),
            Point("Sumgong recovers from a fall to win women's race"),
            Point("Hug & McFadden win wheelchair races"),
            Point("39,698 runners were set to start mass race"),
        ),
        updates=day(),
        withdrawn=(gone,),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def many(count: int) -> tuple[Update, ...]:
    """That many, newest first, a minute apart; the oldest has seq 1."""
    return tuple(
        replace(
            fan(number, "10:00", f"Runner {number}", "r.example", f"Mile {number} done."),
            at=START + timedelta(minutes=number),
        )
        for number in range(count, 0, -1)
    )
