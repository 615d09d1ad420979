import { Button, Modal, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { api, type Model } from '@/api'
import { text } from '@/text'
import { ErrorState, RowsSkeleton } from '@/ui'
import { useProjectId } from '../project'
import classes from '../settings.module.css'
import type { Patch } from './policies'

const words = text.policies.preview
type Preview = Model<'shared__alerts__schemas__PreviewOut'>

/** What the alerts of the last seven days would have become under changed policies, beside what they became. */
export function GroupingPreview({ patch }: { patch: Patch }) {
  const [isOpen, { open, close }] = useDisclosure(false)
  const preview = api.useMutation('post', '/projects/{project_id}/grouping/preview')
  const params = { path: { project_id: useProjectId() } }
  const ask = () => preview.mutate({ params, body: patch })
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          open()
          ask()
        }}
      >
        {words.open}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        size="lg"
        title={words.heading}
        closeButtonProps={{ 'aria-label': text.common.close }}
      >
        {preview.isPending && <RowsSkeleton rows={4} />}
        {preview.isError && <ErrorState error={preview.error} onRetry={ask} />}
        {preview.data && <Compared preview={preview.data} />}
      </Modal>
    </>
  )
}

function Compared({ preview }: { preview: Preview }) {
  return (
    <>
      <Text size="sm">
        {words.looked(preview.alerts, preview.is_cut)} {words.regrouped(preview.regrouped)}
      </Text>
      {preview.is_cut && (
        <Text size="xs" c="dimmed">
          {words.cut(preview.most_alerts)}
        </Text>
      )}
      <div className={classes.compare}>
        <Side heading={words.before} replayed={preview.before} />
        <Side heading={words.after} replayed={preview.after} />
      </div>
      {preview.examples.length > 0 && (
        <>
          <Title order={3} mb={4}>
            {words.examples}
          </Title>
          <ul className={classes.largest}>
            {preview.examples.map((example) => (
              <li key={example.alert_id}>
                <span>
                  {example.title}
                  <span className={classes.sub}>
                    {whySaid(example.before)} → {whySaid(example.after)}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Side({ heading, replayed }: { heading: string; replayed: Preview['before'] }) {
  return (
    <section className={classes.side}>
      <Title order={3}>{heading}</Title>
      <p className={classes.sideFigure}>{words.incidents(replayed.incidents)}</p>
      {replayed.held > 0 && <p className={classes.quiet}>{words.held(replayed.held)}</p>}
      <ul className={classes.largest}>
        {replayed.largest.map((group) => (
          <li key={whySaid(group.why)}>
            <span>
              {group.title}
              <span className={classes.sub}>{whySaid(group.why)}</span>
            </span>
            <span className="tabular">{words.alerts(group.alerts)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const whySaid = ({ rule, values }: Model<'WhyOut'>) =>
  Object.entries(values)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ') || text.policies.by[rule]
