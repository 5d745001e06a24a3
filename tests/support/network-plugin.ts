// A plugin that is a Python program and tries its network: by urllib, through its proxy word by word, and around it. Every
// attempt is bounded in time, so that it does no harm where a defence is missing.

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = `
import base64, os, socket, struct, threading, time, urllib.error, urllib.parse, urllib.request
import bulkhead

PROXY = urllib.parse.urlsplit(os.environ.get("HTTP_PROXY", "http://x:x@127.0.0.1:3128"))
AUTH = base64.b64encode(("%s:%s" % (PROXY.username, PROXY.password)).encode()).decode()
kept = []

def dial(port=None):
    connection = socket.create_connection(("127.0.0.1", port or PROXY.port), timeout=20)
    connection.settimeout(20)
    return connection

def read(connection, until=None):
    got = b""
    try:
        while until is None or until not in got:
            piece = connection.recv(65536)
            if not piece:
                break
            got += piece
    except (OSError, socket.timeout) as error:
        got += ("!" + type(error).__name__).encode()
    return got.decode("latin-1")

def fetch(given, call):
    request = urllib.request.Request(given["url"], data=given.get("data", "").encode() or None, headers=given.get("headers", {}), method=given.get("method"))
    try:
        with urllib.request.urlopen(request, timeout=8) as response:
            return {"status": response.status, "body": response.read().decode("latin-1"), "headers": dict(response.headers)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode("latin-1"), "headers": dict(error.headers)}
    except (OSError, urllib.error.URLError) as error:
        return {"status": 0, "body": str(error)}

def talk(given, call):
    """Sends each text as it stands, {auth} apart, and answers all that came back."""
    with dial(given.get("port")) as connection:
        try:
            connection.sendall(given["text"].replace("{auth}", AUTH).encode("latin-1"))
        except OSError:
            pass
        return read(connection, given["until"].encode() if "until" in given else None)

def tunnel(given, call):
    """CONNECT, then what goes through it."""
    connection = dial()
    text = "CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\nProxy-Authorization: Basic %s\\r\\n\\r\\n" % (given["to"], given["to"], given.get("auth", AUTH))
    connection.sendall(text.encode("latin-1"))
    head = read(connection, b"\\r\\n\\r\\n")
    if " 200 " not in head:
        head += read(connection)
        connection.close()
        return {"head": head}
    if given.get("keep"):
        kept.append(connection)
        return {"head": head}
    through = ""
    if "send" in given:
        try:
            connection.sendall(base64.b64decode(given["send"]))
            if given.get("half"):
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        through = read(connection)
    connection.close()
    return {"head": head, "through": through}

def again(given, call):
    """What an earlier call left open."""
    connection = kept.pop()
    try:
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    except OSError as error:
        return "!" + type(error).__name__
    return read(connection)

def socks(given, call):
    """The code of the reply, or a word on what failed before."""
    with dial() as connection:
        connection.sendall(bytes([5, 1, given.get("method", 2)]))
        chosen = connection.recv(2)
        if chosen != b"\\x05\\x02":
            return "method %d" % chosen[1]
        user, password = PROXY.username.encode(), given.get("secret", PROXY.password).encode()
        connection.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if connection.recv(2) != b"\\x01\\x00":
            return "wrong password"
        address = base64.b64decode(given["address"]) if "address" in given else bytes([3, len(given["host"])]) + given["host"].encode("latin-1")
        connection.sendall(bytes([5, given.get("command", 1), 0]) + address + struct.pack(">H", given["port"]))
        reply = connection.recv(10)
        if len(reply) < 2 or reply[1] != 0 or "text" not in given:
            return reply[1] if len(reply) > 1 else "nothing"
        connection.sendall(given["text"].encode("latin-1"))
        if given.get("half"):
            connection.shutdown(socket.SHUT_WR)
        return read(connection)

def around(given, call):
    """A connection of its own, past the proxy."""
    try:
        with socket.create_connection((given["host"], given["port"]), timeout=2) as connection:
            return read(connection) or "reached"
    except OSError as error:
        return error.__class__.__name__ + " " + str(error.errno)

def flood(given, call):
    """So many connections, each with the same text; the first lines of what came back, counted."""
    seen = {}
    for _ in range(given["count"]):
        try:
            with dial() as connection:
                connection.sendall(given["text"].replace("{auth}", AUTH).encode("latin-1"))
                line = read(connection, b"\\r\\n").split("\\r\\n")[0]
        except OSError as error:
            line = type(error).__name__
        seen[line] = seen.get(line, 0) + 1
    return seen

def hold(given, call):
    """Holds so many connections open at once, and counts those that were not dropped."""
    held = []
    for _ in range(given["count"]):
        connection = dial()
        held.append(connection)
    alive = 0
    time.sleep(0.5)
    for connection in held:
        connection.setblocking(False)
        try:
            alive += 0 if connection.recv(1) == b"" else 1
        except BlockingIOError:
            alive += 1
        except OSError:
            pass
    for connection in held:
        connection.close()
    return alive

def env(given, call):
    return dict(os.environ)

def descriptors(given, call):
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass
    return found

def later(given, call):
    """Tries the proxy after this call is over; \`outcome\` tells."""
    def run():
        time.sleep(0.4)
        kept.append(talk(given, None))
    threading.Thread(target=run, daemon=True).start()
    return None

def outcome(given, call):
    return kept.pop() if kept else None

if __name__ == "__main__":
    actions = [fetch, talk, tunnel, again, socks, around, flood, hold, env, descriptors, later, outcome]
    if os.path.exists("at-start"):
        kept.append(talk({"text": open("at-start").read().replace("\\n", "\\r\\n")}, None))
    bulkhead.serve("NAME", "1.0.0", {action.__name__: ("", action) for action in actions})
`

/** How it is written. */
export interface NetworkPluginOptions {
  readonly asks?: readonly string[]
  /** Further lines below `execution`. */
  readonly execution?: string
  /** Further lines of the manifest. */
  readonly more?: string
  /** What it says to its proxy when it starts, before it shakes hands; \`{auth}\` is replaced. */
  readonly atStart?: string
}

/** Writes it into `folder`; its path. */
export const writeNetworkPlugin = (folder: string, name: string, options: NetworkPluginOptions = {}): string => {
  const { asks = [], execution = '', more = '', atStart } = options
  const at = join(folder, name)
  mkdirSync(at)
  cpSync(fileURLToPath(new URL('../../examples/python-text/bulkhead.py', import.meta.url)), join(at, 'bulkhead.py'))
  writeFileSync(join(at, 'plugin.py'), program.replace('"NAME"', JSON.stringify(name)))
  if (atStart !== undefined) writeFileSync(join(at, 'at-start'), atStart)
  writeFileSync(
    join(at, 'plugin.yaml'),
    [
      `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool`,
      `execution:\n  tier: process\n  protocol: jsonrpc\n  entry: plugin.py`,
      execution,
      asks.length === 0 ? '' : `permissions:\n  network: ${JSON.stringify(asks)}`,
      more,
    ].join('\n'),
  )
  return at
}
