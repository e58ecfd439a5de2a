#!/usr/bin/env python3
"""Makes ../data/domains.txt: domains of well-known brands and mail providers, which are typing errors of nobody.

    domains.py SIMPLE_ICONS PROVIDERS

SIMPLE_ICONS  `data/simple-icons.json` of the npm package simple-icons 16.37.0 (CC0-1.0): where each brand's mark was found
PROVIDERS     `common.json` of the npm package email-providers 2.26.0 (ISC)

Hosts are cut to the domain that somebody can register. Left out: places where many people keep their pages, and
domains of two letters (a brand's short link says nothing).
"""
import json
import sys
from urllib.parse import urlsplit

icons, providers = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
suffixes = {line.strip() for line in open(sys.path[0] + "/../data/suffixes.txt", encoding="utf-8") if line.strip() and line[0] != "/"}
MANY = set("""github.com gitlab.com codeberg.org wikimedia.org wikipedia.org brandfolder.com brandfetch.com medium.com figma.com
google.com archive.org bitbucket.org sourceforge.net notion.so notion.site dropbox.com frontify.com behance.net dribbble.com
facebook.com twitter.com x.com instagram.com linkedin.com youtube.com reddit.com discord.com discord.gg t.me telegram.org
googleapis.com amazonaws.com cloudfront.net githubusercontent.com imgur.com canva.com box.com issuu.com scribd.com
prezly.com prowly.com presskithero.com bynder.com zeroheight.com widencollective.com getbynder.com lingoapp.com
pressroom.com freepik.com flaticon.com wikia.com fandom.com example.com""".split())


def registrable(host):
    labels = host.lower().strip(".").split(".")
    for i in range(len(labels)):
        rest, wild = ".".join(labels[i:]), ".".join(["*"] + labels[i + 1:])
        if rest in suffixes or wild in suffixes and "!" + rest not in suffixes:
            return ".".join(labels[i - 1:]) if i else None
    return ".".join(labels[-2:]) if len(labels) > 1 else None


hosts = [urlsplit(icon[key]).hostname for icon in icons for key in ("source", "guidelines") if icon.get(key)]
found = {registrable(host) for host in hosts + list(providers) if host and host.isascii()}
kept = sorted(it for it in found if it and it not in MANY and len(it.split(".")[0]) > 2)
with open(sys.path[0] + "/../data/domains.txt", "w", encoding="utf-8") as out:
    out.write("\n".join(kept) + "\n")
print(len(kept))
