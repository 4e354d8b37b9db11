// Tables a person takes along: a spreadsheet opens them as text, never as formulas.
const RUNS = /^[=+\-@\t\r]/

function cell(text: string): string {
  const safe = RUNS.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

/** Rows under their headings as CSV, with the mark that makes spreadsheets read UTF-8. */
export function csvOf(heads: string[], rows: string[][]): string {
  return `\ufeff${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Hands a text to the browser's downloads. */
export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
