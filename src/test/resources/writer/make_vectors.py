# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors of this folder with the reference (pip install safetensors==0.8.0).

headers.json: a list of cases {metadata, tensors: [[name, dtype, shape], ...] in random order,
               header: the bytes before the data in hex, size: bytes of the whole file}.
config.json, config.rewritten.json: a configuration in an odd layout, and the same through json.dumps(indent=2).
"""
import ctypes
import json
import math
import pathlib
import random

import safetensors

FOLDER = pathlib.Path(__file__).parent
DTYPES = {
    "BOOL": ("bool", 8), "F4": ("float4_e2m1fn_x2", 4), "U8": ("uint8", 8), "I8": ("int8", 8),
    "F8_E5M2": ("float8_e5m2", 8), "F8_E4M3": ("float8_e4m3fn", 8), "F8_E8M0": ("float8_e8m0fnu", 8),
    "F8_E4M3FNUZ": ("float8_e4m3fnuz", 8), "F8_E5M2FNUZ": ("float8_e5m2fnuz", 8),
    "I16": ("int16", 16), "U16": ("uint16", 16), "F16": ("float16", 16),
    "BF16": ("bfloat16", 16), "I32": ("int32", 32), "U32": ("uint32", 32), "F32": ("float32", 32),
    "C64": ("complex64", 64), "F64": ("float64", 64), "I64": ("int64", 64), "U64": ("uint64", 64),
}
NAMES = ["a", "A", "", "model.layers.10.w", "model.layers.2.w", "\u00e9", "e\u0301", "\U0001f600", "\uffff",
         "\ue000", "\x00", "\x1f", "\x7f", "\b\f\n\r\t", '"quoted"', "back\\slash", "a/b", "../../etc/x", " ",
         "\u00a0", "zz" * 40]


def case(tensors, metadata):
    zeros = ctypes.create_string_buffer(1 << 16)
    raw = {}
    for name, dtype, shape in tensors:
        python_name, bits = DTYPES[dtype]
        size = math.prod(shape) * bits // 8
        python_shape = shape[:-1] + [shape[-1] // 2] if dtype == "F4" else shape  # torch counts pairs
        raw[name] = safetensors.TensorSpec(
            dtype=python_name, shape=python_shape, data_ptr=ctypes.addressof(zeros), data_len=size)
    blob = safetensors.serialize(raw, metadata)
    length = 8 + int.from_bytes(blob[:8], "little")
    return {"metadata": metadata or {}, "tensors": tensors, "header": blob[:length].hex(), "size": len(blob)}


def main():
    rng = random.Random(1)
    cases = [case([], None), case([], {"format": "pt"}), case([["w", "BF16", [3, 5]]], {"format": "pt"}),
             case([["w", "F32", []]], {"ke\"y\n": "va\\lue\x01\u00e9\U0001f600/"})]
    everything = [["t." + dtype, dtype, [3, 4]] for dtype in DTYPES]
    rng.shuffle(everything)
    cases.append(case(everything, {"format": "pt"}))
    cases.append(case([[name, "F16", [1]] for name in rng.sample(NAMES, len(NAMES))], {"format": "pt"}))
    for pad in range(8):
        cases.append(case([["x" * (pad + 1), "U8", [1]]], None))
    for _ in range(12):
        names = rng.sample(NAMES, rng.randrange(1, len(NAMES)))
        tensors = []
        for name in names:
            dtype = rng.choice([d for d in DTYPES if d != "F4"])
            tensors.append([name, dtype, [rng.randrange(0, 4) for _ in range(rng.randrange(0, 4))]])
        cases.append(case(tensors, rng.choice([None, {"format": "pt"}])))
    (FOLDER / "headers.json").write_text(json.dumps(cases, indent=0) + "\n")

    text = ('{"b":1,"a" : [ ] , "nested":{ },"list":[1,2.50,-0.0,1e-05,1E+2,12345678901234567890123],\n'
            '\t"floats":{"rope":1e6,"eps":1e-06,"limit":[0.0,Infinity,-Infinity,NaN]},"flags":[true,false,null],'
            '"text":"\\u00e9\\ud83d\\ude00 \\u007f \\/ \\" \\\\ \\n é😀","deep":[[[]],[{"k":[{}]}]]}')
    (FOLDER / "config.json").write_text(text, encoding="utf-8")

    numbers = {}

    def keep(source):
        numbers[f"@{len(numbers)}@"] = source
        return f"@{len(numbers) - 1}@"

    parsed = json.loads(text, parse_float=keep)
    dumped = json.dumps(parsed, indent=2) + "\n"
    for key, source in numbers.items():
        dumped = dumped.replace(f'"{key}"', source)
    (FOLDER / "config.rewritten.json").write_text(dumped)


main()
