#!/usr/bin/env python3
"""Makes ../data/words.txt: ordinary English words and people's names, and how common they are.

    words.py SCOWL_DIR FREQUENCIES

SCOWL_DIR    /usr/share/dict/scowl of Debian's package scowl (SCOWL; free for any use with its notice):
             the words up to size 70 and the capitalised ones up to 60, but no names of firms
FREQUENCIES  lib/frequency_lists.js of the npm package zxcvbn 4.4.2 (MIT), written out as JSON

Front-coded, sorted: each line begins with the number of letters it shares with the line
before (a = 0, b = 1, ...), then its own letters, then what it is as a digit or capital:
0-9 a dictionary word of that rank (0 commonest, doubling each step; 9 rare),
A-J a word of that rank that no dictionary has in lower case, such as a name in the news,
N a person's name only.
"""
import json
import re
import sys

scowl, frequencies = sys.argv[1:3]
lists = json.load(open(frequencies, encoding="utf-8"))
print({name: len(words) for name, words in lists.items()})


def words_of(part, sizes):
    found = set()
    for size in sizes:
        for region in ("english", "american", "british"):
            try:
                found |= {w.strip().lower() for w in open(f"{scowl}/{region}-{part}.{size}", encoding="latin-1")}
            except FileNotFoundError:
                pass
    return found


frequent = words_of("words", (10, 20, 35, 40))
lower = frequent | words_of("words", (50, 55, 60, 70)) | words_of("upper", (10, 20, 35, 40, 50, 60))
# A verb such as "to google" is rarer than the firm it comes from.
lower -= words_of("proper-names", (35, 50)) - frequent - words_of("upper", (10, 20, 35, 40, 50, 60))
names = set(lists["surnames"]) | set(lists["male_names"]) | set(lists["female_names"])
rank = {}
for name in ("english_wikipedia", "us_tv_and_film"):
    for i, word in enumerate(lists[name]):
        rank[word] = min(rank.get(word, 1 << 30), i)


for i, word in enumerate(lists["passwords"]):  # A word is only in the list where it ranks best.
    if word in lower:
        rank[word] = min(rank.get(word, 1 << 30), 4 * i)


def kind(word):
    step = 9
    if word in rank:
        step = min(8, max(0, (rank[word] // 60).bit_length()))
    if word in lower:
        return str(step)
    if word in names:
        return "N"
    return "ABCDEFGHIJ"[step]


words = sorted(w for w in lower | names | {w for w in rank if rank[w] < 30_000} if re.fullmatch("[a-z]{2,15}", w) and (len(w) > 2 or rank.get(w, 1 << 30) < 400))
with open(sys.path[0] + "/../data/words.txt", "w", encoding="ascii") as out:
    before = ""
    for word in words:
        shared = 0
        while shared < min(len(word), len(before), 25) and word[shared] == before[shared]:
            shared += 1
        out.write(chr(97 + shared) + word[shared:] + kind(word) + "\n")
        before = word
print(len(words))
