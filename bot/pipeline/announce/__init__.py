"""Clock, counts, results -> milestones. Finds: milestones reached and not told, and told ones that are not so any more.

`step` is what the clock runs; `watching` keeps what timing has said in memory, fed with what changed; `telling` writes one
milestone, its update, deliveries, headline and told mark in one transaction; `changing` raises a card where a fact changed
after it was told, and holds the milestones of a person who stopped; `by_hand` is what a person does about it.
"""
