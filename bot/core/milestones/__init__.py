"""The plan: what the desk announces by itself, each once for ever, and when it is reached.

`plan` has the nouns, `conditions` what a milestone waits for, `reading` the desk's file, `board` what timing and counters have
said so far, `facts` what is true at one instant, `meeting` whether a condition is met by it (of `races` and `persons`), `agenda`
what is worth a look, `due` what is to be told now and in which words, `trying` the examples that stand in the plan. Pure, like all
of core.

To add a kind of milestone: a condition here, how it is written in `reading_conditions`, when it is met in `meeting`,
what its words may name in `samples`.
"""
