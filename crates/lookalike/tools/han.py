#!/usr/bin/env python3
"""Makes ../data/han.tsv: how the common Chinese characters sound, and what they look like.

    han.py UNIHAN_DIR FONT

UNIHAN_DIR  Unihan_*.txt.bz2 of Unicode 15 (Debian package unicode-data; Unicode-3.0)
FONT        Noto Sans CJK SC (OFL); only the measured likeness of shapes enters the table

Readings are those of the PyPI package pypinyin 0.55 (pinyin-data, MIT). The characters are
those of GB 2312. Columns: character, readings without tone, strokes, radical, Cangjie code,
characters of the table that look alike, nearest first.
"""
import bz2
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pypinyin import Style, pinyin

unihan_dir, font_file = sys.argv[1:3]
data = {}
for name in ("DictionaryLikeData", "RadicalStrokeCounts", "IRGSources"):
    for line in bz2.open(f"{unihan_dir}/Unihan_{name}.txt.bz2", "rt"):
        if line.startswith("U+"):
            code, key, value = line.rstrip("\n").split("\t")
            data.setdefault(chr(int(code[2:], 16)), {})[key] = value

chars = []
for row in range(0xB0, 0xF8):
    for cell in range(0xA1, 0xFF):
        try:
            chars.append(bytes([row, cell]).decode("gb2312"))
        except UnicodeDecodeError:
            pass

SIZE = 28
font = ImageFont.truetype(font_file, SIZE, index=2)
shapes = np.zeros((len(chars), 32 * 32), dtype=np.float32)
for i, c in enumerate(chars):
    image = Image.new("L", (32, 32), 0)
    ImageDraw.Draw(image).text((2, -6), c, font=font, fill=255)
    blurred = np.asarray(image.resize((16, 16), Image.BOX).resize((32, 32), Image.BILINEAR), dtype=np.float32).ravel()
    blurred -= blurred.mean()
    shapes[i] = blurred / (np.linalg.norm(blurred) or 1)
likeness = shapes @ shapes.T
np.fill_diagonal(likeness, 0)

with open(sys.path[0] + "/../data/han.tsv", "w", encoding="utf-8") as out:
    out.write("# Made by tools/han.py from Unihan (Unicode-3.0), pinyin-data (MIT) and shapes of Noto Sans CJK (OFL).\n")
    for i, c in enumerate(chars):
        known = data.get(c, {})
        readings = pinyin(c, style=Style.NORMAL, heteronym=True)[0][:3]
        readings = [r.replace("ü", "v") for r in readings if r.isalpha()]
        nearest = [j for j in np.argsort(-likeness[i])[:6] if likeness[i][j] > 0.72]
        out.write("\t".join([
            c, ",".join(dict.fromkeys(readings)), known.get("kTotalStrokes", "0").split()[0],
            known.get("kRSUnicode", "0.0").split()[0].split(".")[0].strip("'"),
            known.get("kCangjie", "-").split()[0], "".join(chars[j] for j in nearest)]) + "\n")
print(len(chars))
