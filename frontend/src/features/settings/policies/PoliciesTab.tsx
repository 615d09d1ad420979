import { Alert, Anchor, Button, Group } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { api, fieldErrors, ifMatch, lookAgain } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { ErrorState, notifyDone, Panel, Refusal, RowsSkeleton, tellRefusal } from '@/ui'
import { useProjectId } from '../project'
import classes from '../settings.module.css'
import { GroupingPreview } from './GroupingPreview'
import { INPUTS } from './inputs'
import { ProjectName } from './ProjectName'
import {
  changedSince,
  type Policies,
  type Policy,
  patchOf,
  sameValue,
  stillChanged,
  type Values,
  valuesOf,
} from './policies'
import { saying } from './saying'

const words = text.policies

const GROUPS: { heading: string; about: string; policies: Policy[] }[] = [
  { ...words.groups.life, policies: ['auto_resolve', 'quiet_period', 'reopen_window', 'auto_analyse'] },
  { ...words.groups.grouping, policies: ['grouping', 'threshold', 'related'] },
  { ...words.groups.reading, policies: ['severity_map', 'severity_labels', 'service_labels'] },
]

/** What the project does by itself. */
export function PoliciesTab() {
  const params = { path: { project_id: useProjectId() } }
  const policies = api.useQuery('get', '/projects/{project_id}/policies', { params })
  return (
    <>
      <ProjectName />
      {policies.isPending && (
        <div className={classes.loading}>
          <RowsSkeleton />
        </div>
      )}
      {policies.isError && <ErrorState error={policies.error} onRetry={() => policies.refetch()} />}
      {policies.data && <Editor now={policies.data} />}
    </>
  )
}

const STALE = ['/projects/{project_id}/policies', '/projects', '/projects/{project_id}'] as const

function Editor({ now }: { now: Policies }) {
  const params = { path: { project_id: useProjectId() } }
  const mayChange = useMay('project:write')
  const role = useMe().role
  // What the person changed and nothing else, so that it outlives what others change meanwhile.
  const [changed, setChanged] = useState<Partial<Values>>({})
  const wanted = { ...valuesOf(now), ...changed }
  const patch = patchOf(now, wanted)
  const isChanged = Object.keys(patch).length > 0
  const save = api.useMutation('patch', '/projects/{project_id}/policies', {
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(text.common.saved)
    },
    onError: (error: unknown) => tellRefusal(error, ...STALE),
  })
  const [known, setKnown] = useState(now)
  if (known !== now) {
    setKnown(now)
    setChanged(stillChanged(changed, known, now, save.variables?.body ?? {}))
  }
  const errors = fieldErrors(save.error)
  return (
    <>
      {!mayChange && role && (
        <Alert variant="light" color="gray" mb={16}>
          {text.common.forbidden(text.common.role[role])}
        </Alert>
      )}
      {GROUPS.map((group) => (
        <Panel key={group.heading} heading={group.heading} about={group.about} isFlush>
          {group.policies.map((policy) => (
            <Setting
              key={policy}
              policy={policy}
              now={now}
              wanted={wanted}
              mayChange={mayChange}
              errors={errors}
              onChange={(more) => setChanged({ ...changed, ...more })}
            />
          ))}
        </Panel>
      ))}
      {isChanged && (
        <section className={classes.bar} aria-label={words.unsaved}>
          <span>{words.changed(Object.keys(patch).length)}</span>
          <Group gap={8}>
            <GroupingPreview patch={patch} />
            <Button variant="default" onClick={() => setChanged({})}>
              {words.discard}
            </Button>
            <Button
              loading={save.isPending}
              onClick={() =>
                save.mutate(
                  { params: { ...params, header: ifMatch(now.version) }, body: patch },
                  { onSuccess: () => setChanged((later) => changedSince(changed, later)) },
                )
              }
            >
              {text.common.save}
            </Button>
          </Group>
          <Refusal error={save.error} />
        </section>
      )}
    </>
  )
}

type SettingProps = {
  policy: Policy
  now: Policies
  wanted: Values
  mayChange: boolean
  errors: Record<string, string>
  onChange: (changed: Partial<Values>) => void
}

function Setting({ policy, now, wanted, mayChange, errors, onChange }: SettingProps) {
  const Input = INPUTS[policy] as (props: {
    values: Values
    label: string
    disabled: boolean
    error: ReactNode
    onChange: (changed: Partial<Values>) => void
  }) => ReactNode
  const { name, about } = words.policy[policy]
  const isDefault = sameValue(wanted[policy], now.defaults[policy])
  const error = Object.entries(errors).find(([field]) => field.split('.')[0] === policy)?.[1]
  return (
    <div className={classes.setting}>
      <div>
        <h3 className={classes.settingName}>{name}</h3>
        <p className={classes.settingAbout}>{about}</p>
      </div>
      <div>
        <Input values={wanted} label={name} disabled={!mayChange} error={error} onChange={onChange} />
        <div className={classes.default}>
          {isDefault ? words.isDefault : words.default(saying(policy, now.defaults))}
          {!isDefault && mayChange && (
            <Anchor
              component="button"
              type="button"
              size="xs"
              aria-label={words.resetOf(name)}
              onClick={() => onChange({ [policy]: now.defaults[policy] })}
            >
              {words.reset}
            </Anchor>
          )}
        </div>
      </div>
    </div>
  )
}
