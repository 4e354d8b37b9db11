// A photo chosen at the desk: announced, sent to our own door, and held for sent only when the receipt has its hash.
import { api, told, type Schemas } from '../../shared/api'
import { md5Hex, sha256Hex } from '../../shared/canonical'
import { offsetTime } from '../../shared/format'
import { refusalOf } from '../../shared/problem'
import { sessionFetch } from '../../shared/session'
import { uuid7 } from '../../shared/uuid'

type Announced = Schemas['PhotoIn']

export function usePhotoSending() {
  const sent = new Map<File, string>()

  /** The ids of these files' photos; a file that went through before is not sent again. */
  async function send(files: readonly File[]): Promise<string[]> {
    const ids: string[] = []
    for (const file of files) {
      const id = sent.get(file) ?? (await sendPhoto(file))
      sent.set(file, id)
      ids.push(id)
    }
    return ids
  }
  return { send }
}

async function sendPhoto(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const [id, sha256] = [uuid7(), sha256Hex(bytes)]
  const body = { id, sha256, md5: md5Hex(bytes), size: file.size, content_type: file.type as Announced['content_type'], taken_at: offsetTime(new Date(file.lastModified)), source: 'gallery' as const, location: null, accept: ['put'] }
  const announced = await told(api.POST('/api/v1/photos', { body }))
  const receipt = announced.receipt ?? (await sendBytes(id, file)).receipt
  if (receipt?.sha256 !== sha256) throw new Error(`${file.name}: ${receipt?.sha256 ?? '?'} ≠ ${sha256}`)
  return id
}

/** To our own door whatever the store is: the content policy lets the page speak to nobody else. */
async function sendBytes(id: string, file: File): Promise<Schemas['PhotoStateOut']> {
  const address = new URL(`/api/v1/photos/${id}/content`, location.origin)
  const answer = await sessionFetch(new Request(address, { method: 'PUT', body: file, headers: { 'Content-Type': file.type } }))
  if (!answer.ok) throw await refusalOf(answer)
  return (await answer.json()) as Schemas['PhotoStateOut']
}
