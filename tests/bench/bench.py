#!/usr/bin/env python3
"""Runs the programs of this folder against a gateway of its own and prints what came of it; see run.sh."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import batch
from batch_home import networks_for, prepare
from fill import fill

CONNECTIONS = (1, 16, 64)
PARTS = ("road", "ceilings", "core", "iwmo", "start", "flat", "batch")
WARM_UP = 1000
PER_SECOND_AT_MOST = 6_000  # so that a load for a given time does not run out of registrations


class Home:
    """A development home and a gateway that serves it."""

    def __init__(self, bench, record=None, change=None):
        self.bench, self.record, self.change = bench, record, change

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="schotvrij-bench-", dir=self.bench.directory)
        self.home = pathlib.Path(self.folder.name) / "home"
        subprocess.run([self.bench.schotvrij, "init", self.home, "--network", "ede", "--https-port", "0", "--grpc-port", "0",
                        "--admin-port", "0"], check=True, stdout=subprocess.DEVNULL)
        if self.change:
            self.change(self.home)
        self.start()
        return self

    def start(self):
        command = [self.bench.schotvrij, "serve", "--home", self.home]
        if self.record:
            command = [self.bench.program("bench_serve"), "--home", self.home, "--record", self.record]
        for port in self.home.glob("run/*.port"):
            port.unlink()
        self.log = open(self.home / "log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.log)
        begin = time.monotonic()
        while not all(self.written(f"{name}.port") for name in ("https", "grpc", "admin")):
            if self.process.poll() is not None or time.monotonic() - begin > 60:
                sys.exit("bench: the gateway did not start; " + str(self.home / "log"))
            time.sleep(0.001)

    def written(self, name):
        file = self.home / "run" / name
        return file.exists() and file.read_text().endswith("\n")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()

    def __exit__(self, *trouble):
        self.stop()
        self.folder.cleanup()

    def admin(self, path):
        port = (self.home / "run/admin.port").read_text().strip()
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).read().decode()

    def flushes(self):
        for line in self.admin("/metrics").splitlines():
            if line.startswith("schotvrij_commit_seconds_count"):
                return float(line.split()[-1])
        return 0.0

    def resident_mib(self, field="VmRSS"):
        """What it has now; VmHWM: the most it ever had."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        return 0

    def load(self, edge, connections, **more):
        command = [self.bench.program("bench_load"), "--home", self.home, "--gateway", str(self.process.pid), "--edge", edge,
                   "--connections", str(connections)]
        for option, value in more.items():
            command += ["--" + option.replace("_", "-"), str(value)]
        flushes = self.flushes()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if not done.stdout:
            sys.exit("bench: the load did not run")
        result = json.loads(done.stdout)
        result["messages_per_flush"] = result["accepted"] / max(self.flushes() - flushes, 1)
        result["good"] = done.returncode == 0
        return result


class Bench:
    def __init__(self, options):
        self.options = options
        self.build = pathlib.Path(options.build).resolve()
        self.schotvrij = self.build / "gateway/schotvrij"
        self.directory = options.directory
        self.good = True

    def program(self, name):
        return self.build / "tests/bench" / name

    def must(self, held):
        """Whether it worked at all; how fast is for the reader to judge."""
        self.good = self.good and held
        return "" if held else "  FAILED"

    def warm_load(self, home, edge, connections, messages, **more):
        """A load after another to warm up; for the smoke both are small."""
        warm_up, messages = (20, 80) if self.options.smoke else (WARM_UP, messages)
        self.must(home.load(edge, connections, messages=warm_up)["good"])
        return home.load(edge, connections, messages=messages, **{"from": warm_up}, **more)

    def road(self):
        print("\nroad: HTTPS or gRPC with mutual TLS to durable, accepted and drained by the municipality")
        print("edge    conns  per second    p50 ms    p99 ms  CPU us/msg  msgs/flush   backlog at the end")
        self.rate = {}
        most = PER_SECOND_AT_MOST * self.options.seconds
        for edge in ("https", "grpc"):
            for connections in self.options.connections:
                with Home(self, change=prepare(networks_for(WARM_UP + most))) as home:
                    got = self.warm_load(home, edge, connections, most, seconds=self.options.seconds)
                self.rate[edge, connections] = got
                late = "" if got["backlog"] < got["per_second"] else "  TOO MUCH"
                print(f"{edge:6} {connections:6} {got['per_second']:11.1f} {got['p50_us'] / 1e3:9.2f} {got['p99_us'] / 1e3:9.2f}"
                      f" {got['cpu_us_per_message']:11.0f} {got['messages_per_flush']:11.1f}   {got['backlog']} messages,"
                      f" {got['backlog'] / max(got['per_second'], 1):.2f} s of intake{late}{self.must(got['good'])}")
        print(f"Bundles of {self.rate['https', self.options.connections[0]]['bundle_bytes']} bytes")

    def ceilings(self):
        most = max(self.options.connections)
        with tempfile.TemporaryDirectory(prefix="schotvrij-bench-", dir=self.directory) as place:
            recording = os.path.join(place, "sql")
            at_most = PER_SECOND_AT_MOST * self.options.seconds
            with Home(self, recording, change=prepare(networks_for(WARM_UP + at_most))) as home:
                self.must(self.warm_load(home, "https", most, at_most, seconds=self.options.seconds)["good"])
            ceiling = self.replay(recording, place)
            as_the_road = None
            if hasattr(self, "rate"):
                road = self.rate["https", most]
                as_the_road = self.replay(recording, place, "--messages-per-flush", str(road["messages_per_flush"]))
        full = ceiling["synchronous_of_gateway"] == ceiling["synchronous_of_replay"] == "2"
        print(f"\nceilings: SQL recorded of {ceiling['messages']} messages at {most} connections,"
              f" {ceiling['messages_per_flush']:.1f} messages a flush, mailbox drained meanwhile")
        print(f"synchronous read back: gateway {ceiling['synchronous_of_gateway']}, replay {ceiling['synchronous_of_replay']}"
              f" (2 is FULL){self.must(full)}; disk {ceiling['fsyncs_per_second']:.0f} fsyncs/s")
        print(f"row pair (message, outbox)  {ceiling['pair_per_second']:10.1f} messages/s")
        print(f"replay of the road's SQL    {ceiling['replay_per_second']:10.1f} messages/s in the batches recorded")
        if as_the_road:
            best = road["per_second"]
            print(f"the same                    {as_the_road['replay_per_second']:10.1f} messages/s in batches of"
                  f" {as_the_road['messages_per_flush']:.1f}, as the road had them when nothing was recorded")
            print(f"road, HTTPS, {most} connections {best:9.1f} messages/s, {100 * best / as_the_road['replay_per_second']:.0f} %"
                  f" of the replay in its own batches (goal: 60 %), {100 * best / ceiling['replay_per_second']:.0f} % in those"
                  f" recorded, {100 * best / ceiling['pair_per_second']:.0f} % of the row pair")
        rows = ceiling["rows_per_message"]
        drained = rows.get("UPDATE delivery", 0)
        total = sum(rows.values())
        print(f"rows written per message {total - drained:.2f} (goal: 6), and {drained:.2f} when its recipient takes it over: "
              + ", ".join(f"{kind} {count:.2f}" for kind, count in rows.items()))

    def replay(self, recording, place, *more):
        with tempfile.TemporaryDirectory(dir=place) as empty:
            return json.loads(subprocess.run([self.program("bench_replay"), "--recording", recording, "--directory", empty, *more],
                                             check=True, stdout=subprocess.PIPE, text=True).stdout)

    def core(self):
        print("\none core: FHIR JSON decode, check, decide, minimise, encode (goal: 30,000 a second)")
        for stage in self.stages("bench_one_core"):
            print(f"{stage['name']:20} {stage['cpu_time'] / 1e3:8.2f} us {stage['items_per_second']:12.0f} a second")

    def stages(self, program):
        """What a program of Google Benchmark found."""
        text = subprocess.run([self.program(program), "--benchmark_format=json",
                               f"--benchmark_min_time={0 if self.options.smoke else 2}"],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return json.loads(text)["benchmarks"]

    def iwmo(self):
        print("\niWmo on one core, against libxml2's tree validated by a schema of the same tables (goal: 3 times)")
        stages = self.stages("bench_iwmo")
        libxml2 = {stage["name"].split("By")[0]: stage["bytes_per_second"] for stage in stages if stage["name"].endswith("ByLibxml2")}
        for stage in stages:
            times = stage["bytes_per_second"] / libxml2[stage["name"].split("By")[0]]
            print(f"{stage['name']:24} {stage['bytes_per_second'] / 1e6:8.1f} MB/s {stage['items_per_second']:10.0f} lines a second {times:5.1f} times")

    def start(self):
        print("\nstart and rest")
        best = None
        with Home(self) as home:
            for _ in range(5):
                home.stop()
                begin = time.monotonic()
                home.start()
                home.admin("/ready")
                took = time.monotonic() - begin
                best = took if best is None else min(best, took)
            resident = home.resident_mib()
        print(f"from start to first answer {best * 1e3:.0f} ms, the best of 5 (goal: 200)")
        print(f"resident when idle {resident:.1f} MiB (goal: 64)")

    def flat(self):
        if not self.options.flat:
            return
        print("\ncost per message as the store fills: gateway's processor time, without handshakes, and time; gRPC, 64 connections")
        sample = 20 if self.options.smoke else min(WARM_UP, self.options.flat)
        with Home(self) as home:
            self.must(home.load("grpc", 64, messages=sample)["good"])
            stored = sent = sample
            while True:
                for _ in range(2):  # the first finds what was filled in no cache
                    got = home.load("grpc", 64, messages=sample, **{"from": sent})
                    sent += sample
                print(f"{stored:9} stored: {got['cpu_us_per_message']:6.0f} us CPU a message, {got['per_second']:8.1f} a second,"
                      f" p99 {got['p99_us'] / 1e3:.1f} ms{self.must(got['good'])}", flush=True)
                if stored >= self.options.flat:
                    break
                stored = min(stored * 10, self.options.flat)
                home.stop()
                fill(home.home / "data/schotvrij.db", stored)
                home.start()

    def batch(self):
        parts = 300 if self.options.smoke else self.options.registrations
        self.must(batch.run(self, lambda change: Home(self, change=change), parts, self.options.smoke))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--connections", type=lambda text: [int(word) for word in text.split(",")], default=list(CONNECTIONS))
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--flat", type=int, default=0, help="stored exchanges to go up to")
    parser.add_argument("--seconds", type=int, default=30, help="that each load of the road lasts")
    parser.add_argument("--registrations", type=int, default=100_000, help="of the batch")
    parser.add_argument("--smoke", action="store_true", help="a hundred messages a part: does it work?")
    parser.add_argument("--directory", help="where homes and databases stand; the disk that is measured")
    bench = Bench(parser.parse_args())
    unknown = set(bench.options.only) - set(PARTS)
    if unknown:
        parser.error("no such part: " + ", ".join(sorted(unknown)))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; gateway, load and mailbox share them")
    for part in PARTS:
        if part in bench.options.only:
            getattr(bench, part)()
            sys.stdout.flush()
    return 0 if bench.good else 1


if __name__ == "__main__":
    sys.exit(main())
