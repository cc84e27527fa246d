import { writerWork } from '../writer-work.mjs'

export const work = writerWork({ name: 'writes-10x16', pieceBytes: 10, count: 16 })
