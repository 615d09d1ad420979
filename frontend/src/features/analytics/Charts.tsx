import '@mantine/charts/styles.css'
import { BarChart, LineChart } from '@mantine/charts'

export type Row = Record<string, string | number | null>
export type Line = { name: string; label: string; color: string; isDashed?: boolean }

type Props = {
  rows: readonly Row[]
  /** The column whose values stand along the bottom. */
  along: string
  lines: readonly Line[]
  says: (value: number) => string
  /** The greatest value of the axis; without one, whatever the rows need. */
  most?: number
}

// What it shows is in the figure's table, so that nobody has to step through the drawing.
const UNREAD = { accessibilityLayer: false } as const
const HEIGHT = 200
const MOST_DOTS = 12

/** Bars above each other, one for each row. */
export function Bars({ rows, along, lines, says }: Props) {
  return (
    <BarChart
      h={HEIGHT}
      data={[...rows]}
      dataKey={along}
      type="stacked"
      series={lines.map(({ name, label, color }) => ({ name, label, color }))}
      valueFormatter={says}
      withLegend={lines.length > 1}
      legendProps={{ verticalAlign: 'top', height: 32 }}
      barChartProps={UNREAD}
      barProps={{ isAnimationActive: false, maxBarSize: 28 }}
      xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
      yAxisProps={{ width: 52, allowDecimals: false }}
      gridAxis="x"
      tickLine="none"
    />
  )
}

/** Lines over the same rows. */
export function Lines({ rows, along, lines, says, most }: Props) {
  return (
    <LineChart
      h={HEIGHT}
      data={[...rows]}
      dataKey={along}
      series={lines.map(({ name, label, color, isDashed }) => ({
        name,
        label,
        color,
        ...(isDashed ? { strokeDasharray: '5 5' } : {}),
      }))}
      valueFormatter={says}
      withLegend={lines.length > 1}
      legendProps={{ verticalAlign: 'top', height: 32 }}
      lineChartProps={UNREAD}
      lineProps={{ isAnimationActive: false }}
      connectNulls
      curveType="linear"
      withDots={known(rows, lines) <= MOST_DOTS}
      xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
      yAxisProps={{ width: 60, ...(most === undefined ? {} : { domain: [0, most] }) }}
      gridAxis="x"
      tickLine="none"
    />
  )
}

/** How many rows have something to draw: a single point makes no line. */
const known = (rows: readonly Row[], lines: readonly Line[]) =>
  rows.filter((row) => lines.some(({ name }) => typeof row[name] === 'number')).length
