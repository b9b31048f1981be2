"""One command a file; each defines ``command``. Files are found by listing this folder."""
