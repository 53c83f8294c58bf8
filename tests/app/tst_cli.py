#!/usr/bin/env python3
"""The terminal contract of ponder-cli, which scripts depend on. usage: tst_cli.py build/bin"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from gguf_patch import Places, patched
from harness import main, program, run, starter

CLI = program("ponder-cli")
MODEL = starter()
SUM = "What is 347 + 586?"


def chat(*arguments, **options):
    return run(CLI, "chat", "-m", MODEL, "--temp", "0", *arguments, **options)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


class Chat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.result = chat("-p", SUM, "--json")
        cls.lines = objects(cls.result.stdout)

    def test_the_starter_model_works_a_sum(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        done = self.lines[-1]
        self.assertIn("933", done["content"])
        self.assertTrue(done["reasoning_content"].strip())

    def test_a_line_a_token_then_done(self):
        *tokens, done = self.lines
        self.assertEqual(done["type"], "done")
        for token in tokens:
            self.assertIn(token["type"], ("reasoning", "content"))
            self.assertIsInstance(token["id"], int)
            self.assertIsInstance(token["text"], str)
            self.assertLessEqual(token["logprob"], 0)
        kinds = [token["type"] for token in tokens]
        self.assertEqual(kinds, sorted(kinds, reverse=True), "reasoning comes first, all of it")

    def test_done_is_the_sum_of_its_tokens(self):
        *tokens, done = self.lines
        for kind, name in (("reasoning", "reasoning_content"), ("content", "content")):
            streamed = "".join(token["text"] for token in tokens if token["type"] == kind)
            self.assertEqual(streamed.strip(), done[name].strip())
        self.assertEqual(done["finish_reason"], "stop")
        usage = done["usage"]
        self.assertGreater(usage["prompt_tokens"], 0)
        self.assertGreater(usage["reasoning_tokens"], 0)
        self.assertLess(usage["reasoning_tokens"], usage["completion_tokens"])
        self.assertIsInstance(done["timings"], dict)

    def test_greedy_is_repeatable_to_the_token(self):
        again = objects(chat("-p", SUM, "--json").stdout)
        ids = [[line.get("id") for line in lines[:-1]] for lines in (self.lines, again)]
        self.assertEqual(*ids)

    def test_a_seed_is_repeatable_to_the_token(self):
        first, second = (
            run(CLI, "chat", "-m", MODEL, "-p", SUM, "--temp", "1", "--seed", "7", "-n", "40",
                "--json").stdout for _ in range(2))
        self.assertEqual([line.get("id") for line in objects(first)[:-1]],
                         [line.get("id") for line in objects(second)[:-1]])

    def test_a_limit_is_kept_and_named(self):
        done = objects(chat("-p", SUM, "-n", "5", "--json").stdout)[-1]
        self.assertEqual(done["finish_reason"], "length")
        self.assertEqual(done["usage"]["completion_tokens"], 5)

    def test_without_json_the_answer_is_there_to_read(self):
        result = chat("-p", SUM)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("933", result.stdout)

    def test_on_a_terminal_a_conversation_goes_on_line_by_line(self):
        keyboard, terminal = os.openpty()
        os.write(keyboard, f"{SUM}\nWhat is 2 + 3?\n\x04".encode())
        result = chat("--json", stdin=terminal)
        os.close(keyboard)
        os.close(terminal)
        self.assertEqual(result.returncode, 0, result.stderr)
        done = [line for line in objects(result.stdout) if line["type"] == "done"]
        self.assertEqual(len(done), 2, result.stderr)
        self.assertIn("933", done[0]["content"])
        self.assertTrue(done[1]["content"].strip())
        self.assertGreater(done[1]["usage"]["prompt_tokens"], done[0]["usage"]["prompt_tokens"])

    def test_questions_come_from_standard_input_without_a_prompt(self):
        result = chat(input=f"{SUM}\n")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("933", result.stdout)


class Usage(unittest.TestCase):
    def test_wrong_usage_is_2_with_the_reason_on_stderr(self):
        for arguments in ([], ["chat"], ["nonsense"], ["chat", "-m", MODEL, "--temp", "warm"],
                          ["chat", "-m", MODEL, "--no-such-option"], ["logits", "-m", MODEL]):
            with self.subTest(arguments=arguments):
                result = run(CLI, *arguments, input="")
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertTrue(result.stderr.strip())

    def test_help_is_0(self):
        result = run(CLI, "--help")
        self.assertEqual(result.returncode, 0)
        for command in ("chat", "logits", "tokenize", "bench", "inspect", "analyse", "selfcheck"):
            self.assertIn(command, result.stdout)


class BadFiles(unittest.TestCase):
    """Each gives exit code 1 and a sentence; never a crash, and nothing on standard output."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.good = MODEL.read_bytes()
        cls.places = Places(cls.good)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def refused(self, path, *words):
        for command in (["chat", "-m", path, "-p", "hello"], ["inspect", path]):
            if command[0] == "inspect" and "chat only" in words:
                continue
            result = run(CLI, *command)
            self.assertEqual(result.returncode, 1, f"{command}: {result.stdout}{result.stderr}")
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, r"\w+ \w+ \w+")
            for word in words:
                if word != "chat only":
                    self.assertIn(word.lower(), result.stderr.lower())

    def write(self, name, data):
        path = Path(self.folder.name) / name
        path.write_bytes(data)
        return path

    def test_missing(self):
        self.refused(Path(self.folder.name) / "nowhere.gguf", "nowhere.gguf")

    def test_a_folder_that_is_no_model(self):
        self.refused(Path(self.folder.name))

    def test_empty(self):
        self.refused(self.write("empty.gguf", b""))

    def test_foreign(self):
        self.refused(self.write("picture.gguf", b"\x89PNG\r\n\x1a\n" + bytes(4096)), "GGUF")

    def test_truncated_everywhere(self):
        end = self.places.end_of_header
        for length in (3, 4, 7, 12, 24, 40, end // 2, end - 1, end + 1, len(self.good) // 2,
                       len(self.good) - 1):
            with self.subTest(length=length):
                self.refused(self.write("cut.gguf", self.good[:length]))

    def test_a_version_from_the_future(self):
        self.refused(self.write("v99.gguf", patched(self.good, self.places.version,
                                                    struct.pack("<I", 99))), "99")

    def test_an_unknown_architecture(self):
        offset, name = self.places.values["general.architecture"]
        self.assertEqual(name, "deepseek2")
        path = self.write("arch.gguf", patched(self.good, offset, b"nonesuch9"))
        self.refused(path, "nonesuch9", "chat only")

    def test_an_unknown_quantisation(self):
        offset = self.places.tensor_types["token_embd.weight"]
        path = self.write("type.gguf", patched(self.good, offset, struct.pack("<I", 9999)))
        self.refused(path, "9999")

    def test_a_tensor_that_lies_about_its_size(self):
        offset = self.places.tensor_dims["token_embd.weight"]
        for lie in (0, 1, 2**31, 2**62, 2**64 - 1):
            with self.subTest(lie=lie):
                path = self.write("dims.gguf", patched(self.good, offset, struct.pack("<Q", lie)))
                self.refused(path, "chat only")


    def test_too_little_memory(self):
        def limited(*arguments):
            return run("prlimit", f"--as={120 << 20}", CLI, *arguments)

        if limited("--help").returncode:
            self.skipTest("built with sanitizers, which reserve terabytes of addresses; it runs in the release build")
        result = limited("chat", "-m", MODEL, "-p", "hello")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr, r"needs \d+ MiB of memory")


class Output(unittest.TestCase):
    def test_a_full_disk_is_a_failure_with_a_reason(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = run(CLI, "chat", "-m", MODEL, "-p", "hello", capture_output=False, stdout=full,
                         stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.strip())

    def test_a_closed_stream_is_no_model_file(self):
        result = run("bash", "-c", f"'{CLI}' chat -m '{MODEL}' <&-")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no question", result.stderr)
        result = run("bash", "-c", f"'{CLI}' chat -m '{MODEL}' -p '{SUM}' <&- 2>&-")
        self.assertEqual(result.returncode, 0)
        self.assertIn("933", result.stdout)

    def test_a_limit_of_file_sizes_is_a_failure_with_a_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("bash", "-c", f"ulimit -f 1; '{CLI}' chat -m '{MODEL}' -p '{SUM}' --json > '{folder}/out'")
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot be written", result.stderr)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        command = f"'{CLI}' chat -m '{MODEL}' -p '{SUM}' --json | head -n 1"
        result = run("bash", "-c", f"set -o pipefail; {command}")
        self.assertEqual(len(result.stdout.splitlines()), 1)
        self.assertNotIn("terminate", result.stderr)


class OtherCommands(unittest.TestCase):
    def test_tokenize_prints_one_array(self):
        result = run(CLI, "tokenize", "-m", MODEL, input="What is 1 + 2?")
        self.assertEqual(result.returncode, 0, result.stderr)
        ids = json.loads(result.stdout)
        self.assertTrue(ids and all(isinstance(token, int) for token in ids))
        empty = run(CLI, "tokenize", "-m", MODEL, input="")
        self.assertEqual(json.loads(empty.stdout), [])

    def test_special_tokens_only_where_asked(self):
        marker = "<\uff5cUser\uff5c>"
        plain = json.loads(run(CLI, "tokenize", "-m", MODEL, input=marker).stdout)
        special = json.loads(run(CLI, "tokenize", "-m", MODEL, "--special", input=marker).stdout)
        self.assertEqual(len(special), 1)
        self.assertGreater(len(plain), 1)

    def test_logits_are_the_same_in_batches_and_one_by_one(self):
        ids = json.loads(run(CLI, "tokenize", "-m", MODEL, input=SUM).stdout)
        with tempfile.TemporaryDirectory() as folder:
            tokens = Path(folder) / "tokens.i32"
            tokens.write_bytes(struct.pack(f"<{len(ids)}i", *ids))
            outs = []
            for batch in (1, len(ids)):
                out = Path(folder) / f"{batch}.f32"
                done = run(CLI, "logits", "-m", MODEL, "--tokens", tokens, "--out", out, "--batch", batch)
                self.assertEqual(done.returncode, 0, done.stderr)
                outs.append(out.read_bytes())
        self.assertEqual(len(outs[0]), len(outs[1]))
        count = len(outs[0]) // 4
        self.assertEqual(count % len(ids), 0)
        one, many = (struct.unpack(f"<{count}f", out) for out in outs)
        self.assertLess(max(abs(a - b) for a, b in zip(one, many)), 1e-2)

    def test_a_bad_token_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            tokens = Path(folder) / "tokens.i32"
            for content in (struct.pack("<2i", 0, 2**30), struct.pack("<i", -1), b"abc"):
                tokens.write_bytes(content)
                done = run(CLI, "logits", "-m", MODEL, "--tokens", tokens, "--out", f"{folder}/o.f32")
                self.assertEqual(done.returncode, 1, done.stderr)

    def test_inspect_tells_what_is_in_the_file(self):
        result = run(CLI, "inspect", MODEL, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIsInstance(json.loads(result.stdout), dict)
        self.assertIn("deepseek2", result.stdout)
        self.assertIn("token_embd.weight", result.stdout)

    def test_bench_prints_one_object(self):
        result = run(CLI, "bench", "-m", MODEL, "-p", "32", "-n", "8", "-r", "1", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        figures = json.loads(result.stdout)
        for name in ("prefill_tok_s", "decode_tok_s", "decode_bytes_per_token", "read_bandwidth_gb_s",
                     "bandwidth_fraction"):
            self.assertGreater(figures[name], 0, name)
        self.assertEqual(figures["device"], "cpu")
        self.assertEqual(figures["expert_cache"], {"bytes": 0, "slots": 0, "hit_rate": 0, "brought": 0})
        self.assertGreater(figures["threads"], 0)

    def test_selfcheck_passes(self):
        result = run(CLI, "selfcheck", "--json", timeout=280)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertTrue(result.stdout.strip())


FAKE = Path(sys.argv[1]).parent / "tests" / "libfake-cuda.so"


class Devices(unittest.TestCase):
    """--device, with no GPU module and with one whose GPUs are the processor."""

    def bench(self, device, module=FAKE, gpus=""):
        environment = {**os.environ, "PONDER_CUDA_MODULE": str(module), "PONDER_FAKE_GPU": gpus}
        return run(CLI, "bench", "-m", MODEL, "-p", "8", "-n", "2", "-r", "1", "--json", "--device", device,
                   env=environment)

    def test_auto_and_cpu_go_without_a_module(self):
        for device in ("auto", "cpu", "CPU"):
            result = self.bench(device, "none")
            self.assertEqual(result.returncode, 0, result.stderr)
            figures = json.loads(result.stdout)
            self.assertEqual(figures["device"], "cpu")
            self.assertEqual("no GPU module" in figures["remark"], device == "auto")

    def test_who_asks_for_a_gpu_that_is_not_there_is_told_why(self):
        for device, module, gpus, words in (("cuda", "none", "", "no GPU module"),
                                            ("cuda", "/nowhere.so", "", "no GPU module"),
                                            ("cuda", FAKE, "none", "no GPU"),
                                            ("cuda:5", FAKE, "", "cuda:5"),
                                            ("cuda", FAKE, "broken", "does not answer"),
                                            ("cuda", FAKE, "small", "too small")):
            with self.subTest(device=device, module=module, gpus=gpus):
                result = self.bench(device, module, gpus)
                self.assertEqual(result.returncode, 1, result.stdout)
                self.assertEqual(result.stdout, "")
                self.assertIn(words, result.stderr)

    def test_a_gpu_is_used_where_there_is_one(self):
        for device, expected in (("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu")):
            result = self.bench(device)
            self.assertEqual(result.returncode, 0, result.stderr)
            figures = json.loads(result.stdout)
            self.assertEqual(figures["device"], expected)
            self.assertGreater(figures["bandwidth_fraction"], 0)

    def test_no_such_device_is_wrong_usage(self):
        for device in ("gpu", "cuda:", "cuda:-1", ""):
            self.assertEqual(self.bench(device).returncode, 2, device)

    def test_a_lost_gpu_ends_an_answer_with_a_sentence_and_keeps_what_was_said(self):
        environment = {**os.environ, "PONDER_CUDA_MODULE": str(FAKE), "PONDER_FAKE_GPU": "lost=12"}
        result = chat("-p", SUM, "--json", env=environment)
        self.assertEqual(result.returncode, 1)
        self.assertIn("stopped answering", result.stderr)
        self.assertGreater(len(objects(result.stdout)), 5)

    def test_inspect_shows_the_plan_with_a_gpu(self):
        environment = {**os.environ, "PONDER_CUDA_MODULE": str(FAKE)}
        report = json.loads(run(CLI, "inspect", MODEL, "--json", env=environment).stdout)
        self.assertEqual([gpu["device"] for gpu in report["gpus"]], ["cuda:0", "cuda:1"])
        self.assertEqual(report["plan"]["device"], "cuda:0")
        share = report["plan"]["gpu"]
        self.assertEqual(share["feed_forward_layers"], share["layers"])
        self.assertLess(share["weight_bytes"] + share["cache_bytes"] + share["work_bytes"]
                        + share["reserve_bytes"], share["available_bytes"])
        people = run(CLI, "inspect", MODEL, "--device", "cuda:1", env=environment)
        self.assertIn("Fake GPU, smaller: weights", people.stdout)
        alone = run(CLI, "inspect", MODEL, "--device", "cpu", "--json", env=environment)
        self.assertEqual(json.loads(alone.stdout)["plan"]["device"], "cpu")

    def test_selfcheck_checks_the_gpus_asked_for(self):
        environment = {**os.environ, "PONDER_CUDA_MODULE": str(FAKE)}
        result = run(CLI, "selfcheck", "--device", "cuda:1", "--json", env=environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["devices"], ["cuda:1"])
        self.assertEqual([check["variant"] for check in report["checks"]], ["fake"])
        both = run(CLI, "selfcheck", "--device", "cuda", env=environment).stdout
        self.assertIn("cuda:0: Fake GPU", both)
        self.assertIn("cuda:1: Fake GPU, smaller", both)


if __name__ == "__main__":
    main()
