// A program asks its proxy for places that it was not granted, in every spelling, and for names that lead there.

import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

/** Everything public, whatever the method and the path. */
const broad = ['network:*', 'network:https://*', 'network:*:*']

const lookupOf =
  (table: Readonly<Record<string, readonly string[]>>) =>
  (name: string): Promise<readonly string[]> =>
    Object.hasOwn(table, name)
      ? Promise.resolve(table[name] ?? [])
      : Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }))

test('the metadata address and all else that is not public: by its number, in odd spellings, behind names', async () => {
  const lookup = lookupOf({
    'inside.example.com': ['169.254.169.254'],
    'both.example.com': ['8.8.8.8', '127.0.0.1'],
    'mapped.example.com': ['::ffff:10.0.0.1'],
  })
  await using bench = await openEgressBench({ grants: broad, lookup })
  const places = [
    ...['169.254.169.254:80', '127.0.0.1:80', '127.1:80', '0x7f.0.0.1:80', '0177.0.0.1:80', '2130706433:80'],
    ...['[::1]:80', '[::ffff:127.0.0.1]:80', '[::ffff:a9fe:a9fe]:80', '[fd00:ec2::254]:80', 'localhost:80'],
    ...['localhost.:80', 'LOCALHOST:80', 'a.localhost:80', '127.0.0.1.:80', '10.0.0.1:22', '192.168.1.1:443'],
    ...['inside.example.com:443', 'both.example.com:443', 'mapped.example.com:443', '168.63.129.16:80'],
  ]
  for (const place of places) {
    const { status, text } = await bench.tunnel(place)
    expect({ place, status, text }).toMatchObject({ status: 403, text: expect.stringContaining('capability.denied') })
  }
  expect(bench.records.every(({ type, result }) => type === 'capability_check' && result !== 'info')).toBe(true)
  expect(bench.records.filter(({ result }) => result === 'denied')).toHaveLength(places.length)
})

test('what is no host and port: user information, escapes, line breaks, paths, other schemes, no port', async () => {
  await using bench = await openEgressBench({ grants: broad })
  const places = [
    ...['user@example.com:443', 'example.com:443@127.0.0.1:80', 'a:b@example.com:443', 'example.com', 'example.com:0'],
    ...['example.com:65536', 'example.com:99999', 'example.com:+443', 'example.com:0443', ':443', '[::1', '::1:443'],
    ...['example.com/:443', 'example.com%2f@x:443', '%31%32%37.0.0.1:80', 'ex ample.com:443', 'http://example.com:443'],
    ...['[::1%eth0]:443', 'bücher.example:443', '..:443', 'a..b:443', '*:443', 'example.com:443:443', '[1.2.3.4]:443'],
    ...['example.com\\@127.0.0.1:443', 'example.com#@127.0.0.1:443', 'example.com?:443', '/etc/passwd', '*'],
  ]
  for (const place of places) {
    const { status } = await bench.tunnel(place)
    expect({ place, status }).toEqual({ place, status: 400 })
  }
  for (const mark of ['\r\n', '\n', '\r', '\t', '\0']) {
    const answer = await bench.say(`CONNECT example.com:443${mark}X: y HTTP/1.1\r\nProxy-Authorization: {auth}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 40[07]|^$/)
  }
  expect(bench.records.filter(({ type }) => type === 'capability_check')).toEqual([])
  expect(bench.records.filter(({ type }) => type === 'connection_refused').length).toBeGreaterThan(places.length)
})

test('a name is resolved once, and what was checked is dialled', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end('inside'))
  let asked = 0
  await using bench = await openEgressBench({
    grants: [`network:rebind.example.com:${server.port}`, 'network.private:192.0.2.1'],
    // What is checked leads nowhere; what would be said next is the loopback server.
    lookup: () => Promise.resolve(asked++ === 0 ? ['192.0.2.1'] : ['127.0.0.1']),
  })
  const { status } = await bench.tunnel(`rebind.example.com:${server.port}`)
  expect({ status, asked, reached: server.sockets.length }).toEqual({ status: 502, asked: 1, reached: 0 })
  expect((await bench.tunnel(`rebind.example.com:${server.port}`)).status).toBe(403)
  expect(server.sockets).toHaveLength(0)
})

test('a port that was not granted, on a host that was', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using other = await openLoopbackServer((_request, response) => response.end())
  await using bench = await openEgressBench({ grants: [`network:127.0.0.1:${server.port}`] })
  const allowed = await bench.tunnel(`127.0.0.1:${server.port}`)
  expect(allowed.status).toBe(200)
  allowed.socket.destroy()
  expect((await bench.tunnel(`127.0.0.1:${other.port}`)).status).toBe(403)
  expect(other.sockets).toHaveLength(0)
})

test('a grant of a method or of a path allows no tunnel, and the reason says so', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  const place = `127.0.0.1:${server.port}`
  for (const grant of [
    `GET https://${place}`,
    `https://${place}/open/*`,
    `http://${place}`,
    `POST https://${place}/`,
  ]) {
    await using bench = await openEgressBench({ grants: [`network:${grant}`] })
    const { status, text } = await bench.tunnel(place)
    expect({ grant, status }).toEqual({ grant, status: 403 })
    expect(text).toContain('what passes a tunnel is not seen')
    expect(bench.records.at(-1)?.why).toContain('what passes a tunnel is not seen')
  }
  expect(server.sockets).toHaveLength(0)
})

test('a plugin that denies itself part of a host gets no tunnel to it', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  const place = `127.0.0.1:${server.port}`
  for (const deny of [`DELETE https://${place}`, `http://${place}/admin/*`, `https://${place}/`]) {
    await using bench = await openEgressBench({ grants: [`network:${place}`], denies: [`network:${deny}`] })
    expect({ deny, status: (await bench.tunnel(place)).status }).toEqual({ deny, status: 403 })
  }
  await using bench = await openEgressBench({ grants: [`network:${place}`], denies: ['network:https://127.0.0.1:1'] })
  const { status, socket } = await bench.tunnel(place)
  expect(status).toBe(200)
  socket.destroy()
})

test('no guest can name the function that opens connections', async () => {
  await using bench = await openEgressBench({ grants: broad })
  const error = await bench.door.refused('net.connect', { host: 'example.com', port: 443 })
  expect(error.code).toBe('function.unknown')
})
