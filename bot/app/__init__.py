"""The hall: opens the rooms from the configuration, and offers each step as one method.

`opening` makes an `App`, `hall` is the App with its steps and the verbs of people, `desk_files` what the desk edits and what of it is
in force, `look` answers questions, `outside` makes platforms, `logs` sets up structured logging; `configuring` and `sign_in` are what people do around it, `dry_run`, `demo`
and `rehearsal` open it for a rehearsal, `event_time` is a rehearsal's clock; `failures` keeps which steps fail. Doors (`cli`, `web`, `daemon`) come in through here and through nothing else.
May import everything below; never a door. `except Exception` stands once, in `App.run_step`.
"""
