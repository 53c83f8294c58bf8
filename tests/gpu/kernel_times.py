"""The times of single kernels, as Nsight Compute writes them."""

import csv
import re
import statistics
from dataclasses import dataclass, field

METRICS = ("gpu__time_duration.sum", "dram__bytes_read.sum", "dram__bytes_write.sum",
           "smsp__inst_issued.avg.pct_of_peak_sustained_active", "launch__registers_per_thread")


def command(ncu, csv_file, skip, count, *program):
    """The times of `count` launches of a program. Clocks are left as they are; units are nanoseconds and bytes."""
    return [ncu, "--csv", "--log-file", csv_file, "--clock-control", "none", "--print-units", "base", "--metrics",
            ",".join(METRICS), "-s", skip, "-c", count, *program]


@dataclass
class Kernel:
    name: str
    microseconds: list = field(default_factory=list)
    moved: float = 0  # bytes, read and written
    busy: list = field(default_factory=list)  # issue slots, in %
    registers: str = ""

    def gigabytes(self):
        """A second."""
        return self.moved / max(sum(self.microseconds), 1e-9) / 1e3


def short(name):
    """A kernel's name without namespaces and arguments."""
    name = re.sub(r"\((?!anonymous)[^()]*\)\s*$|^void ", "", name.strip())
    name = re.sub(r"\(anonymous namespace\)::|<unnamed>::|\b\w+::", "", name)
    return name if len(name) <= 44 else name[:43] + "…"


def read(text):
    """Kernels by name, in the order of their first launch. Takes a line a metric, or a line a launch."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if '"Kernel Name"' in line), None)
    if start is None:
        return []
    launches = {}
    for row in csv.DictReader(lines[start:]):
        if not (row.get("ID") or "").strip().isdigit():
            continue  # the line of units
        launch = launches.setdefault((row.get("Process ID"), row["ID"]), {"name": row["Kernel Name"]})
        if "Metric Name" in row:
            launch[row["Metric Name"]] = row["Metric Value"]
        else:
            launch.update({metric: row[metric] for metric in METRICS if row.get(metric)})
    kernels = {}
    for launch in launches.values():
        time = number(launch.get(METRICS[0]))
        if time is None:
            continue
        kernel = kernels.setdefault(short(launch["name"]), Kernel(short(launch["name"])))
        kernel.microseconds.append(time / 1e3)
        kernel.moved += (number(launch.get(METRICS[1])) or 0) + (number(launch.get(METRICS[2])) or 0)
        kernel.busy += [busy] if (busy := number(launch.get(METRICS[3]))) is not None else []
        kernel.registers = launch.get(METRICS[4]) or kernel.registers
    return list(kernels.values())


def number(text):
    try:
        return float((text or "").replace(",", ""))
    except ValueError:
        return None


def table(kernels, bandwidth):
    """Lines, the longest kernels first. `bandwidth`: of a copy, in GB/s, read and written; 0: not known."""
    whole = sum(sum(kernel.microseconds) for kernel in kernels)
    lines = [f"{'kernel':44} {'runs':>5} {'median us':>9} {'sum us':>8} {'GB/s':>6} {'of copy':>7} {'issue':>6} {'regs':>4}"]
    for kernel in sorted(kernels, key=lambda kernel: -sum(kernel.microseconds))[:20]:
        rate = kernel.gigabytes()
        share = f"{100 * rate / bandwidth:.0f} %" if bandwidth else "?"
        busy = f"{statistics.mean(kernel.busy):.0f} %" if kernel.busy else "?"
        lines.append(f"{kernel.name:44} {len(kernel.microseconds):5} {statistics.median(kernel.microseconds):9.1f} "
                     f"{sum(kernel.microseconds):8.0f} {rate:6.0f} {share:>7} {busy:>6} {kernel.registers:>4}")
    lines.append(f"{sum(len(kernel.microseconds) for kernel in kernels)} launches, {whole:.0f} us")
    return lines
