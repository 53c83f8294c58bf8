#!/usr/bin/env python3
"""tests/gpu/pack, and both modes of tests/gpu/run from what it packed: in a bare environment, with modules and
programs that stand in for the GPU's.
usage: tst_gpu_pack.py build/bin"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path(sys.argv[1]).absolute()
FAKE = PROGRAMS.parent / "tests" / "libfake-cuda.so"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STARTER = ROOT / "resources" / "starter" / "ponder-starter.gguf"
ROOM = "200"  # MiB: a build for tests may be larger than one that is carried
PATIENT = ("--seconds", "280")  # and slower, with sanitizers

# Stands in for ponder-cli. What a case does is in $DO/selfcheck, a piece of bash; the rest is the real program's.
STUB = """#!/bin/bash
check() { printf '%-4s  %-9s  %-44s  error %s of 1.0e-03 allowed\\n' "$1" cuda "$2" "$3"; }
case $1 in
  inspect) echo '{"gpus": [{"name": "Stub GPU", "available_bytes": 1073741824}]}' ;;
  selfcheck) echo 'cuda:0: Stub GPU'; . "$DO/selfcheck" ;;
  *) [[ -e $DO/$1 ]] && . "$DO/$1"; exec "$REAL/ponder-cli" "$@" ;;
esac
"""

# Nsight Compute's, with a line for every metric of a launch, and without a GPU.
NCU = """#!/bin/bash
while (($#)); do [[ $1 != --log-file ]] || file=$2; [[ $1 != -s ]] || skip=$2; program+=" $1"; shift; done
[[ $skip == 450 && $program == *gpu_starts*gguf\\ 0 ]] || exit 3
{ echo '==PROF== Connected to process 7'
echo '"ID","Process ID","Process Name","Kernel Name","Context","Stream","Section Name","Metric Name","Metric Unit","Metric Value"'
row() { echo "\\"$1\\",\\"7\\",\\"gpu_starts\\",\\"$2\\",\\"1\\",\\"7\\",\\"Command line profiler metrics\\",\\"$3\\",\\"\\",\\"$4\\""; }
launch() { row "$1" "$2" gpu__time_duration.sum "$3"; row "$1" "$2" dram__bytes_read.sum "$4"
  row "$1" "$2" dram__bytes_write.sum 0; row "$1" "$2" launch__registers_per_thread 128; }
launch 0 'void ponder::kernels::cuda::(anonymous namespace)::hiddenRows<(int)1>(ponder::Args)' 20,000 1,000,000
launch 1 'void ponder::kernels::cuda::(anonymous namespace)::hiddenRows<(int)1>(ponder::Args)' 10,000 500,000
launch 2 'ponder::downRows(Args)' 5,000 100,000; } >"$file"
"""


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)


def pack(to, *more, module=FAKE):
    words = [HERE / "pack", "--programs", PROGRAMS, "--to", to, "--mib", ROOM, *more]
    words += ["--module", module] if module else []
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


class Packed(unittest.TestCase):
    """With a pack of programs whose GPU is the processor."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.packed = Path(cls.kept.name, "pack")
        models = Path(cls.kept.name, "models")
        models.mkdir()
        # A model that is made in no time, by a script as the real one is called.
        (models / "make_bench_model.py").write_text(
            f"import shutil, sys\nprint('making', sys.argv[1])\nshutil.copy({str(STARTER)!r}, sys.argv[1])\n")
        for name in ("gguf_write.py", "vocab.py"):
            (models / name).write_text("")
        cls.result = pack(cls.packed, "--models", models)

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def setUp(self):
        self.assertEqual(self.result.returncode, 0, self.result.stdout + self.result.stderr)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out"
        self.model = self.folder / "m.gguf"

    def run_mode(self, *arguments, **environment):
        """In an environment that has nothing: what OUT has afterwards is what comes back from the machine."""
        self.out.mkdir(exist_ok=True)
        environment = {"PATH": f"{self.folder}:/usr/bin:/bin", "OUT": str(self.out), **environment}
        began = time.monotonic()
        result = subprocess.run([HERE / "run", *arguments], env=environment, capture_output=True, text=True,
                                check=False, timeout=290, cwd=self.folder)
        self.took = time.monotonic() - began
        self.check_out()
        return result

    def check_out(self):
        found = [path for path in self.out.rglob("*") if path.is_file()]
        self.assertLessEqual(len(found), 8, found)
        for path in found:
            self.assertLessEqual(path.stat().st_size, 16 << 20)
            self.assertLessEqual(len(path.relative_to(self.out).parts), 3)
            self.assertRegex(str(path.relative_to(self.out)), r"^[\w./-]+$")

    def text(self, name="gpu-results.md"):
        return (self.out / name).read_text()

    def stub(self, **cases):
        """A pack whose ponder-cli does what the cases say."""
        programs = self.folder / "stub"
        programs.mkdir()
        for name in ("gpu_starts", "libponder-cuda.so", "pack.json"):
            shutil.copy2(self.packed / name, programs / name)
        (programs / "lib").symlink_to(self.packed / "lib")
        write_program(programs / "ponder-cli", STUB)
        for name, text in cases.items():
            (self.folder / name).write_text(text)
        # The module is not next to the link to the real program, so it is named.
        return {"programs": programs, "DO": str(self.folder), "REAL": str(self.packed),
                "PONDER_CUDA_MODULE": str(self.packed / "libponder-cuda.so")}

    def run_stub(self, *arguments, **cases):
        environment = self.stub(**cases)
        return self.run_mode(*arguments, "--programs", environment.pop("programs"), **environment)


class Pack(Packed):
    def test_it_carries_the_libraries_that_are_no_part_of_every_system(self):
        names = {path.name for path in (self.packed / "lib").iterdir()}
        self.assertTrue({name.split(".")[0] for name in names} >= {"libseccomp"}, names)
        self.assertFalse([name for name in names if re.match(r"(libc|libm|libstdc\+\+|libgcc_s|ld-linux.*)\.", name)])
        for path in (self.packed / "lib").iterdir():
            self.assertFalse(path.is_symlink(), path)
        about = json.loads((self.packed / "pack.json").read_text())
        self.assertTrue(about["makes_a_model"] and about["stand_in"])
        self.assertRegex(about["needs"]["GLIBC"], r"^2\.\d+$")

    def test_programs_that_need_a_newer_c_library_are_refused(self):
        result = pack(self.folder / "p", "--glibc", "2.2.5")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"needs GLIBC_2\.\d+.*, and the machine there has 2\.2\.5\. Pack on a system")
        result = pack(self.folder / "p", "--glibcxx", "3.4.1")
        self.assertRegex(result.stderr, r"needs GLIBCXX_3\.4\.\d+, and the machine there has 3\.4\.1\.")

    def test_a_pack_that_is_too_large_is_refused(self):
        result = pack(self.folder / "p", "--mib", "1.5")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"The pack is [\d.]+ MiB, and 1\.5 MiB can be carried\. The largest of it: \S+ ")

    def test_a_folder_that_holds_something_else_is_left_alone(self):
        (self.folder / "letter").write_text("dear")
        result = pack(self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("holds something that is no pack of this script", result.stderr)
        self.assertEqual((self.folder / "letter").read_text(), "dear")

    def test_the_scripts_that_make_a_model_have_to_be_all_there(self):
        result = pack(self.folder / "p", "--models", self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("make_bench_model.py, gguf_write.py, vocab.py is not in", result.stderr)

    def test_a_peer_comes_with_its_libraries(self):
        peer = self.folder / "llama-bench"
        shutil.copy2(PROGRAMS / "ponder-cli", peer)
        result = pack(self.folder / "p", "--peer", peer)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((self.folder / "p" / "peer" / "llama-bench").is_file())
        self.assertTrue(list((self.folder / "p" / "peer" / "lib").glob("libseccomp*")))
        # It is found without being named; this one is no llama-bench, and that is said.
        result = self.run_mode("full", "--programs", self.folder / "p", "--only", "speed", "--seconds", "20", "--model", STARTER)
        self.assertRegex(result.stdout, r"prefill of 512: [\d.]+ tokens/s, [\d.]+ ms; peer: .*(llama|-ngl|arguments|help)")

    def test_help_says_how_to_begin(self):
        result = subprocess.run([HERE / "pack", "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0)
        self.assertIn("tests/gpu/run first", result.stdout)


class First(Packed):
    def test_it_runs_from_the_pack_and_makes_its_model_meanwhile(self):
        write_program(self.folder / "ncu", NCU)
        result = self.run_mode("first", *PATIENT, "--programs", self.packed, "--model", self.model)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        text = self.text()
        self.assertIn("error v3_mixed, batch 1 | ", text)
        self.assertEqual(text.count("twice the same bits"), 17)
        for way in ("as it is", "without recording", "without overlap"):
            self.assertRegex(text, rf"bench {way} \| [\d.]+ tokens/s, \d+ % of copy bandwidth \| prefill of 512 \d+ tokens/s")
        self.assertIn("making", self.text("model.txt"))
        self.assertEqual([path.name for path in self.folder.glob("m.gguf*")], ["m.gguf"])
        self.assertIn("a product", self.text("selfcheck.txt"))
        self.assertIn("decode_tok_s", self.text("bench.txt"))
        # 1.5 MB in 30 us are 50 GB/s, half of what the fake GPU copies.
        self.assertRegex(result.stdout, r"\n *hiddenRows<\(int\)1> +2 +15\.0 +30 +50 +50 % +\? +128\n")
        self.assertIn("3 launches, 35 us of one token", text)
        self.assertLess(result.stdout.index("hiddenRows"), result.stdout.index("0 of 39 not well"))
        self.assertTrue(result.stdout.endswith("0 of 39 not well\n"))
        self.assertEqual(self.text("run.txt"), result.stdout)
        self.assertLess(len(result.stdout), 12000)

    def test_what_is_not_there_is_said(self):
        result = self.run_stub("first", "--only", "ways,times", "--model", self.model)
        self.assertIn("not measured: no model file was given, and nothing that makes one", result.stdout)
        self.assertIn("ncu (Nsight Compute) is not on this machine", result.stdout)
        result = self.run_mode("first", "--programs", self.packed, "--only", "ways", "--model", self.model, "--make",
                               "echo no room; exit 1")
        self.assertIn("model: not made: no room", result.stdout)

    def test_without_a_gpu_it_is_skipped(self):
        result = self.run_mode("first", "--programs", self.packed, PONDER_FAKE_GPU="none")
        self.assertEqual(result.returncode, 77, result.stdout + result.stderr)
        self.assertIn("There is no GPU to run on: ", self.text("run.txt"))

    def test_a_crash_leaves_the_lines_before_it_and_the_other_parts(self):
        crash = "check ok 'a product' 1.0e-06; check ok 'a sum' 0.0e+00; echo 'illegal address' >&2; kill -SEGV $$"
        result = self.run_stub("first", *PATIENT, "--only", "kernels,quantised", selfcheck=crash)
        self.assertEqual(result.returncode, 1)
        self.assertIn("a sum", self.text("selfcheck.txt"))
        fault = "2 checks, 0 failed, then it crashed (SIGSEGV); last it said: illegal address"
        self.assertIn(f"{fault} | the last was: a sum", self.text())
        self.assertIn("error v3_mixed, batch 16", self.text())
        # The faults stand before the summary, and the last line counts them.
        end = result.stdout[result.stdout.index("== faults"):]
        self.assertLess(end.index(fault), end.index("== summary"))
        self.assertRegex(end, r"\n1 of \d+ not well: kernels\n$")

    def test_the_switch_that_makes_a_check_well_is_named(self):
        wrong = ("check ok 'a product' 1.0e-06; m=FAIL; [[ ${PONDER_CUDA_NO_OVERLAP:-} ]] && m=ok; check $m 'a sum' 2.0e-03;"
                 "[[ ${PONDER_CUDA_NO_OVERLAP:-} ]] && sleep 100; echo '2 checks, 1 failed'; echo 'kernels differ' >&2; exit 1")
        result = self.run_stub("first", "--only", "kernels", selfcheck=wrong)
        self.assertEqual(result.returncode, 1)
        self.assertIn("kernels | 2 checks, 1 failed | a sum | FAIL", self.text())
        self.assertIn("kernels, fault halved | well with PONDER_CUDA_NO_OVERLAP |", self.text())
        self.assertRegex(self.text(), r"kernels, PONDER_CUDA_SYNCHRONOUS=1 \| not well: FAIL  cuda       a sum")
        self.assertLess(self.took, 20, "it waits for more than the check in question")

    def test_the_switch_that_makes_a_model_well_is_named(self):
        wrong = '[[ ${PONDER_CUDA_NO_RECORDING:-} || "$*" != *gpt_oss.gguf*"--batch 1" ]] || { echo "invalid value" >&2; exit 1; }'
        result = self.run_stub("first", *PATIENT, "--only", "golden", logits=wrong)
        self.assertIn("logits gpt_oss, batch 1: invalid value", result.stdout)
        self.assertIn("logits gpt_oss, batch 1, fault halved | well with PONDER_CUDA_NO_RECORDING |", self.text())
        self.assertRegex(result.stdout, r"\n1 of \d+ not well: logits gpt_oss, batch 1\n$")

    def test_a_model_whose_bits_change_is_a_fault(self):
        # A byte of every second answer is another, unless nothing overlaps.
        changes = ('if [[ "$*" == *v2_lite.gguf*"--batch 1" && ! ${PONDER_CUDA_NO_OVERLAP:-} ]]; then "$REAL/ponder-cli" "$@"\n'
                   '  mkdir "$DO/turn" 2>"$DO/err" || { rmdir "$DO/turn"; printf "\\x01" |\n'
                   '    dd of="$7" bs=1 seek=8 conv=notrunc 2>"$DO/err"; }\n  exit 0\nfi\n')
        result = self.run_stub("first", *PATIENT, "--only", "golden", logits=changes)
        self.assertRegex(result.stdout, r"FAIL logits v2_lite, batch 1 again: 1 of \d+ numbers differ")
        self.assertIn("logits v2_lite, batch 1, PONDER_CUDA_NO_RECORDING=1: not well: the bits change", result.stdout)
        self.assertIn("logits v2_lite, batch 1, fault halved | well with PONDER_CUDA_NO_OVERLAP |", self.text())

    def test_a_part_that_hangs_is_ended_in_time_and_the_next_has_its_share(self):
        result = self.run_stub("first", "--only", "kernels,quantised", "--seconds", "20",
                               selfcheck="check ok 'a product' 1.0e-06; sleep 100", logits="sleep 100")
        self.assertEqual(result.returncode, 1)
        self.assertLess(self.took, 20)
        self.assertRegex(result.stdout, r"kernels: 1 checks, 0 failed, then it hung: no line came for \d+ s")
        self.assertIn("error: time ended it: 16 of 16 runs were not done", result.stdout)

    def test_whoever_ends_it_gets_the_summary(self):
        environment = self.stub(selfcheck="check ok 'a product' 1.0e-06; sleep 100")
        programs = environment.pop("programs")
        self.out.mkdir()
        process = subprocess.Popen([HERE / "run", "first", "--programs", programs], stdout=subprocess.PIPE, text=True,
                                   env={"PATH": "/usr/bin:/bin", "OUT": str(self.out), **environment})
        while "a product" not in (self.text("selfcheck.txt") if (self.out / "selfcheck.txt").exists() else ""):
            self.assertIsNone(process.poll())
            time.sleep(0.05)
        process.terminate()
        said, _ = process.communicate(timeout=20)
        self.assertIn("== summary", said)


class Full(Packed):
    def test_starts_memcheck_and_the_speed_table_beside_a_peer(self):
        write_program(self.folder / "compute-sanitizer", """#!/bin/bash
[[ $* == "--tool memcheck --error-exitcode 9 "*"gpu_starts "*" 0 8" ]] || exit 3
"${@:5:4}" && echo '========= ERROR SUMMARY: 0 errors'
""")
        write_program(self.folder / "llama-bench", "#!/bin/sh\necho '[{\"avg_ts\": 0.5}]'\n")
        result = self.run_mode("full", "--programs", self.packed, "--starts", "3", "--peer", self.folder / "llama-bench",
                               "--model", self.model, "--seconds", "40", "--make", f"cp {STARTER} $MODEL")
        text = self.text()
        self.assertIn("3 starts and unloads", text)
        for name in ("v2_lite", "v3_q4_k"):
            self.assertIn(f"memcheck {name} | ERROR SUMMARY: 0 errors", text)
        self.assertNotIn("racecheck", text)
        self.assertRegex(text, r"model, prefill of 512 \| [\d.]+ tokens/s, [\d.]+ ms \| peer 0\.5 tokens/s, [\d.]+ times")
        for depth in (512, 4096, 32768):
            self.assertIn(f"model, decode behind {depth} | ", text)
        self.assertLess(self.took, 45)
        self.assertIn("rows added to", result.stdout)

    def test_a_fault_in_memory_is_shown_with_what_the_tool_said(self):
        write_program(self.folder / "compute-sanitizer", "#!/bin/sh\necho '========= Invalid read'; "
                      "echo '========= ERROR SUMMARY: 1 error'; exit 9\n")
        result = self.run_mode("full", "--programs", self.packed, "--only", "sanitizer", "--racecheck")
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAIL racecheck v3_q4_k: ERROR SUMMARY: 1 error", result.stdout)
        self.assertIn("    ========= Invalid read", result.stdout)
        self.assertIn("Invalid read", self.text("sanitizer.txt"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
