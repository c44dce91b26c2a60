# SPDX-License-Identifier: Apache-2.0
"""Times Ingot's operations as plain torch code on the same GPU, on tensors in its memory, with CUDA events.

Prints one JSON object. Ends with exit code 77 where torch or a GPU that it can use is missing. The code below is what one
would write with torch alone: float32 arithmetic on tensors of any type, one tensor at a time, no custom kernels, no compiler.
"""

import argparse
import json
import statistics
import sys
import time

try:
    import torch
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

DENSITY = 0.5
WEIGHT = 0.5
ROUND_BYTES = 1 << 31


def linear(models):
    total = models[0].float() * (1 / len(models))
    for model in models[1:]:
        total += model.float() * (1 / len(models))
    return total.to(models[0].dtype)


def slerp(a, b, t=0.5):
    v0, v1 = a.float(), b.float()
    cosine = torch.dot(v0, v1) / (v0.norm() * v1.norm())
    theta = torch.acos(cosine.clamp(-1, 1))
    # Nearly parallel tensors are interpolated linearly; torch.where keeps the decision on the GPU.
    near = cosine.abs() > 0.9995
    sine = torch.where(near, torch.ones_like(theta), torch.sin(theta))
    w0 = torch.where(near, torch.full_like(theta, 1 - t), torch.sin((1 - t) * theta) / sine)
    w1 = torch.where(near, torch.full_like(theta, t), torch.sin(t * theta) / sine)
    return (w0 * v0 + w1 * v1).to(a.dtype)


def task_arithmetic(base, models):
    origin = base.float()
    delta = torch.zeros_like(origin)
    for model in models:
        delta += WEIGHT * (model.float() - origin)
    return (origin + delta).to(base.dtype)


def dropped(delta):
    return delta * (torch.rand_like(delta) < DENSITY) / DENSITY


def dare_linear(base, models):
    origin = base.float()
    delta = torch.zeros_like(origin)
    for model in models:
        delta += WEIGHT * dropped(model.float() - origin)
    return (origin + delta).to(base.dtype)


def trimmed(delta):
    """Keeps the larger half: torch has no faster exact way for tensors of this size than its k-th value."""
    keep = int(DENSITY * delta.numel())
    threshold = torch.kthvalue(delta.abs(), delta.numel() - keep + 1).values
    return delta * (delta.abs() >= threshold)


def elected(base, deltas):
    stacked = torch.stack([WEIGHT * delta for delta in deltas])
    agree = torch.sign(stacked) == torch.where(stacked.sum(0) >= 0, 1.0, -1.0)
    weights = (agree * WEIGHT).sum(0)
    merged = (stacked * agree).sum(0) / torch.where(weights == 0, torch.ones_like(weights), weights)
    return (base.float() + merged).to(base.dtype)


def dare_ties(base, models):
    return elected(base, [dropped(model.float() - base.float()) for model in models])


def ties(base, models):
    return elected(base, [trimmed(model.float() - base.float()) for model in models])


# Name in Ingot, number of models, whether a base is read, and the code.
OPERATIONS = [
    ("linear-2", 2, False, lambda base, models: linear(models)),
    ("linear-4", 4, False, lambda base, models: linear(models)),
    ("slerp", 2, False, lambda base, models: slerp(*models)),
    ("task-arithmetic", 3, True, task_arithmetic),
    ("dare-linear", 3, True, dare_linear),
    ("dare-ties", 3, True, dare_ties),
    ("ties", 3, True, ties),
]


class Clock:
    """Seconds between two moments of the device."""

    def __init__(self, device):
        self.cuda = device.type == "cuda"

    def time(self, work):
        if not self.cuda:
            start = time.perf_counter()
            work()
            return time.perf_counter() - start
        before, after = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        before.record()
        work()
        after.record()
        after.synchronize()
        return before.elapsed_time(after) / 1e3


def operands(count, elements, dtype, device, tensors):
    """[tensors][1 + count]: a base and models, as fine-tuned ones are."""
    family = []
    for _ in range(tensors):
        base = 0.02 * torch.randn(elements, device=device)
        family.append([base.to(dtype)] + [(base + 5e-4 * torch.randn(elements, device=device)).to(dtype)
                                          for _ in range(count)])
    return family


def measure(clock, run, family, rounds):
    def everything():
        for tensors in family:
            run(tensors[0], tensors[1:])

    everything()
    return [clock.time(everything) / len(family) for _ in range(rounds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--elements", default="1048576,16777216")
    parser.add_argument("--dtype", default="bf16,f32")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no GPU", file=sys.stderr)
        sys.exit(77)
    device = torch.device(options.device)
    clock = Clock(device)
    types = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
    torch.manual_seed(1)
    rates = []
    with torch.no_grad():
        for elements in map(int, options.elements.split(",")):
            for name in options.dtype.split(","):
                size = torch.tensor([], dtype=types[name]).element_size()
                # Operands of a round exceed the caches; at most 16 tensors, as torch needs room of its own.
                tensors = 1 if device.type == "cpu" else max(1, min(16, ROUND_BYTES // (5 * elements * size)))
                family = operands(4, elements, types[name], device, tensors)
                for kernel, models, _, run in OPERATIONS:
                    chosen = [tensors[: models + 1] for tensors in family]
                    seconds = measure(clock, run, chosen, options.rounds)
                    rates.append({"kernel": kernel, "input": name, "elements": elements,
                                  "seconds": statistics.median(seconds), "samples": seconds})
                    print(rates[-1], file=sys.stderr, flush=True)
                del family
    print(json.dumps({
        "schema": "ingot.torch/1",
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "rates": rates,
    }))


main()
