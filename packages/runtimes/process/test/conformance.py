# The behaviours of the conformance suite in Python. Stands behind the text of examples/python-text/bulkhead.py, in one file.

_kept = 0


def _count(given, call):
    global _kept
    _kept += 1
    return _kept


def _ask(given, call):
    answer = call._wire.ask("host/call", {"callId": call._call_id, "function": "test.ask", "input": encode(given)})
    if "error" in answer:
        raise HostError(answer["error"])
    return decode(answer["result"]["output"])


def _pester(given, call):
    while True:
        _ask(given, call)


def _fail(given, call):
    raise Exception("not today")


def _spin(given, call):
    while True:
        pass


def _hoard(given, call):
    held = []
    while True:
        held.append(bytearray(b"x" * (1 << 20)))


def _recurse(given, call):
    return _recurse(given, call)


serve(
    "conformance",
    "1.0.0",
    {
        "echo": ("", lambda given, call: given),
        "count": ("", _count),
        "ask": ("", _ask),
        "pester": ("", _pester),
        "chat": ("", lambda given, call: call.log(given)),
        "fail": ("", _fail),
        "spin": ("", _spin),
        "hoard": ("", _hoard),
        "recurse": ("", _recurse),
        "flood": ("", lambda given, call: "x" * (2 << 20)),
    },
)
