"""The HTTP door: the public coverage, its live stream and its health, and a page for the desk.

Serves what the hall gives it, from memory, and pushes changes to open pages. May import `app` and `core`; only `cli` opens
it. Starlette routes, uvicorn serves in a thread of its own with its own loop, so that the steps stay synchronous and the
door cannot be held up by them. The stream is plain ASGI with bytes made once for each event: a thousand readers are a
normal day.

To add an address: one endpoint, one route in `server`; what it shows is a method of `Coverage`. The desk's
page (`desk.py`) is no part of the coverage: it is for this machine alone.
"""
