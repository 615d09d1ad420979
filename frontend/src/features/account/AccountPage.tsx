import { Badge, Button, PasswordInput, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors } from '@/api'
import { useMe } from '@/app/me'
import { useSignOut } from '@/app/useSignOut'
import { useSwitchProject } from '@/app/useSwitchProject'
import { text } from '@/text'
import { ConfirmButton, notifyDone, notifyError, Page, Section } from '@/ui'
import classes from './account.module.css'

const words = text.account

export default function AccountPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <Profile />
      <Projects />
      <Password />
      <Appearance />
      <Sessions />
    </Page>
  )
}

function Profile() {
  const me = useMe()
  return (
    <Section heading={me.name} about={me.email ? words.signedInAs(me.email) : undefined}>
      {me.role && (
        <Text size="sm">
          {words.role}: <b>{text.common.role[me.role]}</b>
        </Text>
      )}
    </Section>
  )
}

function Projects() {
  const me = useMe()
  const switchTo = useSwitchProject()
  const projects = api.useQuery('get', '/projects').data?.items ?? []
  return (
    <Section heading={words.project} about={words.projectAbout}>
      <ul className={classes.projects}>
        {projects.map(({ id, name }) => (
          <li key={id}>
            <Text size="sm" fw={500}>
              {name}
            </Text>
            {id === me.project_id ? (
              <Badge variant="light">{words.current}</Badge>
            ) : (
              <Button variant="default" size="xs" onClick={() => switchTo(id)}>
                {words.open}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Password() {
  const form = useForm({
    initialValues: { current_password: '', new_password: '' },
    validate: {
      current_password: (value) => (value ? null : text.access.needed),
      new_password: (value) => (value.length < 12 ? text.access.tooShort : null),
    },
  })
  const change = api.useMutation('post', '/auth/password', {
    onSuccess: () => {
      form.reset()
      notifyDone(words.changed)
    },
    onError: (error) => {
      form.setErrors(fieldErrors(error))
      notifyError(error)
    },
  })
  return (
    <Section heading={words.password} about={words.passwordAbout}>
      <form onSubmit={form.onSubmit((body) => change.mutate({ body }))} noValidate>
        <Stack gap={12} maw={360}>
          <PasswordInput
            label={words.currentPassword}
            autoComplete="current-password"
            {...form.getInputProps('current_password')}
          />
          <PasswordInput
            label={words.newPassword}
            description={text.access.passwordRule}
            autoComplete="new-password"
            {...form.getInputProps('new_password')}
          />
          <Button type="submit" variant="default" loading={change.isPending} style={{ alignSelf: 'start' }}>
            {words.change}
          </Button>
        </Stack>
      </form>
    </Section>
  )
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Section heading={words.appearance}>
      <SegmentedControl
        aria-label={words.appearance}
        value={colorScheme}
        onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
        data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: words.schemes[value] }))}
      />
    </Section>
  )
}

function Sessions() {
  const signOut = useSignOut({ everywhere: true })
  return (
    <Section heading={words.sessions} about={words.sessionsAbout}>
      <ConfirmButton sure={words.signOutEverywhereSure} onConfirm={signOut}>
        {words.signOutEverywhere}
      </ConfirmButton>
    </Section>
  )
}
