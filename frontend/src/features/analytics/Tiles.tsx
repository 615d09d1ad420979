import classes from './analytics.module.css'

export type Tile = { label: string; value: string; beside?: string }

/** Figures beside each other, each with its name. */
export function Tiles({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <dl className={classes.tiles}>
      {tiles.map(({ label, value, beside }) => (
        <div key={label} className={classes.tile}>
          <dt>{label}</dt>
          <dd className={classes.value}>{value}</dd>
          {beside && <dd className={classes.beside}>{beside}</dd>}
        </div>
      ))}
    </dl>
  )
}
