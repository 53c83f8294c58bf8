#!/usr/bin/env python3
"""Asks the starter model problems that its training never saw and counts right answers.

    python3 resources/starter/evaluate.py [--cli build/bin/ponder-cli] [--model FILE] [--count 500]
    python3 resources/starter/evaluate.py --torch

The first asks ponder-cli at temperature 0, a process a problem: 500 sums and differences of numbers
to 999, then 500 products of one digit with up to three. An answer counts only when the sentence names the result and
the thought holds every column of the right working. The second asks the torch model made from the
file's own rounded weights. Exit code 1 when a target (95 and 80 %) is missed.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys

from recipe import arithmetic, phrasing

HERE = pathlib.Path(__file__).resolve().parent
TARGETS = {"sums and differences": ("+-", 0.95), "products": ("×", 0.80)}


def problems(ops, count):
    """[(problem, question)], the same in every run."""
    rng = random.Random(f"evaluate {ops}")
    drawn = [arithmetic.draw(rng, ops[i % len(ops)], held_out=True) for i in range(count)]
    return [(p, phrasing.question(rng, p)) for p in drawn]


def ask(cli, model, question):
    """(thought, answer) of one process."""
    command = [cli, "chat", "-m", model, "-p", question, "--temp", "0", "-n", "400", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    last = json.loads(done.stdout.strip().splitlines()[-1])
    return last["reasoning_content"], last["content"]


def is_right(problem, thought, answer):
    """Whether the answer states the result and the thought has all columns of the right working."""
    stated = re.findall(r"= (-?\d+)\.", answer)
    steps = [s for s in arithmetic.thought(problem).split("\n\n") if s.startswith(arithmetic.PLACES)]
    return stated == [str(problem.result)] and all(s in thought for s in steps)


def by_torch(model, count):
    from recipe import export, measure
    from recipe.tokenizer import Tokenizer

    net, meta = export.read(model)
    words = Tokenizer(m.split(" ") for m in meta["tokenizer.ggml.merges"])
    for earlier in (0, 15):
        for op in "+-×":
            right = measure.accuracy(net, words, op, count, "evaluate", earlier)
            print(f"{op} after {earlier} earlier turns: {100 * right:.1f} % of {count}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cli", default=str(HERE.parent.parent / "build/bin/ponder-cli"))
    p.add_argument("--model", default=str(HERE / "ponder-starter.gguf"))
    p.add_argument("--count", type=int, default=500)
    p.add_argument("--torch", action="store_true", help="ask the torch model instead of ponder-cli")
    p.add_argument("--show", action="store_true", help="print what went wrong")
    args = p.parse_args()
    if args.torch:
        return by_torch(args.model, args.count)
    missed = False
    for name, (ops, target) in TARGETS.items():
        right = 0
        for problem, question in problems(ops, args.count):
            thought, answer = ask(args.cli, args.model, question)
            ok = is_right(problem, thought, answer)
            right += ok
            if args.show and not ok:
                print(f"--- {question!r}\n{thought}\n=> {answer}")
        print(f"{name}: {right} of {args.count} right, {100 * right / args.count:.1f} % (target {100 * target:.0f} %)", flush=True)
        missed |= right < target * args.count
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
