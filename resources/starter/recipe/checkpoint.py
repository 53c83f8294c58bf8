"""Keeps a run's vocabulary and progress, so that it can stop and go on."""
import json
import os
import random

import torch

from . import conversation
from .tokenizer import Tokenizer

SIZE = 768
SENTENCES = 6000


def vocabulary(path, seed):
    """The tokenizer of a run: learned from the run's own kind of text, or read back."""
    if path.exists():
        return Tokenizer(json.loads(path.read_text()))
    rng = random.Random(f"vocabulary {seed}")
    talks = [conversation.draw(rng, chat=0.5) for _ in range(SENTENCES)]
    words = Tokenizer.train((conversation.prompt_text(t) + conversation.completion_text(t) for t in talks), SIZE)
    path.write_text(json.dumps(words.merges, ensure_ascii=False))
    return words


def save(folder, net, optimisers, step, seconds):
    state = {"net": net.state_dict(), "optimisers": [o.state_dict() for o in optimisers], "step": step, "seconds": seconds}
    torch.save(state, folder / "checkpoint.part")
    os.replace(folder / "checkpoint.part", folder / "checkpoint.pt")


def load(folder, net, optimisers):
    """(step, seconds trained) of the checkpoint put into net and optimisers; (0, 0) without one."""
    path = folder / "checkpoint.pt"
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    net.load_state_dict(state["net"])
    for optimiser, saved in zip(optimisers, state["optimisers"]):
        optimiser.load_state_dict(saved)
    return state["step"], state["seconds"]
