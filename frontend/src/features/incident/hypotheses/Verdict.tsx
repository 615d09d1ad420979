import { Button, Group, Popover, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconX } from '@tabler/icons-react'
import { api, fieldErrors } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, notifyError } from '@/ui'
import type { Hypothesis } from './hypothesis'

type Props = { hypothesis: Hypothesis; onChange: () => Promise<void> }

const words = text.hypotheses.verdict

/** What people decide: that this is the root cause, or that it is not, and why. */
export function VerdictActions({ hypothesis, onChange }: Props) {
  const may = useMay('hypothesis:write')
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => !value.trim() && words.reason },
  })
  const params = { path: { hypothesis_id: hypothesis.id } }
  const judge = api.useMutation('post', '/hypotheses/{hypothesis_id}/verdict', {
    onSuccess: async (_, { body }) => {
      close()
      await onChange()
      notifyDone(body.verdict === 'confirmed' ? words.confirmDone : words.rejectDone)
    },
    onError: (error) => {
      form.setErrors(fieldErrors(error))
      notifyError(error)
    },
  })
  const decided = hypothesis.verdict?.verdict
  if (!may) return null
  return (
    <Group gap={8}>
      {decided !== 'confirmed' && (
        <Button
          size="xs"
          variant={hypothesis.rank === 1 && !decided ? 'filled' : 'default'}
          leftSection={<IconCheck size={14} />}
          disabled={judge.isPending}
          onClick={() => judge.mutate({ params, body: { verdict: 'confirmed', reason: '' } })}
        >
          {words.confirm}
        </Button>
      )}
      {decided !== 'rejected' && (
        <Popover opened={isOpen} onChange={close} trapFocus returnFocus withArrow position="bottom-end" width={340}>
          <Popover.Target>
            <Button size="xs" variant="default" leftSection={<IconX size={14} />} onClick={toggle}>
              {words.reject}
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <form
              onSubmit={form.onSubmit(({ reason }) =>
                judge.mutate({ params, body: { verdict: 'rejected', reason: reason.trim() } }),
              )}
            >
              <Textarea
                label={words.reason}
                description={words.reasonHint}
                maxLength={2000}
                data-autofocus
                {...form.getInputProps('reason')}
              />
              <Group justify="flex-end" gap={8} mt={12}>
                <Button size="xs" variant="default" onClick={close}>
                  {text.common.cancel}
                </Button>
                <Button size="xs" type="submit" loading={judge.isPending}>
                  {words.send}
                </Button>
              </Group>
            </form>
          </Popover.Dropdown>
        </Popover>
      )}
    </Group>
  )
}
