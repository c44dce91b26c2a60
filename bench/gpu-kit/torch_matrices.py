# SPDX-License-Identifier: Apache-2.0
"""Merges matrices as plain torch code on the GPU: the other side of the kit's steps on matrices.

    torch_matrices.py libraries                           where Python's packages have cuBLAS and cuSOLVER, one line each
    torch_matrices.py make DIR --rows 4096 --cols 4096    a base and experts of a few matrices
    torch_matrices.py run METHOD --data DIR --beside OUT  times a method, and compares its result with the weights in OUT

Methods are those of bench/matrices/rivals.py. run prints one JSON object. Exit code 77: torch, or a GPU that it can use, is
missing.
"""
import argparse
import json
import pathlib
import struct
import sys
import time

MISSING = 77
RANK = 64


def libraries():
    """The packages nvidia-cublas and nvidia-cusolver, whose folders the dynamic linker does not know."""
    for name, patterns in (("INGOT_CUBLAS", ("libcublas.so.13", "libcublas.so.12")),
                           ("INGOT_CUSOLVER", ("libcusolver.so.12", "libcusolver.so.11"))):
        found = [file for folder in sys.path for pattern in patterns
                 for file in sorted(pathlib.Path(folder).glob(f"nvidia/*/lib/{pattern}"))]
        if found:
            print(f"{name}={found[0]}")


def read(folder):
    """All tensors of a folder's safetensors files, float32."""
    tensors = {}
    for path in sorted(pathlib.Path(folder).glob("*.safetensors")):
        data = path.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        for name, entry in json.loads(data[8:8 + length]).items():
            if name != "__metadata__":
                if entry["dtype"] != "F32":
                    sys.exit(f"error: {path}: {name} is {entry['dtype']}")
                start, end = (8 + length + offset for offset in entry["data_offsets"])
                values = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32)
                tensors[name] = values.reshape(entry["shape"])
    return tensors


def write(folder, tensors):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(
        {"architectures": ["SyntheticMatrices"], "model_type": "synthetic_matrices", "torch_dtype": "float32"}))
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.contiguous().cpu().numpy().tobytes())


def make(options, device):
    """Deltas as fine-tuning leaves them: some strong directions, a quarter of them common, above noise of full rank."""
    torch.manual_seed(7)
    rows, cols = options.rows, options.cols
    rank = min(RANK, min(rows, cols) // 4)

    def normal(*shape):
        return torch.randn(*shape, device=device)

    names = [f"model.layers.{i}.mlp.weight" for i in range(options.matrices)]
    shared = {name: (normal(rows, rank // 4), normal(rank // 4, cols)) for name in names}
    base = {name: 0.02 * normal(rows, cols) for name in names}
    write(options.folder / "base", base)
    for expert in range(options.experts):
        experts = {}
        for name in names:
            left, right = normal(rows, rank - rank // 4), normal(rank - rank // 4, cols)
            signal = left @ right + shared[name][0] @ shared[name][1]
            experts[name] = base[name] + 5e-4 / rank ** 0.5 * signal + 3e-4 * normal(rows, cols)
        write(options.folder / f"expert{expert}", experts)


def run(options, device):
    import rivals

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    method = rivals.METHODS[options.method]
    # What torch sets up on first use counts for neither side.
    method([torch.randn(64, 64, device=device) for _ in range(options.experts)], options)
    wait()
    start, computing, result = time.perf_counter(), 0.0, {}
    models = [read(options.data / name) for name in ["base"] + [f"expert{i}" for i in range(options.experts)]]
    for name in models[0]:
        base, *experts = (model[name].to(device) for model in models)
        deltas = [expert - base for expert in experts]
        wait()
        before = time.perf_counter()
        delta = method(deltas, options)
        wait()
        computing += time.perf_counter() - before
        result[name] = (base + delta).cpu()
    whole = time.perf_counter() - start
    worst, theirs = 0.0, read(options.beside)
    for name, merged in result.items():
        zero, one, two = (tensor.double() for tensor in (models[0][name], merged, theirs[name]))
        nmse = float((one - two).square().sum() / (one - zero).square().sum())
        # Written so that a NaN is the worst of all.
        worst = worst if nmse <= worst else nmse
    print(json.dumps({"torch": torch.__version__, "computing": computing, "seconds": whole, "nmse": worst}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("libraries")
    making = actions.add_parser("make")
    making.add_argument("folder", type=pathlib.Path)
    making.add_argument("--rows", type=int, default=4096)
    making.add_argument("--cols", type=int, default=4096)
    making.add_argument("--matrices", type=int, default=2)
    running = actions.add_parser("run")
    running.add_argument("method")
    running.add_argument("--data", type=pathlib.Path, required=True)
    running.add_argument("--beside", type=pathlib.Path, required=True)
    running.add_argument("--alpha", type=float, default=1.0)
    running.add_argument("--steps", type=int, default=100)
    running.add_argument("--learning-rate", type=float, default=1e-5)
    for action in (making, running):
        action.add_argument("--experts", type=int, default=4)
    options = parser.parse_args()
    if options.action == "libraries":
        return libraries()
    try:
        global torch
        import torch
    except ImportError as missing:
        print(missing, file=sys.stderr)
        sys.exit(MISSING)
    if options.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no GPU", file=sys.stderr)
        sys.exit(MISSING)
    device = torch.device(options.device)
    return make(options, device) if options.action == "make" else run(options, device)


main()
