"""Parameters of addresses that say where a reader came from, and nothing of what stands there.

Data: whose they are, prefixes, whole names, and the hosts that alone use them so (none: everywhere). All names are folded. What
can choose what a page shows ("id", "page", "q") must never be listed for every host. To add one: a line here, and an address
with it in tests/core/text/test_addresses.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tracking:
    """The parameters of one tracker.

    Attributes:
        of: Who uses them.
        prefixes: Beginnings of names.
        names: Whole names.
        hosts: Where they are dropped, subdomains included, without "www."; empty where everywhere.
    """

    of: str
    prefixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


TRACKING = (
    Tracking(
        "campaigns (Urchin, Google Analytics)",
        ("utm_", "utm-"),
        ("utm", "_ga", "_gl", "gaa_at", "gaa_n", "gaa_sig", "gaa_ts"),
    ),
    Tracking("Google Ads", ("gad_",), ("gclid", "gclsrc", "gbraid", "wbraid", "dclid", "srsltid")),
    Tracking(
        "Facebook", ("fb_action_", "fb_source", "fb_ref"), ("fbclid", "mibextid", "action_object_map", "action_ref_map")
    ),
    Tracking(
        "Facebook",
        ("__cft__", "__tn__"),
        ("ref", "refsrc", "rdid", "share_url", "_rdr", "sfnsn", "paipv", "eav"),
        ("facebook.com",),
    ),
    Tracking("Instagram", (), ("igshid", "igsh", "ig_rid", "ig_mid")),
    Tracking("X", (), ("twclid", "ref_src", "ref_url", "__twitter_impression", "cxt")),
    Tracking("X", (), ("s", "t", "lang", "source"), ("twitter.com", "x.com")),
    Tracking("YouTube", (), ("si", "feature", "pp", "ab_channel", "app", "themerefresh"), ("youtube.com", "youtu.be")),
    Tracking(
        "TikTok",
        (),
        ("ttclid", "tt_from", "is_from_webapp", "sender_device", "_r", "_t", "is_copy_url"),
        ("tiktok.com",),
    ),
    Tracking("TikTok", (), ("ttclid",)),
    Tracking("LinkedIn", (), ("li_fat_id", "trk", "trkinfo", "lipi", "rcm"), ("linkedin.com",)),
    Tracking("LinkedIn", (), ("li_fat_id",)),
    Tracking(
        "Microsoft, Yahoo, Yandex",
        (),
        ("msclkid", "guccounter", "guce_referrer", "guce_referrer_sig", "yclid", "ysclid"),
    ),
    Tracking("Reddit", (), ("share_id", "rdt_cid", "ref_source", "context"), ("reddit.com",)),
    Tracking("Spotify", (), ("si", "nd", "_branch_match_id"), ("spotify.com",)),
    Tracking("Strava", (), ("share_sig", "referrer"), ("strava.com",)),
    Tracking(
        "Amazon",
        ("pd_rd_", "pf_rd_"),
        ("tag", "ref", "ref_", "linkcode", "ascsubtag", "psc"),
        ("amazon.com", "amazon.co.uk", "amazon.de", "amazon.fr"),
    ),
    Tracking("MailChimp", ("mc_",), ()),
    Tracking(
        "Marketo, HubSpot, Klaviyo, Vero, Drip, ConvertKit, Omnisend",
        ("_hs", "vero_"),
        (
            "mkt_tok",
            "hsctatracking",
            "_kx",
            "_ke",
            "__s",
            "ck_subscriber_id",
            "omnisendcontactid",
            "_bta_tid",
            "_bta_c",
            "trk_contact",
            "trk_msg",
            "sc_campaign",
            "sc_channel",
            "sc_content",
            "sc_medium",
            "sc_outcome",
            "sc_geo",
            "sc_country",
            "s_cid",
            "s_kwcid",
            "ef_id",
            "elqtrack",
            "elqtrackid",
            "ml_subscriber",
            "ml_subscriber_hash",
            "oly_enc_id",
            "oly_anon_id",
            "wickedid",
            "irclickid",
            "epik",
            "_openstat",
            "cmpid",
        ),
    ),
    Tracking("Matomo, Piwik", ("mtm_", "matomo_", "pk_", "piwik_"), ()),
    Tracking(
        "AT Internet (BBC, French media)",
        ("at_link_", "at_custom", "at_bbc_"),
        (
            "at_medium",
            "at_campaign",
            "at_campaign_type",
            "at_format",
            "at_ptr_name",
            "at_creation",
            "at_variant",
            "xtor",
            "xtref",
            "xtcr",
        ),
    ),
    Tracking("Comscore", ("ns_",), ()),
    Tracking(
        "BBC",
        (),
        ("ocid", "intlink_from_url", "link_location", "pinned_post_type", "int_source", "mkt_source", "sthash"),
        ("bbc.co.uk", "bbc.com"),
    ),
    Tracking("Mail Online", (), ("ito",), ("dailymail.co.uk", "dailymail.com")),
    Tracking("MSN and others", (), ("ocid", "cvid", "ei"), ("msn.com",)),
    Tracking("The Guardian", (), ("cmp", "cmp_tu", "cmp_buni", "amp_js_v", "usqp"), ("theguardian.com",)),
    Tracking(
        "The New York Times",
        (),
        ("smid", "smtyp", "smprod", "referringsource", "partner", "emc", "ugrp", "unlocked_article_code"),
        ("nytimes.com",),
    ),
    Tracking(
        "The Washington Post, WSJ, Reuters, Sky, FT",
        (),
        (
            "itid",
            "wpisrc",
            "wpmm",
            "mod",
            "reflink",
            "st",
            "dcmp",
            "tcountry",
            "sharetype",
            "segmentid",
            "taid",
            "edition-redirect",
        ),
        ("washingtonpost.com", "wsj.com", "reuters.com", "sky.com", "skynews.com", "ft.com"),
    ),
    Tracking("German media", (), ("wt_mc", "wt_zmc", "wt_t", "ns_mchannel")),
    Tracking("AMP", ("amp_",), ("amp_js_v", "amp_gsa", "usqp")),
    Tracking(
        "share buttons",
        ("hootpostid", "share_"),
        (
            "__hstc",
            "__hssc",
            "__hsfp",
            "sharedid",
            "soc_src",
            "soc_trk",
            "sref",
            "tsmic",
            "dlvrit",
            "echobox",
            "spredfast-trk-id",
        ),
    ),
)
"""Each with whose it is. "s" and "t" mean something elsewhere and stand with X alone."""
