// @x/http1 on a StreamReader: the same message in any pieces, what is refused, what is sent.
import {
  CHUNK_END,
  FieldSection,
  RequestHeadDecoder,
  ResponseHeadDecoder,
  createBodyDecoder,
  encodeChunkHeader,
  encodeLastChunk,
  encodeRequestHead,
  latin1Bytes,
  persistence,
  responseFraming,
  takeBody,
  wholeWindow,
} from '@x/http1'
import { StreamReader } from '@x/stream-reader'
import { equal, everySplit, rejection, text, thrown } from './expect.mjs'

const CHUNKED =
  'HTTP/1.1 200 Fine\r\nVary: a\r\nvary: b\r\nX-Latin: \x80\xe9\xff\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '5;a="b"\r\nhello\r\nA\r\n, splitter\r\n0\r\nX-Sum: 15\r\n\r\n'

/** @type {import('./run-cases.mjs').Case[]} */
export const http1Cases = [
  {
    feature: 'http1',
    name: 'a chunked response in any pieces',
    async run() {
      for (const chunks of everySplit(latin1Bytes(`${CHUNKED}next`))) {
        const reader = new StreamReader()
        const reading = readResponse(reader)
        for (const chunk of chunks) reader.feed(chunk)
        reader.feedEof()
        const { head, framing, content, trailers } = await reading
        equal([head.status, head.reasonPhrase, head.fields.get('Vary')], [200, 'Fine', 'a, b'])
        equal(head.fields.get('x-latin'), '\x80\xe9\xff')
        equal([framing.kind, content, trailers.get('x-sum')], ['chunked', 'hello, splitter', '15'])
        equal(persistence(head, framing).reusable, true)
        equal(text(await reader.readAll()), 'next')
      }
    },
  },
  {
    feature: 'http1',
    name: 'what two recipients might read differently is refused',
    async run() {
      const wires = {
        'P8 bare LF': 'HTTP/1.1 200 OK\nA: b\r\n\r\n',
        'P9 space before the colon': 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
        'P16 two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
        'P19 both framings': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      }
      for (const [name, wire] of Object.entries(wires)) {
        for (const chunks of everySplit(latin1Bytes(wire))) {
          const reader = new StreamReader()
          const reading = rejection(readResponse(reader), name)
          for (const chunk of chunks) reader.feed(chunk)
          reader.feedEof()
          equal((await reading).code.startsWith('ERR_HTTP1_'), true, name)
        }
      }
    },
  },
  {
    feature: 'http1',
    name: 'what is encoded is decoded again, and what cannot be sent is refused',
    run() {
      const fields = FieldSection.from({
        Host: 'a.example',
        'X-Latin': '\xe9',
        'Transfer-Encoding': 'chunked',
      })
      const head = encodeRequestHead({ method: 'POST', target: '/a?b=c', fields })
      const body = `${encodeChunkHeader(5)}hello${CHUNK_END}${encodeLastChunk({ 'X-Sum': '5' })}`
      const window = wholeWindow(latin1Bytes(head + body))
      const decoded = new RequestHeadDecoder().decode(window)
      equal([decoded?.method, decoded?.target, decoded?.fields.get('x-latin')], ['POST', '/a?b=c', '\xe9'])
      const { content, complete } = takeBody(createBodyDecoder({ kind: 'chunked' }), window)
      equal([text(content), complete], ['hello', true])
      const injected = thrown(() => FieldSection.from({ 'X-Name': 'a\r\nInjected: b' }))
      equal(injected.name, 'InvalidMessageError')
    },
  },
]

/** @param {StreamReader} reader */
async function readResponse(reader) {
  const head = await reader.decode(new ResponseHeadDecoder().decode)
  const framing = responseFraming({ requestMethod: 'GET', head })
  const body = createBodyDecoder(framing)
  let content = ''
  let step = ''
  while (step !== 'end') {
    step = await reader.decode((window) => {
      const { bytes } = window
      const found = body.next(window)
      if (found === 'data') content += text(bytes.slice(body.dataStart, body.dataEnd))
      return found
    })
  }
  return { head, framing, content, trailers: body.trailers }
}
