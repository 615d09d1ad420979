import { Title } from '@mantine/core'
import type { Model } from '@/api'
import { text } from '@/text'
import classes from './analytics.module.css'
import { FigureTable } from './FigureTable'
import { compact, count, decimal, percent } from './numbers'
import { Tiles } from './Tiles'

const words = text.analytics.noise
type Named = Model<'AlertNameOut'>

/** How much of what was sent reached people, and what sent most. */
export function Noise({ figures: { noise, noisiest, most_flapping } }: { figures: Model<'FiguresOut'> }) {
  const columns = [
    { label: words.alert, cell: ({ name }: Named) => name || words.unnamed },
    { label: words.alerts, cell: ({ alerts }: Named) => count(alerts) },
    { label: words.incidents, cell: ({ incidents }: Named) => count(incidents) },
    { label: words.flapping, cell: ({ flapping }: Named) => count(flapping), isSecondary: true },
  ]
  return (
    <>
      <Title order={2} mb={12}>
        {words.heading}
      </Title>
      <Tiles
        tiles={[
          {
            label: words.perIncident,
            value: decimal(noise.alerts_per_incident),
            beside: words.of(count(noise.alerts)),
          },
          { label: words.duplicates, value: compact(noise.duplicates_suppressed), beside: words.joined },
          { label: words.maintenance, value: compact(noise.suppressed_by_maintenance), beside: words.held },
          {
            label: words.flappingIncidents,
            value: count(noise.flapping_incidents),
            beside: words.share(percent(noise.flapping_share)),
          },
        ]}
      />
      <div className={classes.columns}>
        <FigureTable
          heading={words.noisiest}
          empty={words.quiet}
          rows={noisiest}
          keyOf={({ name }) => name}
          weight={({ alerts }) => alerts}
          columns={columns}
        />
        <FigureTable
          heading={words.leaders}
          empty={words.steady}
          rows={most_flapping}
          keyOf={({ name }) => name}
          weight={({ flapping }) => flapping}
          columns={columns}
        />
      </div>
    </>
  )
}
