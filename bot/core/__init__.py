"""What we know and how we decide: pure.

Nouns (`model`), the two seams to the outside (`ports`), errors, and everything that thinks: rules, stories, milestones,
snippets, text. May import itself and pure text libraries; never I/O, the clock, chance, threads, logging or a room above:
time and chance are arguments, so that every decision can be run again and gives the same answer.

To add something that we can know or decide: one pure function or record here, called by a step in `pipeline/`.
"""
