import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { text } from '@/text'
import classes from './board.module.css'

const words = text.board.filters

type Option = { value: string; label: string; icon?: ReactNode }

type Props = {
  name: string
  options: readonly Option[]
  chosen: readonly string[]
  onToggle: (value: string) => void
  /** What to say when there is nothing to choose from. */
  empty?: string
  /** One choice at a time: the menu closes with it. */
  single?: boolean
}

/** A button with a menu in which values are ticked. */
export function FilterMenu({ name, options, chosen, onToggle, empty, single = false }: Props) {
  const labels = chosen.map((value) => options.find((option) => option.value === value)?.label ?? value)
  const active = chosen.length > 0 && !single
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          className={classes.filter}
          data-active={active}
          rightSection={<IconChevronDown size={12} aria-hidden="true" />}
        >
          {active
            ? labels.length > 2
              ? words.many(name, labels.length)
              : words.of(name, labels)
            : single
              ? labels[0]
              : name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} className={classes.options}>
        {options.length === 0 && <Menu.Label>{empty}</Menu.Label>}
        {options.map(({ value, label, icon }) => {
          const Item = single ? Menu.RadioItem : Menu.CheckboxItem
          return (
            <Item
              key={value}
              value={value}
              checked={chosen.includes(value)}
              onChange={() => onToggle(value)}
              closeMenuOnClick={single}
              rightSection={<span aria-hidden="true">{icon}</span>}
            >
              {label}
            </Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
