"""Results of a run: lines as they arrive, comparison with the reference, and the summary."""

from hostctl.results.records import FILE, Header, RunFile, SampleRecord, SessionRecord, read_run
from hostctl.results.summary import EnergySummary, HeadSummary, LayerSummary, Spread, Summary, summarise

__all__ = [
    "FILE",
    "EnergySummary",
    "HeadSummary",
    "Header",
    "LayerSummary",
    "RunFile",
    "SampleRecord",
    "SessionRecord",
    "Spread",
    "Summary",
    "read_run",
    "summarise",
]
