"""Results of a run: lines as they arrive, comparison with the reference, and the summary."""

from hostctl.results.compare import Comparison, Reference, compare
from hostctl.results.energy import ENERGY, count_in_session, last_session, measure_run
from hostctl.results.records import FILE, Header, RunFile, SampleRecord, SessionRecord, WorstRecord, read_run
from hostctl.results.run import open_device, patience_for, run_stream
from hostctl.results.summary import EnergySummary, HeadSummary, LayerSummary, Spread, Summary, WorstSummary, summarise

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
    "WorstRecord",
    "WorstSummary",
    "compare",
    "count_in_session",
    "last_session",
    "measure_run",
    "open_device",
    "patience_for",
    "read_run",
    "run_stream",
    "summarise",
]
