# SPDX-License-Identifier: Apache-2.0
"""How far two merges of one base differ: the largest nmse of a matrix's merged delta, the first taken as true.

    python agree.py BASE TRUE OTHER     folders of safetensors files, sharded or not
"""
import pathlib
import sys

from safetensors import safe_open


def tensors(folder):
    found = {}
    for file in sorted(pathlib.Path(folder).glob("*.safetensors")):
        handle = safe_open(file, framework="pt")
        found.update({name: handle for name in handle.keys()})
    return found


base, true, other = (tensors(folder) for folder in sys.argv[1:4])
if not base or base.keys() != true.keys() or base.keys() != other.keys():
    sys.exit(f"the tensors differ: {sorted(base)[:3]}, {sorted(true)[:3]}, {sorted(other)[:3]}")
worst = 0.0
for name in base:
    zero, one, two = (model[name].get_tensor(name).double() for model in (base, true, other))
    nmse = float((one - two).square().sum() / (one - zero).square().sum())
    # Written so that a NaN is the worst of all.
    worst = worst if nmse <= worst else nmse
print(f'{{"nmse": {worst:.3e}}}')
