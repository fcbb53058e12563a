"""Hosts whose addresses do not say where they lead. Data, folded, without "www."."""

_HOSTS = (
    # everybody's
    "bit.ly j.mp bitly.com tinyurl.com tiny.cc is.gd v.gd goo.gl ow.ly ht.ly owl.li buff.ly dlvr.it ift.tt cutt.ly rb.gy "
    "rebrand.ly shorturl.at t.ly s.id short.io snip.ly sco.lt po.st shar.es zpr.io trib.al spr.ly soc.cr flip.it lnkd.in "
    "hubs.ly hubs.la ebx.sh mtr.cool eepurl.com u.to qr.ae adf.ly bl.ink clck.ru shrtco.de tr.im su.pr cli.gs fur.ly x.co "
    "b.link lnk.to smarturl.it linktw.in urlz.fr didd.ly surl.li kutt.it "
    # platforms' own
    "t.co fb.me fb.watch on.fb.me redd.it pin.it tmblr.co vm.tiktok.com vt.tiktok.com wp.me g.co forms.gle maps.app.goo.gl "
    "photos.app.goo.gl spoti.fi spotify.link apple.co amzn.to amzn.eu amzn.com a.co ebay.us aka.ms 1drv.ms msft.it git.io "
    "wa.link "
    # media's and organisers'
    "bbc.in gu.com nyti.ms wapo.st reut.rs cnn.it abcn.ws nbcnews.to cbsn.ws fxn.ws n.pr politi.co bloom.bg on.wsj.com "
    "on.ft.com econ.st es.pn nyp.st huff.to lat.ms usat.ly ind.pn dailym.ai mol.im thetim.es mirr.im "
    "tcrn.ch yhoo.it yahoo.it ti.me p.dw.com "
    "f24.my"
)
SHORT_HOSTS = frozenset(_HOSTS.split())
SHORT_SUFFIXES = (".app.link", ".page.link", ".onelink.me", ".lnk.to", ".smart.link", ".link.me", ".trib.al")
"""Services under which each customer has a name of their own."""

SHORT_PATHS = {
    "facebook.com": ("/share/", "/l.php"),
    "tiktok.com": ("/t/",),
    "instagram.com": ("/share/",),
    "youtube.com": ("/attribution_link",),
}
"""Hosts where only some addresses are short: beginnings of their paths."""
