"""The front door: `milepost` on the command line.

`grammar` says what can be typed, one module for each group of verbs; the modules beside it do what was typed. `main` puts the
grammar together and turns every error of ours into one message and an exit code (`ends`); `terminal` is the only way to
print, `moments` reads and shows times in the event's zone, `hall` opens the App. May import `web`, `daemon`, `app` and `core`.
The grammar imports a group's work when one of its verbs runs, so that `milepost --help` answers at once.

To add a verb: a function with a docstring in the grammar of its group, and one in the module that does it.
"""
