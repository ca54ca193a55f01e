"""Columns of numbers as codes: equal values, and equal combinations of values, are found by sorting."""

import numpy as np


def codes_of(*columns: np.ndarray) -> tuple[np.ndarray, int]:
    """A number from 0 on for each combination of values that occurs, in their order `(N,)`, and how many occur."""
    order = np.lexsort(columns[::-1])
    changes = np.zeros(len(order), dtype=int)
    for column in columns:
        changes[1:] |= np.diff(column[order]) != 0
    codes = np.zeros(len(order), dtype=int)
    codes[order] = np.cumsum(changes)
    return codes, int(codes.max(initial=-1)) + 1


def first_of(codes: np.ndarray) -> np.ndarray:
    """For each place the first one that has the same code, `(N,)`."""
    first = np.zeros(codes.max(initial=-1) + 1, dtype=int)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first[codes]


def grouped(*columns: np.ndarray) -> list[np.ndarray]:
    """Places at which all columns have the same values, in the order of the values."""
    codes, count = codes_of(*columns)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(1, count))) if count else []
