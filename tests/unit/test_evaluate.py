"""Evaluation by the reference simulator: chunks side by side, sums as of all samples at once."""

import threading
from pathlib import Path

import numpy as np
import pytest
from stream_helpers import NETWORK, make_samples
from threadpoolctl import threadpool_info

from codegen.ir import simulate_batch
from hostctl import evaluate as module
from hostctl.evaluate import evaluate

SAMPLES = make_samples(40)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(module, "load_samples", lambda *_, **__: SAMPLES)


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info()]


def simulating():
    return [each.name for each in threading.enumerate() if each.name.startswith("simulate")]


def test_chunks_give_what_all_samples_give_at_once():
    seen, before = [], blas_threads()
    told = evaluate(NETWORK, Path("data"), progress=lambda done, total: seen.append((done, total)))
    batch = simulate_batch(NETWORK, np.stack([sample.inputs(NETWORK) for sample in SAMPLES]))
    for head in NETWORK.heads:
        labels = np.array([sample.labels[head.name] for sample in SAMPLES])
        assert told["accuracy"][head.name] == (batch.answers[head.name] == labels[:, None]).mean(axis=0).tolist()
    assert list(told["synops"].values()) == batch.synops.mean(axis=0).tolist()
    assert list(told["spikes"].values()) == pytest.approx(batch.layer_spikes.mean(axis=(0, 2)).tolist())
    assert seen == [(done, 40) for done in (7, 14, 21, 28, 35, 40)]
    assert blas_threads() == before
    assert not simulating()


def test_nothing_goes_on_when_somebody_stops_it(monkeypatch):
    simulated, before = [], blas_threads()
    simulate = module.simulate_batch

    def stop(network, inputs):
        simulated.append(len(inputs))
        if len(simulated) == 2:
            raise KeyboardInterrupt
        return simulate(network, inputs)

    monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(module, "simulate_batch", stop)
    with pytest.raises(KeyboardInterrupt):
        evaluate(NETWORK, Path("data"))
    assert len(simulated) < len(SAMPLES)
    assert blas_threads() == before
    assert not simulating()
