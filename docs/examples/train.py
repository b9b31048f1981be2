"""Train a small network, quantize it, see how good it is after each step, and keep it."""

from hostctl import api

trained = api.train("digits_ct", "runs/example", quick=True)
network = api.quantize(trained.checkpoint)
print([f"{accuracy:.1%}" for accuracy in api.evaluate(network).accuracy["digit"]])
print(api.save(network, "runs/example/example.spk"))
