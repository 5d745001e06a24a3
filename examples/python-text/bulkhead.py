"""The wire of a Bulkhead process plugin, with nothing but the standard library.

One JSON-RPC 2.0 message a line: requests of the host's on standard input, answers and host calls on standard output.
docs/reference/process-protocol.md says what is sent. Each call runs on a thread of its own, so that input is read while
an action works.
"""

import base64
import json
import re
import sys
import threading

PROTOCOL_VERSION = 1
NO_COMMON_VERSION = -32001
METHOD_NOT_FOUND = -32601
FAILED = -32000
CANCELLED = -32800

_MARKER = re.compile(r"\$+bytes\Z")


class Cancelled(Exception):
    """The host no longer wants the answer."""


class HostError(Exception):
    """A host call failed; `data` is what the host says of it. Let it through, and the host knows its own error again."""

    def __init__(self, error):
        super().__init__(error.get("message", "the host call failed"))
        self.data = error.get("data")


def encode(value):
    """Bytes become {"$bytes": base64}; an object that looks like that gets one more dollar."""
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        mark = "$" if len(value) == 1 and _MARKER.match(next(iter(value))) else ""
        return {mark + key: encode(member) for key, member in value.items()}
    return [encode(member) for member in value] if isinstance(value, (list, tuple)) else value


def decode(value):
    """The other way round."""
    if isinstance(value, dict):
        if len(value) == 1 and _MARKER.match(next(iter(value))):
            ((key, member),) = value.items()
            return base64.b64decode(member, validate=True) if key == "$bytes" else {key[1:]: decode(member)}
        return {key: decode(member) for key, member in value.items()}
    return [decode(member) for member in value] if isinstance(value, list) else value


class Call:
    """What an action gets beside its input."""

    def __init__(self, wire, call_id, request_id):
        self._wire, self._call_id, self._request_id = wire, call_id, request_id
        self.cancelled = threading.Event()

    def host(self, function, **arguments):
        """Calls a host function and waits for its answer."""
        params = {"callId": self._call_id, "function": function, "input": encode(arguments)}
        answer = self._wire.ask("host/call", params)
        if "error" in answer:
            raise HostError(answer["error"])
        return decode(answer["result"]["output"])

    def log(self, message, level="info"):
        params = {"level": level, "message": str(message), "callId": self._call_id}
        self._wire.send({"method": "log", "params": params})


class _Wire:
    def __init__(self, output):
        self._output, self._lock = output, threading.Lock()
        self._waiting, self._last_id = {}, 0

    def send(self, message):
        line = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")) + "\n"
        with self._lock:
            self._output.write(line.encode("utf-8"))
            self._output.flush()

    def ask(self, method, params):
        done, box = threading.Event(), []
        with self._lock:
            self._last_id += 1
            request_id = self._last_id
            self._waiting[request_id] = (done, box)
        self.send({"id": request_id, "method": method, "params": params})
        done.wait()
        return box[0]

    def take(self, answer):
        with self._lock:
            done, box = self._waiting.pop(answer["id"], (None, None))
        if done is not None:
            box.append(answer)
            done.set()


def serve(name, version, actions):
    """Answers the host until it closes the input. `actions`: name → (description, function of input and call)."""
    wire = _Wire(sys.stdout.buffer)
    sys.stdout = sys.stderr  # A stray print() must not end up between the messages.
    calls = {}

    def answer(request_id, work):
        try:
            wire.send({"id": request_id, "result": work()})
        except Cancelled:
            wire.send({"id": request_id, "error": {"code": CANCELLED, "message": "cancelled"}})
        except HostError as error:
            wire.send({"id": request_id, "error": {"code": FAILED, "message": str(error), "data": error.data}})
        except Exception as error:
            data = {"code": type(error).__name__}
            wire.send({"id": request_id, "error": {"code": FAILED, "message": str(error), "data": data}})

    def initialize(request_id, params):
        offered = params["protocolVersion"]
        if not offered["oldest"] <= PROTOCOL_VERSION <= offered["newest"]:
            message = "this plugin speaks version %d" % PROTOCOL_VERSION
            wire.send({"id": request_id, "error": {"code": NO_COMMON_VERSION, "message": message}})
            return
        identity = {"name": name, "version": version}
        wire.send({"id": request_id, "result": {"protocolVersion": PROTOCOL_VERSION, "plugin": identity}})

    def call_action(request_id, params):
        call = Call(wire, params["callId"], request_id)
        calls[request_id] = call

        def work():
            if params["action"] not in actions:
                raise LookupError("there is no action " + params["action"])
            return {"output": encode(actions[params["action"]][1](decode(params["input"]), call))}

        def run():
            answer(request_id, work)
            calls.pop(request_id, None)

        threading.Thread(target=run, daemon=True).start()

    listed = [{"name": key, "description": description} for key, (description, _) in actions.items()]
    for line in sys.stdin.buffer:
        message = json.loads(line)
        method, request_id, params = message.get("method"), message.get("id"), message.get("params", {})
        if method is None:
            wire.take(message)
        elif method == "initialize":
            initialize(request_id, params)
        elif method == "action/list":
            answer(request_id, lambda: {"actions": listed})
        elif method == "action/call":
            call_action(request_id, params)
        elif method == "$/cancelRequest":
            if params.get("id") in calls:
                calls[params["id"]].cancelled.set()
        elif method in ("ping", "shutdown"):
            answer(request_id, dict)
        elif request_id is not None:
            error = {"code": METHOD_NOT_FOUND, "message": "there is no method " + method}
            wire.send({"id": request_id, "error": error})
