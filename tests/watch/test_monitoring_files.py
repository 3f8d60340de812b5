"""The dashboard and the alert rules ask for numbers that the service tells, by the labels that it gives them."""

import json
import re

import yaml
from django.conf import settings
from prometheus_client import Counter, Histogram

from itpm_byte.watch.collector import DatabaseCollector
from lti import metrics

FOLDER = settings.BASE_DIR / "docs" / "monitoring"
SUFFIXES = ("_bucket", "_sum", "_count")


def told(db_families):
    """Names of all numbers with their labels."""
    kept = [value for value in vars(metrics).values() if isinstance(value, (Counter, Histogram))]
    names = {}
    for metric in kept:
        for suffix in SUFFIXES if isinstance(metric, Histogram) else ("_total",):
            names[metric._name + suffix] = {*metric._labelnames, "le"}
    for family in db_families:
        names[family.name] = set(family._labelnames)
    return names


def asked(text):
    """(name, labels in braces) of each number in an expression."""
    return [
        (name, set(re.findall(r"(\w+)\s*[!=]", braces)))
        for name, braces in re.findall(r"(itpm_\w+)(?:{([^}]*)})?", text)
    ]


def test_what_is_asked_for_is_told(db):
    known = told(list(DatabaseCollector().collect()))
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(expressions) > 15
    wrong = [
        (name, labels)
        for text in expressions
        for name, labels in asked(text)
        if not labels <= known.get(name, set()) or name not in known
    ]
    assert wrong == []
    grouped = [
        (text, label)
        for text in expressions
        for part in re.findall(r"by \(([^)]*)\)", text)
        for label in part.split(", ")
        if label != "le" and not any(label in known[name] for name, _ in asked(text))
    ]
    assert grouped == []


def test_every_number_is_shown_or_watched(db):
    known = told(list(DatabaseCollector().collect()))
    files = "".join(path.read_text() for path in FOLDER.iterdir())
    unseen = [name for name in known if name not in files and not name.endswith(("_sum", "_count"))]
    assert unseen == []
