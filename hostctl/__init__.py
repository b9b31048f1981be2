"""The host tool: builds, streams, measures, compares and reports."""
