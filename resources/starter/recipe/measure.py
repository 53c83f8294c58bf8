"""How often the model is right on problems kept out of its training, asked of the torch model."""
import random

import torch

from . import arithmetic, batches, conversation


@torch.no_grad()
def accuracy(net, words, op, count=200, seed=0, earlier=0):
    """The share of held-out problems whose whole working and answer the model gives greedily, after
    `earlier` earlier turns.

    Every token is predicted from the right ones before it, which for a greedy model that is right
    so far is the same as writing on its own; a slip that it would mend counts as wrong here.
    """
    was_training = net.training
    net.eval()
    rng = random.Random(f"measure {seed} {op}")
    right = 0
    for _ in range(0, count, 50):
        samples = []
        for _ in range(50):
            turn = conversation.sum_turn(rng, arithmetic.draw(rng, op, held_out=True), slips=0)
            before = [conversation.any_turn(rng, 0.3) for _ in range(earlier)]
            samples.append(batches.sample(conversation.Conversation(before + [turn]), words))
        batch = batches.Batch(samples)
        hit = net(batch.tokens, batch.layout, batch.wanted).argmax(-1) == batch.targets
        right += sum(int(part.all()) for part in hit.split(batch.per_sample))
    net.train(was_training)
    return right / count
