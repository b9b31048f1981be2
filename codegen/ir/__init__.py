"""The integer network: its data, arithmetic, validation, file format and bit-exact reference simulator."""

from codegen.ir.encoding import Encoding, EventBinning, SpikeFrames
from codegen.ir.errors import Problem, SpikecError, fail
from codegen.ir.events import EVENT_DTYPE, Events, make_events, read_nmnist, reverse_time, write_nmnist
from codegen.ir.file import load, save
from codegen.ir.layers.affine import Affine
from codegen.ir.layers.base import Connection, Pooling, Synapses
from codegen.ir.layers.conv2d import Conv2d
from codegen.ir.layers.max_pool2d import MaxPool2d
from codegen.ir.network import Head, Layer, Network
from codegen.ir.neurons.snn_ct import SnnCt
from codegen.ir.neurons.snn_dc import SnnDc
from codegen.ir.readout import answers
from codegen.ir.reference import Batch, Trace, simulate, simulate_batch
from codegen.ir.validate import check, find_problems

__all__ = [
    "EVENT_DTYPE",
    "Affine",
    "Batch",
    "Connection",
    "Conv2d",
    "Encoding",
    "EventBinning",
    "Events",
    "Head",
    "Layer",
    "MaxPool2d",
    "Network",
    "Pooling",
    "Problem",
    "SnnCt",
    "SnnDc",
    "SpikeFrames",
    "SpikecError",
    "Synapses",
    "Trace",
    "answers",
    "check",
    "fail",
    "find_problems",
    "load",
    "make_events",
    "read_nmnist",
    "reverse_time",
    "save",
    "simulate",
    "simulate_batch",
    "write_nmnist",
]
