import { text } from '@/text'
import { notify } from '@/ui'
import { type Anew, answerTo, type Told } from './told'

const REASON = 'sre-copilot-reloaded' // where a tab keeps over its reload why it did
const SHOWN = 10_000 // milliseconds

const channel = new BroadcastChannel('sre-copilot')

/** Tells the other tabs of this browser: what they show may be another project's, or nobody's, from now on. */
export function tellTabs(now: Told): void {
  channel.postMessage(now)
}

type Following = { me: () => Parameters<typeof answerTo>[1]; askToSignIn: () => void; goOn: () => void }

/** Follows what other tabs tell. A reload leaves nothing of before, neither on the screen nor half written. */
export function followTabs({ me, askToSignIn, goOn }: Following): void {
  channel.addEventListener('message', ({ data }) => {
    const answer = answerTo(data as Told, me())
    if (answer === 'stay') return
    if (answer === 'sign-in') return askToSignIn()
    if (answer === 'other-session') return goOn()
    sessionStorage.setItem(REASON, answer)
    window.location.replace('/')
  })
  const reason = sessionStorage.getItem(REASON) as Anew | null
  if (reason === null) return
  sessionStorage.removeItem(REASON)
  void notify({ message: text.shell.reloaded[reason], autoClose: SHOWN })
}
