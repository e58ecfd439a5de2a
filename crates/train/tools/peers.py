"""The peers of docs/model.md, on the same data: a linear model over character n-grams, fastText,
and naive Bayes over orthogonal sparse bigrams as rspamd's classifier has it.

python3 peers.py TRAIN... --unseen FILES...      (scikit-learn, numpy, fasttext-wheel)

Rows, caps and thresholds are those of `examples/measure.rs`: at most 5,000 texts of a source and
label to learn from, 1,200 to judge, thresholds from the genuine text of the unseen files. Every
peer sees the text in lower case and nothing else of this project.
"""

import collections
import gzip
import json
import math
import os
import pathlib
import sys
import tempfile
import zlib

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression

MOST_LEARNED, MOST_JUDGED, ALARMS = 5000, 1200, (0.005, 0.001)


def lines(file):
    opened = gzip.open(file, "rt") if str(file).endswith(".gz") else open(file)
    with opened as stream:
        yield from (json.loads(line) for line in stream if line.strip())


def rows(files):
    """(source, lang, is scam, [(text, what it teaches or None)])"""
    for file in files:
        name = pathlib.Path(file).name.split(".")[0]
        for it in lines(file):
            if it.get("noisy") or it["label"] == "spam":
                continue
            scam = it["label"] == "scam"
            source = it.get("source", name)
            source = name if source == "written" else source
            turns = it.get("turns") or [{"role": "", "text": it.get("text", "")}]
            marked = {m["turn"] for m in it.get("tactics") or [] if isinstance(m, dict)}
            texts = []
            for nth, turn in enumerate(turns):
                if not scam or "turns" not in it:
                    teaches = scam
                elif marked:
                    teaches = True if nth in marked else None
                else:
                    teaches = True if turn["role"] == turns[0]["role"] and len(turn["text"]) > 12 else None
                texts.append((turn["text"].lower(), teaches))
            yield source, it.get("lang", ""), scam, texts


def thin(all_rows, key, most):
    groups = collections.defaultdict(list)
    for row in all_rows:
        groups[key(row)].append(row)
    for group in groups.values():
        yield from group[:: max(1, math.ceil(len(group) / most))]


def linear(texts, labels, weights):
    read = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=2**20, alternate_sign=False)
    model = LogisticRegression(C=10, solver="liblinear", tol=1e-2, max_iter=30)
    model.fit(read.transform(texts), labels, sample_weight=weights)
    return lambda new: model.decision_function(read.transform(new))


def fast_text(texts, labels, _weights):
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "train.txt")
        with open(file, "w") as out:
            for text, label in zip(texts, labels):
                out.write(f"__label__{int(label)} {' '.join(text.split())}\n")
        model = fasttext.train_supervised(
            file, dim=50, epoch=5, lr=0.3, wordNgrams=2, minn=2, maxn=4, bucket=500_000, thread=1, verbose=0
        )

    def score(new):
        found = model.f.multilinePredict([" ".join(it.split()) + "\n" for it in new], 2, 0.0, "strict")
        return np.array([dict(zip(names, shares)).get("__label__1", 0.0) for names, shares in zip(*found)])

    return score


def words(text):
    """Words as rspamd cuts them: runs of letters and digits, a Chinese character by itself."""
    word, out = "", []
    for c in text:
        if "\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3":
            if word:
                out.append(word)
            word = ""
            out.append(c)
        elif c.isalnum():
            word += c
        elif word:
            out.append(word)
            word = ""
    return out + [word] if word else out


def sparse_bigrams(text):
    """Each word with each of the four before it, and how far it was."""
    all_words = words(text[:4000])
    out = set()
    for at, word in enumerate(all_words):
        for gap in range(1, 5):
            if at >= gap:
                out.add(zlib.crc32(f"{all_words[at - gap]} {gap} {word}".encode()))
        out.add(zlib.crc32(word.encode()))
    return out


def bayes(texts, labels, _weights):
    seen = {True: collections.Counter(), False: collections.Counter()}
    count = collections.Counter(labels)
    for text, label in zip(texts, labels):
        seen[label].update(sparse_bigrams(text))

    def one(text):
        spam = ham = 0.0
        used = 0
        for token in sparse_bigrams(text):
            s, h = seen[True][token] / count[True], seen[False][token] / count[False]
            n = seen[True][token] + seen[False][token]
            if n < 2:
                continue
            p = (0.5 + n * s / (s + h)) / (1 + n)  # Robinson's prior of strength one at one half.
            spam += math.log(max(p, 1e-9))
            ham += math.log(max(1 - p, 1e-9))
            used += 1
        # Fisher's method compares the two; its statistic grows with the number of tokens.
        return (spam - ham) / math.sqrt(max(used, 1))

    return lambda new: np.array([one(it) for it in new])


def main():
    split = sys.argv.index("--unseen")
    known, unseen = list(rows(sys.argv[1:split])), list(rows(sys.argv[split + 1 :]))
    taught = [(s, l, t) for s, _, _, texts in known for t, l in texts if l is not None]
    taught = list(thin(taught, lambda it: it[:2], MOST_LEARNED))
    sizes = collections.Counter(it[:2] for it in taught)
    weights = np.array([min(4.0, max(0.3, math.sqrt(1000 / sizes[it[:2]]))) for it in taught])
    texts, labels = [it[2] for it in taught], [it[1] for it in taught]
    judged = list(thin(unseen, lambda it: (it[2], it[0], it[1] if it[2] else ""), MOST_JUDGED))
    flat = [text for row in judged for text, _ in row[3]]
    genuine = np.array([not row[2] for row in judged])
    for name, train in (("character n-grams", linear), ("fastText", fast_text), ("sparse-bigram Bayes", bayes)):
        scores = train(texts, labels, weights)(flat)
        case, at = np.empty(len(judged)), 0
        for nth, row in enumerate(judged):
            case[nth] = scores[at : at + len(row[3])].max()
            at += len(row[3])
        cuts = [np.sort(case[genuine])[::-1][int(genuine.sum() * share)] for share in ALARMS]
        for key in sorted({(row[0], row[1]) for row in judged if row[2]}):
            own = np.array([row[2] and (row[0], row[1]) == key for row in judged])
            shares = " | ".join(f"{100 * np.mean(case[own] > cut):.1f}" for cut in cuts)
            print(f"{name} | {key[0]} | {key[1]} | {own.sum()} | {shares}", flush=True)


if __name__ == "__main__":
    main()
