"""Writes the table as src/table.ts reads it, and tells what rounding to a byte costs."""

import struct

import numpy as np

MAGIC, VERSION = b"BHWV", 1


def quantise(vectors):
    """Each row as bytes between -127 and 127, and the scale that makes it what it was."""
    scales = np.abs(vectors).max(1).astype("<f4") / np.float32(127)
    return scales, np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)


def write_table(path, tokens, vectors):
    scales, values = quantise(vectors)
    text = "".join(f"{token}\n" for token in tokens).encode("ascii")
    head = MAGIC + struct.pack("<HHII", VERSION, vectors.shape[1], len(tokens), len(text))
    path.write_bytes(head + text + scales.tobytes() + values.tobytes())
    restored = values * scales[:, None]
    return float(np.linalg.norm(restored - vectors) / np.linalg.norm(vectors))
