"""A batch of many registrations beside another sender's own: what the gateway takes for it, and how long the other one waits."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
from batch_home import SECOND, networks_for, prepare, write_bundle  # noqa: E402
from harness import wait_for  # noqa: E402

IDLE_SECONDS = 30
PER_SECOND = 20
RESIDENT_MIB = 200
FINISHED_SECONDS = 600  # at the latest


class Phases:
    """What the batch was at, and when: [(word, from, to)], in seconds of the monotonic clock."""

    def __init__(self):
        self.all, self.word, self.since = [], None, None

    def begin(self, word):
        now = time.monotonic()
        if self.word:
            self.all.append((self.word, self.since, now))
        self.word, self.since = word, now

    def seconds(self, *words):
        return sum(end - begin for word, begin, end in self.all if word in words)


def share(sorted_values, part):
    return sorted_values[int(part * (len(sorted_values) - 1))] if sorted_values else 0


def last_number(line):
    return int(re.search(r"(\d+) registrations", line)[1])


def send(home, bundle, phases, stop_at=None):
    """`schotvrij submit --batch`, up to its end or until so many are received, when it is killed. Its exit status."""
    command = [home.bench.schotvrij, "submit", "--home", home.home, "--as", "opella", "--batch", bundle, "--key", "bench"]
    phases.begin("receiving")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as sender:
        for line in sender.stderr:
            if "received" in line and stop_at and last_number(line) >= stop_at:
                sender.kill()
            if "judged" in line and phases.word != "judging":
                phases.begin("judging")
        sender.wait()
    return sender.returncode


def value(home, name):
    for line in home.admin("/metrics").splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return 0.0


def idle(phases, seconds):
    phases.begin("idle")
    time.sleep(seconds)


def run(bench, make_home, parts, smoke):
    """Prints what came of it; whether all of it worked."""
    rest = 1 if smoke else IDLE_SECONDS
    phases = Phases()
    with make_home(prepare(networks_for(parts))) as home, tempfile.TemporaryDirectory(dir=bench.directory) as place:
        bundle, waited = os.path.join(place, "bundle.json"), os.path.join(place, "waited")
        write_bundle(bundle, parts)
        with open(waited, "w") as out:
            other = subprocess.Popen([bench.program("bench_paced"), "--home", home.home, "--as", SECOND, "--per-second",
                                      str(PER_SECOND)], stdout=out)
            idle(phases, rest)
            interrupted = send(home, bundle, phases, stop_at=parts // 2)
            idle(phases, rest)
            good = send(home, bundle, phases) == 0
            phases.begin("finishing")
            finished = 'schotvrij_batch_parts_total{step="finished"}'
            wait_for(lambda: value(home, finished) >= parts or other.poll(), FINISHED_SECONDS)
            idle(phases, rest)
            phases.begin(None)
            good = good and not other.poll()  # it goes on, or had no more clients
            other.terminate()
            other.wait()
        peak = home.resident_mib("VmHWM")
        megabytes = os.path.getsize(bundle) / 1e6
        calls = [[int(word) for word in line.split()] for line in pathlib.Path(waited).read_text().splitlines()]
    good = good and peak < RESIDENT_MIB and bool(calls)
    print(f"\nbatch: {parts} registrations in {networks_for(parts)} networks, {megabytes:.0f} MB, one Bundle over gRPC with mutual"
          f" TLS, its sender {'killed' if interrupted else 'not killed'} half-way and begun again")
    print(f"received in {phases.seconds('receiving'):.1f} s, judged and in effect in {phases.seconds('judging'):.1f} s,"
          f" finished in {phases.seconds('finishing'):.1f} s; gateway resident at most {peak:.0f} MiB (goal: {RESIDENT_MIB})")
    print(f"another sender, {PER_SECOND} registrations a second over gRPC meanwhile:")
    report(phases, calls)
    return good


def report(phases, calls):
    beside = ("receiving", "judging", "finishing")
    rows = [("idle",), *((word,) for word in beside), beside]
    idle_p99 = None
    for words in rows:
        spans = [(begin * 1e6, end * 1e6) for word, begin, end in phases.all if word in words]
        took = sorted(us for at, us in calls if any(begin <= at < end for begin, end in spans))
        p50, p99 = share(took, 0.5), share(took, 0.99)
        idle_p99 = idle_p99 or p99
        name = "beside it, in all" if len(words) > 1 else words[0]
        print(f"{name:18} {len(took):6} calls, p50 {p50 / 1e3:6.2f} ms, p99 {p99 / 1e3:7.2f} ms, "
              f"{p99 / max(idle_p99, 1):5.2f} x idle" + (" (goal: below 3)" if len(words) > 1 else ""))
