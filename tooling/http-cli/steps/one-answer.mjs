import { ClientSession } from '@x/http-session'
import { headText } from '../head-text.mjs'

const response = await new ClientSession().get(String(process.argv[2]))
console.log(`${headText(response)}\n\n${await response.text()}`)
