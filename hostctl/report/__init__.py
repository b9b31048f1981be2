"""The report of a run: an HTML page, the same figures as JSON, a summary for the terminal; two runs side by side."""

from hostctl.report.compare import Comparison, compare_runs, comparison_text, write_comparison
from hostctl.report.html import write_report
from hostctl.report.text import summary_text

__all__ = ["Comparison", "compare_runs", "comparison_text", "summary_text", "write_comparison", "write_report"]
