import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FormDataLike } from './body-kinds.ts'
import { fromParts } from './body-opening.ts'
import { HELLO, memoryServer, readRequest } from './memory-server.test-support.ts'
import { encodeMultipart } from './multipart.ts'

const URL = 'http://a.example/'

/** All that a form becomes. */
async function bytesOf(data: FormDataLike, boundary?: string): Promise<Buffer> {
  const { parts, byteCount } = encodeMultipart(data, boundary)
  const source = fromParts(parts)
  const chunks: Uint8Array[] = []
  for (let step = await source.next(); !step.done; step = await source.next())
    chunks.push(step.value as Uint8Array)
  const bytes = Buffer.concat(chunks)
  expect(bytes.length, 'the length that was told beforehand').toBe(byteCount)
  return bytes
}

function form(...entries: [name: string, value: string | Blob, filename?: string][]): FormData {
  const data = new FormData()
  for (const [name, value, filename] of entries) {
    if (typeof value === 'string') data.append(name, value)
    else if (filename === undefined) data.append(name, value)
    else data.append(name, value, filename)
  }
  return data
}

const text = (content: string, type = ''): Blob => new Blob([content], { type })

const FORMS: { name: string; form: FormData; wire: string }[] = [
  { name: 'no entries', form: form(), wire: '--b--\r\n' },
  {
    name: 'text has no Content-Type',
    form: form(['a', '1'], ['a', '']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--b--\r\n',
  },
  {
    name: 'a file without a type',
    form: form(['a', text('<x>'), 'x.bin']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="a"; filename="x.bin"\r\n' +
      'Content-Type: application/octet-stream\r\n\r\n<x>\r\n--b--\r\n',
  },
  {
    name: 'a blob without a name, between text',
    form: form(['a', '1'], ['f', text('', 'text/csv')], ['b', '2']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--b\r\nContent-Disposition: form-data; name="f"; filename="blob"\r\nContent-Type: text/csv\r\n\r\n\r\n' +
      '--b\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--b--\r\n',
  },
  {
    name: 'quotes, backslashes and percent signs in names',
    form: form(['"\\%22', '1'], ['f', text(''), '"\\;\t.txt']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="%22\\%22"\r\n\r\n1\r\n' +
      '--b\r\nContent-Disposition: form-data; name="f"; filename="%22\\;\t.txt"\r\n' +
      'Content-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n',
  },
  {
    name: 'line ends: CRLF in names and text, as they are in names of files and in files',
    form: form(['a\nb\rc\r\nd', '1\n2\r3\r\n4\n\r5'], ['f', text('1\n2\r3'), 'a\nb\rc\r\nd']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="a%0D%0Ab%0D%0Ac%0D%0Ad"\r\n\r\n' +
      '1\r\n2\r\n3\r\n4\r\n\r\n5\r\n' +
      '--b\r\nContent-Disposition: form-data; name="f"; filename="a%0Ab%0Dc%0D%0Ad"\r\n' +
      'Content-Type: application/octet-stream\r\n\r\n1\n2\r3\r\n--b--\r\n',
  },
  {
    name: 'names and text beyond ASCII are UTF-8',
    form: form(['ä', '€'], ['f', text(''), '😀']),
    wire:
      '--b\r\nContent-Disposition: form-data; name="ä"\r\n\r\n€\r\n' +
      '--b\r\nContent-Disposition: form-data; name="f"; filename="😀"\r\n' +
      'Content-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n',
  },
]

for (const { name, form: data, wire } of FORMS) {
  test(`multipart: ${name}`, async () => expect((await bytesOf(data, 'b')).toString()).toBe(wire))
}

test('multipart: the boundary is another one each time, and is a token of at most 70 characters', () => {
  const types = new Set(Array.from({ length: 50 }, () => encodeMultipart(form()).contentType))
  expect(types.size).toBe(50)
  for (const type of types) expect(type).toMatch(/^multipart\/form-data; boundary=[0-9a-z-]{27,70}$/)
})

test('multipart: what is added to the form later is not sent', async () => {
  const data = form(['a', '1'])
  const { parts, byteCount } = encodeMultipart(data)
  data.append('b', '2')
  expect(parts.reduce((sum, part) => sum + (part as Uint8Array).length, 0)).toBe(byteCount)
})

/** A file whose maker does not check its type, as `openAsBlob` of `node:fs` does not. */
class TypedFile extends File {
  readonly #type: string
  constructor(type: string) {
    super(['x'], 'x.txt')
    this.#type = type
  }
  override get type(): string {
    return this.#type
  }
}

const NOT_FORMS: { name: string; entries: unknown[] }[] = [
  { name: 'a number', entries: [['a', 1]] },
  { name: 'nothing', entries: [['a', null]] },
  { name: 'a blob that has no name', entries: [['a', new Blob(['x'])]] },
  { name: 'a file whose type would add a field', entries: [['a', new TypedFile('a/b\r\nX: y')]] },
]

for (const { name, entries } of NOT_FORMS) {
  test(`multipart: ${name} as entry is refused`, () => {
    const data = Object.assign(entries, { getAll: () => [] }) as unknown as FormDataLike
    expect(() => encodeMultipart(data)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_BODY' }))
  })
}

// Read by another one's parser -----------------------------------------------------------------------------------------

/** Characters that mean something to somebody, and others. */
const strings = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\r', '\n', '%', ';', '=', "'", '-', '--', ' ', '\t', ':', 'ä', '€', '😀'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 20,
})
const entries = fc.oneof(
  fc.tuple(strings, strings),
  fc.tuple(
    strings,
    fc.uint8Array({ maxLength: 300 }),
    strings,
    fc.constantFrom('', 'text/plain', 'image/png'),
  ),
)

const wellFormed = (value: string): string => Buffer.from(value).toString()
const normalized = (value: string): string => value.replace(/\r\n?|\n/g, '\r\n')
const hex = async (blob: Blob): Promise<string> => Buffer.from(await blob.arrayBuffer()).toString('hex')

test('multipart: another one’s parser gets back every name, text, file name, type and byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entries, { maxLength: 6 }), async (list) => {
      const data = new FormData()
      const expected: unknown[] = []
      for (const [name, value, filename, type] of list) {
        // Lone halves become U+FFFD in the form; the parser gives the percent forms as they are, and names nothing of its own.
        const sent = (part: string): string =>
          wellFormed(part).replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
        if (typeof value === 'string') {
          data.append(name, value)
          expected.push([sent(normalized(name)), normalized(wellFormed(value))])
        } else {
          data.append(name, new File([value], filename ?? '', { type: type ?? '' }))
          expected.push([
            sent(normalized(name)),
            sent(filename ?? ''),
            type === '' ? 'application/octet-stream' : type,
            Buffer.from(value).toString('hex'),
          ])
        }
      }
      const { contentType } = encodeMultipart(data, 'form-data-0123456789abcdef')
      const bytes = await bytesOf(data, 'form-data-0123456789abcdef')
      const parsed = await new Response(new Uint8Array(bytes), {
        headers: { 'content-type': contentType },
      }).formData()
      const got = await Promise.all(
        Array.from(parsed, async ([name, value]) =>
          typeof value === 'string' ? [name, value] : [name, value.name, value.type, await hex(value)],
        ),
      )
      const unescaped = (all: unknown[]): string =>
        JSON.stringify(all).replaceAll('%22', '\\"').replaceAll('%0D', '\\r').replaceAll('%0A', '\\n')
      expect(unescaped(got)).toBe(unescaped(expected))
    }),
    { numRuns: 300 },
  )
})

test('multipart: a big form arrives whole, with its length told, never held as a whole', async () => {
  const big = new Blob(Array.from({ length: 30 }, (_, index) => Buffer.alloc(100_000, index)))
  let largest = 0
  let request = ''
  const { session } = memoryServer(async (peer) => {
    request = (await readRequest(peer)) ?? ''
    peer.writer.writeText(HELLO)
  })
  class Watched extends File {
    override stream(): ReturnType<File['stream']> {
      return super.stream().pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform(chunk, controller) {
            largest = Math.max(largest, chunk.length)
            controller.enqueue(chunk)
          },
        }),
      )
    }
  }
  await session.post(URL, { body: form(['a', '1'], ['f', new Watched([big], 'big.bin')]) })
  const [head = '', ...rest] = request.split('\n\n')
  const content = Buffer.from(rest.join('\n\n'), 'latin1')
  expect(head).toContain(`Content-Length: ${content.length}`)
  const type = /^Content-Type: (.*)$/m.exec(head)?.[1] ?? ''
  const parsed = await new Response(content, { headers: { 'content-type': type } }).formData()
  expect(await hex(parsed.get('f') as File)).toBe(await hex(big))
  expect(largest).toBeLessThan(1_000_000)
})
