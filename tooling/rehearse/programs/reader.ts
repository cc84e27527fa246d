// Only the reader, fed by hand.
import { IncompleteReadError, StreamReader, type Decoder, type StreamReaderOptions } from '@x/stream-reader'
import { lengthPrefixed, map, uint8 } from '@x/stream-reader/decoders'
import { readerFrom } from '@x/stream-reader/sources'

const options: StreamReaderOptions = { highWaterMark: 1024 }
const text: Decoder<string> = map(lengthPrefixed(uint8), (bytes) => new TextDecoder().decode(bytes))

async function main(): Promise<void> {
  const reader = new StreamReader(options)
  reader.feed(new TextEncoder().encode('a line\r\n\x06framed'))
  reader.feedEof()
  const line: string | null = await reader.readLine()
  const framed: string = await reader.decode(text)
  const failure = await reader.readExactly(4).catch((error: unknown) => error)
  const partial = failure instanceof IncompleteReadError ? failure.partial.length : -1
  const fromBlob = await readerFrom(new Blob(['of a blob'])).readAll()
  console.log(line, framed, partial, new TextDecoder().decode(fromBlob))
}

void main()
