"""Drivers, a file each; a new file in this folder is a new meter.

``KINDS`` of a file: names on the command line to ``hostctl.meters.kind.Kind``, which says how each is opened.
"""
