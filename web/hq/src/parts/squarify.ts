// A treemap's rectangles, as square as they can be (Bruls, Huizing, van Wijk 2000), in parts of the whole's sides.
export interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

function worst(areas: number[], side: number): number {
  const sum = areas.reduce((all, one) => all + one, 0)
  return Math.max(...areas.map((one) => Math.max((side * side * one) / (sum * sum), (sum * sum) / (side * side * one))))
}

function lay(areas: number[], room: Rectangle, out: Rectangle[]): Rectangle {
  const sum = areas.reduce((all, one) => all + one, 0)
  if (room.width >= room.height) {
    const width = sum / room.height
    let top = room.top
    for (const area of areas) {
      out.push({ left: room.left, top, width, height: area / width })
      top += area / width
    }
    return { left: room.left + width, top: room.top, width: room.width - width, height: room.height }
  }
  const height = sum / room.width
  let left = room.left
  for (const area of areas) {
    out.push({ left, top: room.top, width: area / height, height })
    left += area / height
  }
  return { left: room.left, top: room.top + height, width: room.width, height: room.height - height }
}

/** One rectangle a value, in their order; values are positive and fall. `ratio` is the whole's width over its height. */
export function squarify(values: number[], ratio: number): Rectangle[] {
  const total = values.reduce((all, one) => all + one, 0)
  const areas = values.map((one) => (one / total) * ratio)
  const out: Rectangle[] = []
  let room: Rectangle = { left: 0, top: 0, width: ratio, height: 1 }
  let row: number[] = []
  for (const area of areas) {
    const side = Math.min(room.width, room.height)
    if (row.length && worst([...row, area], side) > worst(row, side)) {
      room = lay(row, room, out)
      row = []
    }
    row.push(area)
  }
  if (row.length) lay(row, room, out)
  return out.map((one) => ({ left: one.left / ratio, top: one.top, width: one.width / ratio, height: one.height }))
}
