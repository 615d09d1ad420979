import { ActionIcon, Kbd, Popover } from '@mantine/core'
import { IconKeyboard } from '@tabler/icons-react'
import classes from './KeysHelp.module.css'

type Props = {
  /** The name of the button. */
  label: string
  /** Keys, apart by spaces, and what they do. */
  keys: readonly (readonly [keys: string, what: string])[]
  opened?: boolean
  onChange?: (opened: boolean) => void
}

/** Which keys do what on a page; not of `@/ui`, so that only pages with keys load it. */
export function KeysHelp({ label, keys, ...popover }: Props) {
  return (
    <Popover position="bottom-end" width={320} {...popover}>
      <Popover.Target>
        <ActionIcon
          aria-label={label}
          title={label}
          className={classes.button}
          onClick={() => popover.onChange?.(!popover.opened)}
        >
          <IconKeyboard size={17} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <dl className={classes.keys}>
          {keys.map(([pressed, what]) => (
            <div key={pressed}>
              <dt>
                {pressed.split(' ').map((key) => (
                  <Kbd key={key} size="xs">
                    {key}
                  </Kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  )
}
