"""What Milepost costs: figures as ratios of one run, each beside its goal.

`make bench` runs `python -m tests.bench`; docs/performance.md says what is measured and how to read it. No test: nothing
here fails, it tells. Every figure comes from seeded events in the shape of Bluesky's Jetstream (`events`), which a second
process pushes through a real websocket (`wire`). May import everything; nothing imports it.

To add a figure: a function that measures, a `Figure` for the table (`report`), a paragraph in docs/performance.md.
"""
