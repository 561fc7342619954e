"""R55: `schotvrij seed region` fills a test home with a synthetic year, once however often it is run, and no production home."""
import datetime
import pathlib
import re
import tempfile
import unittest

from harness import Gateway, run, today
from home_kinds_test import production
from life_cycle_test import step_of


class Seed(unittest.TestCase):
    def test_r55_a_test_home_gets_a_year_once_however_often(self):
        with Gateway() as gateway:
            said = run("seed", "region", "--home", gateway.home).stdout
            self.assertEqual(said.count("\nweek ") + said.startswith("week "), 52)
            self.assertIn("52 clients: 84 messages taken, 0 there", said)
            rows = "SELECT (SELECT count(*) FROM client), (SELECT count(*) FROM delivery), (SELECT count(*) FROM breach)"
            made = gateway.query(rows)
            self.assertEqual(made[0][0], 52)
            run("seed", "region", "--home", gateway.home)
            self.assertEqual(gateway.query(rows), made)
            starts = [datetime.date.fromisoformat(day) for day in re.findall(r", from ([0-9-]+): ", said)]
            self.assertEqual([(later - start).days for start, later in zip(starts, starts[1:])], [7] * 51)
            self.assertEqual((datetime.date.fromisoformat(today()) - starts[-1]).days, 7)
            tasks = gateway.mailbox("gemeente-ede", "Task", "_count=100")
            self.assertEqual({step_of(task) for task in tasks}, {"register", "amend", "end", "reopen", "withdraw"})
            self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r55_a_production_home_is_refused_whether_it_runs_or_not(self):
        with Gateway(change=production) as gateway:
            self.refused(gateway)
            self.assertEqual(gateway.query("SELECT count(*) FROM message"), [(0,)])
            gateway.stop()
            self.refused(gateway)

    def refused(self, gateway):
        done = run("seed", "region", "--home", gateway.home, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no test home", done.stderr)

    def test_r55_a_home_whose_gateway_does_not_run_is_told_so(self):
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder, "home")
            run("init", home, "--network", "ede", "--https-port", 0, "--grpc-port", 0, "--admin-port", 0)
            done = run("seed", "region", "--home", home, check=False)
            self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    unittest.main()
