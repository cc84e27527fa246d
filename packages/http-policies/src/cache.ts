/** The entry `@x/http-policies/cache`. */
export { cache } from './cache-middleware.ts'
export type { CacheOptions } from './cache-middleware.ts'
export { createMemoryStore } from './cache-memory-store.ts'
export type { MemoryStoreOptions } from './cache-memory-store.ts'
export type { CacheStore, StoredResponse } from './cache-store.ts'
