import { writerWork } from '../writer-work.mjs'

export const work = writerWork({ name: 'writes-1kx16', pieceBytes: 1024, count: 16 })
