type Props = {
  values: readonly (number | null)[]
  /** What it shows, for who cannot see it. */
  label: string
  width?: number
  height?: number
  color?: string
  /** Marks a position, as where something changed. */
  mark?: number
}

/** A small line of numbers without axes; a null is a gap. */
export function Sparkline({ values, label, width = 120, height = 28, color = 'var(--accent)', mark }: Props) {
  const known = values.filter((value) => value !== null)
  const low = Math.min(...known)
  const span = Math.max(...known) - low || 1
  const x = (index: number) => 1 + (index / Math.max(1, values.length - 1)) * (width - 2)
  const y = (value: number) => height - 2 - ((value - low) / span) * (height - 4)
  const line = values.reduce<{ path: string; pen: 'M' | 'L' }>(
    ({ path, pen }, value, index) =>
      value === null
        ? { path, pen: 'M' }
        : { path: `${path}${pen}${x(index).toFixed(1)},${y(value).toFixed(1)}`, pen: 'L' },
    { path: '', pen: 'M' },
  ).path
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {mark !== undefined && (
        <line x1={x(mark)} x2={x(mark)} y1="0" y2={height} stroke="var(--line-strong)" strokeDasharray="2 2" />
      )}
      <path d={line} fill="none" stroke={color} strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
}
