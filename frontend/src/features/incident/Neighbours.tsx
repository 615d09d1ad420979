import { Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useId } from 'react'
import { ErrorState, RowsSkeleton } from '@/ui'
import classes from './incident.module.css'

type Found<Item> = {
  data: { items: Item[] } | undefined
  error: unknown
  isPending: boolean
  isError: boolean
  refetch: () => unknown
}

type Props<Item> = {
  heading: string
  /** What to say when there are none. */
  empty: string
  found: Found<Item>
  children: (item: Item) => ReactNode
}

/** Other incidents beside this one, each as a `<Neighbour>`. */
export function Neighbours<Item>({ heading, empty, found, children }: Props<Item>) {
  const id = useId()
  return (
    <section className={classes.box} aria-labelledby={id}>
      <Title order={2} id={id}>
        {heading}
      </Title>
      {found.isPending && <RowsSkeleton rows={2} height={36} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => found.refetch()} />}
      {found.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      )}
      <ul className={classes.neighbours}>{found.data?.items.map(children)}</ul>
    </section>
  )
}

type NeighbourProps = {
  incident: { id: string; reference: string; title: string }
  /** What it has to do with this one. */
  kind: string
  /** Beside that. */
  aside: ReactNode
  /** What else is known of it. */
  children: ReactNode
}

export function Neighbour({ incident: { id, reference, title }, kind, aside, children }: NeighbourProps) {
  return (
    <li className={classes.neighbour}>
      <div className={classes.neighbourHead}>
        <span className={classes.kind}>{kind}</span>
        {aside}
      </div>
      <Link to="/incidents/$id" params={{ id }} className={classes.neighbourLink}>
        <span className={classes.dim}>{reference}</span> {title}
      </Link>
      {children}
    </li>
  )
}
