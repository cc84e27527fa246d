import { writerWork } from '../writer-work.mjs'

export const work = writerWork({ name: 'writes-64kx16', pieceBytes: 65536, count: 16 })
