"""Two processes that train together do what one does, and end together."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from train_helpers import SMALL, write_bars

from codegen.ir import SpikecError
from hostctl.cli.main import run as spikec
from trainer.batches import load_split, training_set
from trainer.checkpoint import load_checkpoint
from trainer.distributed import ALONE, Processes, joined, processes_here, shares
from trainer.recipe import parse_recipe
from trainer.train import CHECKPOINT, LOG, _Run, accuracy, train

HERE = Path(__file__).resolve().parent
PATIENCE = 150
"""Seconds until processes that should long have ended are killed, and the test fails."""
COMMAND = [sys.executable, "-c", "import sys; from hostctl.cli.main import run; sys.exit(run(sys.argv[1:]))"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"]


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPIKEC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    return write_bars(tmp_path_factory.mktemp("bars"))


def text_with(*changes):
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def recipe_with(*changes):
    return parse_recipe(text_with(*changes), "small.toml")


NOTHING_RANDOM = (("dropout_input = 0.1", "penalty = 0.5"), ("dropout_hidden = 0.1", ""), ("shift = 1", "shift = 0"))
LEARNS = (("epochs = 3", "epochs = 30"), ("hidden = [16]", "hidden = [64]"), ("5e-3", "1e-2"), ("gain = 2.0", ""))


# ---- starting processes ----------------------------------------------------------------------------------------------


def environment(**more):
    path = os.pathsep.join([str(HERE), str(HERE.parent.parent), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"} | more


def pair(*commands):
    """Run two commands as processes that train together. Returns exit codes and what was said on stderr."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    running = []
    for rank, command in enumerate(commands):
        env = environment(**meeting, RANK=str(rank), LOCAL_RANK=str(rank))
        running.append(subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True))
    try:
        said = [process.communicate(timeout=PATIENCE)[1] for process in running]
    finally:
        for process in running:
            process.kill()
            process.communicate()
    return [process.returncode for process in running], said


def both(job, *arguments):
    """Run a function of this file in two processes that train together."""
    call = f"import sys, {Path(__file__).stem} as t; t.{job.__name__}(*sys.argv[1:])"
    codes, said = pair(*[[sys.executable, "-W", "error", "-c", call, *map(str, arguments)]] * 2)
    assert codes == [0, 0], "\n".join(said)


# ---- shares of batches -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("size", [1, 2, 5, 16])
def test_shares_make_up_the_batch_and_their_weighted_means_its_mean(size, count):
    values = torch.rand(size, dtype=torch.float64)
    processes = [Processes(rank, count, rank) for rank in range(count)]
    assert torch.equal(torch.cat([values[each.part(size)] for each in processes]), values)
    means = [values[part].mean() * weight for part, weight in (each.share(size) for each in processes)]
    assert sum(means) / count == pytest.approx(float(values.mean()), abs=1e-12)


def test_a_process_alone_weighs_one():
    assert ALONE.share(13) == (slice(0, 13), 1.0)


def all_gradients(data, processes):
    """Gradients of every batch of two epochs, at the same weights."""
    found = []
    for batch in (7, 59):  # The last one has 4 recordings; 1, which leaves nothing to one of two processes.
        recipe = recipe_with(*NOTHING_RANDOM, ("batch = 16", f"batch = {batch}"))
        torch.manual_seed(3)
        run = _Run(recipe, Path(), "cpu", recipe.build(), processes)
        run.optimiser = torch.optim.SGD(run.model.parameters(), lr=0.0)
        for share in shares(training_set(recipe, Path(data)), recipe, "cpu", processes):
            run._step(*share)
            found.append([parameter.grad.clone() for parameter in run.model.parameters()])
    return found


def test_two_processes_have_the_gradients_of_one(bars, together):
    alone = all_gradients(bars, ALONE)
    first, second = (torch.load(together / f"gradients.{rank}") for rank in (0, 1))
    assert len(alone) == len(first) == 9 + 2
    for one, two, other in zip(alone, first, second, strict=True):
        assert any(gradient.abs().max() > 0 for gradient in one)
        for expected, here, there in zip(one, two, other, strict=True):
            assert torch.equal(here, there)
            torch.testing.assert_close(here, expected, rtol=1e-4, atol=1e-7)


def numbers_behind_epochs(data, processes):
    """Random numbers that are drawn after each of two epochs."""
    recipe = recipe_with(*NOTHING_RANDOM)
    torch.manual_seed(3)
    found = []
    for _ in range(2):
        assert len(list(shares(training_set(recipe, Path(data)), recipe, "cpu", processes))) == 4
        found.append(torch.rand(3).tolist())
    return found


def test_every_process_draws_its_own_numbers_and_the_first_those_of_one_alone(bars, together):
    first, second = (json.loads((together / f"numbers.{rank}").read_text()) for rank in (0, 1))
    assert first == numbers_behind_epochs(bars, ALONE)
    assert len({tuple(numbers) for numbers in (*first, *second)}) == 4


# ---- training --------------------------------------------------------------------------------------------------------


def work_together(data, folder):
    """Gradients, random numbers, and three trainings.

    They are a whole one; the same, begun by both and gone on with; one begun by a process alone and gone on with.
    """
    data, folder = Path(data), Path(folder)
    recipe = recipe_with(*LEARNS)

    def keep(done, *_):
        if done == 28:
            (folder / "parts").mkdir()
            for name in (CHECKPOINT, LOG):
                shutil.copy(folder / "whole" / name, folder / "parts" / name)

    with joined("cpu") as processes:
        torch.save(all_gradients(data, processes), folder / f"gradients.{processes.rank}")
        (folder / f"numbers.{processes.rank}").write_text(json.dumps(numbers_behind_epochs(data, processes)))
        whole = train(recipe, folder / "whole", data=data, progress=keep, processes=processes)
        torch.rand(7 + processes.rank)
        train(recipe, folder / "parts", data=data, resume=True, processes=processes)
        train(recipe, folder / "alone", data=data, resume=True, processes=processes)
        numbers = {name: value for name, value in whole.metrics.items() if name != "seconds"}
        (folder / f"metrics.{processes.rank}").write_text(json.dumps(numbers))


def stop_after(epochs):
    def stop(done, *_):
        if done == epochs:
            raise KeyboardInterrupt

    return stop


@pytest.fixture(scope="module")
def together(bars, tmp_path_factory):
    """Where two processes have worked together."""
    folder = tmp_path_factory.mktemp("together")
    with pytest.raises(KeyboardInterrupt):
        train(recipe_with(*LEARNS), folder / "alone", data=bars, progress=stop_after(28))
    both(work_together, bars, folder)
    return folder


def test_two_processes_learn_as_well_as_one(bars, together, tmp_path):
    recipe = recipe_with(*LEARNS)
    one = train(recipe, tmp_path, data=bars).metrics
    two, same = (json.loads((together / f"metrics.{rank}").read_text()) for rank in (0, 1))
    assert two == same
    assert min(one["test_digit"], two["test_digit"]) >= 0.9


def test_a_checkpoint_of_two_processes_is_one_like_any_other(bars, together, tmp_path):
    recipe = recipe_with(*LEARNS)
    found = load_checkpoint(together / "whole" / CHECKPOINT)
    model = recipe.build()
    model.load_state_dict(found.model)
    curve = accuracy(model, recipe, load_split(recipe, bars, "Test"))["digit"]
    assert curve[-1] == found.metrics["test_digit"]  # The two shared the test split, and added up what was right.
    shutil.copytree(together / "whole", tmp_path, dirs_exist_ok=True)
    assert train(recipe, tmp_path, data=bars, resume=True).metrics == found.metrics
    assert len((together / "whole" / LOG).read_text().splitlines()) == 1 + 30


def test_two_processes_go_on_where_they_stopped(together):
    one, other = (load_checkpoint(together / name / CHECKPOINT) for name in ("whole", "parts"))
    assert one.epoch == other.epoch == 30
    assert all(torch.equal(value, other.model[name]) for name, value in one.model.items())
    assert torch.equal(one.random, other.random)


def test_two_processes_go_on_with_what_one_began(together):
    found = load_checkpoint(together / "alone" / CHECKPOINT)
    assert found.epoch == 30
    assert found.metrics["test_digit"] >= 0.9


# ---- the command, errors, Ctrl-C -------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(text_with(("epochs = 3", "epochs = 2")))
    return path


def test_what_torchrun_says(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert processes_here() == ALONE
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert processes_here() == ALONE
    monkeypatch.setenv("RANK", "5")
    monkeypatch.setenv("WORLD_SIZE", "8")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert processes_here() == Processes(5, 8, 1)


def test_one_gpu_is_not_for_two():
    with pytest.raises(SpikecError, match=r"--device: 'cuda:1' is one GPU for 2 processes. Use cuda"):
        Processes(1, 2, 1).device("cuda:1")
    assert Processes(1, 2, 1).device("cpu") == "cpu"


def test_the_command_under_torchrun(bars, small, tmp_path):
    command = [*TORCHRUN, *COMMAND, "train", str(small), "--data", str(bars), "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"]["checkpoint"] == str(tmp_path / "out" / CHECKPOINT)  # Told once.
    assert done.stderr.count("training small: 2/2") == 1
    assert load_checkpoint(tmp_path / "out" / CHECKPOINT).epoch == 2


def test_an_error_in_one_process_ends_both(bars, small, tmp_path):
    arguments = ["train", str(small), "--out", str(tmp_path / "out"), "--data"]
    codes, said = pair([*COMMAND, *arguments, str(bars)], [*COMMAND, *arguments, str(tmp_path / "nowhere")])
    assert codes == [2, 2], "\n".join(said)
    assert "process 1 of 2: another process has ended. See what that one says" in said[0]
    assert "nowhere: does not exist" in said[1]


def test_an_error_that_all_would_make_is_said_once(tmp_path):
    arguments = ["train", str(tmp_path / "none.toml")]
    codes, said = pair(*[[*COMMAND, *arguments]] * 2)
    assert codes == [2, 2], "\n".join(said)
    assert "none.toml: cannot be read" in said[0]
    assert "none.toml" not in said[1]
    assert spikec(arguments) == 2


def test_ctrl_c_ends_both_and_nothing_is_lost(bars, small, tmp_path):
    small.write_text(text_with(("epochs = 3", "epochs = 100000")))
    command = [*TORCHRUN, *COMMAND, "train", str(small), "--data", str(bars), "--out", str(tmp_path / "out")]
    running = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + PATIENCE
        while not (tmp_path / "out" / CHECKPOINT).exists():
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=PATIENCE)[1]
    finally:
        running.kill()
        running.communicate()
    assert running.returncode != 0
    assert "spikec: interrupted. Nothing that was measured is lost: --resume goes on" in said
    assert load_checkpoint(tmp_path / "out" / CHECKPOINT).epoch >= 1
