"""The sentence model that the table is taken from, as a plain forward pass. It reads weights and computes; it fetches nothing.

BERT as of Devlin et al. 2018, six layers, mean pooling, unit length: what sentence-transformers/all-MiniLM-L6-v2 does.
Written out in NumPy so that the build needs no machine-learning framework.
"""

import json
import math
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HEADS = 12
MOST_TOKENS_IN_A_BATCH = 4096


def gelu(x):
    """The Gaussian error linear unit. The error function is that of Abramowitz and Stegun 7.1.26, within 1.5e-7."""
    a = np.abs(x) * np.float32(1 / math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * a)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-a * a))
    return (0.5 * x * (1 + erf)).astype(np.float32)


def normalise(x, weight, bias):
    mean = x.mean(-1, keepdims=True)
    spread = x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(spread + 1e-12) * weight + bias


class Teacher:
    """Opened from the folder of the model. Tokens in, unit vectors of 384 numbers out."""

    def __init__(self, folder):
        folder = Path(folder)
        self.weights = load_file(str(folder / "model.safetensors"))
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.layers = json.loads((folder / "config.json").read_text())["num_hidden_layers"]

    def tokens(self, text, most=128):
        """Ids without the marks of beginning and end."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids[:most]

    def embed(self, token_lists, report=None):
        """One vector for each list of tokens. Lists of one length go through together, so that nothing is padded."""
        out = np.zeros((len(token_lists), 384), np.float32)
        order = sorted(range(len(token_lists)), key=lambda i: len(token_lists[i]))
        start = 0
        while start < len(order):
            length = len(token_lists[order[start]])
            end = start
            most = max(1, MOST_TOKENS_IN_A_BATCH // (length + 2))
            while end < len(order) and end - start < most and len(token_lists[order[end]]) == length:
                end += 1
            batch = order[start:end]
            ids = np.array([[101, *token_lists[i], 102] for i in batch])
            out[batch] = self._forward(ids)
            start = end
            if report is not None:
                report(start, len(order))
        return out

    def _forward(self, ids):
        w = self.weights
        count, length = ids.shape
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][:length]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = normalise(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])
        x = x.reshape(count * length, -1)
        for layer in range(self.layers):
            x = self._layer(x, f"encoder.layer.{layer}.", count, length)
        mean = x.reshape(count, length, -1).mean(1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _layer(self, x, name, count, length):
        w = self.weights

        def linear(value, part):
            return value @ w[f"{name}{part}.weight"].T + w[f"{name}{part}.bias"]

        def heads(value):
            return value.reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)

        q, k, v = (heads(linear(x, f"attention.self.{part}")) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(math.sqrt(q.shape[-1]))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(count * length, -1)
        x = normalise(
            x + linear(mixed, "attention.output.dense"),
            w[f"{name}attention.output.LayerNorm.weight"],
            w[f"{name}attention.output.LayerNorm.bias"],
        )
        inner = gelu(linear(x, "intermediate.dense"))
        return normalise(
            x + linear(inner, "output.dense"),
            w[f"{name}output.LayerNorm.weight"],
            w[f"{name}output.LayerNorm.bias"],
        )
