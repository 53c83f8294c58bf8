#!/usr/bin/env python3
"""The contract of ponder-cli analyse, which scripts depend on. usage: tst_analyse.py build/bin"""

import json
import tempfile
import time
import unittest
from pathlib import Path

from harness import main, program, run

CLI = program("ponder-cli")


def analyse(text, *arguments):
    return run(CLI, "analyse", *arguments, input=text)


def records(*objects):
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)


class Json(unittest.TestCase):
    def test_one_object_a_record_in_order(self):
        result = analyse(records({"reasoning": "3 + 4 = 7", "id": "a"}, {"id": 2, "reasoning": ""}, {"reasoning": "x"}), "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([line["id"] for line in lines], ["a", 2, None])
        for line in lines:
            self.assertEqual(set(line), {"id", "steps", "candidates", "findings"})

    def test_every_place_is_in_code_points(self):
        thought, answer = "Äpfel 😀\n\n数 3 + 4 = 8, so the answer is 8.", "Größe: \\boxed{7}"
        line = json.loads(analyse(records({"reasoning": thought, "answer": answer, "question": "?"}), "--json").stdout)
        self.assertEqual([thought[s["start"]:s["end"]] for s in line["steps"]], thought.split("\n\n"))
        for step in line["steps"]:
            self.assertEqual(set(step), {"start", "end", "kind", "move", "attempt"})
            self.assertIn(step["kind"], ("setup", "plan", "work", "check", "turn_back", "conclude"))
        texts = {"reasoning": thought, "answer": answer}
        self.assertEqual([(c["in"], c["value"], texts[c["in"]][c["start"]:c["end"]]) for c in line["candidates"]],
                         [("reasoning", "8", "8"), ("answer", "7", "7")])
        wrong, differs = line["findings"]
        self.assertEqual(thought[wrong["start"]:wrong["end"]], "3 + 4 = 8")
        self.assertEqual({key: wrong[key] for key in ("kind", "severity", "in", "text", "expression", "written", "value")},
                         {"kind": "arithmetic", "severity": "wrong", "in": "reasoning", "text": "3 + 4 = 8", "expression": "3 + 4",
                          "written": "8", "value": "7"})
        self.assertIn("7", wrong["message"])
        self.assertEqual((differs["kind"], differs["in"], differs["severity"]), ("answer_differs", "answer", "hint"))

    def test_a_text_with_tags_says_where_its_parts_begin(self):
        text = "Ü <think>\n3 + 4 = 8\n</think>\nIt is 3 + 4 = 9."
        line = json.loads(analyse(text, "--json").stdout)
        starts = {"reasoning": line["reasoning_start"], "answer": line["answer_start"]}
        self.assertEqual([text[starts[f["in"]] + f["start"]:starts[f["in"]] + f["end"]] for f in line["findings"]],
                         ["3 + 4 = 8", "3 + 4 = 9"])

    def test_tags_may_be_missing(self):
        for text, part in (("3 + 4 = 8", "reasoning"), ("3 + 4 = 8\n</think>\nYes.", "reasoning"), ("<think>3 + 4 = 8", "reasoning"),
                           ("<think>Well.</think>3 + 4 = 8", "answer")):
            with self.subTest(text=text):
                findings = json.loads(analyse(text, "--json").stdout)["findings"]
                self.assertEqual([f["in"] for f in findings], [part])

    def test_a_file_is_read_like_stdin(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "thoughts.jsonl")
            path.write_text(records({"reasoning": "3 + 4 = 8"}), encoding="utf-8")
            self.assertEqual(run(CLI, "analyse", "--json", path).stdout, analyse(path.read_text(encoding="utf-8"), "--json").stdout)

    def test_a_megabyte_takes_a_second_or_so(self):
        text = "So 12 * 7 = 84, and then I look at the next one.\n\n" * 20_000
        begin = time.monotonic()
        self.assertEqual(analyse(text, "--json").returncode, 0)
        self.assertLess(time.monotonic() - begin, 10, "far more than on a machine with nothing else to do")


class Text(unittest.TestCase):
    def test_a_person_sees_step_words_and_what_is_right(self):
        out = analyse("<think>Well.\n\n3 + 4 = 8</think>7").stdout
        self.assertIn("step 2", out)
        self.assertIn("3 + 4 = 8", out)
        self.assertIn("3 + 4 is 7, not 8.", out)

    def test_nothing_of_a_thought_is_an_order_to_the_terminal(self):
        self.assertNotIn("\x1b", analyse("\x1b[2J 3 + \x1b[2J 4 = 8. 3 + 4 = 8").stdout)


class Wrong(unittest.TestCase):
    def test_a_line_that_is_no_record_fails_with_its_number(self):
        result = analyse(records({"reasoning": "x"}) + "{\"reasoning\": \n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("2", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_no_file_is_1_and_wrong_usage_2(self):
        self.assertEqual(run(CLI, "analyse", "/no/such/file").returncode, 1)
        self.assertEqual(run(CLI, "analyse", "--no-such-option").returncode, 2)

    def test_an_empty_text_is_a_record(self):
        result = analyse("", "--json")
        self.assertEqual(json.loads(result.stdout)["steps"], [])


if __name__ == "__main__":
    main()
