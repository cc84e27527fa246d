import { writerWork } from '../writer-work.mjs'

export const work = writerWork({ name: 'writes-10x256', pieceBytes: 10, count: 256 })
