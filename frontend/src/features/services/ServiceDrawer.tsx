import { Anchor, Button, Group, Select, Stack, Text, Title } from '@mantine/core'
import { IconBook2, IconExternalLink, IconPencil, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ifMatch, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import {
  ConfirmButton,
  ErrorState,
  Facts,
  notifyDone,
  notifyError,
  RowsSkeleton,
  SidePanel,
  TimeAgo,
  tellRefusal,
} from '@/ui'
import { ServiceForm } from './ServiceForm'
import { OpenIncidents } from './ServicesPage'
import { type Dependency, STALE, titleOf, useServiceMap } from './services'
import classes from './services.module.css'

type Detail = Model<'ServiceDetailOut'>
type Props = { id: string; onClose: () => void; onOpen: (id: string) => void }

const words = text.services

/** All that is known of a service, beside the page that it was chosen on. */
export function ServiceDrawer({ id, onClose, onOpen }: Props) {
  const service = api.useQuery('get', '/services/{service_id}', { params: { path: { service_id: id } } })
  return (
    <SidePanel heading={service.data ? titleOf(service.data) : words.service} onClose={onClose} width={460}>
      {service.isPending && <RowsSkeleton rows={4} />}
      {service.isError && <ErrorState error={service.error} onRetry={() => service.refetch()} />}
      {service.data && <Details service={service.data} onClose={onClose} onOpen={onOpen} />}
    </SidePanel>
  )
}

function Details({ service, onClose, onOpen }: Omit<Props, 'id'> & { service: Detail }) {
  const may = useMay('service:write')
  const [isEditing, setEditing] = useState(false)
  const node = useServiceMap().data?.nodes.find(({ id }) => id === service.id)
  const remove = api.useMutation('delete', '/services/{service_id}', {
    onSuccess: async () => {
      onClose()
      await lookAgain('/services', '/service-map')
      notifyDone(words.removed)
    },
    onError: (error: unknown) => tellRefusal(error, ...STALE),
  })
  return (
    <Stack gap={20}>
      {service.description && <Text size="sm">{service.description}</Text>}
      <Facts>
        <dt>{words.name}</dt>
        <dd className={classes.code}>{service.name}</dd>
        <dt>{words.openIncidents}</dt>
        <dd>
          <OpenIncidents node={node} />{' '}
          {!!node?.open_incidents && (
            <Anchor size="sm" renderRoot={(props) => <Link to="/" search={{ service: service.name }} {...props} />}>
              {words.showIncidents}
            </Anchor>
          )}
        </dd>
        <dt>{words.owner}</dt>
        <dd>{service.owner || words.noOwner}</dd>
        <dt>{words.tier}</dt>
        <dd>{service.tier === null ? '–' : words.tierOf(service.tier)}</dd>
        <dt>{words.source}</dt>
        <dd>{words.sources[service.source]}</dd>
        <dt>{words.updated}</dt>
        <dd>
          <TimeAgo at={service.updated_at} />
        </dd>
      </Facts>
      {(service.runbook_url || service.links.length > 0) && (
        <Group gap={8}>
          {service.runbook_url && (
            <Outside href={service.runbook_url} icon={<IconBook2 size={14} />}>
              {words.openRunbook}
            </Outside>
          )}
          {service.links.map(({ title, url }) => (
            <Outside key={`${title} ${url}`} href={url} icon={<IconExternalLink size={14} />}>
              {title}
            </Outside>
          ))}
        </Group>
      )}
      <Dependencies service={service} mayEdit={may} onOpen={onOpen} />
      <Used service={service} onOpen={onOpen} />
      {may && (
        <Group gap={8}>
          <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)}>
            {text.common.edit}
          </Button>
          <ConfirmButton
            sure={words.removeSure}
            loading={remove.isPending}
            onConfirm={() =>
              remove.mutate({ params: { path: { service_id: service.id }, header: ifMatch(service.version) } })
            }
          >
            {text.common.remove}
          </ConfirmButton>
        </Group>
      )}
      {isEditing && <ServiceForm service={service} onClose={() => setEditing(false)} />}
    </Stack>
  )
}

function Outside({ href, icon, children }: { href: string; icon: React.ReactNode; children: string }) {
  return (
    <Button
      component="a"
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      variant="default"
      size="xs"
      leftSection={icon}
    >
      {children}
    </Button>
  )
}

type PartProps = { service: Detail; onOpen: (id: string) => void }

function Dependencies({ service, mayEdit, onOpen }: PartProps & { mayEdit: boolean }) {
  const answered = { onSuccess: () => lookAgain(...STALE), onError: notifyError }
  const put = api.useMutation('put', '/services/{service_id}/dependencies/{callee_id}', answered)
  const remove = api.useMutation('delete', '/services/{service_id}/dependencies/{callee_id}', answered)
  const nodes = useServiceMap().data?.nodes ?? []
  const taken = new Set([service.id, ...service.depends_on.map(({ callee_id }) => callee_id)])
  const free = nodes.filter(({ id }) => !taken.has(id)).map((node) => ({ value: node.id, label: titleOf(node) }))
  const params = (callee_id: string) => ({ params: { path: { service_id: service.id, callee_id } } })
  return (
    <section>
      <Title order={3} mb={6}>
        {words.dependsOn}
      </Title>
      <Neighbours
        ends={service.depends_on.map((edge) => ({ id: edge.callee_id, name: edge.callee, edge }))}
        onOpen={onOpen}
        {...(mayEdit ? { onRemove: (id: string) => remove.mutate(params(id)) } : {})}
      />
      {mayEdit && free.length > 0 && (
        <Select
          mt={8}
          aria-label={words.addDependency}
          placeholder={words.addDependency}
          data={free}
          value={null}
          searchable
          limit={50}
          nothingFoundMessage={words.noneFound}
          disabled={put.isPending}
          onChange={(id) => id && put.mutate(params(id))}
        />
      )}
    </section>
  )
}

function Used({ service, onOpen }: PartProps) {
  return (
    <section>
      <Title order={3} mb={6}>
        {words.usedBy}
      </Title>
      <Neighbours
        ends={service.used_by.map((edge) => ({ id: edge.caller_id, name: edge.caller, edge }))}
        onOpen={onOpen}
      />
    </section>
  )
}

type End = { id: string; name: string; edge: Dependency }
type NeighboursProps = { ends: End[]; onOpen: (id: string) => void; onRemove?: (id: string) => void }

function Neighbours({ ends, onOpen, onRemove }: NeighboursProps) {
  if (ends.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {words.noneKnown}
      </Text>
    )
  }
  return (
    <ul className={classes.neighbours}>
      {ends.map(({ id, name, edge }) => (
        <li key={id}>
          <button type="button" className={classes.neighbour} onClick={() => onOpen(id)}>
            {name}
          </button>
          <span className={classes.quiet}>{words.edgeSources[edge.source]}</span>
          {onRemove && (
            <button
              type="button"
              className={classes.iconButton}
              aria-label={words.removeDependency(name)}
              onClick={() => onRemove(id)}
            >
              <IconX size={14} aria-hidden="true" />
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
