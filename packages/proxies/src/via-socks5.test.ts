import { inspect } from 'node:util'
import type { Connection } from '@x/streams'
import type { Lookup } from '@x/transport'
import { expect, test } from 'vitest'
import { everySplit, memoryProxy, octets, rejectionOf, writePieces } from './memory-proxy.test-support.ts'
import type { Script } from './memory-proxy.test-support.ts'
import { viaHttpProxy, viaSocks5 } from './index.ts'
import type { Socks5Options } from './index.ts'

const PLAIN = { host: 'a.example', port: 80, secure: false }
const OK = '\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90'

/** Octets of a text, as hex. */
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

function through(script: Script, options: Partial<Socks5Options> = {}) {
  const proxy = memoryProxy(script)
  return {
    ...proxy,
    connector: viaSocks5({ proxy: 'socks5h://proxy.example', connect: proxy.connect, ...options }),
  }
}

/** Reads so many octets, then writes; again and again. What was read is put into `seen`, as hex. */
function dialogue(seen: string[], ...steps: [byteCount: number, answer: string][]): Script {
  return async (peer) => {
    for (const [byteCount, answer] of steps) {
      seen.push(Buffer.from(await peer.reader.readExactly(byteCount)).toString('hex'))
      await writePieces(peer, [octets(answer)])
    }
  }
}

const ASKED: [host: string, request: string][] = [
  ['a.example', `05010003 09${hex('a.example')} 0050`],
  ['127.0.0.1', '05010001 7f000001 0050'],
  ['::1', `05010004 ${'00'.repeat(15)}01 0050`],
  ['x'.repeat(255), `05010003 ff${'78'.repeat(255)} 0050`],
]

for (const [host, spaced] of ASKED) {
  test(`socks5h asks for ${host.slice(0, 20)}`, async () => {
    const request = spaced.replaceAll(' ', '')
    const seen: string[] = []
    const { connector, targets } = through(
      dialogue(seen, [3, '\x05\x00'], [request.length / 2, `${OK}early`]),
    )
    const { reader, forwarding } = await connector({ ...PLAIN, host })
    expect(seen).toEqual(['050100', request])
    expect(await reader.readExactly(5)).toEqual(octets('early'))
    expect(forwarding).toBe(undefined)
    expect(targets).toEqual([{ host: 'proxy.example', port: 1080, secure: false }])
  })
}

test('user and password, at every split of what the proxy says', async () => {
  for (const pieces of everySplit(octets(`\x05\x02\x01\x00${OK}!`))) {
    const { connector, peers } = through((peer) => writePieces(peer, pieces), {
      proxy: 'socks5h://us%C3%A9:p%40ss@proxy.example:1081',
    })
    const { reader } = await connector(PLAIN)
    expect(await reader.readExactly(1)).toEqual(octets('!'))
    const sent = await peers[0]?.reader.readExactly(31)
    const password = `0104${Buffer.from('usé').toString('hex')}04${hex('p@ss')}`
    expect(Buffer.from(sent ?? []).toString('hex')).toBe(
      `05020002${password}0501000309${hex('a.example')}0050`,
    )
  }
})

test('credentials that are not asked for are not sent', async () => {
  const seen: string[] = []
  const { connector } = through(dialogue(seen, [4, '\x05\x00'], [16, OK]), {
    proxy: 'socks5h://u:p@proxy.example',
  })
  await connector(PLAIN)
  expect(seen).toEqual(['05020002', `0501000309${hex('a.example')}0050`])
})

const REFUSED: [name: string, proxy: string, answers: string, error: Record<string, unknown>, why: string][] =
  [
    ['no method, without credentials', '', '\x05\xff', { code: 'ERR_PROXY_AUTH' }, 'wants credentials'],
    [
      'no method, with credentials',
      'u:secret@',
      '\x05\xff',
      { code: 'ERR_PROXY_AUTH' },
      'something else than a password',
    ],
    ['the password', 'u:secret@', '\x05\x02\x01\x01', { code: 'ERR_PROXY_AUTH' }, 'refused user or password'],
    ['a password nobody offered', '', '\x05\x02', { code: 'ERR_PROXY_PROTOCOL' }, 'method 2 was not offered'],
    [
      'another protocol',
      '',
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      { code: 'ERR_PROXY_PROTOCOL' },
      'not SOCKS5: version is 72',
    ],
    [
      'a wrong reserved octet',
      '',
      '\x05\x00\x05\x00\x01',
      { code: 'ERR_PROXY_PROTOCOL' },
      'reserved octet is 1',
    ],
    ['reply 2', '', '\x05\x00\x05\x02', { code: 'ERR_PROXY_REPLY', reply: 2 }, 'its rules do not allow'],
    [
      'reply 5',
      '',
      '\x05\x00\x05\x05\0\x01\0\0\0\0\0\0',
      { code: 'ERR_PROXY_REPLY', reply: 5 },
      'connection refused',
    ],
    [
      'reply 255',
      'u:secret@',
      '\x05\x02\x01\0\x05\xff',
      { code: 'ERR_PROXY_REPLY', reply: 255 },
      'reply 255',
    ],
  ]

for (const [name, credentials, answers, facts, why] of REFUSED) {
  test(`refused: ${name}; the connection is closed, the error has no credentials`, async () => {
    for (const pieces of everySplit(octets(answers))) {
      const { connector, openCount } = through(async (peer) => writePieces(peer, pieces), {
        proxy: `socks5h://${credentials}proxy.example`,
      })
      const error = await rejectionOf(connector(PLAIN))
      expect(error).toMatchObject({
        proxy: 'socks5h://proxy.example:1080',
        target: 'a.example:80',
        status: null,
        ...facts,
      })
      expect((error as Error).message).toContain(why)
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret')
      expect(openCount()).toBe(0)
    }
  })
}

const WHOLE = `\x05\x02\x01\x00${OK}`

test('an end or a reset at every octet', async () => {
  for (let length = 0; length < WHOLE.length; length++) {
    for (const end of ['close', 'abort'] as const) {
      const { connector, openCount } = through(
        async (peer) => {
          if (length > 0) await writePieces(peer, [octets(WHOLE.slice(0, length))])
          void peer[end]()
        },
        { proxy: 'socks5h://u:p@proxy.example' },
      )
      await expect(connector(PLAIN), `${end} after ${length}`).rejects.toMatchObject({
        code: 'ERR_PROXY_CLOSED',
      })
      expect(openCount()).toBe(0)
    }
  }
})

test('an abort at every octet', async () => {
  const reason = new Error('enough')
  for (let length = 0; length < WHOLE.length; length++) {
    const controller = new AbortController()
    const { connector, openCount } = through(
      async (peer) => {
        if (length > 0) await writePieces(peer, [octets(WHOLE.slice(0, length))])
        controller.abort(reason)
      },
      { proxy: 'socks5h://u:p@proxy.example' },
    )
    await expect(connector(PLAIN, { signal: controller.signal }), `after ${length}`).rejects.toBe(reason)
    expect(openCount()).toBe(0)
  }
})

/** Answers with these addresses, and remembers who was asked for. */
function resolver(names: string[], ...addresses: string[]): Lookup {
  return (name, _options, callback) => {
    names.push(name)
    queueMicrotask(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    )
  }
}

test('socks5 resolves names here', async () => {
  const seen: string[] = []
  const names: string[] = []
  const phases: string[] = []
  const { connector } = through(dialogue(seen, [3, '\x05\x00'], [10, OK]), {
    proxy: 'socks5://proxy.example',
    lookup: resolver(names, '192.0.2.7'),
  })
  await connector(PLAIN, { onPhase: (phase) => phases.push(phase) })
  expect([names, seen, phases]).toEqual([['a.example'], ['050100', '05010001c00002070050'], ['dns', 'proxy']])
  // An address is not asked about.
  await connector({ ...PLAIN, host: '192.0.2.8' })
  expect(names).toEqual(['a.example'])
})

test('socks5 tries the addresses of a name one after the other, families in turns', async () => {
  const asked: string[] = []
  const { connector, openCount } = through(
    async ({ reader, writer }, index) => {
      await reader.readExactly(3)
      writer.writeText('\x05\x00', 'latin1')
      asked.push(Buffer.from(await reader.peek(8)).toString('hex'))
      writer.writeText(['\x05\x08', '\x05\x05', OK][index] ?? '', 'latin1')
    },
    {
      proxy: 'socks5://proxy.example',
      lookup: resolver([], '2001:db8::1', '2001:db8::2', '192.0.2.1', '192.0.2.2'),
    },
  )
  await connector(PLAIN)
  expect(asked).toEqual(['0501000420010db8', '05010001c0000201', '0501000420010db8'])
  expect(openCount()).toBe(1)
})

test('socks5: no other address after a reply that is about all of them; the last failure is told', async () => {
  for (const [reply, count] of [
    ['\x02', 1],
    ['\x07', 1],
    ['\x05', 2],
  ] as const) {
    const lookup = resolver([], '192.0.2.1', '192.0.2.2')
    const { connector, clients, openCount } = through(
      (peer: Connection) => peer.writer.writeText(`\x05\x00\x05${reply}`, 'latin1'),
      { proxy: 'socks5://proxy.example', lookup },
    )
    await expect(connector(PLAIN)).rejects.toMatchObject({ reply: reply.charCodeAt(0) })
    expect([clients.length, openCount()]).toEqual([count, 0])
  }
})

test('socks5: a name that cannot be resolved, and an abort meanwhile', async () => {
  const failing: Lookup = (_name, _options, callback) =>
    queueMicrotask(() => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []))
  const { connector, clients } = through(() => {}, { proxy: 'socks5://proxy.example', lookup: failing })
  await expect(connector(PLAIN)).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_DNS_NOTFOUND',
    host: 'a.example',
  })
  const controller = new AbortController()
  const silent = through(() => {}, {
    proxy: 'socks5://proxy.example',
    lookup: () => controller.abort('enough'),
  })
  await expect(silent.connector(PLAIN, { signal: controller.signal })).rejects.toBe('enough')
  expect([...clients, ...silent.clients]).toEqual([])
})

test('targets that cannot be asked for: nothing is connected to', async () => {
  for (const target of [
    { ...PLAIN, host: 'x'.repeat(256) },
    { ...PLAIN, host: '' },
    { ...PLAIN, host: 'a\0b' },
    { ...PLAIN, host: 'bücher.example' },
    { ...PLAIN, port: 0 },
    { ...PLAIN, port: 65_536 },
    { ...PLAIN, port: 1.5 },
  ]) {
    const { connector, clients } = through(() => {})
    await expect(connector(target)).rejects.toMatchObject({ code: 'ERR_PROXY_TARGET' })
    expect(clients).toEqual([])
  }
})

test('SOCKS5 behind an HTTP proxy: through its tunnel, not by forwarding', async () => {
  const http = memoryProxy(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    await writePieces(peer, [octets('HTTP/1.1 200 OK\r\n\r\n')])
    await dialogue([], [3, '\x05\x00'], [16, OK])(peer, 0)
  })
  const inner = viaHttpProxy({ proxy: 'http://first', tunnel: 'always', connect: http.connect })
  await viaSocks5({ proxy: 'socks5h://second', connect: inner })(PLAIN)
  const forwarding = viaHttpProxy({ proxy: 'http://first', connect: http.connect })
  await expect(viaSocks5({ proxy: 'socks5h://second', connect: forwarding })(PLAIN)).rejects.toMatchObject({
    code: 'ERR_PROXY_FORWARDING',
  })
  expect(http.openCount()).toBe(1)
})

const WRONG: [name: string, options: object, why: string][] = [
  ['no proxy', {}, 'option "proxy" must be a string'],
  ['another scheme', { proxy: 'socks4://secret@a' }, 'schemes socks5, socks5h'],
  ['an unknown option', { proxy: 'socks5://a', tunnel: 'always' }, 'there is no option "tunnel"'],
  ['connect', { proxy: 'socks5://a', connect: 1 }, 'option "connect" must be a function'],
  ['lookup', { proxy: 'socks5://a', lookup: 1 }, 'option "lookup" must be a function'],
  [
    'lookup where nothing is looked up',
    { proxy: 'socks5h://a', lookup: () => {} },
    'no meaning with "socks5h"',
  ],
  ['a password alone', { proxy: 'socks5://:secret@a' }, 'must be of 1 to 255 octets'],
  ['a long user', { proxy: `socks5://secret${'x'.repeat(250)}:p@a` }, 'must be of 1 to 255 octets'],
  ['a long password', { proxy: `socks5://u:secret${'x'.repeat(250)}@a` }, 'must be of 1 to 255 octets'],
]

for (const [name, options, why] of WRONG) {
  test(`options that cannot be meant: ${name}`, () => {
    expect(() => viaSocks5(options as Socks5Options)).toThrow(TypeError)
    expect(() => viaSocks5(options as Socks5Options)).toThrow(why)
    expect(() => viaSocks5(options as Socks5Options)).not.toThrow('secret')
  })
}
