// Every figure brings the address of its records at the doors; a person opens the page that lists the same ones.
const PAGES: Record<string, string> = {
  '/api/hq/v1/visits': '/visits',
  '/api/hq/v1/visits/unmatched': '/visits/unmatched',
  '/api/hq/v1/enterprises': '/enterprises',
  '/api/hq/v1/checkins': '/checkins',
  '/api/hq/v1/issues': '/issues',
  '/api/hq/v1/reviews/remarked': '/visits/remarked',
  '/api/hq/v1/outboxes': '/outboxes',
  '/api/hq/v1/photos/missing': '/outboxes',
}

const BOARD = /^\/api\/hq\/v1(\/boards\/[0-9a-f-]{36})$/
const OF_REPORT = /^\/api\/hq\/v1\/reports\/[0-9a-f-]{36}\/figures\/[^/]+\/rows$/

/** Whether it lists rows of a bulletin's own tables; the bulletin shows those itself. */
export function isOfReport(url: string | null | undefined): boolean {
  return OF_REPORT.test(url ?? '')
}

/** The page that shows the records behind a figure, with the same filters; nothing for a figure that has none. */
export function recordsPage(url: string | null | undefined): string | null {
  if (!url) return null
  const [path, query] = url.split('?', 2) as [string, string?]
  const page = PAGES[path] ?? BOARD.exec(path)?.[1]
  return page ? page + (query ? `?${query}` : '') : null
}
