#!/usr/bin/env python3
"""What happens to people's files: cut short while they are read, full of holes, in pieces. usage: tst_files.py build/bin"""

import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from gguf_patch import Places, patched
from harness import main, program, run, starter

TRIES = 30
SEED = 20261128
HOLES = 3 * 10**9  # bytes
ADDRESS_SPACE = 2 * 10**9
# A limit of address space leaves no room for AddressSanitizer's own map of it.
needs_limits = unittest.skipIf(b"__asan_init" in (Path(sys.argv[1]) / "ponder-cli").read_bytes(),
                               "AddressSanitizer takes more address space than the limit leaves; it runs in the release build")


def text(value):
    return struct.pack("<Q", len(value)) + value


def entry(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def write_large(path):
    """A qwen3moe of 768 MiB of experts, all of it holes; returns the size of the file."""
    hidden, width, experts = 64, 64, 16384
    arch = b"qwen3moe."
    numbers = {b"block_count": 1, b"embedding_length": hidden, b"context_length": 64, b"feed_forward_length": 0,
               b"attention.head_count": 4, b"attention.head_count_kv": 2, b"attention.key_length": 16,
               b"attention.value_length": 16, b"expert_count": experts, b"expert_used_count": 2,
               b"expert_feed_forward_length": width}
    entries = [entry(b"general.architecture", 8, text(b"qwen3moe")),
               entry(arch + b"attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-6))]
    entries += [entry(arch + key, 4, struct.pack("<I", value)) for key, value in numbers.items()]
    shapes = {"token_embd": [hidden, 96], "output_norm": [hidden], "blk.0.attn_norm": [hidden],
              "blk.0.attn_q": [hidden, 64], "blk.0.attn_k": [hidden, 32], "blk.0.attn_v": [hidden, 32],
              "blk.0.attn_output": [64, hidden], "blk.0.attn_q_norm": [16], "blk.0.attn_k_norm": [16],
              "blk.0.ffn_norm": [hidden], "blk.0.ffn_gate_inp": [hidden, experts],
              "blk.0.ffn_gate_exps": [hidden, width, experts], "blk.0.ffn_up_exps": [hidden, width, experts],
              "blk.0.ffn_down_exps": [width, hidden, experts]}
    infos, offset = b"", 0
    for name, shape in shapes.items():
        infos += text(name.encode() + b".weight") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        size = 4
        for n in shape:
            size *= n
        offset += -(-size // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(entries)) + b"".join(entries) + infos
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + 32 + offset)
    return path.stat().st_size


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (HOLES + ADDRESS_SPACE, HOLES + ADDRESS_SPACE))


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def copy(self, name="model.gguf"):
        return Path(shutil.copy(starter(), self.folder / name))

    def answering(self, model):
        """A process that has begun a long answer, and what it has said until then."""
        process = subprocess.Popen(
            [program("ponder-cli"), "chat", "-m", model, "-p", "What is 347 + 586?", "--temp", "5", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        said = [process.stdout.readline() for _ in range(3)]
        return process, said

    def test_a_file_cut_short_while_it_answers_ends_in_a_sentence(self):
        chance = random.Random(SEED)
        size = starter().stat().st_size
        cut = 0
        for attempt in range(TRIES):
            model = self.copy()
            process, said = self.answering(model)
            time.sleep(chance.random() * 0.02)
            with open(model, "r+b") as file:
                file.truncate(chance.choice([0, 1, 4096, chance.randrange(size), size - 4097]))
            out, errors = process.communicate(timeout=60)
            lines = [json.loads(line) for line in said + out.splitlines() if line.strip()]
            self.assertIn(process.returncode, (0, 1), f"try {attempt}: {errors}")
            if process.returncode == 0:  # it had ended before
                self.assertEqual(lines[-1]["type"], "done")
                continue
            cut += 1
            self.assertRegex(errors, r"^ponder-cli: The file model\.gguf became shorter while it was in use\. .*anew\.$")
            self.assertTrue(all(line["type"] in ("reasoning", "content") for line in lines), lines[-1])
        self.assertGreater(cut, TRIES // 2)

    def test_a_file_written_over_while_it_answers_ends_in_a_sentence(self):
        ended = 0
        for _ in range(TRIES // 3):
            model = self.copy()
            process, _ = self.answering(model)
            with open(model, "r+b") as file:
                file.write(os.urandom(model.stat().st_size))
            _, errors = process.communicate(timeout=60)
            self.assertIn(process.returncode, (0, 1), errors)
            if process.returncode == 1:  # else it was shorter than that
                ended += 1
                self.assertIn("was changed while it was in use", errors)
        self.assertGreater(ended, 0)

    def test_a_file_replaced_by_name_or_touched_goes_on(self):
        model = self.copy()
        command = [program("ponder-cli"), "chat", "-m", model, "-p", "What is 347 + 586?", "--temp", "0", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        os.utime(model)
        other = self.folder / "other"
        other.write_text("nothing")
        other.rename(model)
        out, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("933", json.loads(out.splitlines()[-1])["content"])

    def test_a_file_cut_short_while_it_opens_is_refused_with_a_sentence(self):
        chance = random.Random(SEED)
        for _ in range(10):
            model = self.copy()
            process = subprocess.Popen([program("ponder-cli"), "tokenize", "-m", model], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(chance.random() * 0.05)
            os.truncate(model, chance.randrange(4096, 200_000))
            _, errors = process.communicate("words", timeout=60)
            self.assertIn(process.returncode, (0, 1), errors)
            if process.returncode == 1:  # "was changed": its size was taken after it was cut, its time before
                self.assertRegex(errors, "shorter|incomplete|ends in the middle|was changed while it was in use")

    @needs_limits
    def test_a_sparse_file_takes_little_memory_before_it_is_refused(self):
        model = self.folder / "holes.gguf"
        head = b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + entry(b"general.architecture", 8, text(b"llama"))
        many = struct.pack("<IQ", 8, 300_000_000)
        for name, value in {"list of texts": entry(b"tokenizer.ggml.tokens", 9, many),
                            "list of merges": entry(b"tokenizer.ggml.merges", 9, many),
                            "list of numbers": entry(b"tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 300_000_000)),
                            "one text": entry(b"tokenizer.chat_template", 8, struct.pack("<Q", 2_500_000_000)),
                            }.items():
            with self.subTest(name):
                with open(model, "wb") as file:
                    file.write(head + value)
                    file.truncate(HOLES)
                started = time.monotonic()
                result = run(program("ponder-cli"), "inspect", model, preexec_fn=limited)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertRegex(result.stderr, "more than any model has|more than 256 MiB")
                self.assertLess(time.monotonic() - started, 10)
        for name, counts in {"tensors": (10**8, 1), "entries": (0, 10**8)}.items():
            with self.subTest(name):
                with open(model, "wb") as file:
                    file.write(b"GGUF" + struct.pack("<IQQ", 3, *counts))
                    file.truncate(HOLES)
                result = run(program("ponder-cli"), "inspect", model, preexec_fn=limited)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("more than any model has", result.stderr)

    def test_pieces_of_a_file_are_to_be_joined(self):
        whole = starter().read_bytes()
        pieces = [self.folder / f"model.gguf.part{i}of2" for i in (1, 2)]
        pieces[0].write_bytes(whole[:len(whole) // 2])
        pieces[1].write_bytes(whole[len(whole) // 2:])
        for piece in pieces:
            result = run(program("ponder-cli"), "inspect", piece)
            self.assertEqual(result.returncode, 1)
            command = "cat model.gguf.part1of2 model.gguf.part2of2 > model.gguf"
            self.assertIn(command, result.stderr)
        subprocess.run(command, shell=True, cwd=self.folder, check=True)  # as a person would
        self.assertEqual(run(program("ponder-cli"), "inspect", self.folder / "model.gguf").returncode, 0)

    def test_inspect_says_what_is_not_used_and_gives_no_terminal_orders(self):
        whole = starter().read_bytes()
        name, value = Places(whole).values["general.name"]
        evil = b"\x1b]0;pwn\x07" + b"x" * (len(value) - 8)
        extra = entry(b"mine\x1b[31m.key", 8, text(b"\xc2\x9b31mvalue"))
        (entries,) = struct.unpack_from("<Q", whole, 16)
        (tensors,) = struct.unpack_from("<Q", whole, 8)
        head = patched(whole, name, evil)[24:Places(whole).end_of_header]
        data = whole[-(-Places(whole).end_of_header // 32) * 32:]
        head = b"GGUF" + struct.pack("<IQQ", 3, tensors, entries + 1) + extra + head
        model = self.folder / "evil.gguf"
        model.write_bytes(head + b"\0" * (-len(head) % 32) + data)
        result = run(program("ponder-cli"), "inspect", model)
        self.assertEqual(result.returncode, 0, result.stderr)
        for order in ("\x1b", "\x07", "\x9b"):
            self.assertNotIn(order, result.stdout + result.stderr)
        self.assertIn("]0;pwn", result.stdout)
        self.assertRegex(result.stdout, r"Ponder does not use\n(  .*\n)*  mine\ufffd\[31m\.key = ")
        found = json.loads(run(program("ponder-cli"), "inspect", model, "--json").stdout)
        self.assertEqual(found["ignored"]["metadata"], ["mine\x1b[31m.key"])
        self.assertEqual(found["ignored"]["tensors"], [])

    @needs_limits
    def test_a_model_larger_than_memory_is_refused_with_a_way_round_that_works(self):
        model = self.folder / "large.gguf"
        weights = write_large(model)
        tokens = self.folder / "tokens"
        tokens.write_bytes(struct.pack("<3i", 1, 2, 3))
        out = self.folder / "out"
        command = [program("ponder-cli"), "logits", "-m", model, "--tokens", tokens, "--out", out, "-t", "1",
                   "--batch", "4", "--device", "cpu"]
        # Enough to map the file and to work, and too little for the plan, which leaves something to the system.
        for room in range(300, 60, -20):
            limit = weights + room * 2**20
            refused = run(*command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
            if refused.returncode:
                break
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"This model needs .* It can be opened all the same: .* come from the disk for "
                                         r"every token, and a token takes about .* Give --larger-than-memory for that\.")
        done = run(*command, "--larger-than-memory",
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(out.stat().st_size, 3 * 96 * 4)

    def test_larger_than_memory_is_an_option_and_changes_nothing_where_all_fits(self):
        result = run(program("ponder-cli"), "chat", "-m", starter(), "-p", "What is 347 + 586?", "--temp", "0",
                     "--larger-than-memory")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("933", result.stdout)


if __name__ == "__main__":
    main()
