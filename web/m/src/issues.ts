// Problems: the two boxes as the server last told them, to be read without a line; and what is done about one, which
// needs the line, so that nobody believes to have reported in who has not.
import { Refused } from '../../shared/problem'
import { offsetTime } from '../../shared/format'
import type { Person } from '../../shared/session'
import { fact, transaction } from './db'
import { saveDraft } from './drafts'
import type { AnswerDraft, IssueBoxes, IssueCard, IssueRow } from './model'
import { tell } from './news'
import { keepAnswered } from './outbox'
import { knownPerson } from './person'
import { pulledRows } from './pull'
import { ask } from './wire'

const MOST = 100
const FRESH_MS = 300_000
const DOOR = '/api/v1/issues'
/** Whose units departments are, and who answers for them. */
const CALLED_ROLES = ['department_officer', 'unit_office']

const none = (of: string): IssueBoxes => ({ of, at: '', raised: [], called: [], rows: {} })

/** What the phone knows of this person's: as the boxes were last told, and what the feed has brought since. */
export async function issueBoxes(): Promise<IssueBoxes> {
  const [held, person, fed] = [await fact('issues'), await knownPerson(), await pulledRows<IssueRow>('issue')]
  const boxes = held && held.of === person?.id ? held : none(person?.id ?? '')
  const newer = fed.filter((row) => (boxes.rows[row.id]?.updated_at ?? '') < row.updated_at)
  return {
    ...boxes,
    raised: [...new Set([...fed.map((row) => row.id), ...boxes.raised])],
    rows: { ...boxes.rows, ...Object.fromEntries(newer.map((row) => [row.id, row])) },
  }
}

/** Ask for both boxes, unless that was done just now. Throws as `ask` does; what is kept stays. */
export async function readIssues({ atOnce = true } = {}): Promise<void> {
  const person = await knownPerson()
  if (!person || (!atOnce && Date.now() - Date.parse((await issueBoxes()).at) < FRESH_MS)) return
  const isCalled = person.roles.some((role) => CALLED_ROLES.includes(role))
  const [raised, called] = [await box('raised'), isCalled ? await box('called') : []]
  const ids = (of: IssueRow[]): string[] => of.map((row) => row.id)
  await keep(person.id, (before) => ({
    of: person.id,
    at: new Date().toISOString(),
    raised: ids(raised),
    called: ids(called),
    rows: Object.fromEntries([...raised, ...called].map((row) => [row.id, withEvents(row, before.rows[row.id])])),
  }))
}

async function box(name: 'raised' | 'called'): Promise<IssueRow[]> {
  return (await ask('GET', `${DOOR}?box=${name}&limit=${MOST}`)).document.items as IssueRow[]
}

/** What was done about it, as far as it was read and nothing has happened since. */
function withEvents(row: IssueRow, before: IssueCard | undefined): IssueCard {
  return before?.events && before.updated_at === row.updated_at ? { ...row, events: before.events } : row
}

/** Lists and cards may be read at the same time; and whoever asked may have left the phone meanwhile. */
async function keep(personId: string, change: (before: IssueBoxes) => IssueBoxes): Promise<void> {
  await transaction(['facts'], async (rows) => {
    const facts = rows.objectStore('facts')
    const [person, held] = [(await facts.get('person')) as Person | undefined, (await facts.get('issues')) as IssueBoxes | undefined]
    if (person?.id === personId) await facts.put(change(held?.of === personId ? held : none(personId)), 'issues')
  })
  tell('issues')
}

/** Ask for one with all that was done about it. Throws as `ask` does. */
export async function readIssue(id: string): Promise<IssueCard> {
  return keepCard((await ask('GET', `${DOOR}/${id}`)).document as unknown as IssueCard)
}

async function keepCard(card: IssueCard): Promise<IssueCard> {
  const person = await knownPerson()
  await keep(person?.id ?? '', (before) => ({ ...before, rows: { ...before.rows, [card.id]: card } }))
  return card
}

/**
 * Do what the form says, once: a try whose answer was cut is repeated letter by letter, and known again by its id.
 *
 * Throws as `ask` does. When nothing is known of a try the form keeps it; a refusal gives the form back to be mended.
 */
export async function answer(draft: AnswerDraft): Promise<void> {
  const tried = draft.tried ?? JSON.stringify(eventOf(draft))
  await saveDraft({ ...draft, tried })
  let card: IssueCard
  try {
    card = (await ask('POST', `${DOOR}/${draft.issue_id}/events`, tried)).document as unknown as IssueCard
  } catch (fault) {
    if (fault instanceof Refused && fault.status < 500) await saveDraft(draft.tried === null ? draft : { ...draft, tried: null })
    throw fault
  }
  await keepAnswered(draft)
  await keepCard(card)
}

function eventOf(draft: AnswerDraft): object {
  return {
    id: draft.id,
    kind: draft.kind,
    at: offsetTime(),
    text: draft.text.trim() || undefined,
    photo_ids: draft.photo_ids.length ? draft.photo_ids : undefined,
    satisfied: draft.kind === 'confirm' ? draft.satisfied : undefined,
  }
}

/** What the card tells of a try whose answer was cut: arrived, the form is gone; if not, it may be mended. Says which. */
export async function settleTry(draft: AnswerDraft, card: IssueCard): Promise<boolean> {
  if (draft.tried === null) return false
  if (card.events?.some((one) => one.id === draft.id)) {
    await keepAnswered(draft)
    return true
  }
  await saveDraft({ ...draft, tried: null })
  return false
}
