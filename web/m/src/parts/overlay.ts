// The last progress photo of a site, to be laid over the camera: from this phone, or as the server hands it out.
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { photoBlob } from '../photo'
import { lastProgressPhoto } from '../roster'

/** Where the picture can be shown from; null while there is none. */
export function useOverlay(siteId: () => string | null): Ref<string | null> {
  const shown = ref<string | null>(null)
  let own: string | null = null

  function letGo(): void {
    if (own) URL.revokeObjectURL(own)
    own = null
  }

  watch(siteId, async (wanted) => {
    const id = wanted ? await lastProgressPhoto(wanted) : null
    const blob = id ? await photoBlob(id) : null
    if (wanted !== siteId()) return
    letGo()
    own = blob ? URL.createObjectURL(blob) : null
    shown.value = own ?? (id && navigator.onLine ? `/api/v1/photos/${id}/renditions/large` : null)
  }, { immediate: true })
  onScopeDispose(letGo)
  return shown
}
