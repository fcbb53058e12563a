"""A crowd that writes: seeded events in the shape of Jetstream's frames, each tagged, none copied from anybody.

Texts are put together from our own words so that their lengths are natural (most are short, a few fill the limit), one in
ten is in another language, one in twenty repeats a template or another post. Frame `n` is the same in every run.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from re import compile as pattern

import msgspec

START = datetime(2026, 4, 26, 9, 0, tzinfo=UTC)
AUTHORS = 5_000
WARM = 1_200_000
"""From this number on: one event of each author, so that every profile is known before anything is measured."""
MEASURED = 1_300_000
"""From this number on: what is measured. What lies below fills stores."""
_CHUNK = 5_000
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_SLOT = pattern(r"\{(\w+)\}")
_SYLLABLES = (
    "an", "be", "ca", "do", "el", "fi", "ga", "ha", "io", "ju", "ka", "la", "mi", "no", "ola", "pe", "qu", "ri", "sa", "to", "ul", "va",
    "wen", "xi", "ya", "zo", "bri", "dal", "fer", "gus", "lin", "mar",
)  # fmt: skip
_METHOD = "network.bsky.jetstream.subscribeEvents"

_OPENINGS = (
    "Good luck to {who}",
    "{who} has just gone past {place}",
    "So proud of {who} today",
    "Cheering for {who} at {place}",
    "Never seen {place} as loud as this, says {name} {name}",
    "{name} found a spot at {place} and the noise is unreal",
    "{name} said it would be a quiet Sunday with {name}",
    "Mile {mile} done and {name} is still smiling",
    "Standing at {place} since {hour} with {name}, a flask of tea and a whistle",
    "{number} pounds raised and counting",
    "The trains to {place} are full of people in running shoes and {name} is one",
    "My legs hurt from watching {who}",
    "Bells, drums and the choir of {name} at {place}",
    "{who} trained through the winter for this",
    "Spotted {who} in a {costume} costume near {place}",
    "Half way in {hour} hours and {name} {name} waves",
)
_MIDDLES = (
    "every single stranger claps as if it were their own family",
    "the sun came out the moment the first wheelchairs rolled by",
    "somebody handed out orange slices and a brass band played on",
    "the legs say stop and the street says go",
    "last year we stood in the rain and this is so much better",
    "it took {number} early mornings and one pair of lucky socks",
    "a man with a tuba has been running beside us since mile {mile}",
    "the queue for coffee is longer than the course",
    "and the charity at the corner of {place} has the best cheer point of all",
    "pace is about {mile} minutes a mile and holding",
    "we made a banner out of an old bed sheet and it nearly flew away",
    "all of the office came and nobody slept",
    "no idea how anybody runs that far and still sings",
)
_ENDINGS = (
    "go on!",
    "keep going, all of you",
    "what a day",
    "see you at the finish",
    "only {mile} to go",
    "we are not crying, it is the wind",
    "next year it is my turn",
    "thank you to everybody who stands there and shouts",
    "somebody bring cake",
)
_WHO = (
    "{name}", "{name}", "{name}", "our neighbour {name}", "{name} and {name}", "team {number}", "Uncle {name}", "the rhino", "Wing {name}",
    "two nurses from ward {mile}", "{name} {name}", "everybody from the bakery", "my brother {name}", "Coach {name}", "number {number}'s fan club",
    "Grandad {name}", "postman {name}", "number {number}", "our choir",
)  # fmt: skip
_PLACES = (
    "Cutty Sark", "Tower Bridge", "mile {mile}", "the Mall", "Blackheath", "Canary Wharf", "Embankment", "Rotherhithe",
    "the river", "Jamaica Road", "Greenwich Park", "Birdcage Walk", "Limehouse", "the second water station",
)  # fmt: skip
_COSTUMES = ("rhino", "teapot", "dinosaur", "telephone box", "lighthouse", "banana", "bride", "castle")
_EMOJI = ("🏃", "👏👏", "🎉", "💪🏽", "❤️", "🦏", "☀️", "🏅", "😭", "🙌")
_ELSEWHERE = (
    ("de", "Unglaublich, was heute an der Strecke los ist, {who} läuft und wir jubeln seit {hour} Uhr am {place}"),
    ("fr", "Quelle ambiance à {place}, on attend {who} depuis {hour} heures et personne ne veut partir"),
    ("es", "Qué emoción ver a {who} en {place}, ya van {mile} millas y sigue con una sonrisa enorme"),
    ("ja", "沿道の応援がすごい {place} で {who} を待っています もう {mile} マイル"),
    ("pt", "Que dia lindo em {place}, {who} passou a milha {mile} cantando e toda a rua cantou junto"),
)
_TEMPLATES = (
    "Good luck everyone running today!",
    "Good luck to all the runners out there, you are amazing and we are cheering for every one of you",
    "I just donated to a great cause, you can too: every pound counts and every runner matters today",
    "Watching the race with a cup of tea",
    "This is your sign to sign up for the ballot next year, the places open on Friday at noon sharp",
)


def moment(number: int) -> datetime:
    """When event `number` happened: a thousand in a second."""
    return START + timedelta(milliseconds=number)


@cache
def did(author: int) -> str:
    """The account id of an author."""
    signs = Random(author)
    return "did:plc:" + "".join(signs.choices(_BASE32, k=24))


def handle(author: int) -> str:
    """How readers know an author."""
    return f"runner{author}.example"


def frames(start: int, count: int) -> Iterator[bytes]:
    """Frames `start` to `start + count - 1` of the wire that has numbers (v2), as the server sends them.

    Args:
        start: A multiple of 5,000.
        count: How many.
    """
    for first in range(start, start + count, _CHUNK):
        chance = Random(first)
        texts: list[str] = []
        for number in range(first, min(first + _CHUNK, start + count)):
            yield _frame(number, chance, texts)


def _fill(words: str, chance: Random) -> str:
    parts = _SLOT.split(words)
    for place in range(1, len(parts), 2):
        parts[place] = _slot(parts[place], chance)
    return "".join(parts)


def _slot(name: str, chance: Random) -> str:
    match name:
        case "who":
            found = _WHO[int(chance.random() * len(_WHO))]
            return _fill(found, chance) if "{" in found else found
        case "name":
            signs = chance.getrandbits(18)
            return "".join([_SYLLABLES[signs >> shift & 31] for shift in (0, 5, 10)]).title()
        case "place":
            found = _PLACES[int(chance.random() * len(_PLACES))]
            return _fill(found, chance) if "{" in found else found
        case "costume":
            return chance.choice(_COSTUMES)
    low, high = {"mile": (2, 26), "hour": (2, 9)}.get(name, (27, 39_698))
    return str(low + int(chance.random() * (high - low)))


def _words(chance: Random, texts: list[str]) -> tuple[str, str]:
    """A text without its tag, and its language."""
    kind = chance.random()
    if kind < 0.025 and texts:
        return f"RT @{handle(chance.randrange(AUTHORS))}: {chance.choice(texts)}", "en"
    if kind < 0.05:
        return chance.choice(_TEMPLATES), "en"
    if kind < 0.15:
        lang, words = chance.choice(_ELSEWHERE)
        return _fill(words, chance), lang
    parts = [chance.choice(_OPENINGS)]
    while len(parts) < 4 and chance.random() < 0.52:
        parts.append(chance.choice(_MIDDLES))
    if chance.random() < 0.5:
        parts.append(chance.choice(_ENDINGS))
    words = _fill(", ".join(parts), chance)
    if chance.random() < 0.3:
        words += f" {chance.choice(_EMOJI)}"
    return words[:270], "en"


def _frame(number: int, chance: Random, texts: list[str]) -> bytes:
    words, lang = _words(chance, texts)
    if len(texts) < 200:
        texts.append(words)
    warming = 0 <= number - WARM < AUTHORS
    author = did(number - WARM if warming else chance.randrange(AUTHORS))
    tag = chance.choice(("GetInspired", "GetInspired", "getinspired", "GETINSPIRED"))
    text = f"{words} #{tag}"
    size = len(text.encode())
    at = moment(number).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    facets = [_facet("tag", size - len(tag) - 1, size, "tag", tag)]
    record: dict[str, object] = {"$type": "app.bsky.feed.post", "createdAt": at, "langs": [lang], "text": text}
    extra = chance.random()
    if extra < 0.12:
        record["embed"] = _pictures(chance)
    elif extra < 0.24:
        address = f"https://news.example/{chance.choice(_COSTUMES)}/{chance.randrange(400)}"
        card = {"uri": address, "title": "From the course", "description": "What happens along the way, as it happens."}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
        facets.insert(0, _facet("link", 0, min(10, size), "uri", address))
    elif extra < 0.44:
        parent = {
            "cid": _cid(chance),
            "uri": f"at://{did(chance.randrange(AUTHORS))}/app.bsky.feed.post/{_rkey(number // 2)}",
        }
        record["reply"] = {"parent": parent, "root": parent}
    record["facets"] = facets
    payload = {
        "$type": f"{_METHOD}#commit",
        "seq": number + 1,
        "did": author,
        "time": at,
        "rev": _rkey(number + 7),
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": _rkey(number),
        "cid": _cid(chance),
        "record": record,
    }
    return msgspec.json.encode({"$type": "message", "payload": payload})


def _facet(kind: str, start: int, end: int, name: str, value: str) -> dict[str, object]:
    features = [{"$type": f"app.bsky.richtext.facet#{kind}", name: value}]
    return {"$type": "app.bsky.richtext.facet", "features": features, "index": {"byteEnd": end, "byteStart": start}}


def _pictures(chance: Random) -> dict[str, object]:
    blob = {"$type": "blob", "ref": {"$link": _cid(chance)}, "mimeType": "image/jpeg", "size": 357_000}
    alt = chance.choice(("", "Runners on a bridge", "A crowd with flags behind a barrier, two of them on shoulders"))
    picture = {"alt": alt, "aspectRatio": {"height": 1500, "width": 2000}, "image": blob}
    return {"$type": "app.bsky.embed.images", "images": [picture]}


def _cid(chance: Random) -> str:
    number = chance.getrandbits(260)
    return "bafyrei" + "".join([_BASE32[number >> shift & 31] for shift in range(0, 260, 5)])


def _rkey(number: int) -> str:
    """A record key as clients make them: microseconds since 1970 and ten more bits, 13 signs."""
    stamp = (int(START.timestamp()) * 1_000_000 + number * 1000) << 10 | (number * 7919 & 1023)
    return "".join(["234567abcdefghijklmnopqrstuvwxyz"[stamp >> shift & 31] for shift in range(60, -5, -5)])
