import { ActionIcon, Kbd, Popover } from '@mantine/core'
import { IconKeyboard } from '@tabler/icons-react'
import { text } from '@/text'
import classes from './board.module.css'

const words = text.board.keys

/** Which keys do what here. */
export default function KeysHelp() {
  return (
    <Popover position="bottom-end" width={320}>
      <Popover.Target>
        <ActionIcon aria-label={words.button} title={words.button} className={classes.keysButton}>
          <IconKeyboard size={17} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <dl className={classes.keys}>
          {words.moves.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                {keys.split(' ').map((key) => (
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
