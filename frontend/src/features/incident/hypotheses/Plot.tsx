import { text } from '@/text'
import { exactTime } from '@/ui'
import classes from './hypotheses.module.css'
import { compact, lineOf, type Series } from './plot'

/** A measured course with its extremes, and a mark at the time that the evidence is about. */
export function Plot({ series, at, about }: { series: Series; at: string; about: string }) {
  const { path, low, high, x, first, last } = lineOf(series.points, WIDTH, HEIGHT)
  if (!path) return null
  const mark = x(Date.parse(at))
  const [least, most] = [compact(low, series.unit), compact(high, series.unit)]
  return (
    <figure className={classes.plot}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text.hypotheses.plot(about, least, most)}>
        {mark >= 0 && mark <= WIDTH && <line className={classes.mark} x1={mark} x2={mark} y1="0" y2={HEIGHT} />}
        <path className={classes.area} d={`${path}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z`} />
        <path className={classes.line} d={path} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="tabular">
        <span>{most}</span>
        <span>{least}</span>
        <span title={exactTime(first)}>{clock(first)}</span>
        <span title={exactTime(last)}>{clock(last)}</span>
      </figcaption>
    </figure>
  )
}

const WIDTH = 320
const HEIGHT = 64

const clock = (at: number) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(at)
