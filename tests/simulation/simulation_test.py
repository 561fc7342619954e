"""The simulation itself: a seed is a run, and whoever gets its number gets the run."""
import os
import pathlib
import subprocess
import unittest

SIMULATE = os.environ["SIMULATE"]
WORKLOADS = pathlib.Path(__file__).parent / "workloads"
SHORT = sorted(workload for workload in WORKLOADS.glob("*.txtpb") if workload.name != "year.txtpb")


def simulate(*arguments):
    return subprocess.run([SIMULATE, *map(str, arguments)], capture_output=True, text=True, check=False)


class SimulationTest(unittest.TestCase):

    def test_a_seed_gives_the_same_bytes_each_time(self):
        for workload in SHORT:
            for seed in (1, 2, 3):
                first, second = (simulate("--seed", seed, "--workload", workload) for _ in range(2))
                self.assertEqual(first.returncode, 0, first.stdout[-2000:])
                self.assertEqual(first.stdout, second.stdout, f"{workload.name}, seed {seed}")
                self.assertRegex(first.stdout, r"\ndigest [0-9a-f]{64}\n$")

    def test_other_seeds_and_workloads_are_other_runs(self):
        runs = {simulate("--seed", seed, "--workload", workload).stdout.splitlines()[-1]
                for workload in SHORT for seed in (1, 2, 3)}
        self.assertEqual(len(runs), 3 * len(SHORT))

    def test_a_broken_run_tells_how_to_see_it_alone(self):
        many = simulate("--seeds", "1-9", "--workload", WORKLOADS / "ordinary.txtpb", "--mutant", "lost-event")
        self.assertEqual(many.returncode, 1)
        replay = next(line for line in many.stdout.splitlines() if line.startswith("replay: simulate "))
        alone = simulate(*replay.removeprefix("replay: simulate ").split())
        self.assertEqual(alone.returncode, 1)
        self.assertIn("VIOLATION", alone.stdout)
        self.assertIn(replay, alone.stdout)

    def test_a_mutant_that_is_not_found_fails(self):
        arguments = ("--seeds", "1-2", "--workload", WORKLOADS / "ordinary.txtpb", "--expect", "anything")
        self.assertEqual(simulate(*arguments).returncode, 1)

    def test_wrong_use_is_told(self):
        for wrong in ((), ("--seed", "1"), ("--seed", "x", "--workload", WORKLOADS / "disk.txtpb"),
                      ("--seed", "1", "--workload", "nowhere.txtpb"),
                      ("--seed", "1", "--workload", WORKLOADS / "disk.txtpb", "--mutant", "nobody")):
            self.assertEqual(simulate(*wrong).returncode, 2, wrong)


if __name__ == "__main__":
    unittest.main()
