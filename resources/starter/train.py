#!/usr/bin/env python3
"""Makes ponder-starter.gguf again: python3 resources/starter/train.py

Writes a vocabulary, trains, measures on held-out problems and exports. A run that was stopped goes
on from its last checkpoint. Needs numpy and torch (Debian: python3-torch, and a real BLAS).
"""
import argparse
import os
import pathlib
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # be kind to whatever shares the cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its matrices are small: a second thread mostly waits

import torch
import torch.nn.functional as F

from recipe import batches, checkpoint, export, measure, model, optimiser

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", type=pathlib.Path, default=HERE / "run", help="folder for checkpoints and the log")
    p.add_argument("--out", type=pathlib.Path, default=HERE / "ponder-starter.gguf")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--steps", type=int, default=2200)
    p.add_argument("--tokens", type=int, default=5000, help="tokens a step")
    p.add_argument("--rate", type=float, default=4e-3)
    p.add_argument("--decay-part", type=float, default=0.54, help="the last part of the steps, in which the rate falls")
    p.add_argument("--threads", type=int, default=1, help="threads for all but matrix products")
    p.add_argument("--every", type=int, default=150, help="steps between measurements and checkpoints")
    return p.parse_args()


def schedule(step, args):
    """The learning rate's factor: a short rise, a plateau, a linear fall to nothing."""
    fall = args.steps * args.decay_part
    return min(1.0, (step + 1) / 60, max(0.0, (args.steps - step) / fall))


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    log = open(args.work / "log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    words = checkpoint.vocabulary(args.work / "merges.json", args.seed)
    net = model.Starter(model.Config(vocab=len(words.tokens)))
    optimisers = optimiser.build(net, args.rate, decay=0.02)
    step, seconds = checkpoint.load(args.work, net, optimisers)
    total, active = net.sizes()
    say(f"{total / 1e6:.2f} M parameters, {active / 1e6:.2f} M a token, from step {step}")
    source = batches.Source(words, args.seed, args.tokens, step)
    started, seen, losses = time.time() - seconds, 0, []
    while step < args.steps:
        batch = source.next(args.steps)
        for o in optimisers:
            for group in o.param_groups:
                group["lr"] = args.rate * schedule(step, args)
        logits = net(batch.tokens, batch.layout, batch.wanted)
        loss = (F.cross_entropy(logits, batch.targets, reduction="none") * batch.weights).sum() / batch.weights.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for o in optimisers:
            o.step()
            o.zero_grad(set_to_none=True)
        full = net.balance(0.01 * schedule(step, args))
        step += 1
        seen += len(batch.tokens)
        losses.append(loss.item())
        if step % 25 == 0:
            seconds = time.time() - started
            say(f"step {step} loss {sum(losses) / len(losses):.4f} fullest {max(full):.2f} {seconds:.0f} s, {seen} tokens this run")
            losses.clear()
        if step % args.every == 0 or step == args.steps:
            scores = {op: measure.accuracy(net, words, op) for op in "+-×"}
            say(f"step {step} held out " + " ".join(f"{op} {100 * s:.1f} %" for op, s in scores.items()))
            checkpoint.save(args.work, net, optimisers, step, time.time() - started)
    export.write(args.out, net, words)
    say(f"wrote {args.out}, {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
