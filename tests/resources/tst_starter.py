#!/usr/bin/env python3
"""The starter model's data are right, its vocabulary is DeepSeek's in small, its file is what the card says."""
import os
import pathlib
import random
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTER = ROOT / "resources/starter"
SHARED = pathlib.Path(os.environ.get("PONDER_SHARED", ROOT.parent / "shared"))
sys.path.insert(0, str(STARTER))

from recipe import arithmetic, conversation, gguf, phrasing  # noqa: E402
from recipe.arithmetic import SLIP, Problem  # noqa: E402
from recipe.tokenizer import Tokenizer, pretokens  # noqa: E402

EQUATION = re.compile(r"(\d+(?:[-+×]\d+)+)=(\d+)")


def value(expression):
    return eval(expression.replace("×", "*"), {"__builtins__": {}})  # digits and signs only, by EQUATION


class Working(unittest.TestCase):
    def drawn(self, count=4000, seed=1):
        rng = random.Random(seed)
        return [arithmetic.draw(rng) for _ in range(count)]

    def test_every_equation_is_true(self):
        for problem in self.drawn():
            found = EQUATION.findall(arithmetic.thought(problem))
            self.assertGreater(len(found), 1, problem)
            for expression, result in found:
                self.assertEqual(value(expression), int(result), problem)

    def test_every_column_is_there_and_spells_the_result(self):
        for problem in self.drawn():
            steps = arithmetic.thought(problem).split("\n\n")
            width = max(len(str(problem.a)), len(str(problem.b)))
            self.assertEqual([s.split(":")[0] for s in steps if ":" in s and s.startswith(arithmetic.PLACES)],
                             list(arithmetic.PLACES[:width]), problem)
            together = next(s for s in steps if s.startswith("Together"))
            self.assertEqual(int(re.findall(r"\d+", together)[-1]), abs(problem.result), problem)
            self.assertTrue(steps[-1].startswith("Check"), problem)
            self.assertTrue(arithmetic.answer(problem).endswith(f" = {problem.result}."), problem)

    def test_the_carry_is_the_one_of_the_column_before(self):
        steps = arithmetic.thought(Problem("+", 347, 586)).split("\n\n")
        self.assertEqual(steps, [
            "Line up 347 + 586.", "Ones: 7+6=13, write 3, carry 1.", "Tens: 4+8+1=13, write 3, carry 1.",
            "Hundreds: 3+5+1=9, write 9.", "Together: 933.", "Check 933-586: 13-6=7, 13-8-1=4, 9-5-1=3, so 347, right."])
        self.assertIn("Tens: 0-0-1 < 0, 10-0-1=9, borrow 1.", arithmetic.thought(Problem("-", 102, 4)))
        self.assertIn("Ones: 7-9 < 0, 17-9=8, borrow 1.", arithmetic.thought(Problem("-", 347, 269)))
        self.assertIn("negative", arithmetic.thought(Problem("-", 40, 75)))
        product = arithmetic.thought(Problem("×", 4, 386))
        self.assertIn("Tens: 8×4=32, 32+2=34, write 4, carry 3.", product)
        self.assertTrue(product.endswith("Check: between 300×4=1200 and 400×4=1600, right."), product)

    def test_a_slip_is_found_by_the_check_and_mended(self):
        made = 0
        for problem in self.drawn(3000, seed=2):
            if problem.op == "×":
                continue
            text = arithmetic.thought(problem, (0, 1))
            if text is None:
                continue
            made += 1
            self.assertIn(SLIP, text)
            plain = text.replace(SLIP, "")
            wrong = [e for e, r in EQUATION.findall(plain) if value(e) != int(r)]
            self.assertEqual(len(wrong), 1, plain)
            self.assertIn("A slip, so once more.", plain)
            self.assertTrue(plain.endswith(arithmetic.thought(problem).split("\n\n", 1)[1]), plain)
        self.assertGreater(made, 500)

    def test_training_never_sees_a_held_out_family(self):
        rng = random.Random(3)
        for _ in range(3000):
            talk = conversation.draw(rng)
            for turn in talk.turns:
                for a, op, b in re.findall(r"^(\d+) ([-+×]) (\d+) = -?\d+\.$", turn.answer):
                    self.assertFalse(Problem(op, int(a), int(b)).held_out, turn)
        held = [arithmetic.draw(rng, held_out=True) for _ in range(200)]
        self.assertTrue(all(p.held_out for p in held))
        a = next(p for p in held if p.op == "+")
        self.assertTrue(Problem("-", a.result, a.a).held_out and Problem("+", a.b, a.a).held_out)


class Questions(unittest.TestCase):
    def test_the_numbers_survive_every_phrasing(self):
        rng = random.Random(4)
        for problem in [arithmetic.draw(rng) for _ in range(4000)]:
            question = phrasing.question(rng, problem)
            words = {word: str(n) for n, word in enumerate(phrasing.WORDS)}
            found = re.findall(r"\d+", question) or [words[w] for w in re.findall(r"\w+", question) if w in words]
            expected = [str(problem.a), str(problem.b)]
            self.assertIn(found, (expected, expected[::-1]))

    def test_a_conversation_ends_with_a_thought_and_an_answer(self):
        rng = random.Random(5)
        for _ in range(3000):
            talk = conversation.draw(rng)
            before, after = conversation.prompt_text(talk), conversation.completion_text(talk)
            self.assertTrue(before.startswith(conversation.BOS) and before.endswith("<｜Assistant｜><think>\n"))
            self.assertRegex(after, re.compile(r"\A[^<].*\n</think>\n\n.+<｜end▁of▁sentence｜>\Z", re.S))
            self.assertEqual(before.count("</think>"), 0, "earlier thoughts are dropped")


class Vocabulary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rng = random.Random(6)
        talks = [conversation.draw(rng, chat=0.5) for _ in range(300)]
        cls.texts = [conversation.prompt_text(t) + conversation.completion_text(t) for t in talks]
        cls.words = Tokenizer.train(cls.texts, 400)

    def test_text_comes_back(self):
        for text in self.texts + ["naïve 漢字 🦙 \r\n\t x\u00a0y é½", ""]:
            plain = text.replace(SLIP, "")
            self.assertEqual(self.words.decode(self.words.encode(text)), plain)

    def test_digits_stay_single(self):
        self.assertEqual(len(self.words.encode("9307")), 4)
        self.assertFalse([t for t in self.words.tokens[263:] if re.search(r"\d", t)])

    def test_slips_are_marked_token_by_token(self):
        ids, wrong = self.words.encode_marked(f"4+8={SLIP}1{SLIP}3, write 3.")
        self.assertEqual(self.words.decode(ids), "4+8=13, write 3.")
        self.assertEqual([self.words.decode([i]) for i, w in zip(ids, wrong) if w], ["1", "3"])

    def test_text_is_cut_as_deepseek_v3_cuts_it(self):
        cut = lambda text: [p for _, p in pretokens(text)]
        self.assertEqual(cut("What is 1234+5?"), ["What", " is", " ", "123", "4", "+", "5", "?"])
        self.assertEqual(cut("a.\n\n  b"), ["a", ".\n\n", " ", " b"])
        self.assertEqual(cut("x(foo) 漢字a"), ["x", "(foo", ")", " ", "漢字", "a"])

    def test_ids_are_those_of_llama_cpp(self):
        base = SHARED / "tokenizers/deepseek-v3"
        if not base.with_suffix(".gguf").exists():
            self.skipTest(f"no test vectors at {base}: with that file this runs")
        meta, _ = gguf.read(base.with_suffix(".gguf"))
        ids = {t: i for i, t in enumerate(meta["tokenizer.ggml.tokens"])}
        words = Tokenizer(m.split(" ") for m in meta["tokenizer.ggml.merges"])
        texts = base.with_suffix(".inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
        lines = base.with_suffix(".out").read_text().splitlines()
        self.assertGreater(len(lines), 20)
        for text, line in zip(texts, lines):
            self.assertEqual([ids[words.tokens[i]] for i in words.encode(text)], [int(n) for n in line.split()], repr(text))


class File(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = STARTER / "ponder-starter.gguf"
        cls.meta, cls.tensors = gguf.read(cls.path)

    def test_it_is_a_small_deepseek_v3(self):
        self.assertLess(self.path.stat().st_size, 25e6)
        key = lambda name: self.meta["deepseek2." + name]
        self.assertEqual(self.meta["general.architecture"], "deepseek2")
        self.assertEqual((key("expert_gating_func"), key("expert_weights_norm"), key("expert_shared_count")), (2, True, 1))
        parameters = sum(len(raw) // 4 if kind == gguf.F32 else len(raw) // 34 * 32 for _, kind, raw in self.tensors.values())
        self.assertTrue(5e6 <= parameters <= 20e6, parameters)
        card = (STARTER / "README.md").read_text()
        self.assertIn(f"{parameters / 1e6:.2f} million parameters", card)
        self.assertIn(f"{self.path.stat().st_size / 1e6:.1f} MB", card)
        self.assertIn(f"{key('context_length')} tokens", card)

    def test_only_norms_router_and_bias_are_floats(self):
        for name, (shape, kind, _) in self.tensors.items():
            plain = "norm" in name or "ffn_gate_inp" in name or "exp_probs_b" in name
            self.assertEqual(kind, gguf.F32 if plain else gguf.Q8_0, name)

    def test_its_vocabulary_works(self):
        words = Tokenizer(m.split(" ") for m in self.meta["tokenizer.ggml.merges"])
        self.assertEqual(words.tokens, self.meta["tokenizer.ggml.tokens"])
        self.assertEqual(self.meta["tokenizer.ggml.pre"], "deepseek-v3")
        self.assertEqual(words.tokens[self.meta["tokenizer.ggml.bos_token_id"]], conversation.BOS)
        self.assertEqual(words.tokens[self.meta["tokenizer.ggml.eos_token_id"]], conversation.EOS)
        self.assertEqual(self.meta["tokenizer.chat_template"], conversation.TEMPLATE)


if __name__ == "__main__":
    unittest.main()
