#!/usr/bin/env python3
"""Counts words, hashes bytes, and counts its own calls in the store of the host."""

import hashlib

import bulkhead


def count(given, call):
    text = given["text"]
    call.log("counting %d characters" % len(text))
    return {"words": len(text.split()), "lines": text.count("\n") + 1}


def digest(given, call):
    return hashlib.sha256(given).digest()


def visit(given, call):
    found = call.host("kv.get", key="visits")
    visits = (found["value"] if found["found"] else 0) + 1
    call.host("kv.set", key="visits", value=visits)
    return {"visits": visits}


def wait(given, call):
    if call.cancelled.wait(timeout=given["seconds"]):
        raise bulkhead.Cancelled()
    return None


if __name__ == "__main__":
    bulkhead.serve(
        "python-text",
        "1.0.0",
        {
            "count": ("Counts the words of a text.", count),
            "digest": ("The SHA-256 of bytes, as bytes.", digest),
            "visit": ("Counts how often it was called, in the store of the host.", visit),
            "wait": ("Waits, or until it is cancelled.", wait),
        },
    )
