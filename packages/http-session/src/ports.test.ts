import type { ByteWindow as ReaderWindow, StreamReader } from '@x/stream-reader'
import type { StreamWriter } from '@x/stream-writer'
import type { Connection } from '@x/streams'
import type { VirtualClock } from '@x/transport/memory'
import { expectTypeOf, test } from 'vitest'
import type { ByteReader, ByteStream, ByteWindow, ByteWriter, Clock, Connector } from './index.ts'
import { connect } from './default-connector.ts'
import { platformClock } from './clock.ts'

test('the ports are matched by shape', () => {
  expectTypeOf<StreamReader>().toExtend<ByteReader>()
  expectTypeOf<StreamWriter>().toExtend<ByteWriter>()
  expectTypeOf<Connection>().toExtend<ByteStream>()
  expectTypeOf<ReaderWindow>().toExtend<ByteWindow>()
  expectTypeOf(connect).toExtend<Connector>()
  expectTypeOf(platformClock).toExtend<Clock>()
  expectTypeOf<VirtualClock>().toExtend<Clock>()
})
