/** A job that is done a little later, so that it can be taken back. */
export type Held = {
  /** Does it now. */
  flush(): void
  /** Takes it back; harmless once it is done. */
  undo(): void
}

/** Holds `job` for `delay` milliseconds; does it at once, and tells it so, when the page goes away meanwhile. */
export function hold(job: (leaving: boolean) => void, delay: number, page: EventTarget = window): Held {
  const finish = (act: boolean, leaving = false) => {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    page.removeEventListener('pagehide', leave)
    if (act) job(leaving)
  }
  const flush = () => finish(true)
  const leave = () => finish(true, true)
  let timer: ReturnType<typeof setTimeout> | null = setTimeout(flush, delay)
  page.addEventListener('pagehide', leave)
  return { flush, undo: () => finish(false) }
}
