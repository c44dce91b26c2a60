# SPDX-License-Identifier: Apache-2.0
"""Merges checkpoints as a plain torch script would, in float32 on the CPU: the other side of bench/matrices/run.sh.

Every method is written down from its paper's formulas, with torch's own routines: torch.linalg.svd for every
decomposition, autograd and torch.optim for every optimisation. Only what costs a rival needless work is avoided:
zero rows of a truncated factor are not multiplied (--padded brings them back), and each task's share of a loss is
differentiated by itself, so that its activations are freed at once.

    python rivals.py METHOD --data DIR --out DIR [--threads 2] [--steps 10] [--learning-rate 1e-5] ...

DIR holds base/model.safetensors and expert0, expert1, ...; prints seconds of each matrix, then of all.
"""
import argparse
import pathlib
import time

START = time.perf_counter()

import torch  # noqa: E402  its import belongs to the script's time


def svd(a):
    return torch.linalg.svd(a, full_matrices=False)


def polar(a):
    """The nearest matrix with orthonormal rows or columns."""
    u, _, vt = svd(a)
    return u @ vt


def task_arithmetic(deltas, options):
    """The weighted sum: no linear algebra, so that the harness itself can be tried out."""
    return options.alpha * sum(deltas)


def tsv_m(deltas, options):
    """Gargiulo et al., Task Singular Vectors (arXiv 2412.00081): k leading triplets of each, orthogonalised together."""
    k = min(deltas[0].shape) // len(deltas)
    triplets = [tuple(factor.narrow(axis, 0, k) for factor, axis in zip(svd(d), (1, 0, 0))) for d in deltas]
    left = polar(torch.cat([u for u, _, _ in triplets], dim=1))
    values = torch.cat([s for _, s, _ in triplets])
    right = polar(torch.cat([vt for _, _, vt in triplets], dim=0))
    return options.alpha * (left * values) @ right


def iso_c(deltas, options):
    """Marczak et al., No Task Left Behind (arXiv 2502.04959): the mean singular value of the sum for all of them."""
    u, s, vt = svd(sum(deltas))
    return options.alpha * s.mean() * (u @ vt)


def descend(start, terms, optimiser, steps):
    """Minimises sum ||(M - target) factor^T||^2 / norm over terms (target, factor, norm) by autograd."""
    merged = start.clone().requires_grad_(True)
    update = optimiser([merged])
    for _ in range(steps):
        update.zero_grad()
        for target, factor, norm in terms:
            ((merged - target) @ factor.T).square().sum().div(norm).backward()
        update.step()
    return merged.detach()


def wudi(deltas, options):
    """Cheng et al., Whoever Started the Interference Should End It (arXiv 2503.08099)."""
    terms = [(d, d, d.square().sum()) for d in deltas]
    return descend(sum(deltas), terms, lambda p: torch.optim.Adam(p, lr=options.learning_rate), options.steps)


def truncated(delta, k, options):
    """The k leading triplets as their product, and as the factor S V^T."""
    u, s, vt = svd(delta)
    factor = s[:k, None] * vt[:k]
    product = u[:, :k] @ factor
    if options.padded:
        factor = torch.cat([factor, factor.new_zeros(len(s) - k, factor.shape[1])])
    return product, factor


def optmerge_adam(deltas, options):
    """Wei et al., OptMerge (arXiv 2505.19892) for full fine-tunes: targets are the mean and what differs from it."""
    k = min(deltas[0].shape) // len(deltas)
    mean = sum(deltas) / len(deltas)
    terms = [(mean + truncated(d - mean, k, options)[0], truncated(d, k, options)[1], d.square().sum())
             for d in deltas]
    merged = descend(sum(deltas), terms, lambda p: torch.optim.Adam(p, lr=options.learning_rate), options.steps)
    return options.alpha * merged


def optmerge_sgd(deltas, options):
    """The same paper's form for LoRA experts: truncated targets, from the mean, with momentum."""
    k = min(deltas[0].shape) // len(deltas)
    terms = [(*truncated(d, k, options), d.square().sum()) for d in deltas]
    merged = descend(sum(deltas) / len(deltas), terms,
                     lambda p: torch.optim.SGD(p, lr=options.learning_rate, momentum=0.9), options.steps)
    return options.alpha * merged


METHODS = {f.__name__: f for f in (task_arithmetic, tsv_m, iso_c, wudi, optmerge_adam, optmerge_sgd)}


def main():
    # Here, so that the GPU kit, which reads files by itself, can take the methods above.
    from safetensors import safe_open
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--experts", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--alpha", type=float, default=1.0)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=1e-5)
    parser.add_argument("--padded", action="store_true", help="multiply the zero rows of truncated factors too")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = ["base"] + [f"expert{i}" for i in range(options.experts)]
    files = [safe_open(options.data / name / "model.safetensors", framework="pt") for name in names]
    # What torch loads and sets up on first use (seconds for an optimiser) counts as start-up, not as computing.
    METHODS[options.method]([torch.randn(16, 16) for _ in range(options.experts)], options)
    computing = 0.0
    result = {}
    for name in files[0].keys():
        start = time.perf_counter()
        base, *experts = (file.get_tensor(name).float() for file in files)
        deltas = [e - base for e in experts]
        del experts
        loaded, used = time.perf_counter(), time.process_time()
        result[name] = base + METHODS[options.method](deltas, options)
        end = time.perf_counter()
        computing += end - loaded
        print(f"{name} {list(base.shape)}: {end - loaded:.3f} s (cpu {time.process_time() - used:.3f} s),"
              f" with loading {end - start:.3f} s", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(result, options.out / "model.safetensors")
    whole = time.perf_counter() - START
    print(f'{{"torch": "{torch.__version__}", "computing": {computing:.4f}, "seconds": {whole:.4f}}}')


if __name__ == "__main__":
    main()
