import { Button, Code, Collapse, Text, Title, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconPlus, IconSearch } from '@tabler/icons-react'
import { useId } from 'react'
import { api, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { EmptyState, ErrorState, LoadMore, RowsSkeleton, Sparkline, TimeAgo } from '@/ui'
import type { Incident } from '../incident'
import classes from '../incident.module.css'
import { AddEvidence } from './AddEvidence'
import { courseOf } from './course'

const words = text.incident.evidence
const PAGE = 50

/** What was seen beside the alerts, and a way to add more. */
export default function Evidence({ incident }: { incident: Incident }) {
  const mayWrite = useMay('hypothesis:write')
  const [adding, add] = useDisclosure(false)
  const init = { params: { path: { incident_id: incident.id }, query: { limit: PAGE } } }
  const found = api.useInfiniteQuery('get', '/incidents/{incident_id}/evidence', init, {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const items = found.data?.pages.flatMap((page) => page.items)
  const button = mayWrite && (
    <Button variant="default" leftSection={<IconPlus size={15} />} onClick={add.open}>
      {words.add}
    </Button>
  )
  return (
    <section aria-labelledby="evidence-heading" className={classes.part}>
      <div className={classes.partHead}>
        <div>
          <Title order={2} id="evidence-heading">
            {words.heading}
          </Title>
          <Text size="sm" c="dimmed">
            {words.about}
          </Text>
        </div>
        {items && items.length > 0 && button}
      </div>
      {found.isPending && <RowsSkeleton rows={4} height={60} />}
      {!items && found.isError && <ErrorState error={found.error} onRetry={() => found.refetch()} />}
      {items?.length === 0 && (
        <EmptyState {...words.empty} icon={<IconSearch size={22} stroke={1.6} />}>
          {button}
        </EmptyState>
      )}
      <ul className={classes.cards}>
        {items?.map((item) => (
          <Observation key={item.id} item={item} />
        ))}
      </ul>
      <LoadMore pages={found} />
      {adding && <AddEvidence incident={incident} onClose={add.close} />}
    </section>
  )
}

function Observation({ item }: { item: Model<'ObservationOut'> }) {
  const [open, { toggle }] = useDisclosure(false)
  const shown = useId()
  const course = courseOf(item.series)
  const kinds = words.kinds as Record<string, string>
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <span className={classes.kind}>{kinds[item.kind] ?? item.kind}</span>
        <Title order={3} className={classes.cardTitle}>
          {item.title}
        </Title>
      </div>
      <p className={classes.cardMeta}>
        {item.component && <span>{item.component}</span>}
        <TimeAgo at={item.at} />
        <span>{words.by(item.created_by)}</span>
      </p>
      {course && (
        <div className={classes.course}>
          <Sparkline values={course.values} label={words.course(item.title)} width={280} height={40} />
          <Text size="xs" c="dimmed">
            {words.points(course.values.length, course.unit)}
          </Text>
        </div>
      )}
      {item.text && (
        <>
          <UnstyledButton className={classes.more} aria-expanded={open} aria-controls={shown} onClick={toggle}>
            <IconChevronRight size={14} aria-hidden="true" data-open={open} />
            {words.more}
          </UnstyledButton>
          <Collapse expanded={open} id={shown}>
            <Code block className={classes.text}>
              {item.text}
            </Code>
          </Collapse>
        </>
      )}
    </li>
  )
}
