import { Progress, Text } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { api, type Model } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, Panel, RowsSkeleton } from '@/ui'
import classes from './analytics.module.css'
import { Figure } from './Figure'
import { FigureTable } from './FigureTable'
import { count, percent } from './numbers'
import { reliabilityRows } from './reliability'
import { rangeOf } from './search'
import { Tiles } from './Tiles'
import { Toolbar } from './Toolbar'
import { useAnalyticsSearch } from './useAnalyticsSearch'

const words = text.analytics.accuracy
type Accuracy = Model<'AccuracyOut'>
type Ranked = Pick<Accuracy, 'a_at_1' | 'a_at_3'>

/** How often the hypotheses were right, by people's verdicts. */
export default function AccuracyFigures() {
  const { search } = useAnalyticsSearch()
  const { data, error, isError, isPending, refetch } = api.useQuery(
    'get',
    '/analytics/accuracy',
    { params: { query: rangeOf(search, new Date()) } },
    { placeholderData: keepPreviousData },
  )
  return (
    <>
      <Toolbar />
      {isPending && <RowsSkeleton />}
      {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (data.analysed === 0 ? <EmptyState {...words.empty} /> : <Shown accuracy={data} />)}
    </>
  )
}

function Shown({ accuracy }: { accuracy: Accuracy }) {
  return (
    <>
      <Tiles
        tiles={[
          { label: words.first, value: percent(accuracy.a_at_1.share), beside: rightOf(accuracy.a_at_1) },
          { label: words.three, value: percent(accuracy.a_at_3.share), beside: rightOf(accuracy.a_at_3) },
          { label: words.judged, value: count(accuracy.judged), beside: words.ofAnalysed(count(accuracy.analysed)) },
          { label: words.unjudged, value: count(accuracy.unjudged), beside: words.nobodyKnows },
        ]}
      />
      <Reliability accuracy={accuracy} />
      <div className={classes.columns}>
        <FigureTable
          heading={words.byCause}
          empty={words.noneConfirmed}
          rows={accuracy.by_cause}
          keyOf={({ cause_code }) => cause_code}
          weight={({ a_at_1 }) => a_at_1.of}
          columns={[{ label: words.cause, cell: ({ cause_code }) => text.hypotheses.cause(cause_code) }, ...RANKED]}
        />
        <FigureTable
          heading={words.byGenerator}
          about={words.byGeneratorAbout}
          empty={words.noneJudged}
          rows={accuracy.by_generator}
          keyOf={({ generator }) => generator}
          columns={[{ label: words.generator, cell: ({ generator }) => words.generatorName(generator) }, ...RANKED]}
        />
      </div>
    </>
  )
}

function Reliability({ accuracy: { reliability, missing, enough, judged } }: { accuracy: Accuracy }) {
  return (
    <div className={classes.columns} data-single="true">
      {reliability ? (
        <Figure
          heading={words.reliability}
          about={words.reliabilityAbout}
          kind="lines"
          rows={reliabilityRows(reliability)}
          along={{ name: 'scored', label: words.scored }}
          beside={[{ name: 'held', label: words.held }]}
          lines={[
            { name: 'ideal', label: words.ideal, color: 'var(--info)', isDashed: true },
            { name: 'right', label: words.right, color: 'var(--accent)' },
          ]}
          says={percent}
          most={1}
        >
          <ul className={classes.buckets}>
            {reliabilityRows(reliability)
              .filter(({ right }) => right !== null)
              .map(({ scored, held }) => (
                <li key={scored}>{words.bucket(scored, held)}</li>
              ))}
          </ul>
        </Figure>
      ) : (
        <Panel heading={words.reliability} about={words.reliabilityAbout}>
          <Text size="sm" mb={8}>
            {words.missing(missing)}
          </Text>
          <Progress value={(judged / enough) * 100} aria-label={words.missing(missing)} maw={360} />
        </Panel>
      )}
    </div>
  )
}

const rightOf = ({ right, of }: Accuracy['a_at_1']) => words.rightOf(count(right), count(of))

const RANKED = [
  { label: words.first, cell: ({ a_at_1 }: Ranked) => `${percent(a_at_1.share)} · ${rightOf(a_at_1)}` },
  { label: words.three, cell: ({ a_at_3 }: Ranked) => `${percent(a_at_3.share)} · ${rightOf(a_at_3)}` },
]
