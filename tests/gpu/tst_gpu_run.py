#!/usr/bin/env python3
"""tests/gpu/run itself, with a module whose GPUs are the processor: everything of it that needs no GPU.
usage: tst_gpu_run.py build/bin"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAMS = Path(sys.argv[1])
FAKE = PROGRAMS.parent / "tests" / "libfake-cuda.so"
EMULATED = FAKE.with_name("libemulated-cuda.so")
SCRIPT = Path(__file__).with_name("run")
STARTER = SCRIPT.parents[2] / "resources" / "starter" / "ponder-starter.gguf"


def run(*arguments, module=FAKE, gpus=""):
    environment = {**os.environ, "PONDER_CUDA_MODULE": str(module), "PONDER_FAKE_GPU": gpus}
    return subprocess.run([SCRIPT, "--programs", PROGRAMS, *arguments], env=environment, capture_output=True,
                          text=True, check=False, timeout=280)


class GpuRun(unittest.TestCase):
    def test_without_a_gpu_it_says_so_and_is_skipped(self):
        for module, gpus in (("none", ""), (FAKE, "none"), (FAKE, "broken")):
            result = run(module=module, gpus=gpus)
            self.assertEqual(result.returncode, 77, result.stdout + result.stderr)
            self.assertIn("There is no GPU to run on: ", result.stdout)

    def test_every_part_runs_and_leaves_its_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            doc = Path(folder) / "results.md"
            result = run("--doc", doc, "--starts", "3", "--model", STARTER, "--only",
                         "kernels,golden,quantised,starts")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            text = doc.read_text()
            for words in ("Fake GPU", "logits gpt_oss_mxfp4, batch 16", "error v3_mixed, batch 1", "3 starts and unloads"):
                self.assertIn(words, text)
            self.assertNotIn("FAIL", text)

    @unittest.skipUnless(EMULATED.exists(), "built without the emulated GPU; it runs where PONDER_EMULATION is ON")
    def test_the_kernels_are_checked_one_by_one(self):
        with tempfile.TemporaryDirectory() as folder:
            doc = Path(folder) / "results.md"
            result = run("--doc", doc, "--only", "kernels", module=EMULATED)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertRegex(doc.read_text(), r"kernels \| \d{3} checks, 0 failed \| nearest to its limit: ")

    def test_the_speed_table_of_a_model_that_is_made_first(self):
        with tempfile.TemporaryDirectory() as folder:
            doc = Path(folder) / "results.md"
            golden = SCRIPT.parents[1] / "data" / "golden" / "v2_lite.gguf"
            peer = Path(folder) / "peer"
            peer.write_text('#!/bin/sh\necho \'[{"avg_ts": 0.5}]\'\n')
            peer.chmod(0o755)
            result = run("--doc", doc, "--only", "speed", "--slice", f"{folder}/s.gguf", "--make-slice",
                         f"cp {golden} {folder}/s.gguf", "--model", STARTER, "--peer", peer)
            text = doc.read_text()
            self.assertRegex(text, r"model, prefill of 100 \| [0-9.]+ tokens/s, [0-9.]+ ms \| peer 0.5 tokens/s, [0-9.]+ times")
            self.assertRegex(text, r"slice, decode behind 512 \| no figures|slice, decode behind 512 \| [0-9.]+ tokens/s")
            self.assertRegex(text, r"model, decode behind 512 \| [0-9.]+ tokens/s, \d+ % of copy bandwidth")
            self.assertNotIn("not measured", text, result.stdout)

    def test_speed_needs_a_model_and_says_when_there_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("--doc", Path(folder) / "results.md", "--only", "speed")
            self.assertIn("no model file was given", result.stdout)

    def test_a_lost_gpu_is_a_failure_with_a_name(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("--doc", Path(folder) / "results.md", "--only", "quantised", gpus="lost=1")
            self.assertEqual(result.returncode, 1)
            self.assertIn("stopped answering", result.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
