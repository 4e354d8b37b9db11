// Photos go out: announced, sent as the grant says, resumed where the line broke, and proved by a receipt.
//
//   announce ──receipt──────────────────────────────▶ proved: the bytes are there already
//      └──────upload ─▶ tus │ put ─▶ complete ─receipt with our hash─▶ proved
//                        ▲     │ line breaks
//                        └─ ask how much has arrived
import { sha256 } from '@noble/hashes/sha2.js'
import type { Schemas } from '../../shared/api'
import { Refused, Unreachable, type Problem } from '../../shared/problem'
import { courseOf } from './backoff'
import { db, transaction } from './db'
import type { OutboxType, PhotoRow, Round } from './model'
import { tell } from './news'
import { sendable, whileSending, type Sending } from './outbox'
import { demandSignedIn, push, thatFit } from './push'
import { takeIn, turnedDown, unanswered, type Result } from './settling'
import { ask, post, raw, refused } from './wire'

export const PHOTOS: readonly OutboxType[] = ['photo']

/** About what a bad line carries before it breaks; fits a gateway's default of 1 MB. */
export const PIECE_BYTES = 256 * 1024
const TUS_VERSION = '1.0.0'
/** Announced together: their addresses must not grow old while the first ones are being sent. */
const AT_ONCE = 10
/** Of the ways a grant may go, the one that our content policy and a bad line both bear. */
const ACCEPT = '"accept":["tus"]'

type Grant = Schemas['UploadOut']

/** The address is not good any more; the photo is announced again for a new one. */
class LostGrant extends Error {}

/** Gateways that pass only GET and POST are spoken to in that way once they have refused the other. */
let isPatchRefused = false

/** Send every photo that may go, one after the other; one that cannot holds back no other. */
export async function sendPhotos(authorId: string, round: Round): Promise<void> {
  for (;;) {
    const going = await sendable(PHOTOS, authorId, AT_ONCE)
    if (!going.length) return
    const granted = await announced(going, round)
    for (const sending of going) {
      const grant = granted.get(sending.row.id)
      if (grant) await whileSending([sending], () => follow(sending, grant, round))
    }
  }
}

/** How each is to be sent: as granted before, or as the server says now; those that are settled are left out. */
async function announced(going: readonly Sending[], round: Round): Promise<Map<string, PhotoRow>> {
  const open = await db()
  const granted = new Map<string, PhotoRow>()
  const fresh: Sending[] = []
  for (const sending of going) {
    const photo = await open.get('photos', sending.row.id)
    if (!photo?.hasBytes) await turnedDown(sending, LOST_BYTES, round)
    else if (photo.upload) granted.set(photo.id, photo)
    else fresh.push(sending)
  }
  const batch = thatFit(fresh)
  if (!batch.length) return granted
  const results = await whileSending(batch, () => push(batch, ACCEPT))
  await takeInGrants(batch, results, granted, round)
  return granted
}

const LOST_BYTES: Problem = { title: 'bytes_gone', status: 410, code: 'bytes_gone', client_action: 'fix' }

async function takeInGrants(
  batch: readonly Sending[],
  results: Map<string, Result>,
  granted: Map<string, PhotoRow>,
  round: Round,
): Promise<void> {
  for (const sending of batch) {
    const result = results.get(sending.row.op_id) ?? null
    const grant = result?.upload
    if (result?.receipt || !grant) await takeIn([{ sending, result }], round)
    else {
      const photo = await changePhoto(sending.row.id, { upload: grant, allSent: false, sentBytes: 0 })
      if (photo) granted.set(photo.id, photo)
    }
  }
  demandSignedIn(results)
}

async function follow(sending: Sending, photo: PhotoRow, round: Round): Promise<void> {
  try {
    await takeIn([{ sending, result: { status: 'applied', ...(await sent(photo, photo.upload!, round)) } }], round)
  } catch (fault) {
    if (fault instanceof LostGrant) {
      await changePhoto(photo.id, { upload: null, allSent: false })
      await takeIn([{ sending, result: { status: 'error', problem: problemOf('lost_grant', fault.message) } }], round)
      return
    }
    if (fault instanceof Unreachable) unanswered(sending)
    if (!(fault instanceof Refused)) throw fault
    // The bytes are not there, or bent: begin anew.
    if (courseOf(fault.problem) === 'retry') await changePhoto(photo.id, { upload: null, allSent: false })
    await turnedDown(sending, fault.problem, round)
    if (courseOf(fault.problem) === 'wait') throw fault
  }
}

function problemOf(code: string, detail: string): NonNullable<Result['problem']> {
  return { code, detail, title: code, status: 503, client_action: 'retry' } as NonNullable<Result['problem']>
}

/** Send what is still missing of the bytes, and have them verified. */
async function sent(photo: PhotoRow, grant: Grant, round: Round): Promise<Result> {
  if (!photo.allSent) {
    if (grant.kind === 'tus') await byPieces(photo, grant, round)
    else if (grant.kind === 'put' && isElsewhere(grant.url)) await byPieces(photo, await opened(photo), round)
    else if (grant.kind === 'put') await atOnce(photo, grant)
    else throw new LostGrant(`no way to send by ${grant.kind}`)
    await changePhoto(photo.id, { allSent: true, sentBytes: photo.size })
  }
  const { document, retryAfter } = await ask('POST', `/api/v1/photos/${photo.id}/complete`)
  if (document.verifying === true) {
    return { status: 'error', problem: { ...problemOf('verifying', ''), retry_after: retryAfter ?? undefined } }
  }
  return { receipt: document.receipt as Result['receipt'] }
}

async function bytesOf(photo: PhotoRow): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await (await db()).get('bytes', photo.id)
  if (!bytes) throw new Refused(LOST_BYTES)
  return new Uint8Array(bytes)
}

function isElsewhere(url: string): boolean {
  return new URL(url, self.location.origin).origin !== self.location.origin
}

/** A page may not send to an object store of another host: the photo's own address here takes it as well. */
async function opened(photo: PhotoRow): Promise<Grant> {
  const headers = { 'Tus-Resumable': TUS_VERSION, 'Upload-Length': String(photo.size) }
  const answer = await post(`/api/v1/photos/${photo.id}/tus`, headers)
  const url = answer.headers.get('Location')
  if (!url) throw new Unreachable('an upload without an address')
  const grant: Grant = { kind: 'tus', method: 'POST', url, headers: {}, expires_at: '' }
  await changePhoto(photo.id, { upload: grant })
  return grant
}

async function atOnce(photo: PhotoRow, grant: Grant): Promise<void> {
  await demandSuccess(await raw(grant.method, grant.url, grant.headers, await bytesOf(photo)))
}

/** tus 1.0.0: ask how much has arrived, send the next piece with its checksum, and so on to the end. */
async function byPieces(photo: PhotoRow, grant: Grant, round: Round): Promise<void> {
  const bytes = await bytesOf(photo)
  const headers = { ...grant.headers, 'Tus-Resumable': TUS_VERSION }
  let offset = await offsetOf(await raw('HEAD', grant.url, headers))
  while (offset < bytes.length) {
    const piece = bytes.slice(offset, Math.min(offset + PIECE_BYTES, bytes.length))
    const answer = await patch(grant.url, headers, offset, piece)
    // 409: another try of ours has got further; 460: the line bent the bytes. Both are cured by asking again.
    const isToAsk = answer.status === 409 || answer.status === 460
    offset = await offsetOf(isToAsk ? await raw('HEAD', grant.url, headers) : answer)
    round.pieces += 1
    await changePhoto(photo.id, { sentBytes: offset })
    tell('outbox')
  }
}

async function patch(url: string, headers: Record<string, string>, offset: number, piece: Uint8Array<ArrayBuffer>): Promise<Response> {
  const told = {
    ...headers,
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    'Upload-Checksum': `sha256 ${base64(sha256(piece))}`,
  }
  const bent = { ...told, 'X-HTTP-Method-Override': 'PATCH' }
  if (isPatchRefused) return raw('POST', url, bent, piece)
  const answer = await raw('PATCH', url, told, piece)
  if (answer.status !== 405 && answer.status !== 501) return answer
  isPatchRefused = true
  return raw('POST', url, bent, piece)
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** How much has arrived. */
async function offsetOf(answer: Response): Promise<number> {
  if ([403, 404, 410].includes(answer.status)) throw new LostGrant(`${answer.status} for a resumable upload`)
  const offset = answer.headers.get('Upload-Offset') ?? ''
  if (answer.ok && answer.headers.get('Tus-Resumable') === TUS_VERSION && /^\d+$/.test(offset)) return Number(offset)
  await demandSuccess(answer)
  throw new Unreachable('an answer that is not from a tus server')
}

/** Stores answer in forms of their own, so only the status is read here; the proof is `complete`. */
async function demandSuccess(answer: Response): Promise<void> {
  if (answer.ok) return
  const isOurs = (answer.headers.get('Content-Type') ?? '').startsWith('application/problem+json')
  if (!isOurs && [400, 403, 404, 410].includes(answer.status)) throw new LostGrant(`${answer.status} from the store`)
  throw await refused(answer)
}

async function changePhoto(id: string, changes: Partial<PhotoRow>): Promise<PhotoRow | null> {
  return transaction(['photos'], async (rows) => {
    const photo = await rows.objectStore('photos').get(id)
    if (!photo) return null
    const changed = { ...photo, ...changes }
    await rows.objectStore('photos').put(changed)
    return changed
  })
}
