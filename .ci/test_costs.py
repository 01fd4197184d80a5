"""Tests the sums of costs.py against figures made by hand, and that they follow what Terraform sets up.

    python3 -m unittest discover --start-directory .ci --pattern 'test_*.py'
"""

import json
import pathlib
import re
import unittest

import capacity
import costs

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRICES = {"items": {item: {"price": 1.0} for item in (
    "volume_gib_month", "log_gib", "log_gib_month", "alarm_month", "secret_month", "balancer_hour", "balancer_unit_hour",
    "nat_hour", "nat_gib", "address_hour", "database_hour", "database_gib_month")}}
SHAPE = {"volume_gib": 50, "database_gib": 50, "instances": 2, "zones": 2}
MEASURED = {"log_bytes": 2**30 / 730}  # a bed fills one GiB of log a month


class Capacity(unittest.TestCase):
    """What an instance answers."""

    def test_half_of_the_processors_time(self):
        self.assertEqual(costs.rate({"vcpu": 2, "baseline": 1}, 0.004), 250)

    def test_a_burstable_one_has_its_baseline(self):
        self.assertEqual(costs.rate({"vcpu": 2, "baseline": 0.2}, 0.004), 100)

    def test_beds(self):
        self.assertEqual(costs.beds(250), 900_000)
        self.assertEqual(costs.beds(250, 60), 15_000)
        self.assertEqual(costs.beds(0.0001), 0)

    def test_growth(self):
        self.assertEqual(costs.predictions(100), 73_000)
        self.assertAlmostEqual(costs.store_gib(100, 2**20), 73_000 * 12 / 1024)


class Costs(unittest.TestCase):
    """What a month costs, with every price at 1."""

    def test_simple(self):
        # 730 hours; 58 GiB; 3 GiB of log, kept for 12 months; 4 alarms; a secret.
        self.assertAlmostEqual(costs.month("simple", 3, {"hour": 1.0}, MEASURED, PRICES, SHAPE), 730 + 58 + 3 + 36 + 4 + 1)

    def test_full(self):
        # Two instances; 36 GiB; log; 7 alarms; 2 secrets; balancer and one unit; 2 gateways, 3 GiB through them, 2 addresses; database and 50 GiB.
        want = 1460 + 36 + 3 + 36 + 7 + 2 + 730 + 730 + 1460 + 3 + 1460 + 730 + 50
        self.assertAlmostEqual(costs.month("full", 3, {"hour": 1.0}, MEASURED, PRICES, SHAPE), want)

    def test_units_of_the_balancer(self):
        many = dict(costs.quantities("full", 180_000, MEASURED, SHAPE))  # 50 requests a second are 2 units
        self.assertEqual(many["balancer_unit_hour"], 1460)

    def test_a_price_that_is_not_known(self):
        self.assertIsNone(costs.month("simple", 3, {"hour": None}, MEASURED, PRICES, SHAPE))
        unknown = {"items": PRICES["items"] | {"log_gib": {"price": None}}}
        self.assertIsNone(costs.month("simple", 3, {"hour": 1.0}, MEASURED, unknown, SHAPE))
        self.assertIsNone(costs.for_a_thousand(None, 3))

    def test_for_a_thousand(self):
        self.assertEqual(costs.for_a_thousand(73, 100), 1)


class List(unittest.TestCase):
    """The committed price list."""

    prices = json.loads((ROOT / "deploy/prices.json").read_text(encoding="utf-8"))

    def test_every_price_has_a_source(self):
        for name, entry in (self.prices["instances"] | self.prices["items"]).items():
            price = entry.get("hour", entry.get("price"))
            if price is not None:
                self.assertGreater(price, 0, name)
                self.assertIn(entry["source"], self.prices["sources"], name)

    def test_says_which_prices_nobody_can_look_up(self):
        self.assertLessEqual(set(self.prices["unverified"]), set(self.prices["sources"]))
        shown = capacity.prices_table(self.prices)
        self.assertIn("| `database_hour` | 0.144 | derived, **unverified** |", shown)
        self.assertIn("| `nat_hour` | 0.05 | offers |", shown)
        self.assertIn("| `c7g.large`, an hour | 0.0859 | catalogue |", shown)
        self.assertIn("**none found", shown)

    def test_sums_of_unverified_prices_are_so(self):
        for form, want in {"simple": False, "full": True}.items():
            self.assertEqual(capacity.unverified(form, MEASURED, self.prices, SHAPE), want, form)
        # Who puts in all prices, as the page says, has none.
        self.assertFalse(capacity.unverified("full", MEASURED, self.prices | {"unverified": []}, SHAPE))

    def test_has_what_terraform_sets_up(self):
        self.assertEqual(set(self.prices["items"]), set(PRICES["items"]))
        for form in ("simple", "full"):
            self.assertIn(costs.default(form, "instance_type"), self.prices["instances"])
        self.assertEqual(costs.default("full", "database_class"), "db.t4g.medium")
        self.assertEqual(costs.defaults(), {"volume_gib": 50, "database_gib": 50, "instances": 3, "zones": 2})
        settings = (ROOT / "deploy/terraform/settings/alarms.tf").read_text(encoding="utf-8")
        self.assertEqual(settings.count("{ metric = "), costs.ALARMS["full"])
        simple = (ROOT / "deploy/terraform/simple/main.tf").read_text(encoding="utf-8")
        self.assertEqual(simple.count('resource "aws_cloudwatch_metric_alarm"'), costs.ALARMS["simple"])

    def test_alarms_call_somebody(self):
        for form, topics in {"simple": "local.alarm_topics", "full": "var.alarm_topic_arns"}.items():
            text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "deploy/terraform" / form).glob("*.tf"))
            alarms = re.findall(r'^resource "aws_cloudwatch_metric_alarm" "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
            self.assertTrue(alarms, form)
            for name, body in alarms:
                self.assertRegex(body, rf"(?m)^  alarm_actions +=(?= ).* {re.escape(topics)}$", f"{form}: {name}")

    def test_the_guide_names_the_alarms_of_the_simple_form(self):
        simple = (ROOT / "deploy/terraform/simple/main.tf").read_text(encoding="utf-8")
        guide = (ROOT / "docs/deploy-aws.md").read_text(encoding="utf-8")
        named = re.findall(r'^  alarm_name += "\$\{var\.name\}-([a-z-]+)"$', simple, re.MULTILINE)
        self.assertEqual(len(named), costs.ALARMS["simple"])
        self.assertEqual(sorted(named), sorted(re.findall(r"^\| `sepsis-([a-z-]+)` \|", guide, re.MULTILINE)))

    def test_the_guide_names_a_release_of_the_modules(self):
        guide = (ROOT / "docs/deploy-aws.md").read_text(encoding="utf-8")
        sources = re.findall(r'source += "([^"]+)"', guide)
        self.assertEqual(len(sources), 2)
        for source in sources:
            self.assertRegex(source, r"//deploy/terraform/(simple|full)\?ref=v\d+\.\d+\.\d+$")

    def test_alarms_count_the_service_s_own_connections(self):
        settings = (ROOT / "deploy/terraform/settings/alarms.tf").read_text(encoding="utf-8")
        code = (ROOT / "postgres/postgres.go").read_text(encoding="utf-8")
        opened = str(sum(int(pool) for pool in re.findall(r"^\t(?:writers|readers) += (\d+)$", code, re.MULTILINE)))
        self.assertEqual(re.search(r"connections_of_instance = (\d+)", settings)[1], opened)
        for guide, text in {"operator-guide.md": "connections for each instance", "fr/exploitation.md": "connexions par instance"}.items():
            self.assertIn(f" {opened} {text}", (ROOT / "docs" / guide).read_text(encoding="utf-8"), guide)


if __name__ == "__main__":
    unittest.main()
