/** A job that is done a little later, so that it can be taken back. */
export type Held = {
  /** Does it now. */
  flush(): void
  /** Takes it back; harmless once it is done. */
  undo(): void
}

/** Holds `job` for `delay` milliseconds; does it at once when the page goes away meanwhile. */
export function hold(job: () => void, delay: number, page: EventTarget = window): Held {
  const finish = (act: boolean) => {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    page.removeEventListener('pagehide', flush)
    if (act) job()
  }
  const flush = () => finish(true)
  let timer: ReturnType<typeof setTimeout> | null = setTimeout(flush, delay)
  page.addEventListener('pagehide', flush)
  return { flush, undo: () => finish(false) }
}
