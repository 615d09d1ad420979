import { text } from '@/text'
import classes from './hypotheses.module.css'
import type { Hypothesis } from './hypothesis'
import { points, waterfall } from './score'

const words = text.hypotheses

/** How a score comes about, factor by factor. */
export function Score({ hypothesis }: { hypothesis: Hypothesis }) {
  return (
    <table className={classes.score}>
      <caption className="visually-hidden">{words.score}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{words.scoreFactor}</th>
          <th scope="col">{words.scorePoints}</th>
          <th scope="col">{words.scoreWhy}</th>
        </tr>
      </thead>
      <tbody>
        {waterfall(hypothesis.factors).map(({ factor, from, to }) => (
          <tr key={factor.name} data-down={factor.contribution < 0}>
            <th scope="row">
              {factor.name}
              <span className={classes.track} aria-hidden="true">
                <span style={{ left: `${at(Math.min(from, to))}%`, width: `${at(Math.abs(to - from))}%` }} />
              </span>
            </th>
            <td className="tabular">{points(factor.contribution)}</td>
            <td>
              {factor.why}
              {factor.evidence.map((code) => (
                <span key={code} className={classes.code}>
                  {code}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{words.scoreTotal}</th>
          <td className="tabular">{Math.round(hypothesis.confidence_score * 100)}</td>
          <td />
        </tr>
      </tfoot>
    </table>
  )
}

const at = (share: number) => (Math.max(0, Math.min(1, share)) * 100).toFixed(1)
