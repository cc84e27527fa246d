export { StreamReader } from './stream-reader.ts'
export type {
  LimitedReadOptions,
  LineOptions,
  ReadOptions,
  SetTimer,
  StreamReaderOptions,
} from './reader-options.ts'
export type { FlowControl } from './water-marks.ts'
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
