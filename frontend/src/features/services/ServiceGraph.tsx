import { ActionIcon, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconMinus, IconPlus } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { text } from '@/text'
import { SeverityBadge } from '@/ui'
import { layered } from './layout'
import { type Dependency, type Node, titleOf } from './services'
import classes from './services.module.css'

// Pixels of the drawing before it is scaled.
const WIDTH = 172
const HEIGHT = 58
const GAP_X = 92
const GAP_Y = 22
const EDGE = 24

const STEP = 1.25
const SMALLEST = 0.3
const LARGEST = 1.6

const words = text.services.map

type Props = { nodes: Node[]; edges: Dependency[]; chosen: string | undefined; onOpen: (id: string) => void }
type Point = { x: number; y: number }

/** The map as a drawing: who calls stands to the left of whom they call; each service is a button. */
export function ServiceGraph({ nodes, edges, chosen, onOpen }: Props) {
  const [zoomed, setZoomed] = useState<number | null>(null)
  const { ref, width: room } = useElementSize()
  const [pointed, setPointed] = useState<string | null>(null)
  const { at, width, height } = useMemo(() => placed(nodes, edges), [nodes, edges])
  const focus = pointed ?? chosen ?? null
  const near = new Set(
    edges
      .filter(({ caller_id, callee_id }) => caller_id === focus || callee_id === focus)
      .flatMap(({ caller_id, callee_id }) => [caller_id, callee_id]),
  )
  const isFaded = (id: string) => focus !== null && id !== focus && !near.has(id)
  const fitting = room > 0 ? Math.min(1, Math.max(0.55, room / width)) : 1
  const scale = zoomed ?? fitting
  return (
    <div className={classes.graph}>
      <div className={classes.zoom}>
        <Zoom label={words.larger} disabled={scale >= LARGEST} onClick={() => setZoomed(scale * STEP)}>
          <IconPlus size={15} />
        </Zoom>
        <Zoom label={words.smaller} disabled={scale <= SMALLEST} onClick={() => setZoomed(scale / STEP)}>
          <IconMinus size={15} />
        </Zoom>
      </div>
      <div className={classes.canvas} ref={ref}>
        <div style={{ width: width * scale, height: height * scale }}>
          <div className={classes.drawing} style={{ width, height, transform: `scale(${scale})` }}>
            <svg width={width} height={height} aria-hidden="true">
              <defs>
                <marker
                  id="map-arrow"
                  viewBox="0 0 8 8"
                  refX="7"
                  refY="4"
                  markerWidth="7"
                  markerHeight="7"
                  orient="auto"
                >
                  <path d="M0,1 L7,4 L0,7" fill="none" stroke="context-stroke" strokeWidth="1.4" />
                </marker>
              </defs>
              {edges.map((edge) => {
                const from = at.get(edge.caller_id)
                const to = at.get(edge.callee_id)
                if (!from || !to) return null
                const isNear = edge.caller_id === focus || edge.callee_id === focus
                return (
                  <path
                    key={`${edge.caller_id} ${edge.callee_id}`}
                    d={curve(from, to)}
                    className={classes.edge}
                    data-near={isNear}
                    data-faded={focus !== null && !isNear}
                    markerEnd="url(#map-arrow)"
                  />
                )
              })}
            </svg>
            {nodes.map((node) => (
              <button
                key={node.id}
                type="button"
                className={classes.node}
                style={{ left: at.get(node.id)?.x, top: at.get(node.id)?.y, width: WIDTH, height: HEIGHT }}
                data-severity={node.worst_severity ?? undefined}
                data-chosen={node.id === chosen}
                data-faded={isFaded(node.id)}
                onClick={() => onOpen(node.id)}
                onMouseEnter={() => setPointed(node.id)}
                onMouseLeave={() => setPointed(null)}
                onFocus={() => setPointed(node.id)}
                onBlur={() => setPointed(null)}
              >
                <span className={classes.nodeName}>{titleOf(node)}</span>
                <span className={classes.nodeAbout}>
                  {node.open_incidents > 0 && node.worst_severity ? (
                    <>
                      <SeverityBadge severity={node.worst_severity} compact />
                      {words.open(node.open_incidents)}
                    </>
                  ) : (
                    node.owner || words.well
                  )}
                </span>
              </button>
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

type ZoomProps = { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }

function Zoom({ label, ...button }: ZoomProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" aria-label={label} {...button} />
    </Tooltip>
  )
}

/** The upper left corner of each service, and the size of the whole. Each layer stands in the middle of the height. */
function placed(nodes: Node[], edges: Dependency[]): { at: Map<string, Point>; width: number; height: number } {
  const places = layered(
    nodes.map(({ id }) => id),
    edges.map(({ caller_id, callee_id }) => ({ caller: caller_id, callee: callee_id })),
  )
  const sizes = new Map<number, number>()
  for (const { layer } of places) sizes.set(layer, (sizes.get(layer) ?? 0) + 1)
  const most = Math.max(1, ...sizes.values())
  const step = HEIGHT + GAP_Y
  const at = new Map(
    places.map(({ id, layer, row }) => {
      const above = ((most - (sizes.get(layer) ?? 0)) * step) / 2
      return [id, { x: EDGE + layer * (WIDTH + GAP_X), y: EDGE + above + row * step }] as const
    }),
  )
  return {
    at,
    width: 2 * EDGE + sizes.size * (WIDTH + GAP_X) - GAP_X,
    height: 2 * EDGE + most * step - GAP_Y,
  }
}

/** From the right side of who calls to the left side of who is called; a call that goes back swings below both. */
function curve(from: Point, to: Point): string {
  const [startX, startY] = [from.x + WIDTH, from.y + HEIGHT / 2]
  const [endX, endY] = [to.x, to.y + HEIGHT / 2]
  if (endX > startX) {
    const bend = Math.max(36, (endX - startX) / 2)
    return `M${startX},${startY} C${startX + bend},${startY} ${endX - bend},${endY} ${endX},${endY}`
  }
  const low = Math.max(from.y, to.y) + HEIGHT + GAP_Y / 2
  return `M${startX},${startY} C${startX + 46},${low} ${endX - 46},${low} ${endX},${endY}`
}
