"""From conversations to batches of flat tokens."""
import random

import torch

from . import conversation
from .model import Layout

LONG_EVERY = 24  # one step in this number has long conversations


def sample(talk, words):
    """(ids, places, wrong): the conversation's tokens, where its completion begins, and which of the
    tokens are deliberate slips."""
    before = words.encode(conversation.prompt_text(talk))
    after, wrong = words.encode_marked(conversation.completion_text(talk))
    return before + after, len(before), wrong


class Batch:
    """Samples one after another, and what to predict where.

    tokens [n] int64; wanted [m]: places whose next token counts; targets, weights [m];
    per_sample: how many of the wanted belong to each sample, in order.
    """

    def __init__(self, samples):
        tokens, wanted, targets, weights, self.per_sample = [], [], [], [], []
        lengths = []
        samples = sorted(samples, key=lambda one: len(one[0]))
        for ids, start, wrong in samples:
            base = len(tokens)
            tokens += ids[:-1]
            lengths.append(len(ids) - 1)
            wanted += range(base + start - 1, base + len(ids) - 1)
            targets += ids[start:]
            weights += [0.0 if w else 1.0 for w in wrong]
            self.per_sample.append(len(ids) - start)
        self.tokens, self.wanted = torch.tensor(tokens), torch.tensor(wanted)
        self.targets, self.weights = torch.tensor(targets), torch.tensor(weights)
        self.layout = Layout(lengths)


class Source:
    """An endless stream of batches of about size tokens; step n is the same in every run of a seed."""

    def __init__(self, words, seed, size, step):
        self._words, self._seed, self._size, self._step = words, seed, size, step

    def next(self, steps):
        """The next batch. The first tenth of all steps is nearly all arithmetic, in single turns."""
        rng = random.Random(f"{self._seed} {self._step}")
        early = self._step < steps // 10
        long = not early and self._step % LONG_EVERY == 0
        self._step += 1
        samples, total = [], 0
        while total < self._size:
            if long:
                turns = [conversation.any_turn(rng, 0.3) for _ in range(rng.randint(8, 24))]
                talk = conversation.Conversation(turns)
            else:
                talk = conversation.draw(rng, 0.1 if early else 0.2)
            one = sample(talk, self._words)
            if len(one[0]) > (1024 if long else 320):
                continue
            samples.append(one)
            total += len(one[0])
        return Batch(samples)
