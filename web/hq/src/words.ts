// Each page brings its own words; this list puts them together under the page's name.
import { makeWords } from '../../shared/words'
import { frame } from './words/frame'
import { review } from './words/review'
import { visits } from './words/visits'

export const words = makeWords({ frame, review, visits })
