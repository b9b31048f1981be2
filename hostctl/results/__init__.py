"""Results of a run: lines as they arrive, comparison with the reference, and the summary."""

from hostctl.results.compare import Comparison, Reference, compare
from hostctl.results.energy import ENERGY, last_session, measure_run
from hostctl.results.records import FILE, Header, RunFile, SampleRecord, SessionRecord, read_run
from hostctl.results.run import run_stream
from hostctl.results.summary import EnergySummary, HeadSummary, LayerSummary, Spread, Summary, summarise

__all__ = [
    "ENERGY",
    "FILE",
    "Comparison",
    "EnergySummary",
    "HeadSummary",
    "Header",
    "LayerSummary",
    "Reference",
    "RunFile",
    "SampleRecord",
    "SessionRecord",
    "Spread",
    "Summary",
    "compare",
    "last_session",
    "measure_run",
    "read_run",
    "run_stream",
    "summarise",
]
