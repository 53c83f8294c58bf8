#!/usr/bin/env python3
"""How well `ponder-cli analyse` finds what is wrong in thoughts and solutions whose mistakes are known.

    reasoning.py --ponder build/bin/ponder-cli [--traces ../shared/traces] [--list NAME]

Prints a figure a line, with the one to reach, and exits 1 where one is missed; 77 where the traces are not there. --list prints every
mark that a figure counts against it, or for "marks" every mark in correct thoughts, so that a person reads them.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

MARKS = ("wrong", "rounding")


class Bench:
    def __init__(self, program, traces, listed):
        self.program, self.traces, self.listed, self.missed = program, Path(traces), listed, 0

    def read(self, name):
        with open(self.traces / name, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def analyse(self, records):
        """One result a record; a record is a dict with reasoning and, where they are, answer, question, language."""
        lines = "".join(json.dumps(dict(record, id=i), ensure_ascii=False) + "\n" for i, record in enumerate(records))
        run = subprocess.run([self.program, "analyse", "--json"], input=lines.encode(), capture_output=True, check=True)
        results = [json.loads(line) for line in run.stdout.decode().splitlines()]
        assert [result["id"] for result in results] == list(range(len(records)))
        return results

    def say(self, name, value, bound=None, at_least=True, of=None, percent=True):
        shown = f"{100 * value:.1f} %" if percent else f"{value:g}"
        line = f"{name}: {shown}" + (f" of {of}" if of is not None else "")
        if bound is not None:
            good = value >= bound if at_least else value <= bound
            self.missed += not good
            limit = f"{100 * bound:g} %" if percent else f"{bound:g}"
            line += f"   ({'at least' if at_least else 'at most'} {limit}: {'reached' if good else 'MISSED'})"
        print(line)

    def show(self, name, *parts):
        if self.listed in (name, "all"):
            print("   ", *(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts))


def marks(result, part="reasoning"):
    return [f for f in result["findings"] if f["kind"] == "arithmetic" and f["severity"] in MARKS and f["in"] == part]


def joined(steps):
    """The text of a list of steps, and where each begins."""
    text, starts = "", []
    for step in steps:
        text += "\n" if starts else ""
        starts.append(len(text))
        text += step
    return text, starts


def overlaps(finding, start, end):
    return finding["start"] < end and finding["end"] > start


def solutions(bench):
    records = bench.read("arithmetic/gsm8k.jsonl")
    results = bench.analyse([{"reasoning": joined(r["steps"])[0], "answer": r["final"], "question": r["question"]} for r in records])
    false = [(r, m) for r, result in zip(records, results) for m in result["findings"] if m["severity"] in MARKS]
    for record, mark in false:
        bench.show("gsm8k", record["id"], mark)
    bench.say("gsm8k, marks in correct solutions", len(false), 0, False, len(records), percent=False)
    counts = collections.Counter(f["kind"] for result in results for f in result["findings"])
    print("   hints there:", dict(counts))

    records = bench.read("arithmetic/gsm8k-slips.jsonl")
    texts = [joined(r["steps"]) for r in records]
    results = bench.analyse([{"reasoning": text, "question": r["question"]} for (text, _), r in zip(texts, records)])
    found = elsewhere = right = 0
    for record, (_, starts), result in zip(records, texts, results):
        slip = record["slip"]
        at = starts[slip["step"]] + slip["at"]
        hits = [m for m in marks(result) if overlaps(m, at, at + len(slip["written"]))]
        found += bool(hits)
        right += any(m.get("value", "").lstrip("$") == slip["true_value"] for m in hits)
        elsewhere += len(marks(result)) - len(hits)
        if not hits:
            bench.show("slips", record["steps"][slip["step"]], slip)
    bench.say("gsm8k-slips, marked at the place", found / len(records), 0.97, True, len(records))
    bench.say("gsm8k-slips, right value given", right / len(records), of=len(records))
    print("   marks elsewhere (what follows from the slip):", elsewhere)


def equations(bench):
    records = bench.read("arithmetic/thought-equations.jsonl")
    results = bench.analyse([{"reasoning": r["before"] + r["equation"] + r["after"]} for r in records])
    groups = collections.defaultdict(list)
    for record, result in zip(records, results):
        start = len(record["before"])
        hits = [m for m in marks(result) if overlaps(m, start, start + len(record["equation"]))]
        label = record["label"]
        group = {"slip": "slips", "slip-small": "small slips"}.get(label, "right ones and traps")
        groups[group].append(bool(hits))
        if bool(hits) != (group != "right ones and traps"):
            bench.show("equations", label, record["before"][-40:], ">>>" + record["equation"] + "<<<", record["after"][:30], hits)
    for group, bound, at_least in (("slips", 0.95, True), ("small slips", 0.85, True), ("right ones and traps", 0.01, False)):
        found = groups[group]
        bench.say(f"thought-equations, {group} marked", sum(found) / len(found), bound, at_least, len(found))


def thoughts(bench):
    marked = count = 0
    for name in ("math500", "anchors", "qwen3-8b"):
        records = [r for r in bench.read(f"r1/{name}.jsonl") if r["correct"]]
        count += len(records)
        keys = ("reasoning", "answer", "question", "language")
        for record, result in zip(records, bench.analyse([{k: r[k] for k in keys if k in r} for r in records])):
            for finding in result["findings"]:
                if finding["severity"] == "wrong":
                    marked += 1
                    around = record[finding["in"]]
                    bench.show("marks", record["id"], finding["in"], finding["expression"], "|", finding["written"], "|", finding["value"],
                               "|", around[max(0, finding["start"] - 60):finding["end"] + 40].replace("\n", "⏎"))
    bench.say("wrong marks, true and false, in correct thoughts", marked, of=count, percent=False)


def loops(bench):
    tagged = found = other = false = 0
    for path in sorted((bench.traces / "r1").glob("*.jsonl")):
        records = bench.read(f"r1/{path.name}")
        for record, result in zip(records, bench.analyse([{"reasoning": r["reasoning"]} for r in records])):
            hits = [f for f in result["findings"] if f["kind"] == "loop"]
            if "loop" in record.get("tags", []):
                tagged += 1
                found += bool(hits)
                if not hits:
                    bench.show("loops", "missed", record["id"], record["reasoning"][-200:])
            else:
                other += 1
                false += bool(hits)
                if hits:
                    bench.show("loops", "false", record["id"], hits[0]["start"], hits[0]["end"], len(record["reasoning"]), hits[0]["text"][:200])
    bench.say("loops found of those tagged", found / tagged, 0.95, True, tagged)
    bench.say("loops found in others", false, 0, False, other, percent=False)


# What a labelled sentence does, and the kinds that agree with it.
KINDS = {
    "problem_setup": {"setup"},
    "plan_generation": {"plan"},
    "fact_retrieval": {"work", "setup"},
    "active_computation": {"work"},
    "uncertainty_management": {"turn_back", "check"},
    "self_checking": {"check"},
    "result_consolidation": {"conclude", "work"},
    "final_answer_emission": {"conclude"},
}


def kinds(bench):
    records = bench.read("r1/anchors.jsonl")
    agree, confusion = [], collections.Counter()
    texts = []
    for record in records:
        parts = [re.sub(r"\s+", " ", record["reasoning"][s["start"]:s["end"]]).strip() for s in record["sentences"]]
        texts.append(parts)
    results = bench.analyse([{"reasoning": "\n\n".join(parts), "question": r["question"]} for parts, r in zip(texts, records)])
    for record, parts, result in zip(records, texts, results):
        starts = {step["start"]: step["kind"] for step in result["steps"]}
        at = 0
        for sentence, part in zip(record["sentences"], parts):
            kind = starts.get(at)
            at += len(part) + 2
            if kind is None or not sentence["tags"]:
                continue
            label = sentence["tags"][0]
            agree.append(kind in KINDS[label])
            confusion[label, kind] += 1
            if kind not in KINDS[label]:
                bench.show("kinds", label, kind, part[:150])
    bench.say("kinds of sentences that agree with anchors' labels", sum(agree) / len(agree), 0.70, True, len(agree))
    for label in KINDS:
        print("   ", label, {kind: n for (l, kind), n in confusion.most_common() if l == label})


# Words of `about` by which a mistake is one of arithmetic, or of an answer that is not the thought's.
BY_ARITHMETIC = re.compile(r"written as|is wrong in the|taken as more|the answer (says|with)")


def mistakes(bench):
    records = [r for r in bench.read("r1/anchors.jsonl") if r.get("mistake")]
    results = bench.analyse([{k: r[k] for k in ("reasoning", "answer", "question", "language")} for r in records])
    found, among = [], []
    for record, result in zip(records, results):
        mistake = record["mistake"]
        hit = "the answer" in mistake["about"] and any(f["kind"] == "answer_differs" for f in result["findings"])
        if mistake["decisive_sentence"] is not None:
            sentence = record["sentences"][mistake["decisive_sentence"]]
            step = next(((s["start"], s["end"]) for s in result["steps"] if s["start"] <= sentence["start"] < s["end"]), (0, 0))
            hit |= any(f["in"] == "reasoning" and overlaps(f, min(step[0], sentence["start"]), max(step[1], sentence["end"]))
                       for f in result["findings"])
        found.append(hit)
        if BY_ARITHMETIC.search(mistake["about"]):
            among.append(hit)
        bench.show("mistakes", "found" if hit else "missed", record["id"], mistake["about"],
                   dict(collections.Counter(f["kind"] for f in result["findings"])))
    bench.say("anchors' mistakes of arithmetic or of the answer, found", sum(among) / len(among), 0.80, True, len(among))
    bench.say("anchors' mistakes of all kinds, found", sum(found) / len(found), of=len(found))


def candidates(bench):
    for name in ("anchors", "qwen3-8b", "qwen3.5-9b", "math500"):
        records = [r for r in bench.read(f"r1/{name}.jsonl") if r["answer"]]
        results = bench.analyse([{k: r[k] for k in ("reasoning", "answer", "question", "language") if k in r} for r in records])
        named = sum(any(c["in"] == "reasoning" for c in result["candidates"]) for result in results)
        differs = [(r, next(f for f in result["findings"] if f["kind"] == "answer_differs"))
                   for r, result in zip(records, results) if any(f["kind"] == "answer_differs" for f in result["findings"])]
        for record, finding in differs:
            bench.show("candidates", record["id"], str(record["correct"]), finding["message"])
        bench.say(f"{name}, thoughts that name a candidate", named / len(records), of=len(records))
        print("    answer differs in", len(differs), "of which wrong answers", sum(r["correct"] is False for r, _ in differs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", default="build/bin/ponder-cli")
    parser.add_argument("--traces", default=Path(__file__).resolve().parents[2].parent / "shared" / "traces")
    parser.add_argument("--list", default="")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if not Path(options.traces, "r1").is_dir():
        print(f"There are no traces in {options.traces}.")
        return 77
    bench = Bench(options.ponder, options.traces, options.list)
    for part in (solutions, equations, thoughts, loops, kinds, mistakes, candidates):
        if not options.only or part.__name__ in options.only.split(","):
            part(bench)
    print("All figures are reached." if bench.missed == 0 else f"{bench.missed} figures are missed.")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
