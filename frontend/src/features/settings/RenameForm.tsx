import { Button, Group, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { fieldErrors } from '@/api'
import { text } from '@/text'

type Props = {
  label: string
  name: string
  isPending: boolean
  /** Why the last try failed, if it did. */
  error: unknown
  onRename: (to: { name: string }) => void
}

/** A name to change, in a line. */
export function RenameForm({ label, name, isPending, error, onRename }: Props) {
  const form = useForm({
    initialValues: { name },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  return (
    <form onSubmit={form.onSubmit(onRename)}>
      <Group gap={8} align="flex-start" maw={480}>
        <TextInput
          flex={1}
          aria-label={label}
          maxLength={200}
          {...form.getInputProps('name')}
          error={form.errors.name ?? fieldErrors(error).name}
        />
        <Button type="submit" variant="default" disabled={!form.isDirty()} loading={isPending}>
          {text.settings.rename}
        </Button>
      </Group>
    </form>
  )
}
