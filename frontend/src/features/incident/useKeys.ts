import { useHotkeys } from '@mantine/hooks'
import { TABS, type Tab } from './routes'

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
    ['c', () => show('timeline')],
    ['u', leave],
    ['shift+?', help],
    ...TABS.map((tab, index): [string, () => void] => [String(index + 1), () => show(tab)]),
  ])
}
