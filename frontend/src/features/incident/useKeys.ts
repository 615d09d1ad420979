import { useHotkeys } from '@mantine/hooks'
import { TABS, type Tab } from './routes'

const FRAMES = 120 // within which what was opened is in the page

type Actions = {
  acknowledge: () => void
  move: () => void
  assign: () => void
  edit: () => void
  show: (tab: Tab) => void
  leave: () => void
  help: () => void
}

/** The keys of the incident's page. None of them works while somebody types. */
export function useKeys({ acknowledge, move, assign, edit, show, leave, help }: Actions): void {
  useHotkeys([
    ['a', acknowledge],
    ['m', move],
    ['i', assign],
    ['e', edit],
    [
      'c',
      () => {
        show('timeline')
        focusSoon('textarea[name="comment"]')
      },
    ],
    ['u', leave],
    ['shift+?', help],
    ...TABS.map((tab, index): [string, () => void] => [String(index + 1), () => show(tab)]),
  ])
}

function focusSoon(selector: string, frames = FRAMES): void {
  const found = document.querySelector<HTMLElement>(selector)
  if (found) found.focus()
  else if (frames > 0) requestAnimationFrame(() => focusSoon(selector, frames - 1))
}
