# SPDX-License-Identifier: Apache-2.0
"""Times the same factorisations in numpy, and in torch if it is installed: best of some repetitions, float32."""
import sys
import time

import numpy as np

RANK = 64
rows, cols, repetitions = (int(a) for a in sys.argv[1:4])


def best(name, operation):
    operation()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        operation()
        times.append(time.perf_counter() - start)
    print(f"{name} {rows}x{cols} {min(times):.3f} s", flush=True)


def norms(u, s, vt, a):
    u, s, vt, a = (np.asarray(x, dtype=np.float64) for x in (u, s, vt, a))
    k = len(s)
    print(
        f"      left {np.linalg.norm(u.T @ u - np.eye(k)):.1e} right {np.linalg.norm(vt @ vt.T - np.eye(k)):.1e}"
        f" residual {np.linalg.norm(a - u * s @ vt) / np.linalg.norm(a):.1e}"
    )


def polar(svd):
    u, _, vt = svd
    return u @ vt


random = np.random.default_rng(1)
flat = random.standard_normal((rows, cols), dtype=np.float32)
noise = random.standard_normal((rows, cols), dtype=np.float32)
left = random.standard_normal((rows, RANK), dtype=np.float32)
right = random.standard_normal((RANK, cols), dtype=np.float32)
falling = left @ right + np.float32(1e-4) * noise

best("numpy values", lambda: np.linalg.svd(flat, compute_uv=False))
best("numpy svd", lambda: np.linalg.svd(flat, full_matrices=False))
norms(*np.linalg.svd(flat, full_matrices=False), flat)
best("numpy polar", lambda: polar(np.linalg.svd(flat, full_matrices=False)))

try:
    import torch
except ImportError:
    print("torch is not installed")
    sys.exit()
torch.set_num_threads(1)
tensor = torch.from_numpy(flat)
best("torch values", lambda: torch.linalg.svdvals(tensor))
best("torch svd", lambda: torch.linalg.svd(tensor, full_matrices=False))
norms(*torch.linalg.svd(tensor, full_matrices=False), flat)
best("torch polar", lambda: polar(torch.linalg.svd(tensor, full_matrices=False)))
best("torch svd64", lambda: torch.svd_lowrank(torch.from_numpy(falling), q=RANK, niter=2))
u, s, v = torch.svd_lowrank(torch.from_numpy(falling), q=RANK, niter=2)
norms(u, s, v.T, falling)
