#!/usr/bin/env python3
"""Finds characters that look like a letter of a-z or a digit in print and that ../data/fold.tsv does not know yet.

    shapes.py FONTS_DIR [SHEET.png] > found.tsv

FONTS_DIR  TrueType fonts of one family, so that one size means one size: Debian's fonts-noto-core (OFL)
SHEET.png  what was found, each beside the letter it is like, for the person who decides

Each character is drawn in its own font at one em size, on one base line, beside every Latin letter and digit of
NotoSans and NotoSerif. The likeness is the correlation of the two slightly blurred pictures at the best shift of a few
pixels. What a person then keeps goes into `shapes.tsv` beside this file, which `tables.py` reads.

Columns: code point, character, letter, likeness, Unicode name.
"""
import glob
import os
import sys
import unicodedata as ucd

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont

EM, WIDE, HIGH, BASE = 48, 80, 88, 60
ENOUGH = 0.93
fonts_dir = sys.argv[1]
known = {}
for line in open(sys.path[0] + "/../data/fold.tsv", encoding="utf-8"):
    if not line.startswith("#"):
        code, read, seen, _ = line.rstrip("\n").split("\t")
        known[chr(int(code, 16))] = (read, seen)


def picture(font, c):
    """The character with its middle in the middle and its base line kept; nothing if the font draws nothing."""
    box = font.getbbox(c, anchor="ls")
    if box[2] - box[0] < 2 or box[3] - box[1] < 6 or box[2] - box[0] > WIDE - 8 or box[1] < -BASE or box[3] > HIGH - BASE:
        return None
    image = Image.new("L", (WIDE, HIGH), 0)
    ImageDraw.Draw(image).text((WIDE / 2 - (box[0] + box[2]) / 2, BASE), c, font=font, fill=255, anchor="ls")
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.6)), dtype=np.float32)


def unit(shape):
    flat = shape.ravel() - shape.mean()
    return flat / (np.linalg.norm(flat) or 1)


letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
families = {kind: ImageFont.truetype(f"{fonts_dir}/Noto{kind}-Regular.ttf", EM) for kind in ("Sans", "Serif")}
plain = [(c, picture(font, c)) for font in families.values() for c in letters]
matrix = np.stack([unit(shape) for _, shape in plain])
SHIFTS = [(x, y) for x in range(-3, 4) for y in range(-3, 4)]


def settled(c):
    """Whether the table reads it already, or no letter is meant."""
    if c.isascii() or ucd.category(c)[0] not in "LN":
        return True
    if c in known:
        read, seen = known[c]
        return seen != "-" or (read != "=" and all(x in known and known[x][1] != "-" or x.isascii() for x in read))
    return 0x3400 <= ord(c) < 0xA000 or 0xAC00 <= ord(c) < 0xD7B0 or 0x12000 <= ord(c) < 0x17000 or ord(c) >= 0x18000 and not 0x1D000 <= ord(c) < 0x1F000


best = {}
for path in sorted(glob.glob(fonts_dir + "/Noto*-Regular.ttf")):
    name = os.path.basename(path)
    if any(part in name for part in ("Display", "Rashi", "Nastaliq", "Nushu", "Egyptian", "Anatolian", "Duployan", "Tangut", "SignWriting")):
        continue
    font = ImageFont.truetype(path, EM)
    for code in sorted(TTFont(path, lazy=True).getBestCmap()):
        c = chr(code)
        if settled(c) or (shape := picture(font, c)) is None:
            continue
        flat = unit(shape)
        rough = matrix @ flat
        near = [i for i in np.argsort(-rough)[:4] if rough[i] >= ENOUGH - 0.2]
        if not near:
            continue
        moved = np.stack([np.roll(flat.reshape(HIGH, WIDE), shift, (1, 0)).ravel() for shift in SHIFTS])
        like = (moved @ matrix[near].T).max(axis=0)
        if (top := float(like.max())) > best.get(c, (0,))[0]:
            best[c] = (top, plain[near[int(like.argmax())]][0], path)

found = sorted(((like, c, letter, path) for c, (like, letter, path) in best.items() if like >= ENOUGH), key=lambda it: (-it[0], it[1]))
for like, c, letter, _ in found:
    print(f"{ord(c):X}\t{c}\t{letter}\t{like:.3f}\t{ucd.name(c, '?')}")
print(len(found), "found", file=sys.stderr)
if len(sys.argv) > 2:
    across, side = 16, 112
    sheet = Image.new("L", (across * side, (len(found) + across - 1) // across * 96), 255)
    draw = ImageDraw.Draw(sheet)
    small = ImageFont.truetype(f"{fonts_dir}/NotoSans-Regular.ttf", 14)
    for n, (like, c, letter, path) in enumerate(found):
        x, y = n % across * side, n // across * 96
        draw.text((x + 8, y + 60), letter, font=families["Sans"], fill=120, anchor="ls")
        draw.text((x + 60, y + 60), c, font=ImageFont.truetype(path, EM), fill=0, anchor="ls")
        draw.text((x + 8, y + 90), f"{ord(c):X} {like:.2f}", font=small, fill=0, anchor="ls")
    sheet.save(sys.argv[2])
