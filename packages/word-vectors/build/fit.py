"""Fits one vector for each token, such that the mean of a text's vectors comes close to the vector of its sentence model.

Ridge regression around a first guess, solved by conjugate gradients: one best answer, no seed, no rate of learning.
"""

import numpy as np
from scipy import sparse


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)


def design(token_lists, size, power):
    """A row for each text: how often each token is in it, over the number of its tokens to a power."""
    counts = [len(tokens) for tokens in token_lists]
    columns = np.concatenate([np.asarray(tokens, np.int64) for tokens in token_lists])
    values = np.repeat(np.array([count**-power for count in counts], np.float32), counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    matrix = sparse.csr_matrix((values, columns, starts), shape=(len(token_lists), size))
    matrix.sum_duplicates()
    return matrix


def ridge(matrix, targets, guess, strength, steps=60):
    """Minimises |X E - T|² + strength · |E - guess|², all columns at once."""
    moved = matrix.T @ (targets - matrix @ guess)
    solution = np.zeros_like(guess)
    residual = moved
    direction = residual.copy()
    size = (residual * residual).sum(0)
    for _ in range(steps):
        applied = matrix.T @ (matrix @ direction) + strength * direction
        along = size / np.maximum((direction * applied).sum(0), 1e-12)
        solution += direction * along
        residual = residual - applied * along
        after = (residual * residual).sum(0)
        direction = residual + direction * (after / np.maximum(size, 1e-12))
        size = after
    return guess + solution
