"""One way to read a URL: with time-outs, size caps, a redirect cap and our own error names.

A host outside may hang, trickle, loop, lie about lengths, inflate, or point us at our own network. Whatever it does, `Http.get`
ends within its deadline, holds at most `max_bytes`, and either returns a `Reply` or raises an `OutsideError`.

Decisions that a reader may stumble over:

- Proxies, netrc and certificate variables of the environment are ignored: what a source reads is said in config.toml alone.
- The address that is checked is the address that is connected to: names are resolved once, here, so that a name cannot
  change its mind between check and use.
- An operator may configure a feed on loopback or in a private network. Nobody outside may: once one hop was public, no later hop
  (redirect) may be private.
- Each call makes its own connection: sources are asked once a minute, and a kept connection would outlive its deadline.
"""
