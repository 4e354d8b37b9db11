// Each screen brings its own words; this list puts them together under the screen's name.
import { makeWords } from '../../shared/words'
import { checkin } from './words/checkin'
import { frame } from './words/frame'
import { issue } from './words/issue'
import { me } from './words/me'
import { outbox } from './words/outbox'
import { photo } from './words/photo'
import { position } from './words/position'
import { record } from './words/record'
import { signIn } from './words/signIn'
import { today } from './words/today'
import { visit } from './words/visit'

export const words = makeWords({ frame, signIn, today, visit, checkin, issue, outbox, me, record, photo, position })
