/** What a body can be, known by its shape: each platform, realm and polyfill has classes of its own. Nobody else asks what a value is. */

/** Where Node says that a Web stream was read of: registered for all installed copies of its streams. */
const DISTURBED = Symbol.for('nodejs.stream.disturbed')

/** Gives a body piece by piece. A Node `Readable` is one. */
export type BodyChunks = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** What is used of a Web `ReadableStream`. */
export interface WebReadable {
  readonly locked: boolean
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | string | undefined }>
    cancel(reason?: unknown): Promise<unknown>
  }
  cancel(reason?: unknown): Promise<unknown>
}

/** What is used of a Node `Readable`. */
export interface NodeReadable extends AsyncIterable<Uint8Array | string> {
  readonly destroyed: boolean
  readonly readableEnded: boolean
  read(): unknown
  destroy(): unknown
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/** What is used of a `Blob`. */
export interface BlobLike {
  /** Bytes. */
  readonly size: number
  /** Its media type, or empty. */
  readonly type: string
  stream(): WebReadable
}

/** What is used of a `File`. */
export interface FileLike extends BlobLike {
  readonly name: string
}

/** What is used of a `FormData`. */
export interface FormDataLike extends Iterable<readonly [name: string, value: string | FileLike]> {
  getAll(name: string): unknown[]
}

/** Whether a chunk is bytes: as for fetch, other views are taken for a mistake there, while a whole body may be any view. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array')
}

/** The bytes of a view, where they are, as an array of this realm. */
export function viewedBytes(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** The bytes of a view or a buffer, where they are; `null`: it is none. */
export function bytesOf(value: object): Uint8Array | null {
  if (ArrayBuffer.isView(value)) return viewedBytes(value)
  return tagOf(value) === 'ArrayBuffer' ? new Uint8Array(value as ArrayBuffer) : null
}

export function isSearchParams(value: object): value is URLSearchParams {
  return tagOf(value) === 'URLSearchParams'
}

/** A `File` is one too. */
export function isBlob(value: object): value is BlobLike {
  return /^(?:Blob|File)$/.test(tagOf(value)) && hasMethods(value, ['stream'])
}

export function isFile(value: unknown): value is FileLike {
  return typeof value === 'object' && value !== null && isBlob(value) && 'name' in value
}

export function isFormData(value: object): value is FormDataLike {
  return tagOf(value) === 'FormData' && hasMethods(value, ['getAll'])
}

export function isWebReadable(value: object): value is WebReadable {
  return hasMethods(value, ['getReader'])
}

export function isNodeReadable(value: object): value is NodeReadable {
  return hasMethods(value, ['read', 'destroy', 'on', 'off', Symbol.asyncIterator])
}

/** What can be looked at beforehand is; lists of pairs (Map, Headers) are iterable, and no bytes. */
export function isChunks(value: object): value is BodyChunks {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string' || isBytes(item))
  return !('get' in value) && (Symbol.asyncIterator in value || Symbol.iterator in value)
}

/** Whether somebody else reads a stream, has read of it, or nobody can any more; as far as it shows. */
export function isUsed(stream: WebReadable | NodeReadable): boolean {
  if ('locked' in stream) return stream.locked || (stream as { [DISTURBED]?: boolean })[DISTURBED] === true
  return stream.destroyed || stream.readableEnded
}

function hasMethods(value: object, names: readonly PropertyKey[]): boolean {
  return names.every((name) => typeof (value as Record<PropertyKey, unknown>)[name] === 'function')
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}
