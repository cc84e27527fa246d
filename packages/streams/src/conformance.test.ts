import { expectTypeOf, test } from 'vitest'
import type { FlowControl } from '@x/stream-reader'
import type { ByteSink, CloseReason } from '@x/stream-writer'
import type { BufferedProtocol, CloseReason as TransportCloseReason, Protocol, Transport } from '@x/transport'
import type { StreamProtocol } from './index.ts'

test('the ports that this package joins fit by shape', () => {
  expectTypeOf<Transport>().toExtend<FlowControl>()
  expectTypeOf<Transport>().toExtend<ByteSink>()
  expectTypeOf<TransportCloseReason>().toExtend<CloseReason>()
  expectTypeOf<StreamProtocol>().toExtend<BufferedProtocol>()
  expectTypeOf<StreamProtocol>().toExtend<Protocol>()
})
