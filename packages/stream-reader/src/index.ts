export { StreamReader } from './stream-reader.ts'
export type {
  FlowControl,
  LimitedReadOptions,
  LineOptions,
  ReadOptions,
  SetTimer,
  StreamReaderOptions,
} from './reader-options.ts'
export type { ByteWindow, Decoder } from './byte-window.ts'
export {
  FeedAfterEofError,
  IncompleteReadError,
  LimitExceededError,
  ReaderBusyError,
  ReadTimeoutError,
  StreamFailedError,
  StreamReaderError,
} from './errors.ts'
