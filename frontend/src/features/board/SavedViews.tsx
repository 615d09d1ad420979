import { Button, Checkbox, Menu, Popover, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBookmark, IconChevronDown, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, notifyError } from '@/ui'
import classes from './board.module.css'
import { type BoardSearch, filtersOf, isSame, searchOfFilters } from './search'
import { useBoardSearch } from './useBoardSearch'

const words = text.board

type View = Model<'SavedViewOut'> & { search: BoardSearch }

/** The saved views, and a way to save what is shown where that is none yet. */
export default function SavedViews({ saved, isNew }: { saved: Model<'SavedViewOut'>[]; isNew: boolean }) {
  const views = saved.map((view) => ({ ...view, search: searchOfFilters(view.filters) }))
  const { search } = useBoardSearch()
  const isSaved = views.some((view) => isSame(view.search, search))
  return (
    <>
      {views.length > 0 && <ViewsMenu views={views} />}
      {isNew && !isSaved && <SaveView />}
    </>
  )
}

function ViewsMenu({ views }: { views: View[] }) {
  const { search, show } = useBoardSearch()
  const cache = useQueryClient()
  const current = views.find((view) => isSame(view.search, search))
  const remove = api.useMutation('delete', '/saved-views/{saved_view_id}', {
    onSuccess: () => cache.invalidateQueries({ queryKey: ['get', '/saved-views'] }),
    onError: notifyError,
  })
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <button type="button" className={classes.view} data-current={current !== undefined}>
          {current?.name ?? words.moreViews}
          <IconChevronDown size={12} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {views.map(({ id, name, shared, is_own, search: shown }) => (
          <div key={id} className={classes.savedView}>
            <Menu.Item onClick={() => show(shown)} leftSection={<IconBookmark size={14} />}>
              {name}
              {shared && <span className={classes.sharedView}>{words.shared}</span>}
            </Menu.Item>
            {is_own && (
              <Menu.Item
                className={classes.removeView}
                aria-label={words.saveView.remove(name)}
                closeMenuOnClick={false}
                onClick={() =>
                  remove.mutate(
                    { params: { path: { saved_view_id: id } } },
                    { onSuccess: () => notifyDone(words.saveView.removed(name)) },
                  )
                }
              >
                <IconTrash size={14} />
              </Menu.Item>
            )}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function SaveView() {
  const { search } = useBoardSearch()
  const mayShare = useMay('incident:write')
  const cache = useQueryClient()
  const [opened, { toggle, close }] = useDisclosure(false)
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const save = api.useMutation('post', '/saved-views', {
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ['get', '/saved-views'] })
      notifyDone(words.saveView.saved(name))
      close()
      setName('')
    },
    onError: notifyError,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) save.mutate({ body: { name: name.trim(), shared, filters: filtersOf(search) } })
  }
  return (
    <Popover opened={opened} onChange={close} position="bottom-start" trapFocus returnFocus width={280}>
      <Popover.Target>
        <button type="button" className={classes.view} onClick={toggle}>
          <IconBookmark size={14} aria-hidden="true" />
          {words.saveView.button}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap={10}>
            <TextInput
              label={words.saveView.name}
              value={name}
              maxLength={100}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              data-autofocus
            />
            {mayShare && (
              <Checkbox
                size="xs"
                label={words.saveView.share}
                checked={shared}
                onChange={({ currentTarget }) => setShared(currentTarget.checked)}
              />
            )}
            <Button type="submit" size="xs" loading={save.isPending} disabled={!name.trim()}>
              {text.common.save}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
