"""The parts of a run on a GPU. Each notes its rows and never ends the others."""

import array
import json
import math
import os
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import commands
import kernel_times

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "data" / "golden"
FLOAT = ["v3_yarn", "v3_unsplit", "v3_both_fused_tied", "v2_groups", "v2_lite", "llama", "llama_odd_tied",
         "llama_linear", "qwen2_yarn", "qwen3", "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"]
QUANTISED = ["v3_q8_0", "v3_q4_k", "v3_q6_k", "v3_mixed"]
CHECK = re.compile(r"(ok|FAIL)\s+(\S+)\s+(.*?)\s+error (\S+) of (\S+) allowed")
# What each does to the programs: see docs/gpu.md.
SWITCHES = {"PONDER_CUDA_NO_RECORDING": "without recording", "PONDER_CUDA_NO_OVERLAP": "without overlap",
            "PONDER_CUDA_SYNCHRONOUS": "waiting after every launch"}
MODEL_BYTES = 12 << 30  # that have to be free for one that is made
NO_GPU = 77


class Parts:
    def __init__(self, options, results, programs, stand_in):
        self.options = options
        self.results = results
        self.programs = programs
        self.cli, self.starts = programs / "ponder-cli", programs / "gpu_starts"
        self.environment = commands.environment_for(programs, stand_in)
        self.deadline = 0
        self.share = 0  # seconds that the part began with
        self.maker = None
        self.bandwidth = 0  # of a copy, GB/s
        self.table = []

    def left(self):
        return self.deadline - time.monotonic()

    def run(self, *words, limit=120, switch=None, reserve=0.0, **options):
        """`reserve`: seconds of the part that it must leave."""
        environment = {**self.environment, **({switch: "1"} if switch else {})}
        left = self.left() - reserve
        done = commands.run(words, min(limit, left), options.pop("environment", environment), **options)
        done.late = done.code is None and not self.left() - reserve > 0
        return done

    def note(self, *arguments, **more):
        self.results.note(*arguments, **more)

    def halve(self, what, attempt):
        """Tries what failed again with each switch. attempt(switch) returns whether it was well, and what it said."""
        cures = []
        for switch, meaning in SWITCHES.items():
            if self.left() < 2:
                return self.note(f"{what}, fault halved", "time ended it before every switch was tried")
            well, said = attempt(switch)
            self.note(f"{what}, {switch}=1", "well" if well else f"not well: {said}", beside=meaning)
            cures += [switch] if well else []
        return self.note(f"{what}, fault halved",
                         f"well with {' or with '.join(cures)}" if cures else "no switch makes it well")

    # What there is.

    def find_gpu(self):
        smi = commands.tool("nvidia-smi", "/usr/local/nvidia/bin/nvidia-smi")
        if smi:
            self.results.say(self.run(smi, "--query-gpu=name,driver_version,memory.total,compute_cap", "--format=csv,noheader",
                                      limit=10).out)
        words = (self.cli, "inspect", GOLDEN / "v2_lite.gguf", "--device", "cuda", "--json")
        done = self.run(*words, limit=30)
        if smi and not done.well:
            # Without ponder-cli's filter, which also keeps the driver from loading its other part (nvidia-uvm).
            bare = self.run(self.starts, GOLDEN / "v2_lite.gguf", 0, limit=20)
            self.results.say(f"ponder-cli: {done.reason}\ngpu_starts: {bare.out.strip() or bare.reason}")
            done = self.run(*words, limit=20)
        gpus = json.loads(done.out)["gpus"] if done.well else []
        if not gpus:
            self.results.say(f"There is no GPU to run on: {'none is listed.' if done.well else done.reason}")
            sys.exit(NO_GPU)
        self.results.card = gpus[0]["name"]
        self.results.say(f"{gpus[0]['name']}: {gpus[0]['available_bytes'] / 2**30:.1f} GiB free")

    def begin_model(self):
        """Makes the model file while the other parts run, where there is none yet."""
        options = self.options
        if not options.make or not options.model or Path(options.model).exists():
            return
        folder = Path(options.model).absolute().parent
        if options.make_needs_room and shutil.disk_usage(folder).free < MODEL_BYTES:
            self.results.say(f"No model is made: {folder} has less than {MODEL_BYTES / 2**30:.0f} GiB free.")
            return
        self.maker = commands.Background(options.make, self.results.log("model.txt"), {**os.environ, "MODEL": str(options.model)})

    def model(self):
        """The model file to time, or none and a row that says why."""
        path = self.options.model
        if self.maker:
            made = self.maker.wait(self.left() - 5)
            if not made or not made.well:
                self.note("model", f"not made: {made.reason if made else 'time ended it'}", False)
                return None
        if path and Path(path).exists():
            return path
        self.note("model", "not measured: no model file was given, and nothing that makes one")
        return None

    # Kernels against the processor's.

    def kernels(self):
        checks = []

        def keep(line):
            if found := CHECK.match(line):
                checks.append(found.groups())

        words = (self.cli, "selfcheck", "--device", self.options.device)
        stall = self.share / 3 if self.options.mode else None
        done = self.run(*words, limit=180, watch=keep, stall=stall, log=self.results.log("selfcheck.txt"))
        wrong = [name for mark, _, name, _, _ in checks if mark == "FAIL"]
        value = f"{len(checks)} checks, {len(wrong)} failed"
        if done.well and checks and not wrong:
            # Some must be exact: their limit is 0.
            worst = max(checks, key=lambda check: float(check[3]) / max(float(check[4]), 1e-12))
            return self.note("kernels", value, True, f"nearest to its limit: {worst[2]}")
        if not re.search(r"^\d+ checks, \d+ failed$", done.out, re.M):
            value += f", then {done.reason}"
        lines = [line for line in done.out.splitlines() if line.startswith("FAIL")][:5] + done.out.splitlines()[-5:]
        self.note("kernels", value, False, ", ".join(wrong) or f"the last was: {checks[-1][2] if checks else 'none'}",
                  more=lines + done.err.splitlines()[-5:])
        if not self.options.mode or (done.late and not wrong):
            return None
        # The check that failed first, or that never came to its end.
        place = next((i for i, check in enumerate(checks) if check[0] == "FAIL"), len(checks))

        def attempt(switch):
            seen = []

            def until_there(line):
                if CHECK.match(line):
                    seen.append(line)
                return len(seen) > place

            again = self.run(*words, switch=switch, watch=until_there, stall=stall, log=self.results.log("switches.txt"))
            if len(seen) > place:
                return seen[place].startswith("ok"), seen[place]
            return again.well, again.reason

        return self.halve("kernels", attempt)

    # Whole models.

    def logits(self, name, device, batch, switch=None, limit=120, reserve=0.0):
        """The logits of a golden model's tokens; how the program ended where there are none."""
        with tempfile.TemporaryDirectory() as folder:
            tokens = array.array("i", json.loads((GOLDEN / f"{name}.json").read_text())["tokens"])
            Path(folder, "t.i32").write_bytes(tokens.tobytes())
            more = ("--cache", "f32", "--batch", batch) if batch else ()
            done = self.run(self.cli, "logits", "-m", GOLDEN / f"{name}.gguf", "--tokens", f"{folder}/t.i32", "--out",
                            f"{folder}/o.f32", "--device", device, *more, switch=switch, limit=limit, reserve=reserve)
            if not done.well:
                return done
            made = array.array("f")
            made.frombytes(Path(folder, "o.f32").read_bytes())
            return made

    def distance(self, name, made):
        """From the exact logits; a sentence where there is none."""
        if isinstance(made, commands.Outcome):
            return made.reason
        exact = array.array("f")
        exact.frombytes((GOLDEN / f"{name}.f32").read_bytes())
        if len(made) != len(exact) or not all(map(math.isfinite, made)):
            return "no numbers"
        return math.sqrt(sum((a - b) ** 2 for a, b in zip(made, exact)) / sum(b * b for b in exact))

    def compare(self, names, title, with_processor, is_well):
        """Every model in batches of 1 and 16, a few programs at once since most of their time is their start. In a
        mode, one token at a time twice: the bits have to be the same."""
        runs = [(name, self.options.device, batch, turn) for name in names
                for batch, turns in (("1", 2 if self.options.mode else 1), ("16", 1)) for turn in range(turns)]
        # The processor's first, since nothing is said of a file without them.
        runs = [(name, "cpu", "", 0) for name in names if with_processor] + runs
        limit, reserve = (20, 0.4 * self.share) if self.options.mode else (120, 0)
        made, late = {}, runs
        for kept in (reserve, 0):  # what was kept for the switches is for the rest where no program failed
            with ThreadPoolExecutor(max(1, self.options.jobs)) as pool:
                made.update(zip(late, pool.map(lambda run: self.logits(*run[:3], limit=limit, reserve=kept), late)))
            ended = [run for run in runs if isinstance(made[run], commands.Outcome)]
            late = [run for run in ended if made[run].late]
            if not late or len(late) < len(ended):
                break
        failed = []
        for name, device, batch, turn in runs:
            if turn or not batch or {(name, device, batch, 0), (name, "cpu", "", 0)} & set(late):
                continue
            cpu = self.distance(name, made[name, "cpu", "", 0]) if with_processor else None
            result, again = made[name, device, batch, 0], made.get((name, device, batch, 1))
            far = self.distance(name, result)
            well = not isinstance(far, str) and not isinstance(cpu, str) and is_well(far, cpu)
            beside = [f"processor {shown(cpu)}"] if with_processor else []
            beside += ["twice the same bits"] if well and again == result else []
            self.note(f"{title} {name}, batch {batch}", shown(far), well, "; ".join(beside))
            changes = well and again is not None and again != result and (name, device, batch, 1) not in late
            if changes:
                self.note(f"{title} {name}, batch {batch} again", again.reason if isinstance(again, commands.Outcome) else
                          f"{sum(a != b for a, b in zip(result, again))} of {len(result)} numbers differ", False)
            if changes or not (well or isinstance(cpu, str)):
                failed.append((name, batch, cpu, changes))
        if late:
            self.note(title, f"time ended it: {len(late)} of {len(runs)} runs were not done", False)
        if not self.options.mode:
            return
        for name, batch, cpu, changes in failed[:2]:
            def attempt(switch, name=name, batch=batch, cpu=cpu, changes=changes):
                made = [self.logits(name, self.options.device, batch, switch, limit) for _ in range(2 if changes else 1)]
                far = [self.distance(name, one) for one in made]
                wrong = [one for one in far if isinstance(one, str) or not is_well(one, cpu)]
                same = made[0] == made[-1]
                return same and not wrong, shown(wrong[0]) if wrong else "the bits change"

            self.halve(f"{title} {name}, batch {batch}", attempt)

    def golden(self):
        self.compare(FLOAT, "logits", False, lambda far, _: far < 1e-4)

    def quantised(self):
        self.compare(QUANTISED, "error", True, lambda far, cpu: far <= 1.1 * cpu)

    # Memory.

    def unloads(self):
        done = self.run(self.starts, GOLDEN / "v2_lite.gguf", self.options.starts, limit=150)
        self.note("starts", done.out.strip() if done.code is not None and done.code >= 0 else done.reason, done.well)

    def sanitizer(self):
        found = commands.tool("compute-sanitizer", "/usr/local/cuda/bin/compute-sanitizer")
        if not found:
            return self.note("compute-sanitizer", "not on this machine")
        all_of_it = self.options.mode is None
        for name in ("v2_lite", "gpt_oss", "v3_q4_k") if all_of_it else ("v2_lite", "v3_q4_k"):
            for kind in ("memcheck", "racecheck") if all_of_it or self.options.racecheck else ("memcheck",):
                # gpu_starts, since ponder-cli closes the sockets over which the tool talks to what it runs.
                done = self.run(found, "--tool", kind, "--error-exitcode", "9", self.starts, GOLDEN / f"{name}.gguf", 0, 8,
                                limit=60, log=self.results.log("sanitizer.txt"))
                said = [line for line in done.out.splitlines() if line.startswith("=====")]
                self.note(f"{kind} {name}", said[-1].strip("= ") if said and done.code is not None else done.reason,
                          done.well, more=said[:20])
        return None

    # Speed.

    def bench(self, model, *arguments, switch=None, limit=150):
        """The figures, or a sentence."""
        done = self.run(self.cli, "bench", "-m", model, "--device", self.options.device, "--json", *arguments,
                        limit=limit, switch=switch, log=self.results.log("bench.txt"))
        if not done.well:
            return done.reason
        figures = json.loads(done.out)
        self.bandwidth = figures["read_bandwidth_gb_s"]
        return figures

    def ways(self):
        """A short bench as it is, and without what makes it fast."""
        model = self.model()
        if not model:
            return
        as_it_is = None
        for switch in (None, *SWITCHES):
            what = f"bench {SWITCHES[switch] if switch else 'as it is'}"
            if switch == "PONDER_CUDA_SYNCHRONOUS" and not isinstance(as_it_is, str):
                continue  # it is for naming the kernel that failed
            if self.left() < 2:
                self.note(what, "time ended it", False)
                return
            # One that hangs leaves time to the others.
            figures = self.bench(model, "-p", "512", "-n", "128", "-r", "2", switch=switch, limit=0.5 * self.left())
            as_it_is = figures if switch is None else as_it_is
            if isinstance(figures, str):
                self.note(what, figures, False)
            else:
                self.note(what, f"{figures['decode_tok_s']:.1f} tokens/s, {percent(figures)}", None,
                          f"prefill of 512 {figures['prefill_tok_s']:.0f} tokens/s, ready in {figures['ready_s']:.1f} s")

    def times(self):
        """Times per kernel of one token."""
        ncu = commands.tool("ncu", "/usr/local/cuda/bin/ncu", "/opt/nvidia/nsight-compute/*/ncu")
        if not ncu:
            self.note("times per kernel", "not measured: ncu (Nsight Compute) is not on this machine")
            return
        model = self.model()
        if not model:
            return
        with tempfile.TemporaryDirectory() as folder:
            file = (self.results.folder or Path(folder)) / "kernels.csv"
            # Three tokens one by one: the third is a recorded step that is replayed.
            done = self.run(*kernel_times.command(ncu, file, self.options.skip, self.options.count, self.starts, model, 0))
            kernels = kernel_times.read(file.read_text(errors="replace")) if file.is_file() else []
        if not kernels:
            last = [line for line in done.out.splitlines() if "==ERROR==" in line]
            self.note("times per kernel", f"not measured: {last[-1] if last else done.reason}")
            return
        self.table = kernel_times.table(kernels, self.bandwidth)
        self.note("times per kernel", f"{self.table[-1]} of one token", None, f"{len(kernels)} kernels")

    def peer(self, model, *arguments):
        """Tokens a second of llama-bench, or a sentence."""
        if not self.options.peer:
            return "no peer"
        folder = Path(self.options.peer).absolute().parent
        environment = {**self.environment, "LD_LIBRARY_PATH": ":".join(
            [str(folder), f"{folder}/lib", self.environment["LD_LIBRARY_PATH"], "/usr/local/cuda/lib64"])}
        done = self.run(self.options.peer, "-m", model, "-ngl", "99", "-fa", "1", "-o", "json", *arguments, limit=150,
                        environment=environment, log=self.results.log("bench.txt"))
        try:
            return json.loads(done.out)[0]["avg_ts"] if done.well else f"peer: {done.reason}"
        except (ValueError, LookupError):
            return "peer: no figures"

    def time(self, name, model, depth, prompt, peer=True):
        arguments = ["-d", str(depth), "-p", str(prompt), "-n", "0" if prompt else "128", "-r", "3"]
        what = f"{name}, " + (f"prefill of {prompt}" if prompt else f"decode behind {depth}")
        if self.left() < 2:
            return self.note(what, "time ended it", False)
        figures = self.bench(model, *arguments)
        if isinstance(figures, str):
            return self.note(what, f"no figures: {figures}", False)
        rate = figures["prefill_tok_s" if prompt else "decode_tok_s"]
        share = f", {prompt / rate * 1e3:.1f} ms" if prompt else f", {percent(figures)}"
        theirs = self.peer(model, *arguments) if peer else "no peer"
        return self.note(what, f"{rate:.1f} tokens/s{share}", None, theirs if isinstance(theirs, str) else
                         f"peer {theirs:.1f} tokens/s, {rate / theirs:.2f} times")

    def speed(self):
        if not self.options.mode:
            self.begin_model()
        model = self.model()
        if model:
            rows = [(0, 512), (0, 4096), (512, 0), (4096, 0), (32768, 0)] if self.options.mode else \
                [(0, 512), (0, 4096), (0, 100), (512, 0), (32768, 0)]
            for depth, prompt in rows:
                self.time("model", model, depth, prompt)
        slice_file, make_slice = self.options.slice, self.options.make_slice
        if slice_file and make_slice and not Path(slice_file).exists():
            self.results.say(f"making {slice_file} …")
            self.run("bash", "-c", make_slice, limit=300)
        if slice_file and Path(slice_file).exists():
            self.time("slice", slice_file, 512, 0, peer=False)
        elif not self.options.mode:
            self.note("speed of a slice", "not measured: no file of some layers was given")


def shown(distance):
    return f"{distance:.2e}" if isinstance(distance, float) else str(distance)


def percent(figures):
    return f"{100 * figures['bandwidth_fraction']:.0f} % of copy bandwidth"


PARTS = {"kernels": Parts.kernels, "golden": Parts.golden, "quantised": Parts.quantised, "starts": Parts.unloads,
         "speed": Parts.speed, "sanitizer": Parts.sanitizer, "ways": Parts.ways, "times": Parts.times}
