import { useEffect, useState } from 'react'

/** Gives the focus back, when the dialog that calls it goes, to what had it when the dialog came. */
export function useFocusBack(): void {
  const [before] = useState(() => openerOf(document.activeElement))
  useEffect(() => () => before?.focus({ preventScroll: true }), [before])
}

/** What opened a dialog: a menu goes as one of its items is chosen, so that of an item is what opened the menu. */
function openerOf(focused: Element | null): HTMLElement | null {
  const menu = focused?.closest('[role="menu"]')
  const opener = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : focused
  return opener instanceof HTMLElement ? opener : null
}
