/** Somebody who calls, and who is called, by id. */
export type Edge = { caller: string; callee: string }

/** Where a service stands: its layer, counted from the callers' side, and its place in it from the top. */
export type Place = { id: string; layer: number; row: number }

const SWEEPS = 6

/**
 * Places services in layers so that calls go from left to right, with few crossings. A call that closes a cycle goes
 * back instead. The same services and calls always give the same places. What an edge names beyond `ids` is ignored.
 */
export function layered(ids: readonly string[], edges: readonly Edge[]): Place[] {
  const known = new Set(ids)
  const calls = edges.filter(({ caller, callee }) => caller !== callee && known.has(caller) && known.has(callee))
  const forward = withoutCycles(ids, calls)
  const layers = inLayers(ids, forward)
  const rows = uncrossed(layers, forward)
  return rows.flatMap((row, layer) => row.map((id, place) => ({ id, layer, row: place })))
}

/** The edges but for those that close a cycle, found depth first without recursion: chains may be long. */
function withoutCycles(ids: readonly string[], edges: readonly Edge[]): Edge[] {
  const out = grouped(edges, 'caller')
  const state = new Map<string, 'open' | 'done'>()
  const back = new Set<Edge>()
  const called = new Set(edges.map(({ callee }) => callee))
  const roots = [...ids].sort((a, b) => Number(called.has(a)) - Number(called.has(b)))
  for (const root of roots) {
    if (state.has(root)) continue
    const path = [{ id: root, next: 0 }]
    state.set(root, 'open')
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const edge = out.get(top.id)?.[top.next++]
      if (!edge) {
        state.set(top.id, 'done')
        path.pop()
      } else if (state.get(edge.callee) === 'open') {
        back.add(edge)
      } else if (!state.has(edge.callee)) {
        state.set(edge.callee, 'open')
        path.push({ id: edge.callee, next: 0 })
      }
    }
  }
  return edges.filter((edge) => !back.has(edge))
}

/** Each service one layer after the last of its callers. */
function inLayers(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const waiting = new Map(ids.map((id) => [id, 0]))
  for (const { callee } of edges) waiting.set(callee, (waiting.get(callee) ?? 0) + 1)
  const out = grouped(edges, 'caller')
  const layerOf = new Map(ids.map((id) => [id, 0]))
  const ready = ids.filter((id) => waiting.get(id) === 0)
  for (const id of ready) {
    for (const { callee } of out.get(id) ?? []) {
      layerOf.set(callee, Math.max(layerOf.get(callee) ?? 0, (layerOf.get(id) ?? 0) + 1))
      const left = (waiting.get(callee) ?? 1) - 1
      waiting.set(callee, left)
      if (left === 0) ready.push(callee)
    }
  }
  const layers: string[][] = []
  for (const id of ids) {
    const layer = layerOf.get(id) ?? 0
    layers[layer] = [...(layers[layer] ?? []), id]
  }
  return layers
}

/** The layers, each ordered by where the neighbours stand, back and forth. */
function uncrossed(layers: string[][], edges: readonly Edge[]): string[][] {
  const callers = grouped(edges, 'callee')
  const callees = grouped(edges, 'caller')
  const rows = layers.map((layer) => [...layer])
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const place = new Map(rows.flatMap((layer) => layer.map((id, row) => [id, (row + 0.5) / layer.length] as const)))
    const towards = sweep % 2 === 0 ? callers : callees
    const order = sweep % 2 === 0 ? rows : rows.toReversed()
    for (const layer of order) {
      const middle = new Map(
        layer.map((id) => {
          const near = (towards.get(id) ?? []).map((edge) => place.get(edge.caller === id ? edge.callee : edge.caller))
          const sum = near.reduce<number>((total, at) => total + (at ?? 0), 0)
          return [id, near.length > 0 ? sum / near.length : (place.get(id) ?? 0)]
        }),
      )
      layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0))
      for (const [row, id] of layer.entries()) place.set(id, (row + 0.5) / layer.length)
    }
  }
  return rows
}

function grouped(edges: readonly Edge[], by: keyof Edge): Map<string, Edge[]> {
  const groups = new Map<string, Edge[]>()
  for (const edge of edges) groups.set(edge[by], [...(groups.get(edge[by]) ?? []), edge])
  return groups
}
