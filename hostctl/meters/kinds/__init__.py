"""One file for each kind of power meter: its driver, ``SETTINGS`` and ``make``. The folder is the list."""
