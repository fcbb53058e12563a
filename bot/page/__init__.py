"""Feed -> HTML, Atom, JSON Feed: pure.

A projection, not a publisher: what is drawn follows from the view alone, the same view gives the same bytes, and a page
that was thrown away can be drawn again. May import `core` only; jinja2 makes the HTML (autoescape always, a missing name
is an error), `xml.etree` the Atom, so that neither can come out broken by what strangers write. Every text from outside
goes through `words`, every time through `clock`.

To add a part of the page: what it says in `article` or `draw`, how it stands in `templates/`, how it looks in
`static/style.css`. To add another feed: one function beside those in `feeds`, one line in `draw`.
"""
