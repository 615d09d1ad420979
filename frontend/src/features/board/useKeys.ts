import { useHotkeys } from '@mantine/hooks'

type Actions = {
  move: (by: 1 | -1) => void
  select: () => void
  acknowledge: () => void
  undo: () => void
  search: () => void
  leave: () => void
  help: () => void
}

/** The keys of the board. None of them works while somebody types. */
export function useKeys({ move, select, acknowledge, undo, search, leave, help }: Actions): void {
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    ['x', select],
    ['a', acknowledge],
    ['z', undo],
    ['/', search],
    ['Escape', leave],
    ['shift+?', help],
  ])
}
