"""Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Sample(NamedTuple):
    value: float
    labels: Mapping[str, str] = {}
    part: str = ""  # of a histogram: what its name ends with


class Metric(NamedTuple):
    """A gauge: what is read from a database can become less, as a counter must not. Or a histogram of what cannot."""

    name: str
    help: str
    samples: Iterable[Sample]
    kind: str = "gauge"


def render(metrics: Iterable[Metric]) -> str:
    """The metrics as Prometheus reads them."""
    lines = []
    for metric in metrics:
        help_text = metric.help.replace("\\", r"\\").replace("\n", r"\n")
        lines += [f"# HELP {metric.name} {help_text}", f"# TYPE {metric.name} {metric.kind}"]
        for value, labels, part in metric.samples:
            escaped = (text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for text in labels.values())
            shown = ",".join(f'{name}="{text}"' for name, text in zip(labels, escaped, strict=True))
            name = f"{metric.name}{part}"
            lines.append(f"{name}{{{shown}}} {value!r}" if shown else f"{name} {value!r}")
    return "".join(f"{line}\n" for line in lines)
