"""The steps, in the order of a post's life; none calls another.

collect -> adopt -> curate -> review -> announce -> publish -> refresh; withdraw and sweep take back; brake stops and lets go.
Each finds the rows that need it, does one thing, and records it in one transaction: run twice = run once. So there is no
recovery code: starting is recovering. No network call inside a transaction. May import `store`, `page` and `core`; never
another step, a platform or the configuration: what a step needs of them comes as an argument.

To add a step: one file here, one method in `App`, one line in `daemon.py`.
"""
