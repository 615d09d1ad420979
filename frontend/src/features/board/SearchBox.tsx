import { CloseButton, Kbd, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type RefObject, useEffect, useState } from 'react'
import { text } from '@/text'
import classes from './board.module.css'

const words = text.board.search
const PAUSE = 150 // milliseconds of not typing

type Props = { value: string; input: RefObject<HTMLInputElement | null>; onSearch: (words: string) => void }

/** Searches while somebody types. */
export function SearchBox({ value, input, onSearch }: Props) {
  const [typed, setTyped] = useState(value)
  const search = useDebouncedCallback(onSearch, PAUSE)
  // The address may change by other ways, as by a view or by going back.
  useEffect(() => {
    if (document.activeElement !== input.current) setTyped(value)
  }, [value, input])
  const type = (next: string) => {
    setTyped(next)
    search(next)
  }
  return (
    <TextInput
      ref={input}
      type="search"
      size="xs"
      className={classes.search}
      aria-label={words.label}
      placeholder={words.placeholder}
      maxLength={200}
      value={typed}
      onChange={({ currentTarget }) => type(currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      leftSection={<IconSearch size={14} aria-hidden="true" />}
      rightSection={
        typed ? (
          <CloseButton size="xs" aria-label={words.clear} onClick={() => type('')} />
        ) : (
          <Kbd size="xs" aria-hidden="true">
            /
          </Kbd>
        )
      }
    />
  )
}
